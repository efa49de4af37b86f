import { MAP_SHARED, type Syscalls } from '@iommufd/uapi';
import { type Context, type Owned } from './context.js';
import { IommufdError } from './error.js';
import { map, mapAnonymous } from './map.js';
import { retry } from './calls.js';

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

/** Bytes of a page. */
const PAGE = 4096;
/** Bytes of a huge page, as most machines have them. */
const HUGE_PAGE = 2 << 20;

/**
 * Memory that the kernel, and devices that it is mapped for, can read and write: page-aligned, zero at first. Pages
 * come to be when somebody touches them, so that many gigabytes cost nothing until they are used.
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
    context.own(this);
  }

  /** @internal */
  static alloc(context: Context, wanted: number, options: MemoryOptions = {}): Memory {
    const { sys } = context;
    const { memfd = false, hugePages = false } = options;
    if (!Number.isSafeInteger(wanted) || wanted <= 0)
      throw new RangeError(`length: expected a number of bytes of 1 or more, found ${wanted}`);
    // Devices get whole pages, and huge ones are unmapped as a whole or not at all.
    const unit = hugePages ? HUGE_PAGE : PAGE;
    const length = Math.ceil(wanted / unit) * unit;
    if (!memfd) return new Memory(context, mapAnonymous(sys, length, hugePages), length, undefined);
    if (hugePages) throw new RangeError('hugePages: not together with memfd');
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
  bytes(offset = 0, length: number = this.length - offset): Uint8Array {
    this.checkPart(offset, length);
    return this.context.sys.memory(this.use() + BigInt(offset), length);
  }

  /** @throws RangeError if the part is not within the memory @internal */
  checkPart(offset: number, length: number): void {
    const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;
    if (!isSize(offset)) throw new RangeError(`offset: expected a number of bytes, found ${offset}`);
    if (!isSize(length)) throw new RangeError(`length: expected a number of bytes, found ${length}`);
    if (offset + length > this.length)
      throw new RangeError(`bytes ${offset} to ${offset + length} of memory of ${this.length} bytes`);
  }

  /**
   * The address, to be used now.
   * @param by the process that is to use it
   * @throws RangeError if the memory is closed, or of another process
   * @internal
   */
  use(by: Syscalls = this.context.sys): bigint {
    if (by !== this.context.sys) throw new RangeError('the memory is of another process');
    if (this.closed) throw new RangeError('the memory is closed');
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

/** Memory of a file of its own. */
export type MemfdMemory = Memory & {
  /** The file, which is closed with the memory. */
  readonly fd: number;
};
