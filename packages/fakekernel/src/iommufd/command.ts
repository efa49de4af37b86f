import type { Ioctl } from '@iommufd/uapi';
import { type AnyType, type Fields, type Struct, view, type View } from '@iommufd/uapi/struct';
import { invariant } from '../errno.js';
import type { Process } from '../process/process.js';
import type { IommufdContext, Kind } from './context.js';
import type { IommufdObject } from './object.js';

/** A struct ioctl that is being executed: `struct iommufd_ucmd`. */
export class Call {
  private held: IommufdObject[] | undefined;
  private created: IommufdObject | undefined;

  constructor(
    readonly context: IommufdContext,
    readonly process: Process,
    private readonly argument: bigint,
    /** How long the caller says that the struct is. */
    private readonly userSize: number,
    private readonly bytes: Uint8Array,
  ) {}

  /** Copies the struct back, from a byte of it on, as much of it as the caller has. @throws EFAULT */
  respond(from = 0): void {
    const end = Math.min(this.userSize, this.bytes.length);
    if (from < end) this.process.memorySpace.writePart(this.argument, this.bytes, from, end);
  }

  /** The object of an id, which stays until the ioctl returns. @throws ENOENT if the id has none of this kind */
  hold<O extends IommufdObject>(id: number, kind: Kind<O>): O {
    const object = this.context.take(id, kind);
    (this.held ??= []).push(object);
    return object;
  }

  /**
   * Gives a new object its id: `iommufd_object_alloc_ucmd()`. The object is found by it when the ioctl has succeeded; a
   * failure aborts it, and leaves nothing behind. An ioctl makes one object at most.
   */
  create<O extends IommufdObject>(object: O): O {
    invariant(this.created === undefined, () => `an ioctl makes a second object, ${object.kind}`);
    this.created = object;
    return this.context.objects.reserve(object);
  }

  /** The ioctl returns. */
  end(succeeded: boolean): void {
    const { held, created } = this;
    if (held !== undefined) for (let i = held.length - 1; i >= 0; i--) held[i]?.put();
    if (created === undefined) return;
    const { objects } = this.context;
    if (succeeded) objects.publish(created);
    else objects.abort(created);
  }
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
