import type { TapeProcess } from '../tapes/machine.js';

const PAGE = 4096;

/** A part of a range that lies in one page. */
interface Piece {
  readonly address: bigint;
  /** Where in the range it begins. */
  readonly offset: number;
  readonly length: number;
}

/** User memory that a step of a tape looks at, cut into pages once, before anything is replayed. */
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

  /** The bytes of a process, perhaps in place; undefined if one of them cannot be read. */
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

  /** Can another process read it, as a debugger does? Registers of devices are not for them. */
  isVisible({ memorySpace }: TapeProcess): boolean {
    return this.pieces.every(({ address }) => memorySpace.isOrdinary(address));
  }

  /** Writes as the program itself would. @returns false if there is no memory, or not enough */
  write(process: TapeProcess, bytes: Uint8Array): boolean {
    for (const piece of this.pieces) {
      const { offset, length } = piece;
      const part = length === bytes.length ? bytes : bytes.subarray(offset, offset + length);
      if (!writePiece(process, piece, part)) return false;
    }
    return true;
  }
}

/** As a debugger reads it: without making a page that the program itself has not made. */
function visible({ memorySpace }: TapeProcess, { address, length }: Piece): Uint8Array | undefined {
  return memorySpace.visible(address, length);
}

/** @returns false if there is no memory for it */
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
