import { type Ioas, Iommufd, IommufdError, type Memory } from '@iommufd/sdk';
import type { Syscalls } from '@iommufd/uapi';
import { GuestDevice } from './guest-device.js';

export const PAGE = 4096;

/** A guest: its memory, and the devices that it was given. */
export class Guest implements Disposable {
  private readonly iommufd: Iommufd;
  private readonly ioas: Ioas;
  private readonly ram: Memory;
  /** Pages that devices can reach, by their offset in the memory. */
  private readonly shown = new Set<number>();

  /**
   * @param sys where system calls go: a process of the fake kernel in tests
   * @param start the address at which the guest, and so its devices, see its memory
   * @param length bytes
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

  /** Gives the guest a device. */
  assign(path: string): GuestDevice {
    return GuestDevice.open(this, this.iommufd, this.ioas, path);
  }

  /** The guest's memory in place, as its processor sees it. */
  bytes(address: bigint, length: number): Uint8Array {
    return this.ram.bytes(Number(address - this.start), length);
  }

  /** How many pages devices can reach. */
  get shownPages(): number {
    return this.shown.size;
  }

  /** Lets devices reach a page. @returns false if the guest has no such page, or no more may be pinned */
  show(address: bigint): boolean {
    const offset = Number(address - this.start);
    if (offset < 0 || offset >= this.length) return false;
    // Devices may ask for the same page at the same time, and to map it twice is an error.
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

  /** Takes a page out of the reach of devices; whoever wants it asks again. */
  hide(address: bigint): void {
    if (this.shown.delete(Number(address - this.start)))
      this.ioas.unmap({ iova: address, length: BigInt(PAGE) });
  }

  /** Closes what is open, with all devices. */
  [Symbol.dispose](): void {
    this.iommufd.close();
  }
}
