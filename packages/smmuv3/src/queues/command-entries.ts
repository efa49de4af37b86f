import { smmuv3_command } from '@iommufd/uapi';
import type { SystemMemory } from '../memory.js';
import type { QueuePlace } from './queue-place.js';

const BYTES = smmuv3_command.byteLength;
/**
 * A view of a copy: software may write to its queue at any time, and a command must not change between its check and
 * its use.
 */
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.slice().buffer);

const NOTHING = new DataView(new ArrayBuffer(0));

/**
 * A snapshot of consecutive commands of the queue, across its end if they wrap. Fields are read from the raw words, so that a
 * consumer that forwards commands need not decode them (Arm IHI 0070, 4.1).
 */
export class CommandEntries {
  private constructor(
    private readonly head: DataView,
    private readonly tail: DataView,
    /** Number of commands. */
    readonly count: number,
  ) {}

  /**
   * Copies commands that wait in the queue.
   * @param memory holds the queue
   * @param place the queue
   * @param cons SMMU_CMDQ_CONS
   * @param most maximum number of commands to copy, at least 1
   * @returns at least one command, possibly fewer than `most`; undefined if the first is not in memory
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

  /** Bits 63 to 32 of the nth command: the StreamID, if the command has one. */
  high(at: number): number {
    return this.viewOf(at).getUint32(this.offsetOf(at) + 4, true);
  }

  /** Bits 95 to 64 of the nth command. */
  third(at: number): number {
    return this.viewOf(at).getUint32(this.offsetOf(at) + 8, true);
  }

  /** The nth command as two words. */
  words(at: number): [bigint, bigint] {
    const view = this.viewOf(at);
    const offset = this.offsetOf(at);
    return [view.getBigUint64(offset, true), view.getBigUint64(offset + 8, true)];
  }

  /** The nth command as bytes. */
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
