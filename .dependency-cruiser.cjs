/**
 * The order of the layers, which `npm test` checks: `pnpm check:layers`. Each list goes from the bottom up, and a layer
 * imports only what stands before it, type imports included. Tests are free. `docs/fakekernel.md` says what each layer knows.
 */

/** Packages, by their folders. */
const PACKAGES = [
  ['uapi'],
  ['fakekernel', 'sdk', 'cli', 'compiler'],
  ['conformance', 'bench'],
  ['workspace'],
];

/** Layers of the fake kernel, by their folders. Those of one row do not know each other. */
const KERNEL = [
  ['lib', 'errno.ts'],
  ['process'],
  ['iommu'],
  ['ioas', 'hardware/[^/]+\\.ts', 'hardware/smmuv3'],
  ['drivers/mock', 'drivers/arm-smmu-v3', 'iommufd'],
  ['selftest', 'vfio'],
  ['kernel.ts'],
];

/** What one layer may import of its own row, or above: as few as can be, with the reason. */
const EXCEPTIONS = {
  // An SMMU does what devices ask of it: transactions and page requests are the hardware's common language.
  'hardware/smmuv3': ['hardware/[^/]+\\.ts'],
};

const TESTS = '\\.(test|testing)\\.ts$';

function rules(name, base, rows, exceptions = {}) {
  return rows.flatMap((row, i) =>
    row.flatMap((layer) => {
      const allowed = [layer, ...(exceptions[layer] ?? []), ...rows.slice(0, i).flat()];
      const others = rows.flat().filter((other) => !allowed.includes(other));
      // The top may import everything.
      if (others.length === 0) return [];
      return {
        name: `${name}: ${layer} imports only what is below it`,
        severity: 'error',
        from: { path: `^${base}${layer}(/|$)`, pathNot: TESTS },
        to: { path: others.map((other) => `^${base}${other}(/|$)`) },
      };
    }),
  );
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rules('packages', 'packages/', PACKAGES),
    ...rules('fakekernel', 'packages/fakekernel/src/', KERNEL, EXCEPTIONS),
    {
      name: 'no circles at run time',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no tests in the product',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
  ],
  options: {
    includeOnly: '^(packages|examples)/',
    exclude: { path: ['node_modules', '/dist/', '/\\.types/', '/compiled/'] },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['iommufd-source', 'import', 'node'] },
  },
};
