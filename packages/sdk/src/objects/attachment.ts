import type { Device } from './device.js';
import type { Hwpt } from './hwpt.js';
import type { Ioas } from './ioas.js';
import type { NestedHwpt } from './nested-hwpt.js';

/** What a device can be attached to. */
export type PageTable = Ioas | Hwpt | NestedHwpt;

/** That a device, or a PASID of it, is attached; ends with {@link detach} or the end of a `using` block. */
export class Attachment implements Disposable {
  /** @internal */
  constructor(
    /** What is attached. */
    readonly device: Device,
    /** What it is attached to. */
    readonly to: PageTable,
    /** Undefined for the device itself. */
    readonly pasid: number | undefined,
    /** The id of the page table; for an IOAS the one that the kernel chose. */
    readonly pageTableId: number,
  ) {}

  /** Has the device been neither moved nor detached since? */
  get isCurrent(): boolean {
    return this.device.attachment({ pasid: this.pasid }) === this;
  }

  /**
   * Detaches the device: {@link Device.detach}. Does nothing if it has been moved elsewhere, or is detached.
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
