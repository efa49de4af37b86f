import type { Device } from './device.js';
import type { Hwpt } from './hwpt.js';
import type { Ioas } from './ioas.js';
import type { NestedHwpt } from './nested-hwpt.js';

/** A target of an attachment. */
export type PageTable = Ioas | Hwpt | NestedHwpt;

/** The attachment of a device or one of its PASIDs; ended by {@link detach} or the end of a `using` block. */
export class Attachment implements Disposable {
  /** @internal */
  constructor(
    /** The attached device. */
    readonly device: Device,
    /** The page table or IOAS that it is attached to. */
    readonly to: PageTable,
    /** The attached PASID; undefined for the device itself. */
    readonly pasid: number | undefined,
    /** The id of the page table; for an IOAS, of the one that the kernel chose. */
    readonly pageTableId: number,
  ) {}

  /** True until the device is moved or detached. */
  get isCurrent(): boolean {
    return this.device.attachment({ pasid: this.pasid }) === this;
  }

  /**
   * Detaches the device: {@link Device.detach}. Does nothing if it has been moved or detached.
   * @throws IommufdError as {@link Device.detach}
   */
  detach(): void {
    if (this.isCurrent) this.device.detach({ pasid: this.pasid });
  }

  /** {@link detach} */
  [Symbol.dispose](): void {
    this.detach();
  }
}
