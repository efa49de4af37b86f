import { describe } from '@jest/globals';
import { FakeSmmuv3, smmuv3Config } from '@iommufd/fakekernel';
import { smmuv3_ste_config } from '@iommufd/uapi';
import type { Testbed } from '../../testing/testbed.testing.js';
import { IOVA, mapped, NESTED, PAGE, plugged } from '../../testing/devices.testing.js';
import type { Device } from '../../index.js';
import { type Row, tellsTheCause } from './causes.testing.js';

/** Devices of the mock IOMMU and of an SMMUv3, each with a nest parent and a virtual IOMMU. */
function start(testbed: Testbed) {
  const { iommufd, kernel } = testbed;
  const ioas = iommufd.allocIoas();
  const { device } = plugged(testbed);
  const { device: plain } = plugged(testbed, { dirtyTracking: false });
  const smmu = new FakeSmmuv3(kernel, smmuv3Config());
  const nic = iommufd.openDevice(kernel.plug(smmu.addDevice({ streamId: 0x28, canwbs: true })));
  const twin = iommufd.openDevice(kernel.plug(smmu.addDevice({ streamIds: [0x30, 0x31], canwbs: true })));
  const parent = device.allocHwpt({ ioas, nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  const nicParent = nic.allocHwpt({ ioas, nestParent: true });
  const vsmmu = nic.allocViommu({ type: 'arm-smmuv3', parent: nicParent });
  const faultQueue = iommufd.allocFaultQueue();
  return { testbed, iommufd, ioas, device, plain, nic, twin, parent, viommu, nicParent, vsmmu, faultQueue };
}
type Things = ReturnType<typeof start>;

const iommuOf = (device: Device): string => `the IOMMU of ${device.describe()} (${device.hwInfo().type})`;
const ste = (word0: bigint, word1 = 0n) => ({ type: 'arm-smmuv3', ste: [word0, word1] }) as const;
const config = (value: number): bigint => 1n | (BigInt(value) << 1n);

const rows: Row<Things>[] = [
  [
    'dirtyTracking on an IOMMU without tracking',
    'EOPNOTSUPP',
    ({ plain, ioas }) => [
      () => plain.allocHwpt({ ioas, dirtyTracking: true }),
      `dirtyTracking: ${iommuOf(plain)} does not track dirty pages (hwInfo().dirtyTracking).`,
    ],
  ],
  [
    'a nest parent with a fault queue',
    'EOPNOTSUPP',
    ({ device, ioas, faultQueue }) => [
      () => device.allocHwpt({ ioas, nestParent: true, faultQueue }),
      'A nest parent has no fault queue: give the faultQueue to the nested page tables.',
    ],
  ],
  [
    'data of an unsupported format',
    'EOPNOTSUPP',
    ({ nic, ioas }) => [
      () => nic.allocHwpt({ ioas, data: NESTED }),
      `${iommuOf(nic)} has no page tables with data.`,
    ],
  ],
  [
    'two options that the IOMMU does not support together',
    'EOPNOTSUPP',
    ({ nic, ioas }) => [
      () => nic.allocHwpt({ ioas, nestParent: true, pasid: true }),
      `${iommuOf(nic)} has no page tables with one of nestParent, pasid, or not with all of them.`,
    ],
  ],
  [
    'an IOAS that maps a file without memory',
    'EINVAL',
    ({ testbed, iommufd, device }) => {
      const other = iommufd.allocIoas();
      const foreign = testbed.process.open('/dev/iommu');
      other.mapFile({ fd: foreign, length: 4096n, iova: IOVA });
      return [
        () => device.allocHwpt({ ioas: other }),
        `One of these: a file that ${other.describe()} maps is not a memfd, or is shorter than the mapping; the pages of the IOMMU ` +
          `are larger than those of the processor; the driver of ${iommuOf(device)} refuses it.`,
      ];
    },
  ],
  [
    'an IOAS whose memory was unmapped',
    'EFAULT',
    ({ testbed, iommufd, device }) => {
      const other = iommufd.allocIoas();
      testbed.process.munmap(mapped(testbed, other, 1).address, PAGE);
      return [
        () => device.allocHwpt({ ioas: other }),
        `Memory that ${other.describe()} maps is no longer mapped in the process, or not writable although devices may write: it is ` +
          'pinned when the first page table is added.',
      ];
    },
  ],
  [
    'a nested page table on a page table that is not a nest parent',
    'EINVAL',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      return [
        () => device.allocNestedHwpt({ on: hwpt, data: NESTED }),
        `${hwpt.describe()} was allocated without nestParent: true, which a nested page table requires.`,
      ];
    },
  ],
  [
    'a nested page table on a nest parent of another type of IOMMU',
    'EINVAL',
    ({ device, nic, viommu }) => [
      () => nic.allocNestedHwpt({ on: viommu, data: ste(1n) }),
      `${viommu.describe()} was allocated for ${iommuOf(device)}, and not for ${iommuOf(nic)}.`,
    ],
  ],
  [
    'a nested page table of another format',
    'EOPNOTSUPP',
    ({ device, parent }) => [
      () => device.allocNestedHwpt({ on: parent, data: ste(1n) }),
      `The IOMMU of ${device.describe()} is selftest: it does not accept data of the type arm-smmuv3.`,
    ],
  ],
  [
    'a nested page table with PASIDs on an SMMUv3',
    'EOPNOTSUPP',
    ({ nic, vsmmu }) => [
      () => nic.allocNestedHwpt({ on: vsmmu, data: ste(config(smmuv3_ste_config.ABORT)), pasid: true }),
      `One of these: the IOMMU has no nested page tables with pasid; ${iommuOf(nic)} has no nested page tables of arm-smmuv3 on ` +
        `${vsmmu.describe()}.`,
    ],
  ],
  [
    'a stream table entry with bits that only the host may set',
    'EIO',
    ({ nic, vsmmu }) => [
      () => nic.allocNestedHwpt({ on: vsmmu, data: ste(config(smmuv3_ste_config.BYPASS), 1n << 50n) }),
      'ste[1] sets bits that a guest may not set: 0x4000000000000.',
    ],
  ],
  [
    'a stream table entry with stage 2',
    'EIO',
    ({ nic, vsmmu }) => [
      () => nic.allocNestedHwpt({ on: vsmmu, data: ste(config(6)) }),
      'ste[0] has Config 6: a guest may have ABORT (0), BYPASS (4) or S1_TRANSLATE (5).',
    ],
  ],
  [
    'a stream table entry with split-stage ATS',
    'EIO',
    ({ nic, vsmmu }) => [
      () => nic.allocNestedHwpt({ on: vsmmu, data: ste(config(smmuv3_ste_config.S1_TRANSLATE), 2n << 28n) }),
      'ste[1] has EATS 2: a guest may have 0 or 1.',
    ],
  ],
  [
    'a virtual IOMMU of another type',
    'EOPNOTSUPP',
    ({ device, parent }) => [
      () => device.allocViommu({ type: 'arm-smmuv3', parent }),
      `The IOMMU of ${device.describe()} is selftest: it has no virtual IOMMUs of the type arm-smmuv3.`,
    ],
  ],
  [
    'a virtual IOMMU of a type that the hardware does not support',
    'EOPNOTSUPP',
    ({ nic, nicParent }) => [
      () => nic.allocViommu({ type: 'tegra241-cmdqv', parent: nicParent }),
      `${iommuOf(nic)} cannot have virtual IOMMUs of the type tegra241-cmdqv.`,
    ],
  ],
  [
    'a virtual IOMMU on a page table that is not a nest parent',
    'EINVAL',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      return [
        () => device.allocViommu({ type: 'selftest', parent: hwpt }),
        `${hwpt.describe()} was allocated without nestParent: true, which a virtual IOMMU requires.`,
      ];
    },
  ],
  [
    'a virtual IOMMU on a nest parent of another type of IOMMU',
    'EINVAL',
    ({ device, nic, parent }) => [
      () => nic.allocViommu({ type: 'arm-smmuv3', parent }),
      `${parent.describe()} was allocated for ${iommuOf(device)}, and not for ${iommuOf(nic)}.`,
    ],
  ],
  [
    'a second vDEVICE of a device',
    'EEXIST',
    ({ device, viommu }) => {
      const vdevice = viommu.allocVdevice({ device, virtualId: 0x7n });
      return [
        () => viommu.allocVdevice({ device, virtualId: 0x8n }),
        `${device.describe()} has a vDEVICE already: ${vdevice.describe()}, 0x7 on ${viommu.describe()}.`,
      ];
    },
  ],
  [
    'an id that another device has',
    'EEXIST',
    ({ device, plain, viommu }) => {
      viommu.allocVdevice({ device, virtualId: 0x7n });
      return [
        () => viommu.allocVdevice({ device: plain, virtualId: 0x7n }),
        `virtualId 0x7 already belongs to ${device.describe()}.`,
      ];
    },
  ],
  [
    'a vDEVICE of a device behind another IOMMU',
    'EINVAL',
    ({ device, nic, viommu }) => [
      () => viommu.allocVdevice({ device: nic, virtualId: 0x7n }),
      `${viommu.describe()} was allocated for ${iommuOf(device)}, and not for ${iommuOf(nic)}.`,
    ],
  ],
  [
    'a vDEVICE of a device with two StreamIDs',
    'EOPNOTSUPP',
    ({ twin, vsmmu }) => [
      () => vsmmu.allocVdevice({ device: twin, virtualId: 0x7n }),
      `${iommuOf(twin)} cannot assign it an id: an Arm SMMUv3 does so only for devices with one StreamID.`,
    ],
  ],
  [
    'a queue of depth 0',
    'EINVAL',
    ({ viommu }) => [
      () => viommu.allocVeventq({ type: 'selftest', depth: 0 }),
      'depth is 0: a queue has room for at least one event.',
    ],
  ],
  [
    'a queue with a depth that is too large',
    'EINVAL',
    ({ viommu }) => [
      () => viommu.allocVeventq({ type: 'selftest', depth: 0xffff_ffff }),
      'depth 4294967295 is too large.',
    ],
  ],
  [
    'a hardware queue of length 0',
    'EINVAL',
    ({ viommu }) => [
      () => viommu.allocHwQueue({ type: 'selftest', index: 0, iova: IOVA, length: 0n }),
      'length is 0.',
    ],
  ],
  [
    'a hardware queue in an unmapped range',
    'ENOENT',
    ({ testbed, ioas, viommu }) => {
      mapped(testbed, ioas, 1);
      return [
        () => viommu.allocHwQueue({ type: 'selftest', index: 0, iova: IOVA, length: 8192n }),
        `${ioas.describe()}, which is behind the nest parent, does not map all of 0x1000000-0x1001fff. It maps 0x1000000-0x1000fff.`,
      ];
    },
  ],
  [
    'a hardware queue of an index in use',
    'EEXIST',
    ({ testbed, ioas, viommu }) => {
      mapped(testbed, ioas, 1);
      const queue = { type: 'selftest', index: 0, iova: IOVA, length: 64n } as const;
      const hwQueue = viommu.allocHwQueue(queue);
      return [
        () => viommu.allocHwQueue(queue),
        `index 0 already belongs to ${hwQueue.describe()}: close it first.`,
      ];
    },
  ],
  [
    'a hardware queue whose previous index is not allocated',
    'EIO',
    ({ testbed, ioas, viommu }) => {
      mapped(testbed, ioas, 1);
      return [
        () => viommu.allocHwQueue({ type: 'selftest', index: 1, iova: IOVA, length: 64n }),
        'The queue of index 0 is not allocated yet: allocate queues in ascending order.',
      ];
    },
  ],
  [
    'tracking of a page table without dirtyTracking',
    'EOPNOTSUPP',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      return [
        () => hwpt.setDirtyTracking(true),
        `${hwpt.describe()} was allocated without dirtyTracking: true.`,
      ];
    },
  ],
  [
    'a dirty bitmap of a page table without dirtyTracking',
    'EOPNOTSUPP',
    ({ device, ioas }) => {
      const hwpt = device.allocHwpt({ ioas });
      const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: 4096n });
      return [() => bitmap.read(), `${hwpt.describe()} was allocated without dirtyTracking: true.`];
    },
  ],
  [
    'a dirty bitmap with an unaligned start',
    'EINVAL',
    ({ device, iommufd }) => {
      const hwpt = device.allocHwpt({ ioas: iommufd.allocIoas(), dirtyTracking: true });
      const bitmap = hwpt.dirtyBitmap({ iova: IOVA + 1024n, length: 4096n, pageSize: 1024n });
      return [() => bitmap.read(), 'iova 0x1000400 is not a multiple of 2048, the alignment of this IOAS.'];
    },
  ],
  [
    'a dirty bitmap with an unaligned length',
    'EINVAL',
    ({ device, iommufd }) => {
      const hwpt = device.allocHwpt({ ioas: iommufd.allocIoas(), dirtyTracking: true });
      const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: 1024n, pageSize: 1024n });
      return [() => bitmap.read(), 'length 1024 is not a multiple of 2048, the alignment of this IOAS.'];
    },
  ],
  [
    'a device that is bound already',
    'EINVAL',
    ({ iommufd, device }) => [
      () => iommufd.openDevice(device.path),
      `It is bound already, as ${device.describe()} of this /dev/iommu.`,
    ],
  ],
  [
    'a device that another program has bound',
    'EINVAL',
    ({ testbed, iommufd }) => {
      const { path, device } = plugged(testbed);
      // A device that the SDK no longer knows.
      testbed.process.dup(device.fd);
      device.close();
      return [
        () => iommufd.openDevice(path),
        'One of these: the device is bound already, through another open file of it; it was opened through its group; its DMA is ' +
          'not coherent with the caches of the processor.',
      ];
    },
  ],
  [
    'a region that the device does not have',
    'EINVAL',
    ({ device }) => [
      () => device.regionInfo(99),
      `index 99 is out of range: ${device.describe()} has ${device.info().regions} regions.`,
    ],
  ],
  [
    'an interrupt that the device does not have',
    'EINVAL',
    ({ device }) => [
      () => device.irqInfo(99),
      `index 99 is out of range: ${device.describe()} has ${device.info().irqs} irqs.`,
    ],
  ],
  [
    'hardware information of another type',
    'EOPNOTSUPP',
    ({ device }) => [
      () => device.hwInfo({ type: 'vtd' }),
      'The driver of the IOMMU returns information of the type selftest, not of vtd.',
    ],
  ],
  [
    'large pages while a page table has mappings',
    'EINVAL',
    ({ testbed, ioas }) => {
      mapped(testbed, ioas, 1);
      return [
        () => (ioas.hugePages = false),
        'A page table contains mappings: disable large pages before anything is mapped, or before a device is attached.',
      ];
    },
  ],
  [
    'large pages while a mapping is not aligned to pages',
    'EADDRINUSE',
    ({ iommufd }) => {
      const other = iommufd.allocIoas();
      other.mapMemory(iommufd.allocMemory(PAGE), { iova: IOVA, length: 100 });
      return [
        () => (other.hugePages = false),
        'Without large pages every mapping must be aligned to whole pages: 0x1000000-0x1000063 is not.',
      ];
    },
  ],
];

describe('allocations, and requests for information', () => tellsTheCause(start, rows));
