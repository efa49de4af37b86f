/** The same VMM as `vmm.c`, for a machine without a C compiler. It makes system calls through koffi. */
import koffi from 'koffi';

const libc = koffi.load(null);
const open = libc.func('int open(const char *, int)');
const ioctl = libc.func('int ioctl(int, ulong, void *)');
const mmap = libc.func('intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)');
const poll = libc.func('int poll(void *, ulong, int)');
const read = libc.func('int64_t read(int, void *, size_t)');
const write = libc.func('int64_t write(int, void *, size_t)');

const RAM = { start: 0x4000_0000n, size: 64 * 4096 };
const O_RDWR = 2;
const EEXIST = 17;

function check(what, result) {
  if (result >= 0) return result;
  console.error(`${what}: errno ${koffi.errno()}`);
  process.exit(1);
}

/** Encodes a struct: numbers have 32 bits, bigints 64. */
function struct(...fields) {
  const bytes = Buffer.alloc(128);
  let at = 0;
  for (const field of fields)
    at = typeof field === 'bigint' ? bytes.writeBigUInt64LE(field, at) : bytes.writeUInt32LE(field, at);
  return bytes;
}

const node = process.argv[2] ?? '/dev/vfio/devices/vfio0';
const iommu = check('/dev/iommu', open('/dev/iommu', O_RDWR));
const device = check(node, open(node, O_RDWR));
const bind = struct(16, 0, iommu, 0);
check('VFIO_DEVICE_BIND_IOMMUFD', ioctl(device, 0x3b76, bind));
const ioas = struct(12, 0, 0);
check('IOMMU_IOAS_ALLOC', ioctl(iommu, 0x3b81, ioas));
const ioasId = ioas.readUInt32LE(8);
const devId = bind.readUInt32LE(12);
const ram = mmap(0, RAM.size, 3, 0x22, -1, 0);

/** Allocates a page table. @returns its id */
function pageTable(flags, under, type = 0, data = Buffer.alloc(0), faultId = 0) {
  const at = data.length === 0 ? 0n : BigInt(koffi.address(data));
  const hwpt = struct(48, flags, devId, under, 0, 0, type, data.length, at, faultId, 0);
  check('IOMMU_HWPT_ALLOC', ioctl(iommu, 0x3b89, hwpt));
  return hwpt.readUInt32LE(16);
}

/** Allocates a fault queue and a page table with it. @returns both */
function withFaults() {
  const faults = struct(16, 0, 0, 0);
  check('IOMMU_FAULT_QUEUE_ALLOC', ioctl(iommu, 0x3b8e, faults));
  const IOMMU_HWPT_FAULT_ID_VALID = 4;
  return [
    faults.readUInt32LE(12),
    pageTable(IOMMU_HWPT_FAULT_ID_VALID, ioasId, 0, undefined, faults.readUInt32LE(8)),
  ];
}

/** Allocates a nested page table, which the guest has not initialized yet. @returns the queue of events for the guest, and the page table */
function ofGuest() {
  const map = struct(40, 7, ioasId, 0, BigInt(ram), BigInt(RAM.size), RAM.start);
  check('IOMMU_IOAS_MAP', ioctl(iommu, 0x3b85, map));
  const [IOMMU_HWPT_ALLOC_NEST_PARENT, ARM_SMMUV3, IOMMU_HWPT_DATA_ARM_SMMUV3] = [1, 1, 2];
  const viommu = struct(
    40,
    0,
    ARM_SMMUV3,
    devId,
    pageTable(IOMMU_HWPT_ALLOC_NEST_PARENT, ioasId),
    0,
    0,
    0,
    0n,
  );
  check('IOMMU_VIOMMU_ALLOC', ioctl(iommu, 0x3b90, viommu));
  const viommuId = viommu.readUInt32LE(20);
  check('IOMMU_VDEVICE_ALLOC', ioctl(iommu, 0x3b91, struct(24, viommuId, devId, 0, 0x10n)));
  const events = struct(32, 0, viommuId, ARM_SMMUV3, 4, 0, 0, 0);
  check('IOMMU_VEVENTQ_ALLOC', ioctl(iommu, 0x3b93, events));
  // The stream table entry: valid, stage 1 translates.
  const entry = struct(1n | (5n << 1n) | RAM.start, 0n).subarray(0, 16);
  return [events.readUInt32LE(24), pageTable(0, viommuId, IOMMU_HWPT_DATA_ARM_SMMUV3, entry)];
}

const info = struct(40, 0, devId, 0, 0n, 0, 0, 0n);
check('IOMMU_GET_HW_INFO', ioctl(iommu, 0x3b8a, info));
const IOMMU_HW_INFO_TYPE_ARM_SMMUV3 = 2;
const isSmmu = info.readUInt32LE(24) === IOMMU_HW_INFO_TYPE_ARM_SMMUV3;
const [queue, table] = isSmmu ? ofGuest() : withFaults();
check('VFIO_DEVICE_ATTACH_IOMMUFD_PT', ioctl(device, 0x3b77, struct(12, 0, table)));
console.log('ready');

let previous = -1;
/** Prints the available events. Every event has the next sequence number, including those that were lost. */
function showEvents() {
  const buffer = Buffer.alloc(1024);
  const length = Number(check('read', read(queue, buffer, buffer.length)));
  for (let at = 0; at < length;) {
    // IOMMU_VEVENTQ_FLAG_LOST_EVENTS: no event follows.
    const isMark = (buffer.readUInt32LE(at) & 1) !== 0;
    const sequence = buffer.readUInt32LE(at + 4);
    const lost = (sequence - previous - (isMark ? 0 : 1)) & 0x7fff_ffff;
    previous = sequence;
    if (lost > 0) console.log(`${lost} events were lost`);
    at += 8;
    if (isMark) continue;
    console.log(`event 0x${buffer[at].toString(16)} of stream 0x${buffer.readUInt32LE(at + 4).toString(16)}`);
    at += 32;
  }
}

/** Maps pages that the device requests. */
function showFaults() {
  const group = Buffer.alloc(64 * 40);
  const length = Number(check('read', read(queue, group, group.length)));
  for (let at = 0; at < length; at += 40) {
    const address = group.readBigUInt64LE(at + 24);
    const offset = address - RAM.start;
    const isRam = offset >= 0n && offset < BigInt(RAM.size);
    // At a fixed IOVA, readable and writable: 7.
    const map = struct(40, 7, ioasId, 0, BigInt(ram) + offset * BigInt(isRam), 4096n, address);
    if (isRam && ioctl(iommu, 0x3b85, map) < 0 && koffi.errno() !== EEXIST) check('IOMMU_IOAS_MAP', -1);
    // IOMMU_PGFAULT_FLAGS_LAST_PAGE is 2: the group gets one response.
    if ((group.readUInt32LE(at) & 2) === 0) continue;
    check('write', write(queue, struct(group.readUInt32LE(at + 36), isRam ? 0 : 1), 8));
    console.log(`${isRam ? 'mapped' : 'refused'} 0x${address.toString(16)}`);
  }
}

const fds = Buffer.alloc(128);
fds.writeInt32LE(queue, 0);
fds.writeInt16LE(1, 4);
fds.writeInt32LE(0, 8);
fds.writeInt16LE(1, 12);
for (;;) {
  check('poll', poll(fds, 2, -1));
  if ((fds.readInt16LE(6) & 1) !== 0) (isSmmu ? showEvents : showFaults)();
  if (fds.readInt16LE(14) !== 0) break;
}
const bytes = Buffer.from(koffi.view(BigInt(ram), RAM.size));
console.log(bytes.toString('latin1', 0, bytes.indexOf(0)));
