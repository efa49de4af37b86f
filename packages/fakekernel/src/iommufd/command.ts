/**
 * The parts of an ioctl of `/dev/iommu`. {@link command} declares one: its struct from uapi, and a function that gets a view of
 * the kernel's copy of the struct and a {@link Call}. The call is Linux's `struct iommufd_ucmd`: it holds objects until the ioctl
 * returns, publishes or aborts the object that the ioctl creates, and copies the struct back. `dispatch.ts` runs commands.
 */
import type { Ioctl } from '@iommufd/uapi';
import { type AnyType, type Fields, type Struct, view, type View } from '@iommufd/uapi/struct';
import { invariant } from '../errno.js';
import type { Task } from '../process/task.js';
import type { IommufdContext, Kind } from './context.js';
import type { IommufdObject } from './object.js';

/** An ioctl that is being executed: `struct iommufd_ucmd`. */
export class Call {
  private held: IommufdObject[] | undefined;
  private created: IommufdObject | undefined;

  constructor(
    readonly context: IommufdContext,
    readonly process: Task,
    private readonly argument: bigint,
    /** The struct's size field, as the caller set it. */
    private readonly userSize: number,
    private readonly bytes: Uint8Array,
  ) {}

  /**
   * `iommufd_ucmd_respond()`: copies the struct back, limited to the caller's size.
   * @param from offset of the first byte
   * @throws EFAULT
   */
  respond(from = 0): void {
    const end = Math.min(this.userSize, this.bytes.length);
    if (from < end) this.process.memorySpace.writePart(this.argument, this.bytes, from, end);
  }

  /** Looks up an object and holds it until the ioctl returns. @throws ENOENT if the id is not an object of this kind */
  hold<O extends IommufdObject>(id: number, kind: Kind<O>): O {
    const object = this.context.take(id, kind);
    (this.held ??= []).push(object);
    return object;
  }

  /**
   * `iommufd_object_alloc_ucmd()`: reserves an id for a new object. It is published if the ioctl succeeds, and aborted if it
   * fails. An ioctl creates at most one object.
   */
  create<O extends IommufdObject>(object: O): O {
    invariant(this.created === undefined, () => `an ioctl creates a second object, ${object.kind}`);
    object.origin = this.process.describeCall();
    this.context.objects.reserve(object);
    this.created = object;
    return object;
  }

  /** Called when the ioctl returns: puts the held objects, and publishes or aborts the created object. */
  end(succeeded: boolean): void {
    const { held, created } = this;
    if (held !== undefined) for (let i = held.length - 1; i >= 0; i--) held[i]?.put();
    if (created === undefined) return;
    const { objects } = this.context;
    if (succeeded) objects.publish(created);
    else objects.abort(created);
  }
}

/** A buffer for the kernel's copy of a struct, with its view. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** @returns the return value of the ioctl; undefined for 0 */
  run(call: Call): number | void;
}

/** A declared ioctl: `struct iommufd_ioctl_op`. */
export interface Command {
  readonly name: string;
  readonly request: number;
  /** Size of the struct's first version, in bytes. */
  readonly minSize: number;
  /** Size of the version that this kernel knows, in bytes. */
  readonly size: number;
  /** Unused frames, for reuse: creating one costs more than most ioctls. */
  readonly frames: Frame[];
  makeFrame(): Frame;
}

/**
 * Declares an ioctl. `run` gets a view of the kernel's copy of the struct, which is valid until it returns. To fail, it throws an
 * `Errno`.
 */
export function command<S extends AnyType & Pick<Struct<Fields, Fields>, 'members'>>(
  { name, request, struct }: Ioctl<S>,
  run: (cmd: View<S>, call: Call) => number | void,
): Command {
  const { byteLength: size } = struct;
  // `offsetofend()` of the last field of the first version: trailing padding may be missing.
  const first = struct.members.filter(({ added }) => !added);
  const minSize = Math.max(...first.map((member) => member.offset + member.size));
  const makeFrame = (): Frame => {
    const bytes = new Uint8Array(size);
    // view() returns the view that belongs to the type.
    const cmd = view(struct, bytes) as View<S>;
    return { bytes, run: (call) => run(cmd, call) };
  };
  return { name, request, minSize, size, frames: [], makeFrame };
}
