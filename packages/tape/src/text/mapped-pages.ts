/** Pages of a process that a tape has mapped, so that none is mapped twice. */

const PAGE = 4096n;

/** From `start` up to but not including `end`. */
interface Piece {
  readonly start: bigint;
  readonly end: bigint;
}

/** @see the head of this file */
export class MappedPages {
  /** In order, without gaps of zero pages between them. */
  private pieces: Piece[] = [];

  /** Adds the pages of a range. @returns those that were not there */
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
