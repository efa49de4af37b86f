/**
 * `recvmsg()`: a file of the fake kernel that a program receives must get a descriptor in the window. A message with such a file is
 * received here and passed on to the program. The host's kernel delivers all others.
 */

import { Errno, fail } from '@iommufd/fakekernel/task';
import { MSG_CMSG_CLOEXEC, MSG_DONTWAIT, MSG_PEEK, SCM_RIGHTS, SOL_SOCKET } from '../linux/constants.js';
import { addressOf, errno, type Libc } from '../linux/libc.js';
import { factsOf } from '../memory/shared-pages.js';
import type { Answer } from '../listener.js';
import type { Handler, SystemCall } from './call.js';
import { segmentsOf } from './segments.js';

/** Layouts of `struct msghdr` on 64-bit machines, and of `struct cmsghdr`. */
const MSGHDR = {
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
};
const CMSGHDR = { size: 16, length: 0, level: 8, type: 12 };
/** `CMSG_ALIGN()`. */
const align = (length: number): number => Math.ceil(length / 8) * 8;
/** Room for an address: `sizeof(struct sockaddr_storage)`. */
const NAME = 128;
/** The most control data that a program gets here, in bytes. SCM_MAX_FD descriptors need less. */
const MOST_CONTROL = 16384;
/** The most data of a message with a file, in bytes. */
const MOST_DATA = 4 << 20;
const EAGAIN = 11;

/** The arguments of a program's call. */
interface Header {
  readonly address: bigint;
  readonly name: bigint;
  readonly nameLength: number;
  readonly control: bigint;
  readonly controlLength: number;
  readonly segments: readonly { readonly address: bigint; readonly length: number }[];
}

/** A message that was received in this process. */
interface Message {
  /** Bytes of data, or a negative errno. */
  readonly result: number;
  readonly data: Buffer;
  readonly name: Buffer;
  readonly nameLength: number;
  readonly control: Buffer;
  readonly flags: number;
}

/** Receives a message in this process. */
function receive(libc: Libc, fd: number, room: number, controlRoom: number, flags: number): Message {
  const data = Buffer.alloc(Math.max(64, room));
  const control = Buffer.alloc(Math.max(64, controlRoom));
  const name = Buffer.alloc(NAME);
  const iov = Buffer.alloc(64);
  iov.writeBigUInt64LE(addressOf(data), 0);
  iov.writeBigUInt64LE(BigInt(room), 8);
  const header = Buffer.alloc(64);
  header.writeBigUInt64LE(addressOf(name), MSGHDR.name);
  header.writeUInt32LE(NAME, MSGHDR.nameLength);
  header.writeBigUInt64LE(addressOf(iov), MSGHDR.iov);
  header.writeBigUInt64LE(1n, MSGHDR.iovLength);
  header.writeBigUInt64LE(addressOf(control), MSGHDR.control);
  header.writeBigUInt64LE(BigInt(controlRoom), MSGHDR.controlLength);
  const count = libc.recvmsg(fd, header, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  return {
    result: count < 0 ? -errno() : count,
    data,
    name,
    nameLength: header.readUInt32LE(MSGHDR.nameLength),
    control: control.subarray(0, count < 0 ? 0 : Number(header.readBigUInt64LE(MSGHDR.controlLength))),
    flags: header.readInt32LE(MSGHDR.flags),
  };
}

/** The offsets of file descriptors in control data. */
function descriptorsIn(control: Buffer): number[] {
  const places: number[] = [];
  for (let at = 0; at + CMSGHDR.size <= control.length;) {
    const length = Number(control.readBigUInt64LE(at + CMSGHDR.length));
    if (length < CMSGHDR.size) break;
    const end = Math.min(at + length, control.length);
    const isRights =
      control.readInt32LE(at + CMSGHDR.level) === SOL_SOCKET &&
      control.readInt32LE(at + CMSGHDR.type) === SCM_RIGHTS;
    if (isRights) for (let place = at + CMSGHDR.size; place + 4 <= end; place += 4) places.push(place);
    at += align(length);
  }
  return places;
}

function headerOf(call: SystemCall): Header {
  const memory = call.task.memorySpace;
  const address = call.word(1);
  const bytes = Buffer.from(memory.read(address, MSGHDR.size));
  return {
    address,
    name: bytes.readBigUInt64LE(MSGHDR.name),
    nameLength: bytes.readUInt32LE(MSGHDR.nameLength),
    control: bytes.readBigUInt64LE(MSGHDR.control),
    controlLength: Math.min(MOST_CONTROL, Number(bytes.readBigUInt64LE(MSGHDR.controlLength))),
    segments: segmentsOf(
      memory,
      bytes.readBigUInt64LE(MSGHDR.iov),
      Number(bytes.readBigUInt64LE(MSGHDR.iovLength)),
    ),
  };
}

/** The minimum size of control data with a file: `CMSG_LEN(sizeof(int))`. */
const LEAST_CONTROL = CMSGHDR.size + 4;

export const recvmsg: Handler = (call) => {
  const { world } = call.host;
  if (world.standIns.size === 0) return 'continue';
  let header: Header;
  try {
    header = headerOf(call);
  } catch (cause) {
    // The host's kernel fails with the errno.
    if (cause instanceof Errno) return 'continue';
    throw cause;
  }
  if (header.controlLength < LEAST_CONTROL) return 'continue';
  const { libc } = world;
  const socket = call.take(call.int(0));
  if (socket === undefined) return 'continue';
  const peeked = receive(libc, socket, 1, MOST_CONTROL, MSG_PEEK);
  const isOwn = releaseAll(call, peeked);
  if (isOwn) {
    try {
      return handOn(call, socket, header);
    } finally {
      libc.close(socket);
    }
  }
  // No message is available, and the call blocks. The next message may contain a file of the fake kernel.
  const waits =
    peeked.result === -EAGAIN && (call.int(2) & MSG_DONTWAIT) === 0 && !call.isNonBlocking(socket);
  if (waits) return call.waitFor(socket);
  libc.close(socket);
  return 'continue';
};

/** Closes the files of a peeked message. @returns true if one of them is a file of the fake kernel */
function releaseAll({ host: { world } }: SystemCall, { control }: Message): boolean {
  let isOwn = false;
  for (const place of descriptorsIn(control)) {
    const fd = control.readInt32LE(place);
    const found = factsOf(world.libc, fd, '');
    isOwn ||= found !== undefined && world.standIns.find(found) !== undefined;
    world.libc.close(fd);
  }
  return isOwn;
}

/** Receives a message with a file of the fake kernel, and passes all of it to the program. */
function handOn(call: SystemCall, socket: number, header: Header): Answer {
  const { world, listener } = call.host;
  const memory = call.task.memorySpace;
  const flags = call.int(2);
  const room = Math.min(
    MOST_DATA,
    header.segments.reduce((sum, { length }) => sum + length, 0),
  );
  const message = receive(world.libc, socket, room, header.controlLength, flags);
  const places = descriptorsIn(message.control);
  const files = places.map((place) => message.control.readInt32LE(place));
  try {
    if (message.result < 0) return message.result;
    const closeOnExec = (flags & MSG_CMSG_CLOEXEC) !== 0;
    for (const [index, fd] of files.entries()) {
      const found = factsOf(world.libc, fd, '');
      const isOwn = found !== undefined && world.standIns.find(found) !== undefined;
      const at = isOwn ? call.freeNumber() : undefined;
      const number = listener.addFile(call.id, { fd, at, closeOnExec });
      if (number < 0) throw fail('EMFILE');
      message.control.writeInt32LE(number, places[index] ?? 0);
    }
    let done = 0;
    for (const { address, length } of header.segments) {
      const part = message.data.subarray(done, Math.min(message.result, done + length));
      if (part.length > 0) memory.write(address, part);
      done += part.length;
    }
    memory.write(header.control, message.control);
    if (header.name !== 0n)
      memory.write(header.name, message.name.subarray(0, Math.min(header.nameLength, message.nameLength)));
    const tail = Buffer.alloc(16);
    tail.writeUInt32LE(message.nameLength, 0);
    memory.write(header.address + BigInt(MSGHDR.nameLength), tail.subarray(0, 4));
    tail.writeBigUInt64LE(BigInt(message.control.length), 0);
    tail.writeInt32LE(message.flags & ~MSG_CMSG_CLOEXEC, 8);
    memory.write(header.address + BigInt(MSGHDR.controlLength), tail.subarray(0, 12));
    return message.result;
  } finally {
    for (const fd of files) world.libc.close(fd);
  }
}
