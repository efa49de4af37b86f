/**
 * A device that counts ticks. At each tick it writes its counter to a slot of a table in memory. Its state is the counter, the address
 * of the table, and the number of writes to each slot. The state can be read while the device runs (pre-copy).
 */
import { createDevice, express, type FakePciDevice, registers } from '@iommufd/fakekernel';

/** Slots of the table, each on a separate page. A slot has 8 bytes. */
export const SLOTS = 64;
export const SLOT_SIZE = 4096;

/** Registers: the address of the table, and the counter. */
export const TABLE = 0x00;
export const COUNTER = 0x08;

/** Number of words of the state: the table, the counter, one for each slot. */
const WORDS = 2 + SLOTS;

/** The device, and its clock. */
export interface CounterDevice {
  readonly hardware: FakePciDevice;
  /** Runs the device for some ticks. @returns the number of ticks that it counted: 0 while it is stopped */
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
        // Pairs of an index and the new value of that word.
        changes: () => {
          const pairs = [...changed].flatMap((index) => [BigInt(index), word(index)]);
          changed.clear();
          return new Uint8Array(BigUint64Array.from(pairs).buffer);
        },
      },
      // All changes were returned by `changes` before.
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
        // Each slot once in 64 ticks, in a scattered order.
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
