/** Calls on files: on files of the kind that they are meant for, and on others. */

import {
  type Ioctl,
  IOMMU_IOAS_UNMAP,
  IOMMU_VFIO_IOAS,
  iommufd_vfio_ioas_op,
  POLLIN,
  POLLOUT,
  iommu_hwpt_page_response,
  VFIO_CHECK_EXTENSION,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_RESET,
  VFIO_GET_API_VERSION,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
  VFIO_SET_IOMMU,
} from '@iommufd/uapi';
import { allIoctls } from '@iommufd/uapi/registry';
import { argumentOf } from './argument.testing.js';
import type { Prepared } from './calls.testing.js';
import type { Call, CallOf } from './step.testing.js';
import type { Surroundings } from './values.testing.js';
import { PAGE, PLACES, RAGGED_BYTES } from './world.testing.js';

const ALL = [...allIoctls.values()];

const CONTAINER = [
  VFIO_GET_API_VERSION,
  VFIO_CHECK_EXTENSION,
  VFIO_SET_IOMMU,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
];

const DEVICE = [
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_RESET,
];

/** Requests that Linux handles for every file: FIOCLEX, FIONREAD, FIGETBSZ, FIFREEZE, FS_IOC_FIEMAP, FICLONE, ... */
const GENERIC = [
  0x5450, 0x5451, 0x5421, 0x5452, 0x541b, 0x5460, 0x0002, 0x0001, 0xc004_5877, 0xc004_5878, 0xc020_660b,
  0x4004_9409, 0x4020_940d, 0xc018_9436, 0x8008_6601, 0x4008_6602, 0x801c_581f, 0x401c_5820, 0x5401, 0x1272,
  0x4008_6200, 0x4004_6201,
];

const PATHS = ['/dev/iommu', '/dev/iommu', '/dev/vfio/vfio', '/dev/null'];

function ioctl(
  around: Surroundings,
  fd: number,
  declared: Ioctl,
  preset?: Readonly<Record<string, number>>,
): Prepared {
  const { arg, pokes } = argumentOf(around, declared, preset);
  return { call: { name: 'ioctl', fd, request: declared.request, arg }, pokes };
}

/** VFIO_SET_IOMMU: chooses the backend of VFIO's container. */
export function setIommu({ contextFd: fd }: Surroundings, type: number): Prepared {
  return { call: { name: 'ioctl', fd, request: VFIO_SET_IOMMU.request, arg: BigInt(type) }, pokes: [] };
}

/** A request of VFIO's container. If the context has no IOAS for it, most often one is set first. */
export function container(around: Surroundings): Prepared {
  const { random } = around;
  if (around.vfioIoas === 0 && !random.oneIn(4)) {
    const op = iommufd_vfio_ioas_op.IOMMU_VFIO_IOAS_SET;
    return ioctl(around, around.contextFd, IOMMU_VFIO_IOAS, { op });
  }
  const request = random.pick(CONTAINER);
  const isBackend = request === VFIO_SET_IOMMU && !random.oneIn(4);
  return isBackend ? setIommu(around, random.pick([1, 3])) : ioctl(around, around.contextFd, request);
}

export const device = (around: Surroundings): Prepared =>
  ioctl(around, around.fd('vfio'), around.random.pick(DEVICE));

export const bind = (around: Surroundings, fd: number): Prepared =>
  ioctl(around, fd, VFIO_DEVICE_BIND_IOMMUFD, { flags: 0 });

export const attach = (around: Surroundings, fd: number): Prepared =>
  ioctl(around, fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, { flags: 0 });

export const unmap = (around: Surroundings): Prepared => ioctl(around, around.contextFd, IOMMU_IOAS_UNMAP);

/** Any ioctl on any file. */
export const wrongFile = (around: Surroundings): Prepared =>
  ioctl(around, around.anyFd(), around.random.pick(ALL));

/** A number that is not an ioctl, or an ioctl with another size or direction. */
export function unknownRequest(around: Surroundings): Prepared {
  const { random } = around;
  const declared = random.pick(ALL);
  const { call, pokes } = ioctl(around, around.random.oneIn(2) ? around.anyFd() : around.contextFd, declared);
  const numbers = [
    random.next(),
    0x3b00 + random.below(256),
    (declared.request | 0xc008_0000) >>> 0,
    declared.request ^ 0x100,
  ];
  return { call: { ...call, request: random.pick(numbers) } as Call, pokes };
}

export function genericRequest(around: Surroundings): Prepared {
  const { random } = around;
  const bytes = new Uint8Array(32);
  bytes[0] = random.below(3);
  const at = around.address(8);
  const call: Call = { name: 'ioctl', fd: around.anyFd(), request: random.pick(GENERIC), arg: at };
  return { call, pokes: [{ at, bytes }] };
}

const LENGTHS = [
  0,
  1,
  4,
  7,
  8,
  11,
  12,
  16,
  24,
  39,
  40,
  80,
  120,
  PAGE,
  PAGE + 8,
  2 ** 31,
  2 ** 47,
  2 ** 63,
  -1,
];

function lengthFor({ random }: Surroundings): number {
  return random.oneIn(3) ? 40 * random.below(4) : random.pick(LENGTHS);
}

export function read(around: Surroundings): CallOf<'read'> {
  const { random } = around;
  const full = random.maybe(around.fdsOf('queue', (file) => (file.poll() & POLLIN) !== 0));
  if (full !== undefined && !random.oneIn(3)) {
    const length = random.pick([12, 24, 80, 400]);
    return { name: 'read', fd: full, at: around.address(length), length };
  }
  const length = lengthFor(around);
  const fd = around.fd('queue', 'queue', 'queue', 'iommufd', 'memfd', 'vfio', 'access', 'dmabuf');
  return { name: 'read', fd, at: around.address(Math.max(0, Math.min(length, 2 * PAGE))), length };
}

/** Responses to page faults, most of them with a cookie that is in use. */
export function write(around: Surroundings): Prepared {
  const { random } = around;
  const { byteLength } = iommu_hwpt_page_response;
  const bytes = new Uint8Array(4 * byteLength);
  const words = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) words.setUint32(at, random.below(at % 8 === 0 ? 4 : 2), true);
  const length = random.oneIn(4) ? lengthFor(around) : byteLength * random.below(4);
  const at = around.address(Math.max(0, Math.min(length, 2 * PAGE)));
  const answered = random.maybe(around.fdsOf('queue', (file) => (file.poll() & POLLOUT) !== 0));
  const fd =
    answered !== undefined && !random.oneIn(3)
      ? answered
      : around.fd('queue', 'iommufd', 'memfd', 'vfio', 'access', 'dmabuf');
  return { call: { name: 'write', fd, at, length }, pokes: [{ at, bytes }] };
}

export function positioned(around: Surroundings): CallOf<'pread' | 'pwrite'> {
  const { random } = around;
  const length = random.pick([0, 1, 2, 4, 8, 16, ...LENGTHS]);
  const region = BigInt(random.pick([0, 7, 7, 8, 9]));
  const offset = BigInt(random.pick([0, 1, 4, 64, 4092, 4095, 4096]));
  return {
    name: random.oneIn(2) ? 'pread' : 'pwrite',
    fd: around.fd('vfio', 'vfio', 'queue', 'iommufd', 'memfd', 'access', 'dmabuf'),
    at: around.address(Math.max(0, Math.min(length, PAGE))),
    length,
    position: random.oneIn(8) ? random.pick([-1n, -(1n << 63n), (1n << 63n) - 1n]) : (region << 40n) | offset,
  };
}

export function poll(around: Surroundings): CallOf<'poll'> {
  const { random } = around;
  const fds = Array.from({ length: random.below(4) }, () => around.anyFd());
  return { name: 'poll', fds, events: random.pick([0, 1, 4, 5, 0xffff, 0x145]) };
}

export function open({ random, world }: Surroundings): CallOf<'open'> {
  return { name: 'open', path: random.pick([...PATHS, ...world.paths]) };
}

export function memfd({ random }: Surroundings): CallOf<'memfd'> {
  return { name: 'memfd', size: random.pick([0, 1, PAGE, 4 * PAGE, 30720, 2 * PAGE, 2 ** 40, -1, 2 ** 63]) };
}

/** The descriptor of a memfd that is not among the memory that is watched. */
function resizable(around: Surroundings): number {
  const { random } = around;
  const sizes: readonly (number | undefined)[] = [PLACES.file.pages * PAGE, RAGGED_BYTES];
  const fds = around.fdsOf('memfd', ({ memory }) => !sizes.includes(memory?.size));
  return random.maybe(fds) ?? random.pick([-1, 99, ...around.fdsOf('iommufd')]);
}

export function ftruncate(around: Surroundings): CallOf<'ftruncate'> {
  const size = around.random.pick([0, 0, PAGE, 2 * PAGE, 3 * PAGE, 4 * PAGE, PAGE + 100, -1]);
  return { name: 'ftruncate', fd: resizable(around), size };
}

export function fallocate(around: Surroundings): CallOf<'fallocate'> {
  const { random } = around;
  return {
    name: 'fallocate',
    fd: resizable(around),
    mode: random.pick([3, 3, 3, 1, 0, 2, 0x10]),
    offset: PAGE * random.below(3) + random.pick([0, 0, 100]),
    length: random.pick([PAGE, 2 * PAGE, 100, 0]),
  };
}

export const dup = (around: Surroundings): CallOf<'dup'> => ({ name: 'dup', fd: around.anyFd() });

export function send(around: Surroundings): CallOf<'send'> {
  const { random, world } = around;
  const fd = random.oneIn(2) ? around.contextFd : around.anyFd();
  return { name: 'send', fd, to: random.below(world.processes.length) };
}

/** Closes a file. The last one of the contexts is rarely closed. */
export function close(around: Surroundings): CallOf<'close'> {
  const { random } = around;
  const fd = around.anyFd();
  const contexts = around.fdsOf('iommufd');
  const spared = contexts.length === 1 && contexts[0] === fd && !random.oneIn(8);
  return { name: 'close', fd: spared ? around.fd('queue', 'access', 'memfd', 'dmabuf', 'vfio') : fd };
}

export function dma(around: Surroundings): CallOf<'dma'> {
  const { random, world } = around;
  const device = random.below(world.devices.length);
  const { maxPasids = 0 } = world.devices[device] ?? {};
  return {
    name: 'dma',
    device,
    write: random.oneIn(2),
    iova: BigInt.asUintN(63, around.iova()),
    length: random.pick([1, 8, PAGE, 3 * PAGE, 2048]),
    pasid: maxPasids > 1 && random.oneIn(4) ? random.below(3) : undefined,
  };
}
