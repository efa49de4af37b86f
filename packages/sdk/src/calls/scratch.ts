import type { Syscalls } from '@iommufd/uapi';
import { mapAnonymous } from './map.js';

/** Memory that the kernel can read and write, valid for one call. */
export interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Allocates zeroed memory. */
export type Alloc = (length: number) => Piece;

const SIZE = 64 * 1024;
const ALIGN = 8;

/**
 * The memory of ioctl arguments. Calls are synchronous, so a stack is enough: a call's memory is released when it returns.
 * What does not fit into the stack is mapped for the call.
 */
export class Scratch {
  private readonly address: bigint;
  private readonly bytes: Uint8Array;
  private top = 0;

  constructor(private readonly sys: Syscalls) {
    this.address = mapAnonymous(sys, SIZE);
    try {
      this.bytes = sys.memory(this.address, SIZE);
    } catch (cause) {
      sys.munmap(this.address, SIZE);
      throw cause;
    }
  }

  /** Runs `work` with an allocator whose memory is valid until it returns. */
  frame<T>(work: (alloc: Alloc) => T): T {
    const bottom = this.top;
    const large: { readonly address: bigint; readonly length: number }[] = [];
    const alloc = (length: number): Piece => {
      const start = this.top;
      if (start + length <= SIZE) {
        this.top = Math.ceil((start + length) / ALIGN) * ALIGN;
        const bytes = this.bytes.subarray(start, start + length).fill(0);
        return { address: this.address + BigInt(start), bytes };
      }
      const address = mapAnonymous(this.sys, length);
      large.push({ address, length });
      return { address, bytes: this.sys.memory(address, length) };
    };
    try {
      return work(alloc);
    } finally {
      this.top = bottom;
      for (const { address, length } of large) this.sys.munmap(address, length);
    }
  }

  free(): void {
    this.sys.munmap(this.address, SIZE);
  }
}
