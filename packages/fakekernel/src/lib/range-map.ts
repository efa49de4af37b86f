/** A range of 64-bit numbers, both ends included, and what it maps to. */
export interface RangeEntry<V> {
  readonly start: bigint;
  readonly last: bigint;
  value: V;
}

/** Entries of a leaf, or children of an inner node; a node with more is split. */
const MOST = 32;

interface Leaf<V> {
  readonly entries: RangeEntry<V>[];
  readonly children?: undefined;
  next: Leaf<V> | undefined;
  first: bigint;
  last: bigint;
  /** Length of the longest gap between two ranges of the node. */
  gap: bigint;
}

interface Inner<V> {
  readonly children: Node<V>[];
  readonly entries?: undefined;
  first: bigint;
  last: bigint;
  gap: bigint;
}

type Node<V> = Leaf<V> | Inner<V>;

/**
 * An ordered map from disjoint ranges, which also finds gaps between them. It is a B-tree whose nodes know the
 * longest gap inside them, so that looking up, inserting, removing and finding the first gap of a length take
 * time with the logarithm of the number of ranges. (gVisor's `segment.Set` has the same idea.)
 */
export class RangeMap<V> {
  private root: Node<V> = leaf([]);
  private count = 0;
  /** Nodes and entries looked at since the map was made, for tests of complexity. */
  steps = 0;

  /** How many ranges there are. */
  get size(): number {
    return this.count;
  }

  /** The first range that ends at `from` or beyond, if it begins at `to` or before. */
  first(from: bigint, to: bigint): RangeEntry<V> | undefined {
    for (const entry of this.range(from, to)) return entry;
    return undefined;
  }

  /** The range that holds `point`. */
  at(point: bigint): RangeEntry<V> | undefined {
    return this.first(point, point);
  }

  /** The ranges that intersect `from` to `to`, in order. The map must not be changed meanwhile. */
  *range(from: bigint, to: bigint): Generator<RangeEntry<V>> {
    let node: Node<V> = this.root;
    while (node.children !== undefined) {
      const child: Node<V> | undefined = node.children[this.search(node.children, from)];
      if (child === undefined) return;
      node = child;
    }
    let i = this.search(node.entries, from);
    for (let at: Leaf<V> | undefined = node; at !== undefined; at = at.next, i = 0) {
      for (; i < at.entries.length; i++) {
        const entry = at.entries[i];
        if (entry === undefined || entry.start > to) return;
        this.steps++;
        yield entry;
      }
    }
  }

  /** All ranges, in order. The map must not be changed meanwhile. */
  [Symbol.iterator](): Generator<RangeEntry<V>> {
    return this.range(0n, MAX);
  }

  /** Index of the first item that ends at `point` or beyond. */
  private search(items: readonly { readonly last: bigint }[], point: bigint): number {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.steps++;
      const item = items[middle];
      if (item !== undefined && item.last < point) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a range. It must not intersect another one. */
  insert(start: bigint, last: bigint, value: V): RangeEntry<V> {
    if (start > last || this.first(start, last) !== undefined) {
      throw new RangeError(`range ${start} to ${last} is empty or intersects another`);
    }
    const entry = { start, last, value };
    const right = this.insertInto(this.root, entry);
    if (right !== undefined) this.root = inner([this.root, right]);
    this.count++;
    return entry;
  }

  /** Inserts below `node`; the new right half, if the node had to be split. */
  private insertInto(node: Node<V>, entry: RangeEntry<V>): Node<V> | undefined {
    if (node.children === undefined) {
      node.entries.splice(this.search(node.entries, entry.start), 0, entry);
      return this.settle(node);
    }
    // Beyond the last child's end the last child takes it.
    const i = Math.min(this.search(node.children, entry.start), node.children.length - 1);
    const child = node.children[i];
    if (child === undefined) throw new RangeError('an inner node without children');
    const right = this.insertInto(child, entry);
    if (right !== undefined) node.children.splice(i + 1, 0, right);
    return this.settle(node);
  }

  /** Splits a node that has become too large, and measures it again. */
  private settle(node: Node<V>): Node<V> | undefined {
    let right: Node<V> | undefined;
    if (node.children !== undefined) {
      if (node.children.length > MOST) right = inner(node.children.splice(MOST / 2));
    } else if (node.entries.length > MOST) {
      right = leaf(node.entries.splice(MOST / 2));
      right.next = node.next;
      node.next = right;
    }
    this.measure(node);
    return right;
  }

  private measure(node: Node<V>): void {
    this.steps += measure(node);
  }

  /**
   * Removes what lies in `from` to `to`. A range that only partly lies there is cut.
   * @param piece the value of a piece that stays, which begins `skipped` after the start of its range
   * @returns the values of the ranges that are not as they were
   */
  cut(from: bigint, to: bigint, piece: (value: V, skipped: bigint) => V): V[] {
    const cut = [...this.range(from, to)];
    for (const { start, last, value } of cut) {
      this.remove(start);
      if (start < from) this.insert(start, from - 1n, piece(value, 0n));
      if (last > to) this.insert(to + 1n, last, piece(value, to + 1n - start));
    }
    return cut.map(({ value }) => value);
  }

  /** Removes the range that begins at `start`. @returns whether there was one */
  remove(start: bigint): boolean {
    if (!this.removeFrom(this.root, start)) return false;
    this.count--;
    while (this.root.children?.length === 1 && this.root.children[0] !== undefined)
      this.root = this.root.children[0];
    return true;
  }

  private removeFrom(node: Node<V>, start: bigint): boolean {
    if (node.children === undefined) {
      const i = this.search(node.entries, start);
      if (node.entries[i]?.start !== start) return false;
      node.entries.splice(i, 1);
    } else {
      const i = this.search(node.children, start);
      const child = node.children[i];
      if (child === undefined || !this.removeFrom(child, start)) return false;
      // The leaf before an empty one may still lead to it, and it leads on: walking along the leaves stays right.
      if ((child.children ?? child.entries).length === 0) node.children.splice(i, 1);
      else this.merge(node.children, i);
    }
    this.measure(node);
    return true;
  }

  /** Joins child `i` with a neighbour if both together are small enough to stay together for a while. */
  private merge(children: Node<V>[], i: number): void {
    for (const at of [i, i - 1]) {
      const left = children[at];
      const right = children[at + 1];
      if (left === undefined || right === undefined) continue;
      if (left.children !== undefined && right.children !== undefined) {
        if (left.children.length + right.children.length > MOST / 2) continue;
        left.children.push(...right.children);
      } else if (left.entries !== undefined && right.entries !== undefined) {
        if (left.entries.length + right.entries.length > MOST / 2) continue;
        left.entries.push(...right.entries);
        left.next = right.next;
      } else {
        continue;
      }
      this.measure(left);
      children.splice(at + 1, 1);
      return;
    }
  }

  /**
   * The first gap between `from` and `to` that suits: `place` gets each gap that is at least `length` long, from
   * the lowest on, cut to the bounds, and says where in it something would go, or undefined.
   */
  firstGap<T>(
    from: bigint,
    to: bigint,
    length: bigint,
    place: (start: bigint, last: bigint) => T | undefined,
  ): T | undefined {
    let cursor = from;
    const offer = (last: bigint): T | undefined => {
      const end = last < to ? last : to;
      return end >= cursor && end - cursor + 1n >= length ? place(cursor, end) : undefined;
    };
    const walk = (node: Node<V>): T | undefined => {
      this.steps++;
      // What ends before the cursor has no gap to offer; nor has a node whose gaps are all too short, but the
      // one before it.
      if (node.last < cursor) return undefined;
      if (node.first > to) return undefined;
      if (node.gap < length && node.first >= cursor) {
        const found = offer(node.first - 1n);
        if (found === undefined) cursor = node.last + 1n;
        return found;
      }
      if (node.children !== undefined) {
        for (let i = this.search(node.children, cursor); i < node.children.length; i++) {
          const child = node.children[i];
          const found = child === undefined ? undefined : walk(child);
          if (found !== undefined || cursor > to) return found;
        }
        return undefined;
      }
      for (let i = this.search(node.entries, cursor); i < node.entries.length; i++) {
        const entry = node.entries[i];
        if (entry === undefined || entry.start > to) return undefined;
        this.steps++;
        const found = entry.start > cursor ? offer(entry.start - 1n) : undefined;
        if (found !== undefined) return found;
        cursor = entry.last + 1n;
      }
      return undefined;
    };
    const found = this.count === 0 ? undefined : walk(this.root);
    if (found !== undefined || cursor > to) return found;
    const next = this.first(cursor, to);
    return offer(next === undefined ? to : next.start - 1n);
  }
}

const MAX = 0xffff_ffff_ffff_ffffn;

function leaf<V>(entries: RangeEntry<V>[]): Leaf<V> {
  const node: Leaf<V> = { entries, next: undefined, first: 0n, last: 0n, gap: 0n };
  measure(node);
  return node;
}

function inner<V>(children: Node<V>[]): Inner<V> {
  const node: Inner<V> = { children, first: 0n, last: 0n, gap: 0n };
  measure(node);
  return node;
}

/** Brings a node's bounds and longest gap up to date. @returns how many items it looked at */
function measure<V>(node: Node<V>): number {
  const items: readonly {
    readonly start?: bigint;
    readonly first?: bigint;
    readonly last: bigint;
    readonly gap?: bigint;
  }[] = node.children ?? node.entries;
  let gap = 0n;
  let previous: bigint | undefined;
  for (const item of items) {
    const start = item.start ?? item.first ?? 0n;
    if (item.gap !== undefined && item.gap > gap) gap = item.gap;
    if (previous !== undefined && start - previous - 1n > gap) gap = start - previous - 1n;
    previous = item.last;
  }
  const head = items[0];
  node.first = head?.start ?? head?.first ?? 0n;
  node.last = previous ?? 0n;
  node.gap = gap;
  return items.length;
}
