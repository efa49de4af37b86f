import { gapBetween, MOST, NONE, type RangeEntry, RangeNodes, ROUNDED } from './range-nodes.js';

export type { RangeEntry };

/**
 * An ordered map from disjoint ranges of 64-bit numbers to values, which can also find gaps between the ranges. It is a B-tree
 * whose nodes hold the longest gap inside them. Looking up, inserting, removing and finding the first gap of a length take time
 * that grows with the logarithm of the number of ranges. gVisor's `segment.Set` uses the same idea.
 */
export class RangeMap<V> {
  /** The only range, as long as there are no nodes: many maps never hold a second range. */
  private only: RangeEntry<V> | undefined;
  private nodes: RangeNodes<V> | undefined;
  private root = 0;
  /** Levels of nodes above the leaves. */
  private height = 0;
  private count = 0;
  /** Number of nodes and entries that were visited since the map was created, for tests of complexity. */
  steps = 0;

  /** Number of ranges. */
  get size(): number {
    return this.count;
  }

  /** The first range that intersects `from` to `to`. */
  first(from: bigint, to: bigint): RangeEntry<V> | undefined {
    const { nodes, only } = this;
    if (nodes === undefined)
      return only !== undefined && only.last >= from && only.start <= to ? only : undefined;
    const key = Number(from);
    const leaf = this.leafOf(nodes, from, key);
    const i = this.search(nodes, leaf, from, key);
    if (i === nodes.size(leaf)) return undefined;
    const start = nodes.start(leaf, i);
    const end = Number(to);
    if (start > end) return undefined;
    const entry = nodes.entry(leaf, i);
    return start < end || entry.start <= to ? entry : undefined;
  }

  /** The range that contains `point`. */
  at(point: bigint): RangeEntry<V> | undefined {
    return this.first(point, point);
  }

  /** The ranges that intersect `from` to `to`, in order. The map must not change during the iteration. */
  *range(from: bigint, to: bigint): Generator<RangeEntry<V>> {
    const { nodes } = this;
    if (nodes === undefined) {
      const only = this.first(from, to);
      if (only !== undefined) yield only;
      return;
    }
    const key = Number(from);
    let leaf = this.leafOf(nodes, from, key);
    let i = this.search(nodes, leaf, from, key);
    for (; leaf !== NONE; leaf = nodes.next(leaf), i = 0) {
      for (; i < nodes.size(leaf); i++) {
        const entry = nodes.entry(leaf, i);
        if (entry.start > to) return;
        this.steps++;
        yield entry;
      }
    }
  }

  /** All ranges, in order. The map must not change during the iteration. */
  [Symbol.iterator](): Generator<RangeEntry<V>> {
    return this.range(0n, MAX);
  }

  /** The leaf with the first range that ends at `point` or beyond; the last leaf if all ranges end before it. */
  private leafOf(nodes: RangeNodes<V>, point: bigint, key: number): number {
    let node = this.root;
    for (let level = this.height; level > 0; level--) {
      const i = this.search(nodes, node, point, key);
      node = nodes.child(node, Math.min(i, nodes.size(node) - 1));
    }
    return node;
  }

  /** Index of the first item of a node that ends at `point` or beyond. @param key `point` as a number */
  private search(nodes: RangeNodes<V>, node: number, point: bigint, key: number): number {
    let low = 0;
    let high = nodes.size(node);
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.steps++;
      const last = nodes.last(node, middle);
      if (last < key || (last === key && key >= ROUNDED && nodes.exactLast(node, middle) < point))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a range. @throws RangeError if it is empty or intersects another range */
  insert(start: bigint, last: bigint, value: V): RangeEntry<V> {
    return this.add({ start, last, value });
  }

  /** Like {@link insert}, for a value that is its own entry. */
  add<E extends RangeEntry<V>>(entry: E): E {
    if (entry.start > entry.last) throw notFree(entry);
    if (this.count === 0 && this.nodes === undefined) this.only = entry;
    else this.insertAtRoot(this.tree(), entry);
    this.count++;
    return entry;
  }

  /** The nodes, created on the first call. */
  private tree(): RangeNodes<V> {
    if (this.nodes === undefined) {
      this.nodes = new RangeNodes(this.only);
      this.only = undefined;
      this.root = 0;
      this.height = 0;
    }
    return this.nodes;
  }

  private insertAtRoot(nodes: RangeNodes<V>, entry: RangeEntry<V>): void {
    const { root, height } = this;
    this.insertInto(nodes, root, height, entry, Number(entry.start));
    if (nodes.size(root) < MOST) return;
    this.root = nodes.make();
    this.height++;
    nodes.insert(this.root, 0, root, 0, 0);
    this.split(nodes, this.root, 0, height === 0);
    this.settle(nodes, this.root, 0);
  }

  /**
   * Inserts an entry below a node. The node may be full afterwards.
   * @returns true if its bounds or its longest gap may have changed, which its parent holds
   */
  private insertInto(
    nodes: RangeNodes<V>,
    node: number,
    level: number,
    entry: RangeEntry<V>,
    key: number,
  ): boolean {
    const i = this.search(nodes, node, entry.start, key);
    if (level === 0) {
      const last = Number(entry.last);
      const isFree =
        i === nodes.size(node) || nodes.start(node, i) > last || nodes.entry(node, i).start > entry.last;
      if (!isFree) throw notFree(entry);
      nodes.insert(node, i, entry, key, last);
      return this.measure(nodes, node, i);
    }
    // An entry beyond the end of the last child belongs to the last child.
    const at = Math.min(i, nodes.size(node) - 1);
    const child = nodes.child(node, at);
    const isChanged = this.insertInto(nodes, child, level - 1, entry, key);
    if (nodes.size(child) === MOST) this.split(nodes, node, at, level === 1);
    else if (!isChanged) return false;
    return this.settle(nodes, node, at);
  }

  /** Splits child `i`, which is full. */
  private split(nodes: RangeNodes<V>, node: number, i: number, isLeaf: boolean): void {
    const child = nodes.child(node, i);
    const right = nodes.make(isLeaf ? child : NONE);
    // Most ranges are added in order: the next entry is likely to come after the last child, and none before. The left half keeps
    // more.
    nodes.move(child, i === nodes.size(node) - 1 ? (MOST * 3) / 4 : MOST / 2, right);
    nodes.measure(child);
    nodes.measure(right);
    nodes.insert(node, i + 1, right, 0, 0);
    this.settle(nodes, node, i + 1);
  }

  /**
   * Updates what a node holds of child `i`, and its own longest gap.
   * @returns true if its parent must be updated too
   */
  private settle(nodes: RangeNodes<V>, node: number, i: number): boolean {
    const child = nodes.child(node, i);
    nodes.setBounds(node, i, nodes.start(child, 0), nodes.last(child, nodes.size(child) - 1));
    return this.measure(nodes, node, i);
  }

  /**
   * Updates the longest gap of a node whose item `i` has changed.
   * @returns true if its bounds or its gap may have changed, which its parent holds
   */
  private measure(nodes: RangeNodes<V>, node: number, i: number): boolean {
    this.steps += nodes.size(node);
    const isGapOther = nodes.measure(node);
    return isGapOther || i === 0 || i >= nodes.size(node) - 1;
  }

  /**
   * Removes the part of the map from `from` to `to`. A range that is only partly inside is cut.
   * @param piece returns the value of a remaining piece, which begins `skipped` after the start of its range
   * @returns the values of the ranges that were removed or cut
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

  /** Removes the range that begins at `start`. @returns false if no range begins there */
  remove(start: bigint): boolean {
    const { nodes, count } = this;
    if (nodes === undefined) {
      if (this.only?.start !== start) return false;
      this.only = undefined;
      this.count = 0;
      return true;
    }
    this.removeFrom(nodes, this.root, this.height, start, Number(start));
    for (; this.height > 0 && nodes.size(this.root) === 1; this.height--) {
      const { root } = this;
      this.root = nodes.child(root, 0);
      nodes.remove(root, 0);
      nodes.end(root);
    }
    if (this.count === 0) this.nodes = undefined;
    return this.count < count;
  }

  /**
   * Removes an entry below a node. The node may be empty afterwards.
   * @returns true if its bounds or its longest gap may have changed, which its parent holds
   */
  private removeFrom(nodes: RangeNodes<V>, node: number, level: number, start: bigint, key: number): boolean {
    const i = this.search(nodes, node, start, key);
    if (i === nodes.size(node)) return false;
    if (level === 0) {
      if (nodes.entry(node, i).start !== start) return false;
      nodes.remove(node, i);
      this.count--;
      return this.measure(nodes, node, i);
    }
    const child = nodes.child(node, i);
    if (!this.removeFrom(nodes, child, level - 1, start, key)) return false;
    // A child is merged only if it is small: otherwise the sizes of its neighbours do not matter.
    if (nodes.size(child) <= MOST / 4) {
      if (this.merge(nodes, node, i)) return this.settle(nodes, node, i);
      if (this.merge(nodes, node, i - 1)) return this.settle(nodes, node, i - 1);
    }
    if (nodes.size(child) > 0) return this.settle(nodes, node, i);
    nodes.remove(node, i);
    nodes.end(child);
    return this.measure(nodes, node, i);
  }

  /** Merges child `i` with the next child, if the result is at most half full and so will not be split soon. */
  private merge(nodes: RangeNodes<V>, node: number, i: number): boolean {
    if (i < 0 || i + 1 >= nodes.size(node)) return false;
    const left = nodes.child(node, i);
    const right = nodes.child(node, i + 1);
    if (nodes.size(left) + nodes.size(right) > MOST / 2) return false;
    nodes.move(right, 0, left);
    nodes.end(right);
    nodes.remove(node, i + 1);
    nodes.measure(left);
    return true;
  }

  /**
   * Finds the first suitable gap between `from` and `to`. `place` is called for each gap of at least `length`, in ascending order
   * and cut to the bounds. It returns the place for the new range, or undefined to continue.
   */
  firstGap<T>(
    from: bigint,
    to: bigint,
    length: bigint,
    place: (start: bigint, last: bigint) => T | undefined,
  ): T | undefined {
    const nodes = this.tree();
    const key = Number(from);
    const end = Number(to);
    const wanted = Number(length);
    // The item before the current gap, if there is one, and its end.
    let before = NONE;
    let index = 0;
    let last = key - 1;
    const offer = (gapLast: bigint): T | undefined => {
      const start = before === NONE ? from : nodes.exactLast(before, index) + 1n;
      const until = gapLast < to ? gapLast : to;
      return until >= start && until - start + 1n >= length ? place(start, until) : undefined;
    };
    const walk = (node: number, level: number): T | undefined => {
      for (let i = this.search(nodes, node, from, key); i < nodes.size(node); i++) {
        this.steps++;
        const start = nodes.start(node, i);
        if (start > end) return undefined;
        if (gapBetween(last, start) >= wanted) {
          const found = offer(nodes.exactStart(node, i) - 1n);
          if (found !== undefined) return found;
        }
        if (level > 0 && nodes.gap(nodes.child(node, i)) >= wanted) {
          const found = walk(nodes.child(node, i), level - 1);
          if (found !== undefined) return found;
        } else {
          before = node;
          index = i;
          last = nodes.last(node, i);
        }
      }
      return undefined;
    };
    const found = walk(this.root, this.height);
    // The gap after the last range, or before a range that begins beyond `to`.
    return found ?? offer(to);
  }
}

const MAX = 0xffff_ffff_ffff_ffffn;

const notFree = <V>({ start, last }: RangeEntry<V>): RangeError =>
  new RangeError(`range ${start} to ${last} is empty or intersects another`);
