import type { Extent } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { IommuDriver } from './driver.js';
import type { FaultGroup } from './page-fault.js';
import type { UserArray } from './user-data.js';

/** What devices may do with a mapping. */
export interface Protection {
  readonly read: boolean;
  readonly write: boolean;
}

/** What a driver makes of a page table: something that devices can be attached to. */
export abstract class Domain {
  /** Set by the handler of the page faults of its devices. */
  faultHandler: ((group: FaultGroup) => void) | undefined;

  constructor(readonly driver: IommuDriver) {}

  /** Puts a device on the domain; on failure it stays where it was. @throws Errno */
  abstract attach(device: Device): void;

  /** Puts a PASID of a device on the domain. @throws Errno */
  setPasid(_device: Device, _pasid: number, _old: Domain | undefined): void {
    // Most domains need no more than to be told apart.
  }

  /** It is no longer used. */
  free(): void {
    // What a domain holds goes with it.
  }
}

/** Takes notes of dirty IOVAs. */
export type DirtyRecorder = (iova: bigint, length: bigint) => void;

/** Dirty tracking of a domain. */
export interface DirtyTracking {
  set(enable: boolean): void;
  /** Tells of each dirty page in a range, and clears it if that is wanted. */
  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder): void;
}

/** A domain that the kernel fills from an IOAS. */
export abstract class PagingDomain extends Domain {
  /** Sizes of its pages, one bit for each. */
  abstract readonly pageSizes: bigint;
  /** The IOVAs that it can show. */
  abstract readonly aperture: { readonly start: bigint; readonly last: bigint };
  /** Present where the domain was made to track. */
  readonly dirty: DirtyTracking | undefined = undefined;

  /**
   * Shows `length` bytes at `iova`, which begin `offset` bytes into the first page of the extents.
   * @param largePages entries larger than a page of memory may be used
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

/** A domain whose page table the user manages. */
export abstract class NestedDomain extends Domain {
  /** Invalidates caches; sets `array.done` to how many entries were handled, whether or not it throws. */
  invalidate?(array: UserArray): void;
}
