import { MAP_SHARED } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { byteCount, flag, optional, record } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { placeOf, type Where } from '../calls/arguments/where.js';
import { Context, type Owned } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { map, mapAnonymous } from '../calls/map.js';
import { retry } from '../calls/calls.js';
import { madeByCalls, NO_CALL } from './object.js';

/** Where memory comes from. */
export interface MemoryOptions {
  /**
   * Memory of a file of its own (`memfd_create`), whose fd can be given to {@link Ioas.mapFile} and to other
   * processes. Anonymous memory if it is left out.
   */
  readonly memfd?: boolean;
  /** In huge pages (MAP_HUGETLB), which must have been set aside. Not together with `memfd`. */
  readonly hugePages?: boolean;
}

/** {@link MemoryOptions} */
export const memoryOptions = record<MemoryOptions>({ memfd: optional(flag), hugePages: optional(flag) });

const calls = {
  bytes: new Call('Memory.bytes', { offset: optional(byteCount(0)), length: optional(byteCount(0)) }),
};

/** Bytes of a page. */
const PAGE = 4096;
/** Bytes of a huge page, as most machines have them. */
const HUGE_PAGE = 2 << 20;

/**
 * Memory that the kernel, and devices that it is mapped for, can read and write: page-aligned, zero at first. Pages
 * come to be when they are touched, so that many gigabytes cost nothing until they are used.
 */
export class Memory implements Disposable, Owned {
  private closed = false;

  private constructor(
    private readonly context: Context,
    /** Where it begins in the address space of this process. */
    readonly address: bigint,
    /** Bytes: whole pages. */
    readonly length: number,
    /** The file of memory that was made with `memfd`. */
    readonly fd: number | undefined,
    private readonly whenClosed?: () => void,
  ) {
    if (!(context instanceof Context)) throw madeByCalls('Memory');
    context.own(this);
  }

  /** @internal */
  static alloc(context: Context, wanted: number, options: MemoryOptions = {}): Memory {
    const { sys } = context;
    const { memfd = false, hugePages = false } = options;
    // Devices get whole pages, and huge ones are unmapped as a whole or not at all.
    const unit = hugePages ? HUGE_PAGE : PAGE;
    const length = Math.ceil(wanted / unit) * unit;
    if (!memfd) return new Memory(context, mapAnonymous(sys, length, hugePages), length, undefined);
    if (hugePages)
      throw new RangeError('Iommufd.allocMemory: hugePages: not together with memfd. Leave one of them out.');
    const fd = retry(() => sys.memfd(length));
    if (fd < 0) throw new IommufdError({ call: 'memfd_create', args: { size: length }, errno: -fd });
    try {
      return new Memory(context, map(sys, length, MAP_SHARED, fd, 0n), length, fd);
    } catch (cause) {
      sys.close(fd);
      throw cause;
    }
  }

  /** Shows part of the iommufd itself, where a driver offers pages of registers. @internal */
  static ofContext(context: Context, offset: bigint, length: number, whenClosed: () => void): Memory {
    const address = map(context.sys, length, MAP_SHARED, context.fd, offset);
    return new Memory(context, address, length, undefined, whenClosed);
  }

  /**
   * The bytes in place, from `offset` on. What is written there the kernel and devices see, and the other way
   * round. Do not use them after {@link close}.
   * @param offset bytes, 0 to `length`
   * @param length bytes; up to the end if it is left out
   * @throws RangeError for what is not within the memory, and for more than the backend shows in one piece:
   *   the fake kernel shows what lies within one GiB of it
   */
  bytes(offset?: number, length?: number): Uint8Array {
    calls.bytes.checkArguments([offset, length]);
    const part = this.part('Memory.bytes', offset, length);
    return this.context.sys.memory(part.address, part.length);
  }

  /**
   * Part of it, to be used now.
   * @param call what for
   * @param offset where it begins, in bytes
   * @param length up to the end if it is left out
   * @throws RangeError if the part is not within the memory, or the memory is closed
   * @internal
   */
  part(
    call: string,
    offset = 0,
    length = this.length - offset,
  ): { readonly address: bigint; readonly length: number } {
    const address = this.use(this.context, { call, path: '' }) + BigInt(offset);
    if (offset <= this.length && offset + length <= this.length) return { address, length };
    const part = `bytes ${offset} to ${offset + Math.max(length, 0)}`;
    throw new RangeError(`${call}: ${part} are not within the memory, which has ${this.length} bytes`);
  }

  /**
   * The address, to be used now.
   * @param on where it is used: a `/dev/iommu` of the same process
   * @param where the call, and which argument of it this is
   * @throws RangeError if the memory is closed, or of another process
   * @internal
   */
  use(on: Context = this.context, where: Where = NO_CALL): bigint {
    if (on.sys !== this.context.sys)
      throw new RangeError(`${placeOf(where)}: the memory is of another process`);
    if (this.closed) throw new RangeError(`${placeOf(where)}: the memory is closed`);
    return this.address;
  }

  /** Has it been closed? */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Unmaps the memory. Pages that an IOAS maps stay there for devices until they are unmapped there as well. */
  close(): void {
    if (this.closed) return;
    this.abandon();
    this.context.disown(this);
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    this.whenClosed?.();
    this.context.sys.munmap(this.address, this.length);
    if (this.fd !== undefined) this.context.sys.close(this.fd);
  }
}

/** Memory, as an argument. */
export const memoryKind = objectOf(
  'a Memory',
  'Iommufd.allocMemory()',
  (value): value is Memory => value instanceof Memory,
);

/** Memory of a file of its own. */
export type MemfdMemory = Memory & {
  /** The file, which is closed with the memory. */
  readonly fd: number;
};
