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
 * Arguments that do not fit into the stack are mapped for the call.
 */
export class Scratch {
  private readonly address: bigint;
  private readonly bytes: Uint8Array;
  private top = 0;
  /** The piece at the bottom of the stack for each length. Most calls use it, so it is created only once. */
  private readonly bottoms = new Map<number, Piece>();

  constructor(private readonly sys: Syscalls) {
    this.address = mapAnonymous(sys, SIZE);
    try {
      this.bytes = sys.memory(this.address, SIZE);
    } catch (cause) {
      sys.munmap(this.address, SIZE);
      throw cause;
    }
  }

  /**
   * Allocates memory for the argument of one call, not zeroed. {@link pop} releases it.
   * @returns undefined if it does not fit into the stack
   */
  push(length: number): Piece | undefined {
    const start = this.top;
    if (start + length > SIZE) return undefined;
    const piece = start === 0 ? this.bottomOf(length) : this.pieceAt(start, length);
    this.top = behind(start, length);
    return piece;
  }

  /** Releases the memory of a {@link push}, and all memory that was allocated since. */
  pop({ address }: Piece): void {
    this.top = Number(address - this.address);
  }

  private bottomOf(length: number): Piece {
    let piece = this.bottoms.get(length);
    if (piece === undefined) {
      piece = this.pieceAt(0, length);
      this.bottoms.set(length, piece);
    }
    return piece;
  }

  private pieceAt(start: number, length: number): Piece {
    return {
      address: this.address + BigInt(start),
      bytes: this.bytes.subarray(start, start + length),
    };
  }

  /** Runs `work` with an allocator whose memory is valid until it returns. */
  frame<T>(work: (alloc: Alloc) => T): T {
    const bottom = this.top;
    const large: { readonly address: bigint; readonly length: number }[] = [];
    const alloc = (length: number): Piece => {
      const start = this.top;
      if (start + length <= SIZE) {
        this.top = behind(start, length);
        const piece = this.pieceAt(start, length);
        piece.bytes.fill(0);
        return piece;
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

/** The start of the next piece. */
const behind = (start: number, length: number): number => Math.ceil((start + length) / ALIGN) * ALIGN;
