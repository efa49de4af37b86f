/**
 * Paging domains of the mock driver: `struct mock_iommu_domain` of Linux's `drivers/iommu/iommufd/selftest.c`, with the page
 * tables of generic_pt's `amdv1_mock`. The sizes of entries matter, because a dirty bit belongs to an entry.
 */
import { MOCK_APERTURE_LAST, MOCK_APERTURE_START, MOCK_HUGE_PAGE_SIZE, MOCK_PAGE_SIZE } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import type { Translation } from '../../hardware/transaction.js';
import { PagingDomain, type Protection } from '../../iommu/domain.js';
import { type Physical, ShownMemory } from '../../iommu/shown-memory.js';
import { type Entry, entryAt } from '../../iommu/table-entry.js';
import type { IommuDriver } from '../../iommu/driver.js';
import type { Extent } from '../../process/memory-object.js';
import { PAGE } from '../../process/page.js';
import type { Features } from '../../versions/kernel-version.js';
import { moveTo, movePasid } from './attach.js';
import { mockHardware } from './mock-hardware.js';
import { ListDirty } from './list-dirty.js';
import { MockDirty, reportWhole, reportWithoutLast } from './mock-dirty.js';
import { restorable } from '../../lib/restorable.js';

interface Shown {
  readonly protection: Protection;
  readonly largePages: boolean;
}

type Mapping = Entry & { readonly value: Physical & Shown };

/** The last IOVA of three levels of 512 entries, with pages of 2 KiB. */
const HUGE_APERTURE_LAST = BigInt(MOCK_PAGE_SIZE) * 512n ** 3n - 1n;

/** The entry sizes of three levels of the format: every power of two from 2 KiB on. */
const ALL_PAGE_SIZES = (1n << 37n) - BigInt(MOCK_PAGE_SIZE);

/** The formats of page tables. The caller chooses with `mock_pagetable_type`; in older versions the device decides. */
export type MockFormat = 'default' | 'huge' | 'list' | 'list with huge pages';

const PAGE_SIZES: Readonly<Record<MockFormat, bigint>> = {
  default: ALL_PAGE_SIZES,
  huge: BigInt(MOCK_HUGE_PAGE_SIZE) | PAGE,
  list: BigInt(MOCK_PAGE_SIZE),
  'list with huge pages': BigInt(MOCK_PAGE_SIZE) | BigInt(MOCK_HUGE_PAGE_SIZE),
};

/** A paging domain of the mock driver. */
export class MockDomain extends PagingDomain {
  readonly pageSizes: bigint;
  readonly aperture: PagingDomain['aperture'];
  override readonly dirty: MockDirty | undefined;
  /** True if it is a list of 2 KiB entries. */
  readonly isList: boolean;
  private readonly shown = new ShownMemory<Shown>();

  constructor(
    driver: IommuDriver,
    format: MockFormat,
    tracksDirty: boolean,
    readonly features: Features,
  ) {
    super(driver);
    this.isList = format !== 'default' && format !== 'huge';
    this.pageSizes = PAGE_SIZES[format];
    this.aperture =
      format === 'huge'
        ? { start: 0n, last: HUGE_APERTURE_LAST }
        : { start: BigInt(MOCK_APERTURE_START), last: BigInt(MOCK_APERTURE_LAST) };
    this.dirty = tracksDirty ? this.dirtyBits(format) : undefined;
  }

  private dirtyBits(format: MockFormat): MockDirty {
    if (!this.isList) {
      return new MockDirty(this.features.dirtyLeafReportedWhole ? reportWhole : reportWithoutLast);
    }
    if (format === 'list') return new ListDirty();
    return new ListDirty(MockDomain.findsHugePages(this));
  }

  private static readonly findsHugePages = restorable(
    'MockDomain.hugePageAt',
    (domain: MockDomain) => (iova: bigint) => domain.hugePageAt(iova),
  );

  private hugePageAt(iova: bigint): Entry | undefined {
    const mapping = this.shown.at(iova);
    const entry = mapping && this.entryAt(iova, mapping);
    const isHuge = entry !== undefined && entry.last - entry.start + 1n === BigInt(MOCK_HUGE_PAGE_SIZE);
    return isHuge ? entry : undefined;
  }

  override attach(device: Device): void {
    if (this.dirty !== undefined && !mockHardware(device).canTrackDirty) throw fail('EINVAL');
    moveTo(device, undefined);
  }

  override setPasid(device: Device, pasid: number): void {
    movePasid(device, pasid);
  }

  override map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    protection: Protection,
    largePages: boolean,
  ): void {
    // VFIO_IOMMU_MAP_DMA allows mappings without any permission, and the list accepts them.
    if (!this.isList && !protection.read && !protection.write) throw fail('EINVAL');
    this.shown.map(iova, length, extents, offset, { protection, largePages });
  }

  override unmap(iova: bigint, length: bigint): void {
    this.shown.unmap(iova, length);
    this.dirty?.forget(iova, iova + length - 1n);
  }

  /** Marks each entry of a written range as dirty, as a whole. */
  write(iova: bigint, length = 1n): void {
    for (let at = iova; at < iova + length;) {
      const mapping = this.shown.at(at);
      if (mapping === undefined) return;
      const entry = this.isList ? granuleAt(at) : this.entryAt(at, mapping);
      this.dirty?.mark(entry);
      at = entry.last + 1n;
    }
  }

  /** The page table entry that contains an IOVA. */
  private entryAt(iova: bigint, mapping: Mapping): Entry {
    return entryAt(iova, mapping, {
      pageSizes: this.pageSizes,
      largePages: mapping.value.largePages,
    });
  }

  /** Translates an access of a device. */
  access(iova: bigint, write: boolean): Translation {
    const entry = this.shown.at(iova);
    if (entry === undefined) return { reason: 'not mapped' };
    const { object, byte, protection } = entry.value;
    if (write ? !protection.write : !protection.read) return { reason: 'not permitted' };
    const marks = write && this.dirty?.isOn === true;
    return {
      object,
      byte: byte + Number(iova - entry.start),
      length: Number(entry.last - iova) + 1,
      written: marks ? (length) => this.write(iova, BigInt(length)) : undefined,
    };
  }

  /** The physical address of an IOVA: `iommu_iova_to_phys()`. */
  translate(iova: bigint): Physical | undefined {
    const entry = this.shown.at(iova);
    if (entry === undefined) return undefined;
    const { object, byte } = entry.value;
    return { object, byte: byte + Number(iova - entry.start) };
  }
}

/** The entry of a list that contains an IOVA. */
function granuleAt(iova: bigint): Entry {
  const start = iova - (iova % BigInt(MOCK_PAGE_SIZE));
  return { start, last: start + BigInt(MOCK_PAGE_SIZE) - 1n };
}
