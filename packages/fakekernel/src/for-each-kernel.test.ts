import { expect, test } from '@jest/globals';
import { errno, IOMMU_VIOMMU_ALLOC } from '@iommufd/uapi';
import { forEachKernel, mockModule } from './index.js';
import { TestProgram } from './program.testing.js';

const VERSIONS = ['6.12', '7.2.13', '7.3'];

test('forEachKernel() runs the test on a new kernel for each version, one after the other', async () => {
  const seen: string[] = [];
  const run = async (kernel: TestProgram['kernel']): Promise<void> => {
    seen.push(`begin ${kernel.version.name}`);
    await Promise.resolve();
    const has = new TestProgram(1, kernel).call(IOMMU_VIOMMU_ALLOC, () => undefined) !== -errno.ENOTTY;
    seen.push(`${kernel.version.name} ${has ? 'has' : 'lacks'} it`);
  };
  await forEachKernel(VERSIONS, run, { modules: [mockModule], transparentHugePages: 'always' });
  expect(seen).toEqual(['begin 6.12', '6.12 lacks it', 'begin 7.2', '7.2 has it', 'begin 7.3', '7.3 has it']);
});

test('forEachKernel() rejects with the version and the cause of a failure', async () => {
  const cause = new TypeError('no viommu');
  const failed = forEachKernel(VERSIONS, (kernel) => {
    if (kernel.version.name === '7.2') throw cause;
  });
  await expect(failed).rejects.toThrow(
    expect.objectContaining({ message: 'on Linux 7.2: no viommu', cause }),
  );
});

test('forEachKernel() rejects an unknown version before the first run', async () => {
  const failed = forEachKernel(['7.3', '5.10'], () => expect(true).toBe(false));
  await expect(failed).rejects.toThrow(RangeError);
});
