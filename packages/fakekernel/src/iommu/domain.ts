/**
 * Domains: the page tables of a driver, which devices and PASIDs are attached to. A {@link PagingDomain} is filled by the
 * kernel from an IOAS, a {@link NestedDomain} by the user. They correspond to `struct iommu_domain` and its `domain_ops`;
 * drivers implement them, `group.ts` attaches devices, and `ioas/io-page-table.ts` maps.
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
  /** Shows a doorbell to a device, and returns its IOVA: the cookie IOMMU_COOKIE_IOMMUFD. Set by the HWPT. */
  swMsi: ((device: Device, page: MemoryObject) => bigint | undefined) | undefined;

  constructor(readonly driver: IommuDriver) {}

  /** Attaches a device; on failure its old attachment stays. @throws Errno */
  abstract attach(device: Device): void;

  /** Attaches a PASID of a device. @throws Errno */
  setPasid(_device: Device, _pasid: number, _old: Domain | undefined): void {
    // Most domains keep no state per PASID.
  }

  /** Frees the domain, when it is no longer used. */
  free(): void {
    // Most domains hold nothing that outlives them.
  }
}

/** Receives a dirty range. */
export type DirtyRecorder = (iova: bigint, length: bigint) => void;

/** Dirty tracking of a domain. */
export interface DirtyTracking {
  set(enable: boolean): void;
  /** Does what a read reports depend on where it begins? Then each area is read by itself. */
  readonly readByArea?: boolean;
  /**
   * Reports each dirty page in a range, and marks it clean if `clear` is set.
   * @param recorder undefined if nothing is to be reported
   */
  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder | undefined): void;
}

/** A domain that the kernel fills from an IOAS. */
export abstract class PagingDomain extends Domain {
  /** Bitmap of its page sizes: `pgsize_bitmap`. */
  abstract readonly pageSizes: bigint;
  /** The IOVAs that it can map. */
  abstract readonly aperture: { readonly start: bigint; readonly last: bigint };
  /** Present if the domain was allocated with dirty tracking. */
  readonly dirty: DirtyTracking | undefined = undefined;

  /**
   * Maps `length` bytes at `iova`. They begin `offset` bytes into the first page of the extents.
   * @param largePages entries may be larger than a page of memory
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
  /** `cache_invalidate_user()`: sets `array.done` to the number of entries handled, whether or not it throws. */
  invalidate?(array: UserArray): void;
}
