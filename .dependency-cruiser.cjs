/**
 * The order of the layers, which `npm test` checks: `pnpm check:layers`. Each list goes from the bottom up, and a layer
 * imports only what stands before it, type imports included. Tests are free. `docs/fakekernel.md` says what each layer knows.
 */

/** Packages, by their folders. */
const PACKAGES = [
  ['uapi'],
  ['smmuv3', 'testkit'],
  ['fakekernel', 'sdk', 'compiler'],
  ['tape'],
  ['native'],
  ['cli'],
  ['viewer', 'conformance'],
  ['bench'],
  ['workspace'],
];

/** Layers of the fake kernel, by their folders. Those of one row do not know each other. */
const KERNEL = [
  ['errno.ts'],
  ['lib'],
  ['versions', 'module-parameters.ts'],
  ['process'],
  ['iommu'],
  ['ioas', 'hardware'],
  ['drivers/mock', 'drivers/arm-smmu-v3', 'drivers/intel-iommu', 'iommufd', 'pci'],
  ['selftest', 'vfio'],
  ['sysfs', 'snapshot'],
  ['plugged-devices.ts', 'kernel-config.ts'],
  ['kernel.ts'],
  ['kernel-state.ts', 'inspect.ts'],
  ['for-each-kernel.ts', 'for-each-failure.ts', 'explore-orders.ts'],
];

/** Rooms of the SMMUv3, by their folders and files. */
const SMMUV3 = [
  ['memory.ts'],
  ['registers'],
  ['config.ts'],
  ['queues'],
  ['structures.ts', 'events.ts'],
  ['failure.ts', 'stream-transaction.ts'],
  ['stalls.ts'],
  ['translation'],
  ['tables'],
  ['translator.ts'],
  ['commands.ts'],
  ['transactions.ts', 'ports.ts'],
  ['translation-unit.ts'],
  ['smmuv3.ts'],
  ['state-classes.ts'],
];

/** Rooms of the tapes. */
const TAPE = [['machines', 'guest'], ['tapes', 'calls'], ['print', 'orders'], ['text'], ['replay']];

/** Rooms of the viewer: what it knows, the worker around it, and what is seen of it. */
const VIEWER = [['model'], ['worker.ts'], ['page']];

const TESTS = '\\.(test|testing)\\.(ts|mjs)$';

/**
 * The rules for the layers below a folder.
 * @param rows the layers, from the bottom up
 * @param top files and folders that may import every layer, and that no layer imports
 */
function rules(name, base, rows, top = []) {
  const below = (layers) => layers.map((layer) => `^${base}${layer}(/|$)`);
  return [
    ...rows.flatMap((row, i) =>
      row.map((layer) => ({
        name: `${name}: ${layer} imports only what is below it`,
        severity: 'error',
        from: { path: below([layer]), pathNot: TESTS },
        to: { path: `^${base}`, pathNot: [TESTS, ...below([layer, ...rows.slice(0, i).flat()])] },
      })),
    ),
    {
      // A new folder would otherwise import whatever it likes.
      name: `${name}: every file is in a layer of .dependency-cruiser.cjs`,
      severity: 'error',
      from: { path: `^${base}`, pathNot: [TESTS, ...below([...rows.flat(), ...top])] },
      to: {},
    },
  ];
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rules('packages', 'packages/', PACKAGES),
    ...rules('smmuv3', 'packages/smmuv3/src/', SMMUV3, ['index.ts']),
    ...rules('tape', 'packages/tape/src/', TAPE, ['index.ts', 'browser.ts']),
    ...rules('viewer', 'packages/viewer/src/', VIEWER, ['browser']),
    ...rules('fakekernel', 'packages/fakekernel/src/', KERNEL, ['index.ts', 'task.ts']),
    {
      name: 'the command loads native code only when it runs a program',
      severity: 'error',
      from: {
        path: '^packages/cli/src/',
        pathNot: ['^packages/cli/src/commands/(run|native|trace|doctor)\\.ts$', TESTS],
      },
      to: { path: '^packages/native/' },
    },
    {
      name: 'no circles at run time',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      // Its layer would be held by nothing.
      name: 'packages: every import of one is resolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, path: '^@iommufd/' },
    },
    {
      // The bench is a test, too: of speed.
      name: 'packages: only tests import testkit',
      severity: 'error',
      from: { pathNot: [TESTS, '^packages/(testkit|bench)/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'no tests in the product',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
  ],
  options: {
    includeOnly: '^(packages|examples|@iommufd)/',
    exclude: { path: ['node_modules', '/dist/', '/\\.types/', '/compiled/'] },
    // From the syntax, which says of an import whether it is of types alone: `verbatimModuleSyntax`, and lint, see to that.
    tsPreCompilationDeps: true,
    skipAnalysisNotInRules: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['iommufd-source', 'import', 'node'],
    },
  },
};
