/** Results of calls: {@link checkResult} compares a result with the documented ones, and the struct with the state afterwards. */

import { type ErrnoName, errnoName, MAP_FIXED, MAP_FIXED_NOREPLACE } from '@iommufd/uapi';
import { allStructs } from '@iommufd/uapi/registry';
import { Integer } from '@iommufd/uapi/struct';
import type { Process } from '../index.js';
import { IommufdContext } from '../iommufd/context.js';
import { DmaBuf } from '../process/dma-buf.js';
import type { File } from '../process/file.js';
import { VfioDeviceFile } from '../vfio/cdev.js';
import { type Asked, copiesToMapped, declaredFor, peek } from './asked.testing.js';
import { leaves } from './leaves.testing.js';
import type { Call, CallOf, Step } from './step.testing.js';
import { kindOf } from './values.testing.js';
import { PAGE, PLACES, type World } from './world.testing.js';

/** The possible errnos of system calls. */
const ERRORS: { readonly [Name in Exclude<Call['name'], 'ioctl'>]: readonly ErrnoName[] } = {
  open: ['ENOENT', 'EMFILE'],
  memfd: ['EINVAL', 'EMFILE'],
  ftruncate: ['EBADF', 'EINVAL'],
  fallocate: ['EBADF', 'EINVAL', 'ENODEV', 'EOPNOTSUPP', 'EFBIG'],
  close: ['EBADF'],
  dup: ['EBADF', 'EMFILE'],
  send: ['EMFILE'],
  // On the file of a fault queue, a length that is not a multiple of a record fails with ESPIPE.
  read: ['EBADF', 'EINVAL', 'EFAULT', 'ESPIPE'],
  write: ['EBADF', 'EINVAL', 'EFAULT', 'ESPIPE'],
  pread: ['EBADF', 'EINVAL', 'EFAULT', 'ESPIPE'],
  pwrite: ['EBADF', 'EINVAL', 'EFAULT', 'ESPIPE'],
  poll: [],
  mmap: [
    'EBADF',
    'EINVAL',
    'ENOMEM',
    'EACCES',
    'EPERM',
    'ENODEV',
    'ENXIO',
    'EOVERFLOW',
    'EEXIST',
    'EOPNOTSUPP',
  ],
  munmap: ['EINVAL'],
  mremap: ['EINVAL', 'EFAULT'],
  mapHost: ['ENOMEM'],
  exec: [],
  restart: [],
  dma: [],
};

/** Errnos of `do_vfs_ioctl()`, which runs before the file. */
const GENERIC_ERRORS: readonly ErrnoName[] = ['EFAULT', 'ENOTTY', 'EPERM', 'EOPNOTSUPP', 'EINVAL', 'EBADF'];

/**
 * @param asked the argument of an ioctl before the call
 * @throws Error for a result that the call cannot have, or an errno that its declaration does not list
 */
export function checkResult(
  world: World,
  { process: index, call }: Step,
  asked: Asked | undefined,
  result: number | bigint,
): void {
  const process = world.process(index);
  if (typeof result === 'number' && !Number.isInteger(result)) throw new Error(`the result is ${result}`);
  if (result >= 0) {
    checkSuccess(process, call, asked, result);
    return;
  }
  const name = errnoName(Number(result));
  const known = call.name === 'ioctl' ? errorsOf(process.files.find(call.fd), call) : ERRORS[call.name];
  if (name === undefined || !known.includes(name))
    throw new Error(`the result is ${name ?? result}, which is not one of ${known.join(', ')}`);
}

function errorsOf(file: File | undefined, { request }: CallOf<'ioctl'>): readonly ErrnoName[] {
  if (file === undefined) return ['EBADF'];
  if (((request >>> 8) & 0xff) !== 0x3b) return GENERIC_ERRORS;
  const declared = declaredFor(file, request);
  const own = Object.keys(declared?.errors ?? {}) as ErrnoName[];
  if (file instanceof IommufdContext) return ['ENOTTY', 'EFAULT', ...own];
  // Before the device is bound, it supports no requests.
  if (file instanceof VfioDeviceFile) return ['ENOTTY', 'EFAULT', 'EINVAL', ...own];
  return file instanceof DmaBuf ? ['ENOTTY', 'EINVAL'] : ['ENOTTY'];
}

function checkSuccess(process: Process, call: Call, asked: Asked | undefined, result: number | bigint): void {
  const most = (limit: number): void => {
    if (result > limit) throw new Error(`the result is ${result}, but at most ${limit} is possible`);
  };
  switch (call.name) {
    case 'open':
    case 'memfd':
    case 'dup':
      if (process.files.find(Number(result)) === undefined) throw new Error(`${result} is not open`);
      return;
    case 'read':
    case 'write':
    case 'pread':
    case 'pwrite':
      most(call.length);
      return;
    case 'poll':
      most(call.fds.length);
      return;
    case 'mmap':
      checkMapping(process, call, BigInt(result));
      return;
    case 'mremap':
      if (BigInt(result) !== call.to) throw new Error(`the memory is at ${result}`);
      return;
    case 'ioctl':
      // VFIO_CHECK_EXTENSION returns 1.
      most(asked === undefined ? 1 : 0);
      if (asked !== undefined) checkStruct(process, call, asked);
      return;
    case 'mapHost':
    case 'send':
      return;
    default:
      most(0);
  }
}

function checkMapping({ memorySpace }: Process, { at, flags, length }: CallOf<'mmap'>, found: bigint): void {
  const isFixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  if (found % BigInt(PAGE) !== 0n || (isFixed && found !== at)) throw new Error(`the mapping is at ${found}`);
  if (memorySpace.isFree(Number(found), length)) throw new Error(`nothing is mapped at ${found}`);
}

/** Checks that input fields have not changed, and that returned ids name objects of the declared kinds. */
function checkStruct(process: Process, { fd, arg }: CallOf<'ioctl'>, asked: Asked): void {
  const { bytes } = asked;
  const { struct } = asked.ioctl;
  const file = process.files.find(fd);
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const now = peek(process, arg, Math.min(size, bytes.length));
  if (now === undefined || !(file instanceof IommufdContext)) return;
  const before = new DataView(bytes.buffer);
  const after = new DataView(now.buffer);
  const type = allStructs.get(struct.name) ?? struct;
  const known = [...leaves(type, before)].filter((leaf) => leaf.at + leaf.size <= now.length);
  const { at, pages } = PLACES.arguments;
  const isWithin = (address: bigint): boolean => address >= at && address < at + BigInt(pages * PAGE);
  // A pointer may point to the struct itself.
  const isAlone =
    isWithin(arg) &&
    !copiesToMapped(asked) &&
    known.every(
      ({ type: field, at: offset }) => !isPointer(field) || !isWithin(before.getBigUint64(offset, true)),
    );
  for (const { name, at: offset, size: width, direction, type: field, reserved } of known) {
    if (direction === 'in' && isAlone && !reserved) {
      for (let i = offset; i < offset + width; i++)
        if (bytes[i] !== now[i])
          throw new Error(`${struct.name}.${name}, which is the caller's, has changed`);
    }
    if (direction !== 'out' || !(field instanceof Integer)) continue;
    if (field.role.kind === 'id' && !field.role.of.includes('access_pages')) {
      const object = file.objects.find(after.getUint32(offset, true));
      if (object === undefined || !field.role.of.includes(kindOf(object)))
        throw new Error(`${struct.name}.${name} names no ${field.role.of.join(' or ')}`);
    } else if (field.role.kind === 'fd' && process.files.find(after.getUint32(offset, true)) === undefined) {
      throw new Error(`${struct.name}.${name} is not open`);
    }
  }
}

const isPointer = (type: unknown): boolean => type instanceof Integer && type.role.kind === 'pointer';
