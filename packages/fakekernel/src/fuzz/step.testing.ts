/** Steps of a random program: {@link Step}s are data, and {@link execute} makes the call of one. */

import type { Process } from '../index.js';
import type { Poke, World } from './world.testing.js';

/** A system call, or an action outside the program. */
export type Call =
  | { readonly name: 'open'; readonly path: string }
  | { readonly name: 'memfd'; readonly size: number }
  | { readonly name: 'ftruncate'; readonly fd: number; readonly size: number }
  | {
      readonly name: 'fallocate';
      readonly fd: number;
      readonly mode: number;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly name: 'close' | 'dup'; readonly fd: number }
  /** Passes the file to another process, as SCM_RIGHTS does. */
  | { readonly name: 'send'; readonly fd: number; readonly to: number }
  | { readonly name: 'ioctl'; readonly fd: number; readonly request: number; readonly arg: bigint }
  | { readonly name: 'read' | 'write'; readonly fd: number; readonly at: bigint; readonly length: number }
  | {
      readonly name: 'pread' | 'pwrite';
      readonly fd: number;
      readonly at: bigint;
      readonly length: number;
      readonly position: bigint;
    }
  | { readonly name: 'poll'; readonly fds: readonly number[]; readonly events: number }
  | {
      readonly name: 'mmap';
      readonly at: bigint;
      readonly length: number;
      readonly prot: number;
      readonly flags: number;
      readonly fd: number;
      readonly offset: bigint;
    }
  | { readonly name: 'munmap'; readonly at: bigint; readonly length: number }
  | { readonly name: 'mremap'; readonly at: bigint; readonly length: number; readonly to: bigint }
  /** Maps a buffer of the host. */
  | { readonly name: 'mapHost'; readonly pages: number; readonly prot: number }
  /** Runs another program in the process, or ends the process and starts another one in its place. */
  | { readonly name: 'exec' | 'restart' }
  /** A read or a write of a plugged device. */
  | {
      readonly name: 'dma';
      readonly device: number;
      readonly write: boolean;
      readonly iova: bigint;
      readonly length: number;
      readonly pasid: number | undefined;
    };

/** The calls with a name. */
export type CallOf<Name extends Call['name'], C = Call> = C extends { readonly name: infer Names }
  ? Name extends Names
    ? C
    : never
  : never;

export interface Step {
  /** The process that makes the call. */
  readonly process: number;
  readonly call: Call;
  /** Bytes that the program writes before the call. For an ioctl, the first ones are its argument. */
  readonly pokes: readonly Poke[];
  /** True to compare the state of the kernel before and after the call, which takes longer than most calls. */
  readonly watched: boolean;
}

/**
 * Makes the call of a step. The caller has written the step's bytes before.
 * @param later called with promises of accesses that have not ended
 * @returns the return value of the call; 0 for an action that is not a system call
 */
export function execute(
  world: World,
  { process: index, call }: Step,
  later: Promise<void>[],
): number | bigint {
  const process = world.process(index);
  switch (call.name) {
    case 'open':
      return process.open(call.path);
    case 'memfd':
      return process.memfd(call.size);
    case 'ftruncate':
      return process.ftruncate(call.fd, call.size);
    case 'fallocate':
      return process.fallocate(call.fd, call.mode, call.offset, call.length);
    case 'close':
    case 'dup':
      return process[call.name](call.fd);
    case 'send':
      return send(process, call.fd, world.process(call.to));
    case 'ioctl':
      return process.ioctl(call.fd, call.request, call.arg);
    case 'read':
    case 'write':
      return process[call.name](call.fd, call.at, call.length);
    case 'pread':
    case 'pwrite':
      return process[call.name](call.fd, call.at, call.length, call.position);
    case 'poll':
      return process.poll(call.fds.map((fd) => ({ fd, events: call.events, revents: 0 })));
    case 'mmap':
      return process.mmap(call.at, call.length, call.prot, call.flags, call.fd, call.offset);
    case 'munmap':
      return process.munmap(call.at, call.length);
    case 'mremap':
      return process.mremap(call.at, call.length, call.to);
    case 'mapHost':
      return process.mapHost(new Uint8Array(call.pages * 4096), call.prot);
    case 'exec':
    case 'restart':
      world[call.name](index);
      return 0;
    case 'dma':
      later.push(dma(world, call));
      return 0;
  }
}

function send(from: Process, fd: number, to: Process): number {
  const file = from.files.find(fd);
  return file === undefined ? 0 : to.files.open(() => file.get());
}

async function dma(
  world: World,
  { device: index, write, iova, length, pasid }: CallOf<'dma'>,
): Promise<void> {
  const device = world.devices[index];
  if (device === undefined) return;
  if (write) await device.dma.write(iova, new Uint8Array(length).fill(0xd5), { pasid });
  else await device.dma.read(iova, length, { pasid });
}
