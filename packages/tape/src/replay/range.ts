import type { TapeProcess } from '../tapes/machine.js';

const PAGE = 4096;

/** The part of a range in one page. */
interface Piece {
  readonly address: bigint;
  /** Its offset in the range. */
  readonly offset: number;
  readonly length: number;
}

/** User memory that a step of a tape accesses. It is divided into pages once, before the replay. */
export class UserRange {
  private readonly pieces: readonly Piece[];

  constructor(
    readonly address: bigint,
    readonly length: number,
  ) {
    const pieces: Piece[] = [];
    let room = PAGE - Number(address % BigInt(PAGE));
    for (let offset = 0; offset < length; room = PAGE) {
      const piece = Math.min(room, length - offset);
      pieces.push({ address: address + BigInt(offset), offset, length: piece });
      offset += piece;
    }
    this.pieces = pieces;
  }

  /** Reads the bytes of a process, possibly without a copy. @returns undefined if one of them cannot be read */
  read(process: TapeProcess): Uint8Array | undefined {
    const [first] = this.pieces;
    if (this.pieces.length === 1 && first !== undefined) return visible(process, first);
    const bytes = new Uint8Array(this.length);
    for (const piece of this.pieces) {
      const memory = visible(process, piece);
      if (memory === undefined) return undefined;
      bytes.set(memory, piece.offset);
    }
    return bytes;
  }

  /** Returns true if another process, such as a debugger, can read the range. Registers of devices cannot be read so. */
  isVisible({ memorySpace }: TapeProcess): boolean {
    return this.pieces.every(({ address }) => memorySpace.isOrdinary(address));
  }

  /** Writes the bytes, as the program itself would. @returns false if part of the range is not mapped */
  write(process: TapeProcess, bytes: Uint8Array): boolean {
    for (const piece of this.pieces) {
      const { offset, length } = piece;
      const part = length === bytes.length ? bytes : bytes.subarray(offset, offset + length);
      if (!writePiece(process, piece, part)) return false;
    }
    return true;
  }
}

/** Reads as a debugger does: without allocating a page that the program has not touched. */
function visible({ memorySpace }: TapeProcess, { address, length }: Piece): Uint8Array | undefined {
  return memorySpace.visible(address, length);
}

/** Writes to one page. @returns false if it is not mapped */
function writePiece(process: TapeProcess, { address, length }: Piece, bytes: Uint8Array): boolean {
  if (process.poke !== undefined) return process.poke(address, bytes);
  const { memorySpace } = process;
  try {
    if (memorySpace.poke !== undefined) memorySpace.poke(address, bytes);
    else process.memory(address, length).set(bytes);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
