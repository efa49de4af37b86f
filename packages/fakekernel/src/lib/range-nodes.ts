/** A range of 64-bit numbers, both ends included, and its value. */
export interface RangeEntry<V> {
  readonly start: bigint;
  readonly last: bigint;
  value: V;
}

/** The number that means "no node". */
export const NONE = -1;

/** Maximum number of items of a node. */
export const MOST = 32;

/**
 * The nodes of a B-tree of ranges. A node is a number. Its items (entries in a leaf, numbers of nodes elsewhere) are in arrays
 * that all nodes share: in a large map, each access to an object on the heap waits for memory, and a node that is an object
 * consists of several. For the same reason the bounds of items are kept as plain numbers next to the bigints of the entries.
 * Beyond 2^53 these numbers are rounded. Rounding keeps their order, so the bigints are compared only if two numbers are equal.
 */
export class RangeNodes<V> {
  // Most maps are small: at first there is only node 0, a leaf, with room for its items.
  /** Start and last of each item, alternating. */
  private bounds: Float64Array;
  private readonly items: (RangeEntry<V> | number | undefined)[];
  private readonly sizes: number[];
  /** The longest gap between two ranges below a node. Rounding may make it too long, never too short. */
  private readonly gaps = [0];
  /** The next and the previous leaf of a leaf. */
  private readonly nexts: number[] = [NONE];
  private readonly previous: number[] = [NONE];
  /** Numbers of nodes that are not in use. */
  private readonly free: number[] = [];

  /** @param first the entry of node 0; undefined for an empty map */
  constructor(first: RangeEntry<V> | undefined) {
    this.bounds = Float64Array.of(Number(first?.start ?? 0), Number(first?.last ?? 0));
    this.items = [first];
    this.sizes = [first === undefined ? 0 : 1];
  }

  /** Creates an empty node. @param before for a leaf: the leaf before it */
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

  /** Releases an empty node. */
  end(node: number): void {
    this.link(this.previous[node] ?? NONE, this.next(node));
    this.free.push(node);
  }

  private link(leaf: number, next: number): void {
    if (leaf !== NONE) this.nexts[leaf] = next;
    if (next !== NONE) this.previous[next] = leaf;
  }

  /** Number of items of a node. */
  size(node: number): number {
    return this.sizes[node] ?? 0;
  }

  gap(node: number): number {
    return this.gaps[node] ?? 0;
  }

  /** The next leaf, or {@link NONE}. */
  next(leaf: number): number {
    return this.nexts[leaf] ?? NONE;
  }

  /** The rounded start of an item. */
  start(node: number, i: number): number {
    return this.bounds[2 * (node * MOST + i)] ?? 0;
  }

  /** The rounded last number of an item. */
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

  /** Inserts an item into a node, before index `i`. */
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

  /** Sets the rounded bounds of an item. */
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

  /** Moves the items of a node, from index `i` on, to the end of another node. */
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

  /** Computes the longest gap of a node again. @returns true if it has changed */
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

  /** The exact start of an item. */
  exactStart(node: number, i: number): bigint {
    let item = this.item(node, i);
    while (typeof item === 'number') item = this.item(item, 0);
    return item.start;
  }

  /** The exact last number of an item. */
  exactLast(node: number, i: number): bigint {
    let item = this.item(node, i);
    while (typeof item === 'number') item = this.item(item, this.size(item) - 1);
    return item.last;
  }
}

/** From here on, numbers are rounded. */
export const ROUNDED = 2 ** 53;
/** The largest error of a gap between two rounded numbers. */
const MOST_ROUNDED_OFF = 4096;

/**
 * Length of the gap between a range that ends at `last` and one that begins at `start`. Rounding may make it too long, never too
 * short.
 */
export function gapBetween(last: number, start: number): number {
  return start - last - 1 + (start < ROUNDED ? 0 : MOST_ROUNDED_OFF);
}

function missing(): never {
  throw new RangeError('a node has fewer items than its size');
}
