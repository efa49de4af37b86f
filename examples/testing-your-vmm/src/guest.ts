import { type Ioas, Iommufd, IommufdError, type Memory } from '@iommufd/sdk';
import type { Syscalls } from '@iommufd/uapi';
import { GuestDevice } from './guest-device.js';

export const PAGE = 4096;

/** A guest: its memory and its devices. */
export class Guest implements Disposable {
  private readonly iommufd: Iommufd;
  private readonly ioas: Ioas;
  private readonly ram: Memory;
  /** Pages that are mapped for devices, by offset in the memory. */
  private readonly shown = new Set<number>();

  /**
   * @param sys the system calls: a process of the fake kernel in tests
   * @param start the guest-physical address of the memory, which is also its IOVA
   * @param length in bytes
   */
  constructor(
    sys: Syscalls,
    readonly start: bigint,
    readonly length: number,
  ) {
    this.iommufd = Iommufd.open(sys);
    this.ioas = this.iommufd.allocIoas();
    this.ram = this.iommufd.allocMemory(length);
  }

  /** Adds a device. */
  assign(path: string): GuestDevice {
    return GuestDevice.open(this, this.iommufd, this.ioas, path);
  }

  /** The guest's memory in place, by guest-physical address. */
  bytes(address: bigint, length: number): Uint8Array {
    return this.ram.bytes(Number(address - this.start), length);
  }

  /** Number of pages mapped for devices. */
  get shownPages(): number {
    return this.shown.size;
  }

  /** Maps a page for devices. @returns false if the guest has no such page, or the limit of pinned memory is reached */
  show(address: bigint): boolean {
    const offset = Number(address - this.start);
    if (offset < 0 || offset >= this.length) return false;
    // Devices may request the same page at the same time, and mapping it twice fails with EEXIST.
    if (this.shown.has(offset)) return true;
    try {
      this.ioas.mapMemory(this.ram, { offset, length: PAGE, iova: address });
    } catch (cause) {
      if (cause instanceof IommufdError && cause.code === 'ENOMEM') return false;
      throw cause;
    }
    this.shown.add(offset);
    return true;
  }

  /** Unmaps a page; the next access of a device faults again. */
  hide(address: bigint): void {
    if (this.shown.delete(Number(address - this.start)))
      this.ioas.unmap({ iova: address, length: BigInt(PAGE) });
  }

  /** Closes all devices and the memory. */
  [Symbol.dispose](): void {
    this.iommufd.close();
  }
}
