/**
 * Kernel accesses to an IOAS without DMA: `struct iommufd_access` of Linux's `drivers/iommu/iommufd/device.c`. An access pins
 * pages or copies bytes by IOVA. The selftest uses accesses as mdev drivers do in Linux (`selftest/access.ts`); hardware queues
 * pin the guest's memory with an internal access (`hw-queue.ts`).
 */
import { fail, invariant } from '../errno.js';
import type { Area } from '../ioas/area.js';
import { checkedLast, type TableAccess } from '../ioas/io-page-table.js';
import type { Pages } from '../ioas/pages.js';
import type { Extent } from '../process/memory-object.js';
import { PAGE, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';
import type { IommufdContext } from './context.js';
import { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';

/** The operations of an access: `struct iommufd_access_ops`. */
export interface AccessOps {
  /** True if it may pin pages. Otherwise it can only copy, and does not raise the IOVA alignment to a page. */
  readonly needsPinPages: boolean;
  /** Called before a range is unmapped: must unpin everything that intersects it. */
  unmap(iova: bigint, length: bigint): void;
}

/** How {@link Access.copy} copies. */
export interface CopyFlags {
  readonly write: boolean;
  /** True to copy through pinned pages instead of the mapped address, which ignores the mapping's protection. */
  readonly slowPath: boolean;
}

/**
 * An access. An internal one, without `ops`, never unpins on demand: its pins lock the areas, and unmapping them fails with
 * EBUSY.
 */
export class Access extends IommufdObject implements TableAccess {
  readonly kind = 'access';
  readonly iovaAlignment: bigint;
  /** The IOAS in which new pins are made. */
  private ioas: Ioas | undefined;
  /** The IOAS in which pins are released: the old one while the access is being moved. */
  private unpinFrom: Ioas | undefined;

  private constructor(
    readonly context: IommufdContext,
    private readonly ops: AccessOps | undefined,
  ) {
    super();
    this.iovaAlignment = ops?.needsPinPages === false ? 1n : PAGE;
    if (ops !== undefined) context.get();
  }

  /** `iommufd_access_create()`: the caller holds the access until {@link end}. @param ops undefined for an internal one */
  static make(context: IommufdContext, ops?: AccessOps): Access {
    const access = context.objects.reserve(new Access(context, ops));
    access.get();
    context.objects.publish(access);
    return access;
  }

  /** `iommufd_access_destroy()`. */
  end(): void {
    this.context.objects.destroyByOwner(this);
  }

  override destroy(): void {
    this.changeIoas(undefined);
    if (this.ops !== undefined) this.context.put();
  }

  get unmap(): TableAccess['unmap'] {
    const { ops } = this;
    return ops === undefined ? undefined : (iova, length) => ops.unmap(iova, length);
  }

  /** @throws ENOENT | EADDRINUSE */
  attach(ioasId: number): void {
    const ioas = this.context.take(ioasId, Ioas);
    try {
      this.changeIoas(ioas);
    } finally {
      ioas.put();
    }
  }

  /** @throws ENOENT if the id is not an IOAS or if the access is not attached; EADDRINUSE */
  replace(ioasId: number): void {
    if (this.ioas === undefined) throw fail('ENOENT');
    this.attach(ioasId);
  }

  /** Moves the access to another IOAS, and releases its pins. */
  changeIoas(next: Ioas | undefined): void {
    const old = this.ioas;
    if (old === next) return;
    if (next !== undefined) {
      next.table.addAccess(this);
      next.get();
    }
    this.ioas = undefined;
    if (old !== undefined) {
      this.ops?.unmap(0n, ULONG_MAX);
      old.table.removeAccess(this);
      old.put();
    }
    this.ioas = next;
    this.unpinFrom = next;
  }

  /**
   * `iommufd_access_pin_pages()`: pins the pages of a range, which must begin at a page boundary and be mapped without a gap.
   * @throws EINVAL | EOVERFLOW | ENOENT | EPERM | EFAULT; nothing is pinned then
   */
  pinPages(iova: bigint, length: bigint, write: boolean): Extent[] {
    const last = checkedLast(iova, length);
    if (this.ioas === undefined) throw fail('ENOENT');
    const extents: Extent[] = [];
    let done = iova;
    try {
      this.ioas.table.eachContiguous(iova, last, (area, start, end) => {
        if (area.closing || !isAligned(area, start, end === last)) throw fail('EINVAL');
        checkProtection(area, write);
        if (write && !area.pages.writable) throw fail('EPERM');
        // Device memory has no struct pages to pin.
        if (area.pages.source.kind === 'device') throw fail('EINVAL');
        const first = area.pageAt(start);
        const count = area.pageAt(end) - first + 1;
        area.pages.use(first, count);
        area.accesses++;
        if (this.ops === undefined) area.locks++;
        extents.push(...area.pages.extents(first, count));
        done = end + 1n;
      });
    } catch (cause) {
      if (done > iova) this.unpinFromTable(this.ioas, iova, done - 1n);
      throw cause;
    }
    return extents;
  }

  /** Unpins a range, which must be exactly one that was pinned. */
  unpinPages(iova: bigint, length: bigint): void {
    const { unpinFrom } = this;
    invariant(unpinFrom !== undefined, () => `access ${this.id} unpins pages and is attached to nothing`);
    this.unpinFromTable(unpinFrom, iova, checkedLast(iova, length));
  }

  private unpinFromTable({ table }: Ioas, iova: bigint, last: bigint): void {
    table.eachContiguous(iova, last, (area, start, end) => {
      const first = area.pageAt(start);
      area.pages.unuse(first, area.pageAt(end) - first + 1);
      area.accesses--;
      if (this.ops === undefined) area.locks--;
    });
  }

  /**
   * `iommufd_access_rw()`: copies between a range and `bytes`.
   * @throws EINVAL | EOVERFLOW | ENOENT | EPERM | EFAULT; bytes before the failing page have been copied
   */
  copy(process: Task, iova: bigint, bytes: Uint8Array, { write, slowPath }: CopyFlags): void {
    const last = checkedLast(iova, BigInt(bytes.length));
    if (this.ioas === undefined) throw fail('ENOENT');
    this.ioas.table.eachContiguous(iova, last, (area, start, end) => {
      if (area.closing) throw fail('EINVAL');
      checkProtection(area, write);
      if (write && !area.pages.writable) throw fail('EPERM');
      const from = Number(start - iova);
      const part = bytes.subarray(from, Number(end - iova) + 1);
      const { source } = area.pages;
      const byte = area.byteAt(start);
      if (source.kind === 'device') throw fail('EINVAL');
      if (source.kind === 'user' && source.space === process.memorySpace && !slowPath) {
        const address = BigInt(source.address) + BigInt(byte);
        if (write) source.space.write(address, part);
        else part.set(source.space.read(address, part.length));
      } else if (source.kind === 'user' && source.space.isLive && isInOnePage(byte, part.length)) {
        copyOnePage(source.space, source.address, byte, part, write);
      } else {
        copyPages(area, byte, part, write);
      }
    });
  }

  /** `iommufd_test_syz_conv_iova()`: the IOVA at an offset into the nth area; 0 if there is no such area. */
  iovaOfArea(nth: number, offset: number): bigint {
    return this.ioas?.table.iovaOfArea(nth, offset) ?? 0n;
  }
}

function checkProtection({ protection }: Area, write: boolean): void {
  if (write ? !protection.write : !protection.read) throw fail('EPERM');
}

/** `iopt_area_contig_is_aligned()`: true if a part begins at a page boundary, and ends at one or is the last part. */
function isAligned(area: Area, start: bigint, isLast: boolean): boolean {
  if (area.byteAt(start) % PAGE_SIZE !== 0) return false;
  return isLast || area.byteAt(area.last) % PAGE_SIZE === PAGE_SIZE - 1;
}

const isInOnePage = (byte: number, length: number): boolean =>
  Math.floor(byte / PAGE_SIZE) === Math.floor((byte + length - 1) / PAGE_SIZE);

/**
 * `iopt_pages_rw_page()`: copies through the page that is at the process's address now, even if another page was pinned there
 * before.
 */
function copyOnePage(
  space: UserMemory,
  start: number,
  byte: number,
  bytes: Uint8Array,
  write: boolean,
): void {
  const offset = byte % PAGE_SIZE;
  // Page addresses are exact as numbers, also at the end of 64 bits; byte addresses are not.
  const address = start + (byte - offset);
  if (!write) {
    const { object, index } = space.remotePageAt(address);
    object.read(index * PAGE_SIZE + offset, bytes);
    return;
  }
  const { object, index } = space.pinOne(address, true);
  object.write(index * PAGE_SIZE + offset, bytes);
  object.unpin(index, 1);
}

/**
 * `iopt_pages_rw_slow()`: copies through pinned pages, as many at a time as the temporary memory allows. These pins are not
 * charged.
 */
function copyPages({ pages }: Area, byte: number, bytes: Uint8Array, write: boolean): void {
  const most = pages.registry.runsAtOnce * PAGE_SIZE;
  for (let done = 0; done < bytes.length;) {
    const at = byte + done;
    const part = bytes.subarray(done, done + most - (at % PAGE_SIZE));
    copyPinned(pages, at, part, write);
    done += part.length;
  }
}

/** Copies bytes through pinned pages. */
function copyPinned(pages: Pages, byte: number, bytes: Uint8Array, write: boolean): void {
  const first = Math.floor(byte / PAGE_SIZE);
  const count = Math.floor((byte + bytes.length - 1) / PAGE_SIZE) - first + 1;
  pages.borrow(first, count);
  let done = 0;
  let offset = byte % PAGE_SIZE;
  for (const { object, index, count: inExtent } of pages.extents(first, count)) {
    const part = bytes.subarray(done, done + inExtent * PAGE_SIZE - offset);
    if (write) object.write(index * PAGE_SIZE + offset, part);
    else object.read(index * PAGE_SIZE + offset, part);
    done += part.length;
    offset = 0;
  }
  pages.giveBack(first, count);
}
