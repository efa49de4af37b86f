import { RangeMap } from '../lib/range-map.js';
import type { PageRun } from './memory-object.js';

/** Pages of a file or of a process that can be lost while they are pinned. */
export interface Losable {
  /** A run of its pages is lost. Pinned ones keep their contents. @returns true if any is pinned */
  take(run: PageRun): boolean;
}

/**
 * The pages that a process or a file has over time. A page that is lost while it is pinned, and the page that has its index
 * afterwards, are different pages: they belong to different objects.
 */
export class Generations<P extends Losable> {
  /** The pages whose predecessors were lost while they were pinned. All others are in {@link original}. */
  private readonly renewed = new RangeMap<P>();
  private readonly original: P;

  /** @param make creates the objects of pages. They have the same indices */
  constructor(private readonly make: () => P) {
    this.original = make();
  }

  /** The object of the current page at an index. */
  of(index: number): P {
    if (this.renewed.size === 0) return this.original;
    return this.renewed.at(BigInt(index))?.value ?? this.original;
  }

  /** The current page at an index, and those after it in the same object, at most `most`. */
  at(index: number, most: number): { readonly object: P; readonly count: number } {
    const renewed = this.renewed.first(BigInt(index), BigInt(index + most) - 1n);
    if (renewed === undefined) return { object: this.original, count: most };
    const [first, last] = [Number(renewed.start), Number(renewed.last)];
    if (first > index) return { object: this.original, count: first - index };
    return { object: renewed.value, count: Math.min(most, last + 1 - index) };
  }

  /** The current pages of a run, in order. */
  runs({ first, count }: PageRun): { readonly object: P; readonly run: PageRun }[] {
    const runs = [];
    for (let at = first; at < first + count;) {
      const found = this.at(at, first + count - at);
      runs.push({ object: found.object, run: { first: at, count: found.count } });
      at += found.count;
    }
    return runs;
  }

  /** All objects whose pages are current. */
  objects(): P[] {
    return [this.original, ...[...this.renewed].map(({ value }) => value)];
  }

  /**
   * The pages of a run are lost. The run has new pages afterwards.
   * @returns true if any was pinned
   */
  take(run: PageRun): boolean {
    let isAny = false;
    for (const { object, run: part } of this.runs(run)) {
      if (!object.take(part)) continue;
      const [first, last] = [BigInt(part.first), BigInt(part.first + part.count) - 1n];
      this.renewed.cut(first, last, (value) => value);
      this.renewed.insert(first, last, this.make());
      isAny = true;
    }
    return isAny;
  }
}
