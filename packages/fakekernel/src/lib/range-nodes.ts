/** A range of 64-bit numbers, both ends included, and what it maps to. */
export interface RangeEntry<V> {
  readonly start: bigint;
  readonly last: bigint;
  value: V;
}

/** Stands for no node. */
export const NONE = -1;

/** Items that a node has room for. */
export const MOST = 32;

/**
 * The nodes of a B-tree of ranges. A node is a number, and its items (entries if it is a leaf, else numbers of nodes)
 * lie side by side with those of all others: in a large map to look at an object somewhere on the heap is to wait for
 * memory, and a node that is made of objects is several of these. For the same reason the way through a node is told by
 * plain numbers, not by the bigints of entries. Beyond 2^53 these are rounded; they still keep the order of what they
 * stand for, so that only where two are the same the bigints must be asked.
 */
export class RangeNodes<V> {
  // Most maps are small: at first there is node 0, a leaf, and room for what it has.
  /** Where each item begins and where it ends, in turns. */
  private bounds: Float64Array;
  private readonly items: (RangeEntry<V> | number | undefined)[];
  private readonly sizes: number[];
  /** The longest gap between two ranges of a node; rather too long than too short. */
  private readonly gaps = [0];
  /** The leaves behind and before a leaf. */
  private readonly nexts: number[] = [NONE];
  private readonly previous: number[] = [NONE];
  /** Numbers of nodes that are gone. */
  private readonly free: number[] = [];

  /** @param first what is in node 0, if something is */
  constructor(first: RangeEntry<V> | undefined) {
    this.bounds = Float64Array.of(Number(first?.start ?? 0), Number(first?.last ?? 0));
    this.items = [first];
    this.sizes = [first === undefined ? 0 : 1];
  }

  /** Makes an empty node. @param before for a leaf: the one before it, if there is one */
  make(before = NONE): number {
    const node = this.free.pop() ?? this.sizes.length;
    this.sizes[node] = 0;
    this.gaps[node] = 0;
    this.previous[node] = NONE;
    this.nexts[node] = NONE;
    this.link(node, this.next(before));
    this.link(before, node);
    return node;
  }

  /** Ends an empty node. */
  end(node: number): void {
    this.link(this.previous[node] ?? NONE, this.next(node));
    this.free.push(node);
  }

  private link(leaf: number, next: number): void {
    if (leaf !== NONE) this.nexts[leaf] = next;
    if (next !== NONE) this.previous[next] = leaf;
  }

  /** How many items a node has. */
  size(node: number): number {
    return this.sizes[node] ?? 0;
  }

  gap(node: number): number {
    return this.gaps[node] ?? 0;
  }

  /** The leaf behind a leaf, or {@link NONE}. */
  next(leaf: number): number {
    return this.nexts[leaf] ?? NONE;
  }

  /** Where an item begins, about. */
  start(node: number, i: number): number {
    return this.bounds[2 * (node * MOST + i)] ?? 0;
  }

  /** Where an item ends, about. */
  last(node: number, i: number): number {
    return this.bounds[2 * (node * MOST + i) + 1] ?? 0;
  }

  item(node: number, i: number): RangeEntry<V> | number {
    return this.items[node * MOST + i] ?? missing();
  }

  /** An entry of a leaf. */
  entry(leaf: number, i: number): RangeEntry<V> {
    const item = this.item(leaf, i);
    return typeof item === 'number' ? missing() : item;
  }

  /** A child of an inner node. */
  child(node: number, i: number): number {
    const item = this.item(node, i);
    return typeof item === 'number' ? item : missing();
  }

  /** Puts an item into a node, before what is at `i`. */
  insert(node: number, i: number, item: RangeEntry<V> | number, start: number, last: number): void {
    const { items } = this;
    const at = node * MOST + i;
    const end = node * MOST + this.size(node);
    this.reserve(end + 1);
    this.bounds.copyWithin(2 * (at + 1), 2 * at, 2 * end);
    for (let to = end; to > at; to--) items[to] = items[to - 1];
    items[at] = item;
    this.sizes[node] = end + 1 - node * MOST;
    this.setBounds(node, i, start, last);
  }

  private reserve(count: number): void {
    while (this.items.length < count) this.items.push(undefined);
    if (this.bounds.length >= 2 * count) return;
    const { bounds } = this;
    this.bounds = new Float64Array(Math.max(2 * bounds.length, 2 * count));
    this.bounds.set(bounds);
  }

  /** Says where an item begins and ends. */
  setBounds(node: number, i: number, start: number, last: number): void {
    this.bounds[2 * (node * MOST + i)] = start;
    this.bounds[2 * (node * MOST + i) + 1] = last;
  }

  remove(node: number, i: number): void {
    const { items } = this;
    const at = node * MOST + i;
    const end = node * MOST + this.size(node) - 1;
    this.bounds.copyWithin(2 * at, 2 * (at + 1), 2 * (end + 1));
    for (let to = at; to < end; to++) items[to] = items[to + 1];
    items[end] = undefined;
    this.sizes[node] = end - node * MOST;
  }

  /** Moves the items of a node from `i` on to the end of another. */
  move(node: number, i: number, to: number): void {
    const { items } = this;
    const from = node * MOST + i;
    const end = node * MOST + this.size(node);
    const at = to * MOST + this.size(to);
    this.reserve(at + end - from);
    this.bounds.copyWithin(2 * at, 2 * from, 2 * end);
    for (let k = from; k < end; k++) {
      items[at + k - from] = items[k];
      items[k] = undefined;
    }
    this.sizes[node] = i;
    this.sizes[to] = at + end - from - to * MOST;
  }

  /** Finds out anew what the longest gap is. @returns whether it is another one */
  measure(node: number): boolean {
    const { bounds } = this;
    const at = 2 * node * MOST;
    const size = this.size(node);
    let longest = 0;
    for (let i = at + 2; i < at + 2 * size; i += 2) {
      const gap = gapBetween(bounds[i - 1] ?? 0, bounds[i] ?? 0);
      if (gap > longest) longest = gap;
    }
    if (size > 0 && typeof this.item(node, 0) === 'number') {
      for (let i = 0; i < size; i++) longest = Math.max(longest, this.gap(this.child(node, i)));
    }
    if (longest === this.gap(node)) return false;
    this.gaps[node] = longest;
    return true;
  }

  /** Where an item begins, exactly. */
  exactStart(node: number, i: number): bigint {
    let item = this.item(node, i);
    while (typeof item === 'number') item = this.item(item, 0);
    return item.start;
  }

  /** Where an item ends, exactly. */
  exactLast(node: number, i: number): bigint {
    let item = this.item(node, i);
    while (typeof item === 'number') item = this.item(item, this.size(item) - 1);
    return item.last;
  }
}

/** From here on numbers are rounded. */
export const ROUNDED = 2 ** 53;
/** What a gap between rounded numbers may come out too short by, at most. */
const MOST_ROUNDED_OFF = 4096;

/** Length of the gap between what ends at `last` and what begins at `start`; rather too long than too short. */
export function gapBetween(last: number, start: number): number {
  return start - last - 1 + (start < ROUNDED ? 0 : MOST_ROUNDED_OFF);
}

function missing(): never {
  throw new RangeError('a node has fewer items than it says');
}
