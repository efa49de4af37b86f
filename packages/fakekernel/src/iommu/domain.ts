/**
 * Domains: the page tables of a driver, to which devices and PASIDs are attached. The kernel fills a {@link PagingDomain} from an
 * IOAS; the user fills a {@link NestedDomain}. They correspond to `struct iommu_domain` and its `domain_ops`. Drivers implement
 * them, `group.ts` attaches devices to them, and `ioas/io-page-table.ts` maps memory in them.
 */
import type { Extent, MemoryObject } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { IommuDriver } from './driver.js';
import type { FaultGroup } from './page-fault.js';
import type { UserArray } from './user-data.js';

/** The permissions of a mapping. */
export interface Protection {
  readonly read: boolean;
  readonly write: boolean;
}

/** A page table of a driver: `struct iommu_domain`. */
export abstract class Domain {
  /** Handles page faults of attached devices: `iopf_handler`. Set by the fault queue of the HWPT. */
  faultHandler: ((group: FaultGroup) => void) | undefined;
  /** Maps a doorbell for a device and returns its IOVA: the cookie IOMMU_COOKIE_IOMMUFD. Set by the HWPT. */
  swMsi: ((device: Device, page: MemoryObject) => bigint | undefined) | undefined;

  constructor(readonly driver: IommuDriver) {}

  /** Attaches a device. If it fails, the device keeps its old attachment. @throws Errno */
  abstract attach(device: Device): void;

  /** Attaches a PASID of a device. @throws Errno */
  setPasid(_device: Device, _pasid: number, _old: Domain | undefined): void {
    // Most domains keep no state per PASID.
  }

  /** Frees the domain when it is no longer in use. */
  free(): void {
    // Most domains hold no other resources.
  }
}

/** Receives a dirty range. */
export type DirtyRecorder = (iova: bigint, length: bigint) => void;

/** Dirty tracking of a domain. */
export interface DirtyTracking {
  set(enable: boolean): void;
  /** True if the result of a read depends on where it begins. Each area is then read separately. */
  readonly readByArea?: boolean;
  /**
   * Reports each dirty page in a range, and marks it as clean if `clear` is set.
   * @param recorder undefined if the pages need not be reported
   */
  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder | undefined): void;
}

/** A domain that the kernel fills from an IOAS. */
export abstract class PagingDomain extends Domain {
  /** Bitmap of its page sizes: `pgsize_bitmap`. */
  abstract readonly pageSizes: bigint;
  /** The range of IOVAs that it can map. */
  abstract readonly aperture: { readonly start: bigint; readonly last: bigint };
  /** Present if the domain was allocated with dirty tracking. */
  readonly dirty: DirtyTracking | undefined = undefined;

  /**
   * Maps `length` bytes at `iova`. They begin `offset` bytes after the start of the first page of `extents`.
   * @param largePages true if entries may be larger than a page of memory
   */
  abstract map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    protection: Protection,
    largePages: boolean,
  ): void;

  abstract unmap(iova: bigint, length: bigint): void;
}

/** A domain whose page table the user manages: IOMMU_DOMAIN_NESTED. */
export abstract class NestedDomain extends Domain {
  /** `cache_invalidate_user()`: sets `array.done` to the number of handled entries, also if it throws. */
  invalidate?(array: UserArray): void;
}
