import { smmuv3_command } from '@iommufd/uapi';
import type { SystemMemory } from '../memory.js';
import type { QueuePlace } from './queue-place.js';

const BYTES = smmuv3_command.byteLength;
/** A copy: software may write to its queue at the same time, and what is looked at and what is used must be one. */
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.slice().buffer);

const NOTHING = new DataView(new ArrayBuffer(0));

/** Commands of a queue in the order in which they are consumed, as they were in memory, around its end if need be. */
export class CommandEntries {
  private constructor(
    private readonly head: DataView,
    private readonly tail: DataView,
    /** How many. */
    readonly count: number,
  ) {}

  /**
   * Looks at commands that wait.
   * @param memory what the queue is in
   * @param place where it is
   * @param cons the read index
   * @param most how many wait, or are wanted, 1 or more
   * @returns at least one and not necessarily all; undefined if the first of them is not in memory
   */
  static read(
    memory: SystemMemory,
    place: QueuePlace,
    cons: number,
    most: number,
  ): CommandEntries | undefined {
    const index = cons & (place.size - 1);
    const start = place.address + BigInt(index * BYTES);
    const inHead = Math.min(most, place.size - index);
    const inTail = Math.min(most - inHead, place.size);
    const head = memory.read(start, inHead * BYTES);
    if (head === undefined) {
      const first = memory.read(start, BYTES);
      return first && new CommandEntries(viewOf(first), NOTHING, 1);
    }
    const tail = inTail === 0 ? undefined : memory.read(place.address, inTail * BYTES);
    if (tail === undefined) return new CommandEntries(viewOf(head), NOTHING, inHead);
    return new CommandEntries(viewOf(head), viewOf(tail), inHead + inTail);
  }

  /** Bits 31 to 0 of the nth command. */
  low(at: number): number {
    return this.viewOf(at).getUint32(this.offsetOf(at), true);
  }

  /** Bits 63 to 32: the StreamID, where a command has one. */
  high(at: number): number {
    return this.viewOf(at).getUint32(this.offsetOf(at) + 4, true);
  }

  /** Bits 95 to 64. */
  third(at: number): number {
    return this.viewOf(at).getUint32(this.offsetOf(at) + 8, true);
  }

  /** The whole command as two words. */
  words(at: number): [bigint, bigint] {
    const view = this.viewOf(at);
    const offset = this.offsetOf(at);
    return [view.getBigUint64(offset, true), view.getBigUint64(offset + 8, true)];
  }

  /** The whole command as bytes. */
  bytes(at: number): Uint8Array {
    return new Uint8Array(this.viewOf(at).buffer, this.offsetOf(at), BYTES);
  }

  private viewOf(at: number): DataView {
    return at * BYTES < this.head.byteLength ? this.head : this.tail;
  }

  private offsetOf(at: number): number {
    const offset = at * BYTES;
    return offset < this.head.byteLength ? offset : offset - this.head.byteLength;
  }
}
