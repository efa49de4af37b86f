/** The pages of a process that a tape has mapped. Prevents that a page is mapped twice. */

const PAGE = 4096n;

/** A range of addresses; `end` is exclusive. */
interface Piece {
  readonly start: bigint;
  readonly end: bigint;
}

/** A set of pages. */
export class MappedPages {
  /** Sorted; they do not overlap. */
  private pieces: Piece[] = [];

  /** Adds the pages of a range. @returns the ranges that were not in the set */
  add(address: bigint, length: bigint): Piece[] {
    const start = address - (address % PAGE);
    const end = ((address + length + PAGE - 1n) / PAGE) * PAGE;
    const fresh: Piece[] = [];
    let at = start;
    for (const piece of this.pieces) {
      if (piece.end <= at || piece.start >= end) continue;
      if (piece.start > at) fresh.push({ start: at, end: piece.start });
      at = piece.end;
    }
    if (at < end) fresh.push({ start: at, end });
    this.pieces = [...this.pieces, ...fresh].sort((a, b) => (a.start < b.start ? -1 : 1));
    return fresh;
  }

  /** Removes all pages. @returns them */
  clear(): readonly Piece[] {
    const all = this.pieces;
    this.pieces = [];
    return all;
  }
}
