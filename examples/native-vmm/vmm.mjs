/** The same monitor as `vmm.c`, for a machine without a C compiler: its system calls are made through koffi. */
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

/** A struct of numbers of 32 bits and bigints of 64. */
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
const faults = struct(16, 0, 0, 0);
check('IOMMU_FAULT_QUEUE_ALLOC', ioctl(iommu, 0x3b8e, faults));
const ioasId = ioas.readUInt32LE(8);
const queue = faults.readUInt32LE(12);
// IOMMU_HWPT_FAULT_ID_VALID is 4.
const hwpt = struct(48, 4, bind.readUInt32LE(12), ioasId, 0, 0, 0, 0, 0n, faults.readUInt32LE(8), 0);
check('IOMMU_HWPT_ALLOC', ioctl(iommu, 0x3b89, hwpt));
check('VFIO_DEVICE_ATTACH_IOMMUFD_PT', ioctl(device, 0x3b77, struct(12, 0, hwpt.readUInt32LE(16))));
const ram = mmap(0, RAM.size, 3, 0x22, -1, 0);
console.log('ready');

const fds = Buffer.alloc(128);
fds.writeInt32LE(queue, 0);
fds.writeInt16LE(1, 4);
fds.writeInt32LE(0, 8);
fds.writeInt16LE(1, 12);
const group = Buffer.alloc(64 * 40);
for (;;) {
  check('poll', poll(fds, 2, -1));
  if ((fds.readInt16LE(6) & 1) !== 0) {
    const length = Number(check('read', read(queue, group, group.length)));
    for (let at = 0; at < length; at += 40) {
      const address = group.readBigUInt64LE(at + 24);
      const offset = address - RAM.start;
      const isRam = offset >= 0n && offset < BigInt(RAM.size);
      // At a fixed IOVA, readable and writable: 7.
      const map = struct(40, 7, ioasId, 0, BigInt(ram) + offset * BigInt(isRam), 4096n, address);
      if (isRam && ioctl(iommu, 0x3b85, map) < 0 && koffi.errno() !== EEXIST) check('IOMMU_IOAS_MAP', -1);
      // IOMMU_PGFAULT_FLAGS_LAST_PAGE is 2: the group is answered as a whole.
      if ((group.readUInt32LE(at) & 2) === 0) continue;
      check('write', write(queue, struct(group.readUInt32LE(at + 36), isRam ? 0 : 1), 8));
      console.log(`${isRam ? 'mapped' : 'refused'} 0x${address.toString(16)}`);
    }
  }
  if (fds.readInt16LE(14) !== 0) break;
}
const bytes = Buffer.from(koffi.view(BigInt(ram), RAM.size));
console.log(bytes.toString('latin1', 0, bytes.indexOf(0)));
