/**
 * A device that counts what it does: with each tick it writes its counter into a slot of a table in memory. Its state is the
 * counter, where the table is, and how often each slot was written; it gives that away while it runs.
 */
import { createDevice, express, type FakePciDevice, registers } from '@iommufd/fakekernel';

/** Slots of the table, 8 bytes each, on pages of their own. */
export const SLOTS = 64;
export const SLOT_SIZE = 4096;

/** Registers: where the table is, and the counter. */
export const TABLE = 0x00;
export const COUNTER = 0x08;

/** A word of the state, by its index: the table, the counter, the slots. */
const WORDS = 2 + SLOTS;

/** The device, and how time passes for it. */
export interface CounterDevice {
  readonly hardware: FakePciDevice;
  /** Ticks. @returns how many of them it has done: none while it is stopped */
  tick(times: number): number;
}

export function counterDevice(): CounterDevice {
  let words = new BigUint64Array(WORDS);
  const changed = new Set<number>();
  const set = (index: number, value: bigint): void => {
    words[index] = value;
    changed.add(index);
  };
  const word = (index: number): bigint => words[index] ?? 0n;

  const hardware = createDevice({
    vendor: 0x1234,
    device: 0x00c0,
    capabilities: [express({ flr: true })],
    bars: [
      registers(4096, {
        read: (offset) => ({ [TABLE]: word(0), [COUNTER]: word(1) })[offset],
        write: (offset, _size, value) => {
          if (offset === TABLE) set(0, value);
        },
      }),
    ],
    reset: () => {
      words = new BigUint64Array(WORDS);
      changed.clear();
    },
    migration: {
      precopy: {
        initial: () => {
          changed.clear();
          return new Uint8Array(words.slice().buffer);
        },
        // Pairs: which word, and what it is now.
        changes: () => {
          const pairs = [...changed].flatMap((index) => [BigInt(index), word(index)]);
          changed.clear();
          return new Uint8Array(BigUint64Array.from(pairs).buffer);
        },
      },
      // All that has changed was given away before.
      save: () => new Uint8Array(),
      load: ([first, ...changes]) => {
        if (first?.length !== 8 * WORDS) return false;
        words = new BigUint64Array(first.slice().buffer);
        for (const each of changes) {
          const pairs = new BigUint64Array(each.slice().buffer);
          for (let i = 0; i < pairs.length; i += 2) words[Number(pairs[i])] = pairs[i + 1] ?? 0n;
        }
        return true;
      },
    },
  });

  return {
    hardware,
    tick: (times) => {
      let done = 0;
      while (done < times && !hardware.isStopped) {
        const counter = word(1) + 1n;
        // Each slot once in 64 ticks, in an order of its own.
        const slot = Number((counter * 29n) % BigInt(SLOTS));
        set(1, counter);
        set(2 + slot, word(2 + slot) + 1n);
        const bytes = new Uint8Array(BigUint64Array.of(counter).buffer);
        hardware.transfer(word(0) + BigInt(slot * SLOT_SIZE), bytes, true);
        done++;
      }
      return done;
    },
  };
}
