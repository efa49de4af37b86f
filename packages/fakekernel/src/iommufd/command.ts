import type { Ioctl } from '@iommufd/uapi';
import { type AnyType, type Fields, type Struct, view, type View } from '@iommufd/uapi/struct';
import type { Process } from '../process/process.js';
import type { IommufdContext } from './context.js';
import type { IommufdObject } from './object.js';

/** A struct ioctl that is being executed. */
export interface Call {
  readonly context: IommufdContext;
  readonly process: Process;
  /** Copies the struct back, from a byte of it on, as much of it as the caller has. @throws EFAULT */
  respond(from?: number): void;
}

/** The kernel's copy of a struct while an ioctl works on it. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** @returns what the ioctl returns; 0 if nothing */
  run(call: Call): number | void;
}

/** A struct ioctl of iommufd: how long its argument may be, and what it does. */
export interface Command {
  readonly request: number;
  /** Size of the first version of the struct. */
  readonly minSize: number;
  /** Size of the version that this kernel knows. */
  readonly size: number;
  /** Frames that are not in use. They are used again: to make one costs more than most ioctls. */
  readonly frames: Frame[];
  makeFrame(): Frame;
}

/**
 * Says what an ioctl does. `run` works on the kernel's copy of the struct, which is its own until it returns, and throws an
 * `Errno` to fail.
 */
export function command<S extends AnyType & Pick<Struct<Fields, Fields>, 'members'>>(
  { request, struct }: Ioctl<S>,
  run: (cmd: View<S>, call: Call) => number | void,
): Command {
  const { byteLength: size } = struct;
  // `offsetofend()` of the last field that the first version had: padding behind it may be missing.
  const first = struct.members.filter(({ added }) => !added);
  const minSize = Math.max(...first.map((member) => member.offset + member.size));
  const makeFrame = (): Frame => {
    const bytes = new Uint8Array(size);
    // The view of a type is what viewing it gives.
    const cmd = view(struct, bytes) as View<S>;
    return { bytes, run: (call) => run(cmd, call) };
  };
  return { request, minSize, size, frames: [], makeFrame };
}

/** Makes an object: it gets its id before `work` and is shown after it; a failure leaves nothing behind. */
export function making<O extends IommufdObject>(
  context: IommufdContext,
  object: O,
  work: (object: O) => void,
): O {
  context.objects.reserve(object);
  try {
    work(object);
  } catch (cause) {
    object.abort();
    context.objects.abandon(object);
    throw cause;
  }
  context.objects.publish(object);
  return object;
}
