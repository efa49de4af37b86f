import { describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice as Hardware, mockModule } from '@iommufd/fakekernel';
import { Testbed } from '../../testing/testbed.testing.js';
import { counted, IOVA, NESTED, PAGE, plugged } from '../../testing/devices.testing.js';
import { type FaultGroup, Iommufd, Ioas, Memory, SelftestDevice } from '../../index.js';

/** The objects of a program, without types, so that a test can pass any value to any method. */
function untyped() {
  const testbed = new Testbed();
  const faultQueue = testbed.iommufd.allocFaultQueue();
  const { ioas, device, parent, viommu, hwpt: nested } = testbed.nested(faultQueue);
  const veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
  const { device: vfio } = plugged(testbed);
  const tracking = vfio.allocHwpt({ ioas, dirtyTracking: true });
  const memory = testbed.iommufd.allocMemory(PAGE);
  testbed.sendFault(device, { addr: IOVA });
  const [group] = faultQueue.read();
  const other = Iommufd.open(testbed.process);
  const closed = testbed.iommufd.allocIoas();
  closed.close();
  return {
    testbed,
    iommufd: testbed.iommufd,
    ioas,
    device,
    parent,
    viommu,
    nested,
    veventq,
    faultQueue,
    vfio,
    tracking,
    memory,
    group,
    bitmap: tracking.dirtyBitmap({ iova: IOVA, length: 4096n }),
    foreign: other.allocIoas(),
    closed,
    kernel: testbed.kernel,
    Iommufd,
  };
}

/** A value of unknown type, as a caller in JavaScript may pass it. */
type Anything = Record<string, (...args: unknown[]) => unknown>;
/** An object without types. */
const js = (object: unknown): Anything => object as Anything;

type Things = ReturnType<typeof untyped>;
type Row = readonly [call: (things: Things) => unknown, type: typeof TypeError, message: string];

/** Each row is a mistake that the compiler would find. */
const mistakes: Readonly<Record<string, readonly Row[]>> = {
  'Iommufd and /dev/iommu': [
    [
      ({ kernel }) => js(Iommufd)['open']?.(kernel),
      TypeError,
      'Iommufd.open: sys: expected the system calls of a process, found a FakeKernel. A program runs in a process of a kernel: ' +
        'write Iommufd.open(kernel.spawn()).',
    ],
    [
      () => js(Iommufd)['open']?.('/dev/iommu'),
      TypeError,
      'Iommufd.open: sys: expected the system calls of a process, found "/dev/iommu". They are the first argument; a path is an option: ' +
        '{ path }.',
    ],
    [
      () => js(Iommufd)['open']?.(),
      TypeError,
      'Iommufd.open: sys: expected the system calls of a process, found nothing',
    ],
    [
      () => js(Iommufd)['open']?.({ open: () => 3, ioctl: () => 0, read: 5 }),
      TypeError,
      'Iommufd.open: sys: expected the system calls of a process, found an object with open, ioctl, read. It has no method ' +
        'close, dup, read, write, pread, pwrite, poll, wait, mmap, munmap, memfd, eventfd, memory.',
    ],
    [
      ({ testbed }) => js(Iommufd)['open']?.(testbed.process, '/dev/iommu2'),
      TypeError,
      'Iommufd.open: options: expected an object with any of path, found "/dev/iommu2"',
    ],
    [
      ({ testbed }) => js(Iommufd)['open']?.(testbed.process, { Path: '/dev/iommu2' }),
      TypeError,
      'Iommufd.open: Path: there is no such option. Did you mean path?',
    ],
    [
      ({ testbed }) => Reflect.construct(Iommufd, [testbed.process]),
      TypeError,
      'new Iommufd: instances are returned by calls such as Iommufd.open(sys) and allocIoas(), not made with new',
    ],
    [
      ({ iommufd }) => Reflect.construct(Ioas, [iommufd]),
      TypeError,
      'new Ioas: instances are returned by calls such as Iommufd.open(sys) and allocIoas(), not made with new',
    ],
    [
      ({ iommufd }) => Reflect.construct(SelftestDevice, [iommufd, 3]),
      TypeError,
      'new SelftestDevice: instances are returned by calls such as Iommufd.open(sys) and allocIoas(), not made with new',
    ],
    [
      () => Reflect.construct(Memory, [4096]),
      TypeError,
      'new Memory: instances are returned by calls such as Iommufd.open(sys) and allocIoas(), not made with new',
    ],
  ],
  Iommufd: [
    [
      ({ iommufd }) => js(iommufd)['openDevice']?.(new Hardware()),
      TypeError,
      'Iommufd.openDevice: path: expected a path, such as "/dev/vfio/devices/vfio0", found a MockDevice',
    ],
    [
      ({ iommufd }) => js(iommufd)['createSelftestDevice']?.({ pasids: true }),
      TypeError,
      'Iommufd.createSelftestDevice: attachTo: expected an Ioas, a Hwpt or a NestedHwpt, found nothing. Iommufd.allocIoas() ' +
        'returns one.',
    ],
    [
      ({ iommufd, ioas }) => js(iommufd)['createSelftestDevice']?.({ attachTo: ioas, pasids: 1 }),
      TypeError,
      'Iommufd.createSelftestDevice: pasids: expected true or false, found 1',
    ],
    [
      ({ iommufd }) => js(iommufd)['allocMemory']?.(4096n),
      TypeError,
      'Iommufd.allocMemory: length: expected a number of bytes of 1 or more, found 4096n. Write 4096.',
    ],
    [
      ({ iommufd }) => js(iommufd)['allocMemory']?.(4096, { memFd: true }),
      TypeError,
      'Iommufd.allocMemory: memFd: there is no such option. Did you mean memfd?',
    ],
    [
      ({ iommufd }) => js(iommufd)['allocMemory']?.(4096, true),
      TypeError,
      'Iommufd.allocMemory: options: expected an object with any of memfd, hugePages, found true',
    ],
    [
      ({ iommufd }) => js(iommufd)['allocMemory']?.(0),
      RangeError,
      'Iommufd.allocMemory: length: expected a number of bytes of 1 or more, found 0',
    ],
    [
      ({ iommufd }) => Reflect.set(iommufd, 'rlimitMode', 'proces'),
      RangeError,
      'Iommufd.rlimitMode: expected one of user, process, found "proces". Did you mean process?',
    ],
  ],
  Ioas: [
    [
      ({ ioas, memory }) => js(ioas)['map']?.({ address: memory.address, length: 4096 }),
      TypeError,
      'Ioas.map: length: expected a bigint from 0 to 2^64-1, found 4096. Write 4096n.',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ adress: 0n, length: 4096n }),
      TypeError,
      'Ioas.map: adress: there is no such option. Did you mean address?',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ address: 0n, length: 4096n, size: 4096n }),
      TypeError,
      'Ioas.map: size: there is no such option. It takes address, length, iova, read, write.',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ length: 4096n }),
      TypeError,
      'Ioas.map: address: expected a bigint from 0 to 2^64-1, found nothing',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ address: 0n, length: -1n }),
      RangeError,
      'Ioas.map: length: expected a bigint from 0 to 2^64-1, found -1n',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ address: 0n, length: 1n << 64n }),
      RangeError,
      'Ioas.map: length: expected a bigint from 0 to 2^64-1, found 18446744073709551616n',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ address: 0n, length: 4096n, iova: null }),
      TypeError,
      'Ioas.map: iova: expected a bigint from 0 to 2^64-1, found null. Omit it instead.',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.(0n, 4096n),
      TypeError,
      'Ioas.map: options: expected an object with address and length, found 0n',
    ],
    [
      ({ ioas }) => js(ioas)['map']?.({ address: 0n, length: 4096n, read: 'no' }),
      TypeError,
      'Ioas.map: read: expected true or false, found "no"',
    ],
    [
      ({ ioas }) => js(ioas)['mapMemory']?.(new Uint8Array(4096)),
      TypeError,
      'Ioas.mapMemory: memory: expected a Memory, found a Uint8Array. Iommufd.allocMemory() returns one.',
    ],
    [
      ({ ioas, memory }) => js(ioas)['mapMemory']?.(memory, { length: 4096n }),
      TypeError,
      'Ioas.mapMemory: length: expected a number of bytes, found 4096n. Write 4096.',
    ],
    [
      ({ ioas, memory }) => js(ioas)['mapMemory']?.(memory, { iova: 0x1000 }),
      TypeError,
      'Ioas.mapMemory: iova: expected a bigint from 0 to 2^64-1, found 4096. Write 4096n.',
    ],
    [
      ({ ioas, memory }) => js(ioas)['mapMemory']?.(memory, { offset: PAGE + 1 }),
      RangeError,
      'Ioas.mapMemory: bytes 4097 to 4097 are not within the memory, which has 4096 bytes',
    ],
    [
      ({ ioas, memory }) => js(ioas)['mapFile']?.({ fd: memory, length: 4096n }),
      TypeError,
      'Ioas.mapFile: fd: expected an integer from 0 to 2147483647, found a Memory',
    ],
    [
      ({ ioas, memory }) => js(ioas)['mapFile']?.({ fd: memory.fd, length: 4096n }),
      TypeError,
      'Ioas.mapFile: fd: expected an integer from 0 to 2147483647, found nothing',
    ],
    [
      ({ ioas }) => js(ioas)['copy']?.({ from: 3, fromIova: 0n, length: 4096n }),
      TypeError,
      'Ioas.copy: from: expected an Ioas, found 3. Pass the object itself, not its id: Iommufd.allocIoas() returns one.',
    ],
    [
      ({ ioas, foreign }) => js(ioas)['copy']?.({ from: foreign, fromIova: 0n, length: 4096n }),
      RangeError,
      'Ioas.copy: from: ioas 1 is on another /dev/iommu: use one of the same Iommufd',
    ],
    [
      ({ ioas }) => js(ioas)['unmap']?.(IOVA, 4096n),
      TypeError,
      'Ioas.unmap: range: expected an object with iova and length, found 16777216n',
    ],
    [
      ({ ioas }) => js(ioas)['allowIovas']?.({ start: 0n, last: 0xfffn }),
      TypeError,
      'Ioas.allowIovas: ranges: expected an array of ranges, found an object with start, last',
    ],
    [
      ({ ioas }) =>
        js(ioas)['allowIovas']?.([
          { start: 0n, last: 0xfffn },
          { start: 0x1000n, length: 1n },
        ]),
      TypeError,
      'Ioas.allowIovas: ranges[1].length: there is no such option. It takes start, last.',
    ],
    [
      ({ ioas }) => js(ioas)['allowIovas']?.([{ start: 0, last: 0xfffn }]),
      TypeError,
      'Ioas.allowIovas: ranges[0].start: expected a bigint from 0 to 2^64-1, found 0. Write 0n.',
    ],
    [
      ({ ioas }) => Reflect.set(ioas, 'hugePages', 'off'),
      TypeError,
      'Ioas.hugePages: expected true or false, found "off"',
    ],
  ],
  Device: [
    [
      ({ vfio }) => js(vfio)['attach']?.(3),
      TypeError,
      'Device.attach: to: expected an Ioas, a Hwpt or a NestedHwpt, found 3. Pass the object itself, not its id: ' +
        'Iommufd.allocIoas() returns one.',
    ],
    [
      ({ vfio }) => js(vfio)['attach']?.(),
      TypeError,
      'Device.attach: to: expected an Ioas, a Hwpt or a NestedHwpt, found nothing. Iommufd.allocIoas() returns one.',
    ],
    [
      ({ vfio, viommu }) => js(vfio)['attach']?.(viommu),
      TypeError,
      'Device.attach: to: expected an Ioas, a Hwpt or a NestedHwpt, found a Viommu. Iommufd.allocIoas() returns one.',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['attach']?.(Promise.resolve(ioas)),
      TypeError,
      'Device.attach: to: expected an Ioas, a Hwpt or a NestedHwpt, found a promise. Await it first.',
    ],
    [
      ({ vfio }) => js(vfio)['attach']?.(Ioas),
      TypeError,
      'Device.attach: to: expected an Ioas, a Hwpt or a NestedHwpt, found the class Ioas. Iommufd.allocIoas() returns one.',
    ],
    [
      ({ vfio, foreign }) => js(vfio)['attach']?.(foreign),
      RangeError,
      'Device.attach: to: ioas 1 is on another /dev/iommu: use one of the same Iommufd',
    ],
    [
      ({ vfio, tracking }) => js(vfio)['attach']?.(tracking, 5),
      TypeError,
      'Device.attach: options: expected an object with any of pasid, found 5',
    ],
    [
      ({ vfio, tracking }) => js(vfio)['attach']?.(tracking, { PASID: 5 }),
      TypeError,
      'Device.attach: PASID: there is no such option. Did you mean pasid?',
    ],
    [
      ({ vfio, tracking }) => js(vfio)['attach']?.(tracking, { pasid: 5n }),
      TypeError,
      'Device.attach: pasid: expected an integer from 1 to 1048575, found 5n. Write 5.',
    ],
    [
      ({ vfio, tracking }) => js(vfio)['attach']?.(tracking, { pasid: 0 }),
      RangeError,
      'Device.attach: pasid: expected an integer from 1 to 1048575, found 0',
    ],
    [
      ({ vfio }) => js(vfio)['detach']?.(5),
      TypeError,
      'Device.detach: options: expected an object with any of pasid, found 5',
    ],
    [
      // Without this check the device would be moved back to its initial attachment.
      ({ device }) => js(device)['detach']?.({ pasd: 5 }),
      TypeError,
      'Device.detach: pasd: there is no such option. Did you mean pasid?',
    ],
    [
      ({ vfio }) => js(vfio)['attachment']?.({ pasid: '5' }),
      TypeError,
      'Device.attachment: pasid: expected an integer from 1 to 1048575, found "5"',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['allocHwpt']?.({ ioas, nestparent: true }),
      TypeError,
      'Device.allocHwpt: nestparent: there is no such option. Did you mean nestParent?',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['allocHwpt']?.(ioas),
      TypeError,
      'Device.allocHwpt: options: expected an object with ioas, found an Ioas',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['allocHwpt']?.({ ioas: ioas.id }),
      TypeError,
      `Device.allocHwpt: ioas: expected an Ioas, found 2. Pass the object itself, not its id: Iommufd.allocIoas() returns one.`,
    ],
    [
      ({ vfio, ioas, veventq }) => js(vfio)['allocHwpt']?.({ ioas, faultQueue: veventq }),
      TypeError,
      'Device.allocHwpt: faultQueue: expected a FaultQueue, found a Veventq. Iommufd.allocFaultQueue() returns one.',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['allocHwpt']?.({ ioas, data: { type: 'vtd', flags: 0n } }),
      RangeError,
      'Device.allocHwpt: data.type: expected one of arm-smmuv3, vtd-s1, amd-guest, selftest, found "vtd"',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocNestedHwpt']?.({ on: parent }),
      TypeError,
      'Device.allocNestedHwpt: data: expected an object with type and the fields of that type, found nothing',
    ],
    [
      ({ vfio, ioas }) => js(vfio)['allocNestedHwpt']?.({ on: ioas, data: NESTED }),
      TypeError,
      'Device.allocNestedHwpt: on: expected a Hwpt or a Viommu, found an Ioas. Device.allocViommu() returns one.',
    ],
    [
      ({ vfio, parent }) =>
        js(vfio)['allocNestedHwpt']?.({ on: parent, data: { type: 'selftest', iotlb: 1, pagetabletype: 0 } }),
      TypeError,
      'Device.allocNestedHwpt: data.pagetabletype: there is no such option. Did you mean pagetable_type?',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocNestedHwpt']?.({ on: parent, data: { ...NESTED, iotlb: 1n } }),
      TypeError,
      'Device.allocNestedHwpt: data.iotlb: expected an integer from 0 to 4294967295, found 1n. Write 1.',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocNestedHwpt']?.({ on: parent, data: { ...NESTED, iotlb: -1 } }),
      RangeError,
      'Device.allocNestedHwpt: data.iotlb: expected an integer from 0 to 4294967295, found -1',
    ],
    [
      ({ vfio, parent }) =>
        js(vfio)['allocNestedHwpt']?.({ on: parent, data: { type: 'arm-smmuv3', ste: [1, 0n] } }),
      TypeError,
      'Device.allocNestedHwpt: data.ste[0]: expected a bigint from 0 to 18446744073709551615, found 1. Write 1n.',
    ],
    [
      ({ vfio }) => js(vfio)['allocViommu']?.({ type: 'selftest' }),
      TypeError,
      'Device.allocViommu: parent: expected a Hwpt, found nothing. Device.allocHwpt({ ioas, nestParent: true }) returns one.',
    ],
    [
      ({ vfio, nested }) => js(vfio)['allocViommu']?.({ type: 'selftest', parent: nested }),
      TypeError,
      'Device.allocViommu: parent: expected a Hwpt, found a NestedHwpt. Device.allocHwpt({ ioas, nestParent: true }) ' +
        'returns one.',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocViommu']?.({ type: 'smmuv3', parent }),
      RangeError,
      'Device.allocViommu: type: expected one of arm-smmuv3, tegra241-cmdqv, selftest, found "smmuv3"',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocViommu']?.({ type: 'arm-smmu-v3', parent }),
      RangeError,
      'Device.allocViommu: type: expected one of arm-smmuv3, tegra241-cmdqv, selftest, found "arm-smmu-v3". Did you mean ' +
        'arm-smmuv3?',
    ],
    [
      ({ vfio, parent }) => js(vfio)['allocViommu']?.({ type: 'toString', parent }),
      RangeError,
      'Device.allocViommu: type: expected one of arm-smmuv3, tegra241-cmdqv, selftest, found "toString"',
    ],
    [
      ({ vfio }) => js(vfio)['hwInfo']?.('vtd'),
      TypeError,
      'Device.hwInfo: options: expected an object with any of type, found "vtd"',
    ],
    [
      ({ vfio }) => js(vfio)['regionInfo']?.(0n),
      TypeError,
      'VfioDevice.regionInfo: index: expected an integer from 0 to 4294967295, found 0n. Write 0.',
    ],
    [
      ({ vfio }) => js(vfio)['irqInfo']?.(),
      TypeError,
      'VfioDevice.irqInfo: index: expected an integer from 0 to 4294967295, found nothing',
    ],
  ],
  'page tables and virtual IOMMUs': [
    [
      ({ tracking }) => js(tracking)['setDirtyTracking']?.(),
      TypeError,
      'Hwpt.setDirtyTracking: enable: expected true or false, found nothing',
    ],
    [
      ({ tracking }) => js(tracking)['dirtyBitmap']?.({ iova: 0n, length: 4096n, pageSize: 4096 }),
      TypeError,
      'Hwpt.dirtyBitmap: pageSize: expected a bigint from 0 to 2^64-1, found 4096. Write 4096n.',
    ],
    [
      ({ tracking }) => js(tracking)['dirtyBitmap']?.({ iova: 0n, length: 4096n, pagesize: 4096n }),
      TypeError,
      'Hwpt.dirtyBitmap: pagesize: there is no such option. Did you mean pageSize?',
    ],
    [
      ({ bitmap }) => js(bitmap)['read']?.(false),
      TypeError,
      'DirtyBitmap.read: options: expected an object with any of clear, found false',
    ],
    [
      ({ nested }) => js(nested)['invalidate']?.([{ flags: 0, iotlb_id: 0 }]),
      TypeError,
      'NestedHwpt.invalidate: invalidations: expected an object with type and entries, found an array of 1',
    ],
    [
      ({ nested }) => js(nested)['invalidate']?.({ type: 'selftest', entries: { flags: 0, iotlb_id: 0 } }),
      TypeError,
      'NestedHwpt.invalidate: entries: expected an array of entries, found an object with flags, iotlb_id',
    ],
    [
      ({ nested }) =>
        js(nested)['invalidate']?.({ type: 'vtd-s1', entries: [{ addr: 0n, npages: 1, flags: 0 }] }),
      TypeError,
      'NestedHwpt.invalidate: entries[0].npages: expected a bigint from 0 to 18446744073709551615, found 1. Write 1n.',
    ],
    [
      ({ viommu }) =>
        js(viommu)['invalidate']?.({
          type: 'selftest',
          entries: [
            { flags: 0, vdev_id: 1, cache_id: 0 },
            { flags: 0, vdev_id: 1, cacheid: 0 },
          ],
        }),
      TypeError,
      'Viommu.invalidate: entries[1].cacheid: there is no such option. Did you mean cache_id?',
    ],
    [
      ({ viommu }) => js(viommu)['invalidate']?.({ type: 'arm-smmuv3', entries: [{ cmd: [0n] }] }),
      TypeError,
      'Viommu.invalidate: entries[0].cmd: expected an array of 2, found an array of 1',
    ],
    [
      ({ viommu, vfio }) => js(viommu)['allocVdevice']?.({ device: vfio, virtualId: 1 }),
      TypeError,
      'Viommu.allocVdevice: virtualId: expected a bigint from 0 to 2^64-1, found 1. Write 1n.',
    ],
    [
      ({ viommu, vfio }) => js(viommu)['allocVdevice']?.({ device: vfio.id, virtualId: 1n }),
      TypeError,
      'Viommu.allocVdevice: device: expected a Device, found 10. Pass the object itself, not its id: Iommufd.openDevice() ' +
        'returns one.',
    ],
    [
      ({ viommu }) => js(viommu)['allocVdevice']?.({ device: new Hardware(), virtualId: 1n }),
      TypeError,
      'Viommu.allocVdevice: device: expected a Device, found a MockDevice. Iommufd.openDevice() returns one.',
    ],
    [
      ({ viommu }) => js(viommu)['allocVeventq']?.({ type: 'selftest', depth: 4n }),
      TypeError,
      'Viommu.allocVeventq: depth: expected an integer from 0 to 4294967295, found 4n. Write 4.',
    ],
    [
      ({ viommu }) => js(viommu)['allocVeventq']?.({ type: 'selftest' }),
      TypeError,
      'Viommu.allocVeventq: depth: expected an integer from 0 to 4294967295, found nothing',
    ],
    [
      ({ viommu }) => js(viommu)['allocHwQueue']?.({ type: 'selftest', index: 0, iova: 0, length: 64n }),
      TypeError,
      'Viommu.allocHwQueue: iova: expected a bigint from 0 to 2^64-1, found 0. Write 0n.',
    ],
  ],
  'memory and queues': [
    [
      ({ memory }) => js(memory)['bytes']?.(0n),
      TypeError,
      'Memory.bytes: offset: expected a number of bytes, found 0n. Write 0.',
    ],
    [
      ({ veventq }) => js(veventq)['events']?.(new AbortController().signal),
      TypeError,
      'Queue.events: options: expected an object with any of signal, ref, found an AbortSignal',
    ],
    [
      ({ veventq }) => js(veventq)['events']?.({ signal: new AbortController() }),
      TypeError,
      'Queue.events: signal: expected an AbortSignal, found an AbortController. Pass the signal of the AbortController.',
    ],
    [
      ({ veventq }) => js(veventq)['events']?.({ timeout: 5 }),
      TypeError,
      'Queue.events: timeout: there is no such option. It takes signal, ref.',
    ],
    [
      ({ group }) => js(group)['respond']?.(0),
      TypeError,
      'FaultGroup.respond: response: expected one of success, invalid, found 0',
    ],
    [
      ({ group }) => js(group)['respond']?.('sucess'),
      RangeError,
      'FaultGroup.respond: response: expected one of success, invalid, found "sucess". Did you mean success?',
    ],
    [
      ({ faultQueue, group }) => js(faultQueue)['respond']?.(group),
      TypeError,
      'FaultQueue.respond: answers: expected an array of pairs [group, response], found a FaultGroup',
    ],
    [
      ({ faultQueue, group }) => js(faultQueue)['respond']?.([group, 'success']),
      TypeError,
      'FaultQueue.respond: answers[0]: expected a pair [group, response], found a FaultGroup',
    ],
    [
      ({ faultQueue, group }) => js(faultQueue)['respond']?.([['success', group]]),
      TypeError,
      'FaultQueue.respond: answers[0][0]: expected a FaultGroup, found "success"',
    ],
    [
      ({ faultQueue, group }) => js(faultQueue)['respond']?.([[group, 'ok']]),
      RangeError,
      'FaultQueue.respond: answers[0][1]: expected one of success, invalid, found "ok"',
    ],
    [
      ({ faultQueue, group }) => js(faultQueue)['respond']?.([[group]]),
      TypeError,
      'FaultQueue.respond: answers[0][1]: expected one of success, invalid, found nothing',
    ],
  ],
};

describe.each(Object.entries(mistakes))('%s', (_of, rows) => {
  test.each(rows.map((row) => [row[2], ...row] as const))('%s', (_name, call, type, message) => {
    const things = untyped();
    const calls = counted(things.testbed.process);
    let error: unknown;
    try {
      call(things);
    } catch (cause) {
      error = cause;
    }
    expect(error).toBeInstanceOf(type);
    expect(error).toHaveProperty('message', message);
    // No system call was made.
    expect(calls()).toBe(0);
    things.foreign.close();
    expect(leftOf(things)).toEqual([]);
  });
});

test.each<readonly [call: (things: Things) => unknown, type: typeof TypeError, message: string]>([
  [
    ({ iommufd, veventq }) => js(iommufd)['poll']?.(veventq),
    TypeError,
    'Iommufd.poll: queues: expected an array of queues, found a Veventq',
  ],
  [
    ({ iommufd, veventq, viommu }) => js(iommufd)['poll']?.([veventq, viommu]),
    TypeError,
    'Iommufd.poll: queues[1]: expected a Veventq or a FaultQueue, found a Viommu',
  ],
  [
    ({ iommufd, veventq }) => js(iommufd)['poll']?.([veventq], 100),
    TypeError,
    'Iommufd.poll: options: expected an object with any of timeout, signal, ref, found 100',
  ],
  [
    ({ veventq }) => js(veventq)['readable']?.({ timeOut: 100 }),
    TypeError,
    'Queue.readable: timeOut: there is no such option. Did you mean timeout?',
  ],
  [
    ({ veventq }) => js(veventq)['readable']?.({ timeout: 100n }),
    TypeError,
    'Queue.readable: timeout: expected milliseconds of 0 or more, found 100n. Write 100.',
  ],
  [
    ({ veventq }) => js(veventq)['readable']?.({ timeout: NaN }),
    RangeError,
    'Queue.readable: timeout: expected milliseconds of 0 or more, found NaN',
  ],
])('a wait is refused as its promise: %s', async (call, type, message) => {
  const things = untyped();
  const error = await Promise.resolve(call(things)).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(type);
  expect(error).toHaveProperty('message', message);
  things.foreign.close();
  expect(leftOf(things)).toEqual([]);
});

test('an error for a closed object names the call and the argument', () => {
  const things = untyped();
  const { closed, vfio, iommufd, veventq } = things;
  veventq.close();
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => closed.iovaRanges(), 'Ioas.iovaRanges: EBADF: The object is closed. (object=ioas 12)'],
    [() => vfio.attach(closed), 'Device.attach: EBADF: The object is closed. (object=ioas 12, argument=to)'],
    [
      () => vfio.allocHwpt({ ioas: closed }),
      'Device.allocHwpt: EBADF: The object is closed. (object=ioas 12, argument=ioas)',
    ],
    [() => veventq.read(), 'Queue.read: EBADF: The object is closed. (object=veventq 5)'],
  ];
  for (const [call, message] of cases)
    expect(call).toThrow(expect.objectContaining({ code: 'EBADF', errno: 9, message }));
  iommufd.close();
  expect(() => iommufd.allocIoas()).toThrow('Iommufd.allocIoas: EBADF: The object is closed.');
  things.foreign.close();
  expect(leftOf(things)).toEqual([]);
});

test('an instance of a class may have more fields than the options', () => {
  const testbed = new Testbed();
  const ioas = testbed.iommufd.allocIoas();
  const mapping = ioas.mapMemory(testbed.iommufd.allocMemory(PAGE), { iova: IOVA });
  expect(ioas.unmap(mapping)).toBe(BigInt(PAGE));
  expect(testbed.end()).toEqual([]);
});

test('an optional argument may be undefined', () => {
  const testbed = new Testbed();
  const ioas = testbed.iommufd.allocIoas();
  const memory = testbed.iommufd.allocMemory(PAGE);
  const options = { iova: undefined, read: undefined, write: undefined };
  expect(js(ioas)['mapMemory']?.(memory, { ...options, offset: undefined, length: undefined })).toMatchObject(
    {
      length: BigInt(PAGE),
    },
  );
  expect(testbed.end()).toEqual([]);
});

test('plug() refuses objects that are not devices', () => {
  const kernel = new FakeKernel([mockModule]);
  const message =
    'FakeKernel.plug: device: expected the hardware, not what a program has of it. Write kernel.plug(new MockDevice()) with ' +
    'MockDevice of @iommufd/fakekernel, or plug what FakeSmmuv3.addDevice() returned.';
  for (const wrong of [{}, undefined, Hardware, '/dev/vfio/devices/vfio0'])
    expect(() => js(kernel)['plug']?.(wrong)).toThrow(new TypeError(message));
  expect(kernel.plug(new Hardware())).toBe('/dev/vfio/devices/vfio0');
});

/** Ends the program. @returns the objects that are left over */
function leftOf({ testbed, group }: Things): string[] {
  const answered: FaultGroup | undefined = group;
  expect(answered?.response).toBeUndefined();
  return testbed.end();
}
