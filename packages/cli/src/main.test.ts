import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const program = (
  name: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv } = {},
) =>
  spawnSync(
    process.execPath,
    [
      '--conditions=iommufd-source',
      '--import',
      'tsx',
      fileURLToPath(new URL(name, import.meta.url)),
      ...args,
    ],
    { encoding: 'utf8', ...options },
  );

test('the program as a process: output, complaint, status', () => {
  const good = program('main.ts', ['decode', '--struct', 'iommu_destroy', '--json'], {
    input: '0800000005000000',
  });
  expect([good.stdout, good.stderr, good.status]).toEqual(['{"size":8,"id":5}\n', '', 0]);
  const bad = program('main.ts', ['decode', '--struct', 'iommu_destroy', 'xx']);
  expect([bad.stdout, bad.stderr, bad.status]).toEqual(['', 'iommufd: not hex: "x" at digit 0\n', 2]);
});

test('abi prints what the declarations say', () => {
  const { stdout, status } = program('abi-main.ts', ['--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    structs: {
      iommu_destroy: {
        size: 8,
        align: 4,
        fields: [
          { name: 'size', offset: 0, size: 4 },
          { name: 'id', offset: 4, size: 4 },
        ],
      },
    },
    constants: { IOMMU_DESTROY: 15232, IOMMU_VEVENTQ_FLAG_LOST_EVENTS: 1 },
    smmuv3: { EVTQ_0_SID: '0xffffffff00000000' },
  });
  expect(program('abi-main.ts', []).status).toBe(2);
});
