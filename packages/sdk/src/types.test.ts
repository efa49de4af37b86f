import { expect, test } from '@jest/globals';
import type { Decoded } from '@iommufd/uapi/struct';
import type { iommu_viommu_event_selftest, smmuv3_event } from '@iommufd/uapi';
import { Testbed } from './testing/testbed.testing.js';
import type {
  EventOf,
  FaultGroup,
  FaultQueue,
  HwInfo,
  Hwpt,
  Ioas,
  Iommufd,
  Mapping,
  MigrationState,
  MigrationTarget,
  PreCopy,
  Registers,
  StopCopy,
  SelftestDevice,
  NestedHwpt,
  PageTable,
  Veventq,
  VeventqItem,
  VeventqTypeOf,
  VfioDevice,
  Viommu,
} from './index.js';

/**
 * The types of the SDK. The compiler checks the assertions: a wrong type makes `Same` false, and a line
 * under `@ts-expect-error` that compiles is an error. Invalid calls are never executed; the test only counts them.
 */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_T extends true>(): void => undefined;

/** Objects of a program. */
interface Things {
  readonly iommufd: Iommufd;
  readonly ioas: Ioas;
  readonly device: VfioDevice;
  readonly mock: SelftestDevice;
  readonly hwpt: Hwpt;
  readonly nested: NestedHwpt;
  readonly viommu: Viommu<'selftest'>;
  readonly arm: Viommu<'arm-smmuv3'>;
  readonly tegra: Viommu<'tegra241-cmdqv'>;
  readonly some: Viommu;
  readonly mapping: Mapping;
  readonly faultQueue: FaultQueue;
  readonly group: FaultGroup;
}

type Wrong = ((things: Things) => unknown)[];

test('types are inferred', () => {
  same<Same<VeventqTypeOf<'arm-smmuv3'>, 'arm-smmuv3'>>();
  same<Same<VeventqTypeOf<'tegra241-cmdqv'>, 'arm-smmuv3' | 'tegra241-cmdqv'>>();
  same<Same<VeventqTypeOf<'selftest'>, 'selftest'>>();
  same<Same<PageTable, Ioas | Hwpt | NestedHwpt>>();
  same<Same<EventOf<'selftest'>, Decoded<typeof iommu_viommu_event_selftest>>>();
  same<Same<EventOf<'arm-smmuv3'>, Decoded<typeof smmuv3_event>>>();
  same<Same<ReturnType<Veventq<'selftest'>['read']>, VeventqItem<EventOf<'selftest'>>[]>>();

  const testbed = new Testbed();
  const { viommu } = testbed.nested();
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 1 });
  same<Same<typeof veventq, Veventq<'selftest'>>>();
  same<Same<(typeof veventq)['type'], 'selftest'>>();
  expect(testbed.end()).toEqual([]);
});

test('types that narrow', () => {
  const sum = (items: readonly VeventqItem<EventOf<'selftest'>>[]): number =>
    items.reduce((total, item) => total + (item.kind === 'lost' ? item.lost : item.event.virt_id), 0);
  expect(
    sum([
      { kind: 'event', sequence: 0, event: { virt_id: 5 } },
      { kind: 'lost', sequence: 3, lost: 3 },
    ]),
  ).toBe(8);

  const register = (info: HwInfo): number | bigint | undefined => {
    switch (info.type) {
      case 'selftest':
        return info.data.test_reg;
      case 'vtd':
        return info.data.cap_reg;
      case 'unknown':
        return info.number;
      default:
        return undefined;
    }
  };
  const common = {
    pasidBits: 0,
    dirtyTracking: false,
    pasidExecute: false,
    pasidPrivileged: false,
    ats: true,
  };
  expect(register({ ...common, type: 'unknown', number: 77, data: new Uint8Array() })).toBe(77);
  expect(register({ ...common, type: 'none' })).toBeUndefined();
});

test('queues of events that a virtual IOMMU does not have do not compile', () => {
  const wrong: Wrong = [
    // @ts-expect-error a queue of another make
    ({ viommu }) => viommu.allocVeventq({ type: 'arm-smmuv3', depth: 1 }),
    // @ts-expect-error likewise
    ({ arm }) => arm.allocVeventq({ type: 'selftest', depth: 1 }),
    // @ts-expect-error a part of Tegra's hardware that not every SMMU has
    ({ arm }) => arm.allocVeventq({ type: 'tegra241-cmdqv', depth: 1 }),
    // @ts-expect-error likewise
    ({ tegra }) => tegra.allocVeventq({ type: 'selftest', depth: 1 }),
    // @ts-expect-error no depth
    ({ viommu }) => viommu.allocVeventq({ type: 'selftest' }),
    // @ts-expect-error a depth is no bigint
    ({ viommu }) => viommu.allocVeventq({ type: 'selftest', depth: 1n }),
  ];
  const right: Wrong = [
    ({ tegra }) => tegra.allocVeventq({ type: 'arm-smmuv3', depth: 1 }),
    ({ tegra }) => tegra.allocVeventq({ type: 'tegra241-cmdqv', depth: 1 }),
    ({ some }) => some.allocVeventq({ type: 'selftest', depth: 1 }),
  ];
  expect([wrong.length, right.length]).toEqual([6, 3]);
});

test('invalidations of another format do not compile', () => {
  const wrong: Wrong = [
    // @ts-expect-error entries of a virtual IOMMU
    ({ nested }) => nested.invalidate({ type: 'selftest', entries: [{ flags: 0, vdev_id: 1, cache_id: 0 }] }),
    // @ts-expect-error entries of VT-d
    ({ nested }) => nested.invalidate({ type: 'selftest', entries: [{ addr: 0n, npages: 1n, flags: 0 }] }),
    // @ts-expect-error commands go to the virtual IOMMU
    ({ nested }) => nested.invalidate({ type: 'arm-smmuv3', entries: [{ cmd: [0n, 0n] }] }),
    // @ts-expect-error VT-d has no virtual IOMMU
    ({ viommu }) => viommu.invalidate({ type: 'vtd-s1', entries: [{ addr: 0n, npages: 1n, flags: 0 }] }),
    // @ts-expect-error a number where a bigint belongs
    ({ nested }) => nested.invalidate({ type: 'vtd-s1', entries: [{ addr: 0, npages: 1n, flags: 0 }] }),
    // @ts-expect-error a field is missing
    ({ nested }) => nested.invalidate({ type: 'vtd-s1', entries: [{ addr: 0n, flags: 0 }] }),
    // @ts-expect-error a page table that the kernel fills is not invalidated
    ({ hwpt }) => hwpt.invalidate({ type: 'selftest', entries: [] }),
  ];
  expect(wrong).toHaveLength(7);
});

test('invalid attachments do not compile', () => {
  const wrong: Wrong = [
    // @ts-expect-error a virtual IOMMU is no page table
    ({ device, viommu }) => device.attach(viommu),
    // @ts-expect-error nor is a device
    ({ device, mock }) => device.attach(mock),
    // @ts-expect-error nor is a number
    ({ device, ioas }) => device.attach(ioas.id),
    // @ts-expect-error a PASID is a number
    ({ device, hwpt }) => device.attach(hwpt, { pasid: '5' }),
    // @ts-expect-error no bigint
    ({ device }) => device.detach({ pasid: 5n }),
    // @ts-expect-error not the PASID alone
    ({ device, hwpt }) => device.attach(hwpt, 5),
    // @ts-expect-error a selftest device is somewhere
    ({ iommufd }) => iommufd.createSelftestDevice({ pasids: true }),
    // @ts-expect-error nothing of it can be assigned
    ({ device, ioas }) => (device.attach(ioas).isCurrent = false),
  ];
  expect(wrong).toHaveLength(8);
});

test('invalid mappings do not compile', () => {
  const wrong: Wrong = [
    // @ts-expect-error an IOVA is a bigint
    ({ ioas }) => ioas.map({ address: 0x1000n, length: 4096n, iova: 0x1000 }),
    // @ts-expect-error so is an address
    ({ ioas }) => ioas.map({ address: 0x1000, length: 4096n }),
    // @ts-expect-error and a length of IOVAs
    ({ ioas }) => ioas.unmap({ iova: 0n, length: 4096 }),
    // @ts-expect-error bytes of one's own memory are counted in numbers
    ({ ioas, iommufd }) => ioas.mapMemory(iommufd.allocMemory(4096), { length: 4096n }),
    // @ts-expect-error bytes of JavaScript have no address
    ({ ioas }) => ioas.mapMemory(new Uint8Array(4096)),
    // @ts-expect-error another IOAS is an object
    ({ ioas }) => ioas.copy({ from: 3, fromIova: 0n, length: 4096n }),
    // @ts-expect-error ranges have a last byte
    ({ ioas }) => ioas.allowIovas([{ start: 0n, length: 4096n }]),
    // @ts-expect-error a mapping stays where it is
    ({ mapping }) => (mapping.iova = 0n),
    // @ts-expect-error bits stand for bytes that are a bigint
    ({ hwpt }) => hwpt.dirtyBitmap({ iova: 0n, length: 4096n, pageSize: 4096 }),
  ];
  expect(wrong).toHaveLength(9);
});

test('interrupts, regions and stages of a migration have the types of their operations', () => {
  same<Same<ReturnType<Registers['read32']>, number>>();
  same<Same<ReturnType<Registers['read64']>, bigint>>();
  same<Same<ReturnType<PreCopy['stop']>, StopCopy>>();
  same<Same<MigrationTarget, Exclude<MigrationState, 'error'>>>();
  const wrong: Wrong[number][] = [
    // @ts-expect-error messages come in numbers
    ({ device }) => device.enableInterrupts('msix'),
    // @ts-expect-error there is one line
    ({ device }) => device.enableInterrupts('intx', { vectors: 2 }),
    // @ts-expect-error messages are not masked by the program
    ({ device }) => device.enableInterrupts('msi', { vectors: 1 }).unmask(),
    // @ts-expect-error regions have names
    ({ device }) => device.region('bar6'),
    // @ts-expect-error 64 bits are a bigint
    ({ device }) => device.region('bar0').write64(0, 1),
    // @ts-expect-error 32 bits are not
    ({ device }) => device.region('bar0').write32(0, 1n),
    ({ device, iommufd }) =>
      // @ts-expect-error eight bytes are a bigint
      device.region('bar0').writeOn(iommufd.allocEventfd(), { offset: 0, size: 8, value: 1 }),
    // @ts-expect-error an eventfd is an object
    ({ device }) => device.region('bar0').writeOn(3, { offset: 0, size: 4, value: 1 }),
    // @ts-expect-error nothing asks for an error
    ({ device }) => device.migration().setState('error'),
    // @ts-expect-error a device that runs has no end of its state
    ({ device }) => device.migration().startPreCopy().finish(),
    // @ts-expect-error what is read is not written
    ({ device }) => device.migration().startStopCopy().write(new Uint8Array()),
    // @ts-expect-error a device that takes a state in gives none
    ({ device }) => device.migration().startResuming().chunks(),
    // @ts-expect-error ranges are of bigint
    ({ device }) => device.startDmaLogging({ ranges: [{ iova: 0, length: 4096 }] }),
  ];
  expect(wrong).toHaveLength(13);
});

test('invalid options of objects do not compile', () => {
  const data = { type: 'arm-smmuv3', ste: [0n, 0n] } as const;
  const wrong: Wrong = [
    // @ts-expect-error data for the selftest
    ({ device, hwpt }) => device.allocViommu({ type: 'arm-smmuv3', parent: hwpt, selftestData: 1 }),
    // @ts-expect-error a nest parent is a page table
    ({ device, ioas }) => device.allocViommu({ type: 'selftest', parent: ioas }),
    // @ts-expect-error that the kernel fills
    ({ device, nested }) => device.allocViommu({ type: 'selftest', parent: nested }),
    // @ts-expect-error no such make
    ({ device, hwpt }) => device.allocViommu({ type: 'vtd', parent: hwpt }),
    // @ts-expect-error a nested page table stands on a parent
    ({ device, ioas }) => device.allocNestedHwpt({ on: ioas, data }),
    // @ts-expect-error and has data
    ({ device, hwpt }) => device.allocNestedHwpt({ on: hwpt }),
    // @ts-expect-error of its type
    ({ device, hwpt }) => device.allocNestedHwpt({ on: hwpt, data: { type: 'vtd-s1', ste: [0n, 0n] } }),
    // @ts-expect-error a nested page table cannot be a nest parent
    ({ device, hwpt }) => device.allocNestedHwpt({ on: hwpt, nestParent: true, data }),
    // @ts-expect-error an id is a bigint
    ({ viommu, device }) => viommu.allocVdevice({ device, virtualId: 1 }),
    // @ts-expect-error a hardware queue of no type
    ({ viommu }) => viommu.allocHwQueue({ index: 0, iova: 0n, length: 64n }),
    // @ts-expect-error no such kind of IOMMU
    ({ device }) => device.hwInfo({ type: 'smmu' }),
    // @ts-expect-error of the user or the process
    ({ iommufd }) => (iommufd.rlimitMode = 'system'),
    // @ts-expect-error a selftest device has no regions
    ({ mock }) => mock.regionInfo(0),
  ];
  expect(wrong).toHaveLength(13);
});

test('unknown responses do not compile', () => {
  const wrong: Wrong = [
    // @ts-expect-error not a word of it
    ({ group }) => group.respond('ok'),
    // @ts-expect-error nor a code
    ({ group }) => group.respond(0),
    // @ts-expect-error groups come with an answer each
    ({ faultQueue, group }) => faultQueue.respond([group]),
    // @ts-expect-error the answer comes second
    ({ faultQueue, group }) => faultQueue.respond([['success', group]]),
    // @ts-expect-error it is given by respond()
    ({ group }) => (group.response = 'success'),
    // @ts-expect-error a signal is no time
    ({ faultQueue }) => faultQueue.events({ timeout: 5 }),
  ];
  expect(wrong).toHaveLength(6);
});
