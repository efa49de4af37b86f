const PAGE = 4096;
const PAGE_BITS = 12n;
const PAGE_MASK = BigInt(PAGE - 1);

/** A range of page numbers; `end` is exclusive. */
interface Mapping {
  readonly first: number;
  readonly end: number;
}

/** The user memory of a tape's process, as far as the tape shows it. Pages are allocated when they are written. */
export class TapeMemory {
  private mappings: Mapping[] = [];
  private readonly pages = new Map<number, Uint8Array>();

  /** Maps zeroed memory. */
  map(address: bigint, length: number): void {
    this.unmap(address, length);
    this.mappings.push(pagesOf(address, length));
  }

  /** Unmaps memory. */
  unmap(address: bigint, length: number): void {
    const gone = pagesOf(address, length);
    this.mappings = this.mappings
      .flatMap(({ first, end }) => [
        { first, end: Math.min(end, gone.first) },
        { first: Math.max(first, gone.end), end },
      ])
      .filter(({ first, end }) => first < end);
    for (const page of this.pages.keys()) if (page >= gone.first && page < gone.end) this.pages.delete(page);
  }

  /** Moves memory to another address. The ranges do not overlap. */
  move(address: bigint, length: number, to: bigint): void {
    const { first, end } = pagesOf(address, length);
    const moved = [...this.pages].filter(([page]) => page >= first && page < end);
    this.unmap(address, length);
    this.map(to, length);
    const delta = Number(to >> PAGE_BITS) - first;
    for (const [page, bytes] of moved) this.pages.set(page + delta, bytes);
  }

  /** Sets bytes. They exist because the tape shows them, even if their mapping was not recorded. */
  write(address: bigint, bytes: Uint8Array): void {
    const [start, from] = [Number(address >> PAGE_BITS), Number(address & PAGE_MASK)];
    const within = this.pages.get(start);
    if (within !== undefined && from + bytes.length <= PAGE) {
      within.set(bytes, from);
      return;
    }
    for (const { page, from, offset, length } of pieces(address, bytes.length)) {
      let memory = this.pages.get(page);
      if (memory === undefined) this.pages.set(page, (memory = new Uint8Array(PAGE)));
      memory.set(bytes.subarray(offset, offset + length), from);
    }
  }

  /** Reads a little-endian number of 32 bits; undefined if the tape shows no memory there. */
  readUint32(address: bigint): number | undefined {
    const from = Number(address & PAGE_MASK);
    const page = this.pages.get(Number(address >> PAGE_BITS));
    if (page !== undefined && from + 4 <= PAGE)
      return (
        ((page[from] ?? 0) |
          ((page[from + 1] ?? 0) << 8) |
          ((page[from + 2] ?? 0) << 16) |
          ((page[from + 3] ?? 0) << 24)) >>>
        0
      );
    const bytes = this.read(address, 4);
    return bytes && new DataView(bytes.buffer).getUint32(0, true);
  }

  /** Returns a copy of `length` bytes; undefined if the tape shows no memory there. */
  read(address: bigint, length: number): Uint8Array | undefined {
    const [start, from] = [Number(address >> PAGE_BITS), Number(address & PAGE_MASK)];
    const within = this.pages.get(start);
    if (within !== undefined && from + length <= PAGE) return within.slice(from, from + length);
    const bytes = new Uint8Array(length);
    for (const { page, from, offset, length: part } of pieces(address, length)) {
      const memory = this.pages.get(page);
      if (memory !== undefined) bytes.set(memory.subarray(from, from + part), offset);
      else if (!this.mappings.some(({ first, end }) => page >= first && page < end)) return undefined;
    }
    return bytes;
  }
}

function pagesOf(address: bigint, length: number): Mapping {
  const first = Number(address >> PAGE_BITS);
  return { first, end: Number((address + BigInt(length + PAGE - 1)) >> PAGE_BITS) };
}

/** Divides a range at page boundaries. Yields for each piece its page, the offsets in the page and in the range, and its length. */
function* pieces(address: bigint, length: number) {
  let page = Number(address >> PAGE_BITS);
  let from = Number(address & PAGE_MASK);
  for (let offset = 0; offset < length; page++, from = 0) {
    const piece = Math.min(PAGE - from, length - offset);
    yield { page, from, offset, length: piece };
    offset += piece;
  }
}

/** Returns true if two arrays have the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
