import { describe, expect, test } from '@jest/globals';
import { FakeSmmuv3, smmuv3Config } from '@iommufd/fakekernel';
import { smmuv3_ste_config } from '@iommufd/uapi';
import { Testbed } from '../../testing/testbed.testing.js';
import { errorOf, IOVA, NESTED, PAGE, plugged } from '../../testing/devices.testing.js';
import type { Device } from '../../index.js';
import { type Row, tellsTheCause } from './causes.testing.js';

/** Devices of the mock IOMMU, with and without PASIDs and dirty tracking, and two behind an SMMUv3. */
function start(testbed: Testbed) {
  const { iommufd, kernel } = testbed;
  const ioas = iommufd.allocIoas();
  const { device } = plugged(testbed, { pasids: true });
  const { device: plain } = plugged(testbed, { dirtyTracking: false });
  const smmu = new FakeSmmuv3(kernel, smmuv3Config());
  const nic = iommufd.openDevice(kernel.plug(smmu.addDevice({ streamId: 0x28, pasidBits: 4, canwbs: true })));
  const disk = iommufd.openDevice(kernel.plug(smmu.addDevice({ streamId: 0x30, canwbs: true })));
  return { testbed, iommufd, ioas, device, plain, nic, disk, address: iommufd.allocMemory(PAGE).address };
}
type Things = ReturnType<typeof start>;

const named = (device: Device): string => device.describe();

const rows: Row<Things>[] = [
  [
    'an IOAS to a PASID',
    'EINVAL',
    ({ device, ioas }) => [
      // The types do not allow it.
      () => Reflect.apply(device.attach, device, [ioas, { pasid: 1 }]),
      `${ioas.describe()} cannot be attached to a PASID: allocate a page table with allocHwpt({ ioas, pasid: true }).`,
    ],
  ],
  [
    'a page table that is not for PASIDs to a PASID',
    'EINVAL',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      return [
        () => device.attach(hwpt, { pasid: 1 }),
        `${hwpt.describe()} was allocated without pasid: true, which a PASID requires.`,
      ];
    },
  ],
  [
    'a PASID while the device itself is on an IOAS',
    'EINVAL',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas, pasid: true });
      device.attach(ioas);
      return [
        () => device.attach(hwpt, { pasid: 1 }),
        `${named(device)} itself is attached to ${ioas.describe()}, which does not allow PASIDs: attach it to a page ` +
          'table that was allocated with pasid: true first.',
      ];
    },
  ],
  [
    'the device itself to an IOAS while a PASID is attached',
    'EINVAL',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas, pasid: true });
      device.attach(hwpt);
      device.attach(hwpt, { pasid: 7 });
      return [
        () => device.attach(ioas),
        `PASIDs of ${named(device)} are attached (7), and ${ioas.describe()} does not allow PASIDs: use a page table that ` +
          'was allocated with pasid: true.',
      ];
    },
  ],
  [
    'a PASID of a device without PASIDs',
    'EINVAL',
    ({ device, plain, ioas }) => {
      const hwpt = device.allocHwpt({ ioas, pasid: true });
      return [() => plain.attach(hwpt, { pasid: 1 }), `${named(plain)} has no PASIDs.`];
    },
  ],
  [
    'a PASID that is too large for the device',
    'EINVAL',
    ({ nic, ioas }) => {
      const hwpt = nic.allocHwpt({ ioas, pasid: true });
      return [
        () => nic.attach(hwpt, { pasid: 16 }),
        `pasid 16 is too large: ${named(nic)} has PASIDs of 4 bits.`,
      ];
    },
  ],
  [
    'a page table with dirtyTracking, of a device without',
    'EINVAL',
    ({ device, plain, ioas }) => {
      const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
      return [
        () => plain.attach(hwpt),
        `${hwpt.describe()} tracks dirty pages, and the IOMMU of ${named(plain)} (selftest) does not.`,
      ];
    },
  ],
  [
    'a page table of another type of IOMMU',
    'EINVAL',
    ({ device, nic, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      return [
        () => nic.attach(hwpt),
        `${hwpt.describe()} was allocated for the IOMMU of ${named(device)} (selftest), and not for the IOMMU of ` +
          `${named(nic)} (arm-smmuv3).`,
      ];
    },
  ],
  [
    'a page table of another IOMMU of the same type',
    'EINVAL',
    ({ testbed, disk, ioas }) => {
      const second = new FakeSmmuv3(testbed.kernel, smmuv3Config(), 'arm-smmu-v3 9060000.smmuv3');
      const far = testbed.iommufd.openDevice(testbed.kernel.plug(second.addDevice({ streamId: 1 })));
      const hwpt = disk.allocHwpt({ ioas });
      return [
        () => far.attach(hwpt),
        `One of these: ${hwpt.describe()} was allocated for ${named(disk)}, which is behind another IOMMU; the driver of its ` +
          'IOMMU refuses the page table.',
      ];
    },
  ],
  [
    'an IOAS that maps a file without memory',
    'EINVAL',
    ({ testbed, device, ioas }) => {
      const foreign = testbed.process.open('/dev/iommu');
      ioas.mapFile({ fd: foreign, length: 4096n, iova: IOVA });
      return [
        () => device.attach(ioas),
        `One of these: a file that ${ioas.describe()} maps is not a memfd, or is shorter than the mapping; the pages of its ` +
          'IOMMU are larger than those of the processor; the driver of its IOMMU refuses the page table.',
      ];
    },
  ],
  [
    'a nested page table of a device without a vDEVICE',
    'ENOENT',
    ({ nic, ioas }) => {
      const parent = nic.allocHwpt({ ioas, nestParent: true });
      const viommu = nic.allocViommu({ type: 'arm-smmuv3', parent });
      const translating = 1n | (BigInt(smmuv3_ste_config.S1_TRANSLATE) << 1n);
      const nested = nic.allocNestedHwpt({
        on: viommu,
        data: { type: 'arm-smmuv3', ste: [translating, 0n] },
      });
      return [
        () => nic.attach(nested),
        `${named(nic)} has no vDEVICE on ${viommu.describe()}: call allocVdevice({ device, virtualId }) first.`,
      ];
    },
  ],
  [
    'an IOAS with a mapping that the IOMMU cannot map',
    'EADDRINUSE',
    ({ device, ioas, address }) => {
      ioas.map({ address, length: 4096n, iova: 0x1000n });
      return [
        () => device.attach(ioas),
        `One of these: ${ioas.describe()} maps 0x1000-0x1fff: ${named(device)} reserves part of that; ${ioas.describe()} maps ` +
          `0x1000-0x1fff: part of that is outside of the aperture of the IOMMU of ${named(device)}; the pages of the IOMMU of ` +
          `${named(device)} are larger than 4096 bytes, the alignment of the mappings.`,
      ];
    },
  ],
  [
    'a page table that maps the interrupt window of the device',
    'EADDRINUSE',
    ({ nic, ioas, address }) => {
      const hwpt = nic.allocHwpt({ ioas });
      ioas.map({ address, length: 4096n, iova: 0x800_0000n });
      return [
        () => nic.attach(hwpt),
        `${ioas.describe()} maps 0x8000000-0x8000fff: ${named(nic)} reserves part of that.`,
      ];
    },
  ],
  [
    'an IOAS whose allowed ranges include a reserved one',
    'EADDRINUSE',
    ({ nic, ioas }) => {
      const hwpt = nic.allocHwpt({ ioas });
      ioas.allowIovas([{ start: 0x800_0000n, last: 0x8ff_ffffn }]);
      return [
        () => nic.attach(hwpt),
        `allowIovas() of ${ioas.describe()} allows 0x8000000-0x8ffffff: ${named(nic)} reserves part of that.`,
      ];
    },
  ],
  [
    'an IOAS whose memory was unmapped',
    'EFAULT',
    ({ testbed, device, ioas, address }) => {
      ioas.map({ address, length: 4096n, iova: IOVA });
      testbed.process.munmap(address, PAGE);
      return [
        () => device.attach(ioas),
        `Memory that ${ioas.describe()} maps is no longer mapped in the process, or not writable although devices may write: it is ` +
          'pinned when the first page table is added.',
      ];
    },
  ],
];

describe('attach', () => tellsTheCause(start, rows));

test('the same causes of a selftest device', () => {
  const testbed = new Testbed();
  const { ioas, device, parent } = testbed.nested();
  const smmu = new FakeSmmuv3(testbed.kernel, smmuv3Config());
  const nic = testbed.iommufd.openDevice(testbed.kernel.plug(smmu.addDevice({ streamId: 0x28 })));
  const hwpt = nic.allocHwpt({ ioas });
  const error = errorOf(() => device.attach(hwpt));
  expect(error).toMatchObject({ call: 'IOMMU_TEST_CMD', code: 'EINVAL' });
  expect(error.meaning).toBe(
    `${hwpt.describe()} was allocated for the IOMMU of ${named(nic)} (arm-smmuv3), and not for the IOMMU of ${named(device)} ` +
      '(selftest).',
  );
  expect(
    errorOf(() => device.attach(device.allocNestedHwpt({ on: parent, data: NESTED }), { pasid: 3 })).meaning,
  ).toMatch(/^hwpt \d+ was allocated without pasid: true, which a PASID requires\.$/);
  expect(testbed.end()).toEqual([]);
});
