/** Older kernels: supports() detects missing features, and errors name the release that added them. */
import { describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { type Feature, Iommufd } from '../index.js';
import { errorOf } from '../testing/devices.testing.js';
import { FEATURE_NAMES } from './features.js';

function openOn(version: string, modules = [mockModule]): { kernel: FakeKernel; iommufd: Iommufd } {
  const kernel = new FakeKernel(modules, { version });
  return { kernel, iommufd: Iommufd.open(kernel.spawn()) };
}

const lacking = (version: string): Feature[] =>
  FEATURE_NAMES.filter((feature) => !openOn(version).iommufd.supports(feature));

test.each([
  ['6.12', ['mapFile', 'changeProcess', 'viommu', 'vdevice', 'veventq', 'hwQueue']],
  ['6.14', ['veventq', 'hwQueue']],
  ['6.16', ['hwQueue']],
  ['7.3', []],
] as const)('supports() says what Linux %s lacks', (version, missing) => {
  expect(lacking(version)).toEqual(missing);
});

test('supports() asks the kernel, not its version: a driver that is not loaded is missing', () => {
  expect(openOn('7.3', []).iommufd.supports('selftest')).toBe(false);
});

test('supports() allocates nothing', () => {
  const { kernel, iommufd } = openOn('7.3');
  for (const feature of FEATURE_NAMES) iommufd.supports(feature);
  expect(kernel.leftOver()).toEqual(['a process with open files: 1', 'an open /dev/iommu with no objects']);
});

test('supports() refuses an unknown feature, and a closed /dev/iommu', () => {
  const { iommufd } = openOn('7.3');
  // @ts-expect-error: for callers without type checks
  expect(() => iommufd.supports('viomu')).toThrow('feature');
  iommufd.close();
  expect(errorOf(() => iommufd.supports('viommu')).code).toBe('EBADF');
});

describe('an error names the release that added', () => {
  const deviceOn = (version: string) => {
    const { kernel, iommufd } = openOn(version);
    const device = iommufd.openDevice(kernel.plug(new MockDevice({ pasids: true })));
    return { iommufd, device, ioas: iommufd.allocIoas() };
  };

  test('an ioctl', () => {
    const { device, ioas } = deviceOn('6.12');
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const error = errorOf(() => device.allocViommu({ type: 'selftest', parent }));
    expect(error.code).toBe('ENOTTY');
    expect(error.message).toContain('Linux has IOMMU_VIOMMU_ALLOC since 6.13.');
  });

  test('a flag', () => {
    const { device, ioas } = deviceOn('6.12');
    const error = errorOf(() => device.allocHwpt({ ioas, pasid: true }));
    expect(error.code).toBe('EOPNOTSUPP');
    expect(error.message).toContain('Linux has IOMMU_HWPT_ALLOC_PASID since 6.15.');
  });

  test('nothing, if every kernel has it', () => {
    const { device, ioas } = deviceOn('7.3');
    const parent = device.allocHwpt({ ioas });
    expect(errorOf(() => device.allocViommu({ type: 'selftest', parent })).message).not.toContain(
      'Linux has',
    );
  });
});
