/**
 * Memory for devices and for the SDK's own buffers: {@link Iommufd.allocMemory} allocates anonymous memory or a memfd,
 * page-aligned and accessible in place. `Ioas.mapMemory()` maps it for devices.
 */
import { MAP_SHARED } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { byteCount, flag, optional, record } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { labelOf, type Where } from '../calls/arguments/where.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { map, mapAnonymous } from '../calls/map.js';
import { retry } from '../calls/calls.js';
import { Closable } from './closable.js';
import { NO_CALL } from './object.js';

/** Options of {@link Iommufd.allocMemory}. */
export interface MemoryOptions {
  /**
   * Allocate a memfd (`memfd_create()`), whose fd can be passed to {@link Ioas.mapFile} and to other processes. Anonymous
   * memory by default.
   */
  readonly memfd?: boolean;
  /** Use huge pages (MAP_HUGETLB), which must be reserved in the system. Not with `memfd`. */
  readonly hugePages?: boolean;
}

/** {@link MemoryOptions} */
export const memoryOptions = record<MemoryOptions>({ memfd: optional(flag), hugePages: optional(flag) });

const calls = {
  bytes: new Call('Memory.bytes', { offset: optional(byteCount(0)), length: optional(byteCount(0)) }),
};

/** PAGE_SIZE. */
const PAGE = 4096;
/** The default huge page size of most machines. */
const HUGE_PAGE = 2 << 20;

/**
 * Memory that the kernel, and devices that it is mapped for, can access: page-aligned, initially zero. Pages are allocated
 * on first access, so large memories cost nothing until they are used. Closing it frees it; pages that an IOAS maps stay accessible
 * for devices until they are unmapped there.
 */
export class Memory extends Closable {
  private constructor(
    context: Context,
    /** Its address in this process. */
    readonly address: bigint,
    /** Length in bytes, a multiple of the page size. */
    readonly length: number,
    /** The memfd; undefined for anonymous memory. */
    readonly fd: number | undefined,
    private readonly whenClosed?: () => void,
  ) {
    super(context, 'Memory');
  }

  /** @internal */
  static alloc(context: Context, wanted: number, options: MemoryOptions = {}): Memory {
    const { sys } = context;
    const { memfd = false, hugePages = false } = options;
    // Whole pages are mapped for devices, and munmap() of huge pages requires a multiple of their size.
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

  /** Maps a region of the iommufd itself: register pages of a driver. @internal */
  static ofContext(context: Context, offset: bigint, length: number, whenClosed: () => void): Memory {
    const address = map(context.sys, length, MAP_SHARED, context.fd, offset);
    return new Memory(context, address, length, undefined, whenClosed);
  }

  /**
   * The bytes in place: the kernel and devices see writes to them, and vice versa. Must not be used after {@link close}.
   * @param offset of the first byte; 0 by default
   * @param length in bytes; up to the end by default
   * @throws RangeError if the part exceeds the memory, or is longer than the backend can return as one array: the fake kernel
   *   returns parts within one GiB
   */
  bytes(offset?: number, length?: number): Uint8Array {
    calls.bytes.checkArguments([offset, length]);
    const part = this.part('Memory.bytes', offset, length);
    return this.context.sys.memory(part.address, part.length);
  }

  /**
   * The address of a part, for immediate use.
   * @param call the public method, for errors
   * @param offset of the first byte
   * @param length in bytes; up to the end by default
   * @throws RangeError if the part exceeds the memory, or the memory is closed
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
   * The address, for immediate use.
   * @param on the `/dev/iommu` that uses it
   * @param where the call and the argument, for errors
   * @throws RangeError if the memory is closed, or belongs to another process
   * @internal
   */
  use(on: Context = this.context, where: Where = NO_CALL): bigint {
    if (on.sys !== this.context.sys)
      throw new RangeError(`${labelOf(where)}: the memory belongs to another process`);
    if (this.isClosed) throw new RangeError(`${labelOf(where)}: the memory is closed`);
    return this.address;
  }

  /** Pages that an IOAS maps stay accessible for devices until they are unmapped there. */
  protected override release(): void {
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

/** Memory of a memfd. */
export type MemfdMemory = Memory & {
  /** The file, which is closed with the memory. */
  readonly fd: number;
};
