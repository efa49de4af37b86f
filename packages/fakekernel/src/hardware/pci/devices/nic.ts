/**
 * A NIC-like device: a ring of descriptors to send and one to receive, both in the memory of its user, and an MSI-X vector for each.
 * {@link nic} makes one. It is of no real design; it shows how a device with rings is written, and is there to be copied.
 *
 * A descriptor is 16 bytes: the address of a buffer (8 bytes), its length (2), flags (2), 4 reserved. The user writes descriptors
 * and then the tail register, one past the last; the device works up to there, sets the flag `done`, and raises the vector.
 */
import { constant, restorable } from '../../../lib/restorable.js';
import { type Registers, registers } from '../bar.js';
import { express, msix } from '../capability.js';
import { createDevice, type FakePciDevice } from '../function.js';

/** Registers of BAR 0. Each ring has four, from 0x10 and from 0x30 on. */
const CONTROL = 0x00;
const ENABLE = 1;
const RINGS = [0x10, 0x30] as const;
/** In a ring: its address (8 bytes), how many descriptors it has, the tail. */
const BASE = 0x00;
const COUNT = 0x08;
const TAIL = 0x0c;
/** The next descriptor that the device looks at, to be read. */
const HEAD = 0x10;

const DESCRIPTOR = 16;
const DONE = 1;
/** The vector of {@link nic} for frames that are sent. */
export const NIC_SENT = 0;
/** The vector of {@link nic} for frames that have arrived. */
export const NIC_RECEIVED = 1;

/** A NIC, with its other end. */
export interface FakeNic {
  /** What is plugged in. */
  readonly device: FakePciDevice;
  /** A frame arrives from the wire. @returns false if there is no descriptor for it, or not enough room */
  receive(frame: Uint8Array): boolean;
}

interface Ring {
  base: bigint;
  count: number;
  tail: number;
  head: number;
}

/** The state of a NIC. */
interface NicState {
  readonly send: (frame: Uint8Array) => void;
  isEnabled: boolean;
  sent: Ring;
  received: Ring;
  /** The function that it is. */
  device: FakePciDevice | undefined;
}

const newRing = (): Ring => ({ base: 0n, count: 0, tail: 0, head: 0 });

const resets = restorable('nic.reset', (state: NicState) => () => {
  state.isEnabled = false;
  state.sent = newRing();
  state.received = newRing();
});

/** The registers, and the other end. */
const rings = restorable('nic', (state: NicState): Registers & Pick<FakeNic, 'receive'> => {
  /** The next descriptor that the user has filled in. */
  const next = (ring: Ring): DataView | undefined => {
    if (!state.isEnabled || ring.count === 0 || ring.head === ring.tail) return undefined;
    const bytes = new Uint8Array(DESCRIPTOR);
    state.device?.transfer(ring.base + BigInt(ring.head * DESCRIPTOR), bytes, false);
    return new DataView(bytes.buffer);
  };

  /** Gives a descriptor back. */
  const finish = (ring: Ring, descriptor: DataView, vector: number): void => {
    descriptor.setUint16(10, descriptor.getUint16(10, true) | DONE, true);
    state.device?.transfer(
      ring.base + BigInt(ring.head * DESCRIPTOR),
      new Uint8Array(descriptor.buffer),
      true,
    );
    ring.head = (ring.head + 1) % ring.count;
    state.device?.interrupt(vector);
  };

  const sendAll = (): void => {
    for (let found = next(state.sent); found !== undefined; found = next(state.sent)) {
      const frame = new Uint8Array(found.getUint16(8, true));
      state.device?.transfer(found.getBigUint64(0, true), frame, false);
      finish(state.sent, found, NIC_SENT);
      state.send(frame);
    }
  };

  const receive = (frame: Uint8Array): boolean => {
    const found = next(state.received);
    if (found === undefined || found.getUint16(8, true) < frame.length) return false;
    state.device?.transfer(found.getBigUint64(0, true), frame, true);
    found.setUint16(8, frame.length, true);
    finish(state.received, found, NIC_RECEIVED);
    return true;
  };

  const ringAt = (offset: number): { readonly ring: Ring; readonly register: number } | undefined => {
    const index = RINGS.findIndex((first) => offset >= first && offset <= first + HEAD);
    const ring = [state.sent, state.received][index];
    return ring && { ring, register: offset - (RINGS[index] ?? 0) };
  };

  return {
    receive,
    read: (offset) => {
      if (offset === CONTROL) return Number(state.isEnabled);
      const found = ringAt(offset);
      if (found === undefined) return 0;
      const { base, count, tail, head } = found.ring;
      return { [BASE]: base, [COUNT]: count, [TAIL]: tail, [HEAD]: head }[found.register] ?? 0;
    },
    write: (offset, _size, value) => {
      if (offset === CONTROL) state.isEnabled = (Number(value) & ENABLE) !== 0;
      const found = ringAt(offset);
      if (found === undefined) return;
      const { ring, register } = found;
      if (register === BASE) ring.base = value;
      if (register === COUNT) ring.count = Number(value);
      if (register === TAIL) ring.tail = Number(value);
      if (register === TAIL && ring === state.sent) sendAll();
    },
  };
});

const nothing = constant<Registers>('nic.vectors', { read: () => 0, write: () => undefined });

/** Makes a NIC. @param send called with each frame that the user sends */
export function nic(send: (frame: Uint8Array) => void): FakeNic {
  const state: NicState = {
    send,
    isEnabled: false,
    sent: newRing(),
    received: newRing(),
    device: undefined,
  };
  const own = rings(state);
  const device = createDevice({
    vendor: 0x1af4,
    device: 0xf0c0,
    class: 0x020000,
    interruptPin: 0,
    capabilities: [express({ flr: true }), msix({ vectors: 2, bar: 1 })],
    bars: [registers(4096, own), registers(4096, nothing)],
    reset: resets(state),
  });
  state.device = device;
  return { device, receive: (frame) => own.receive(frame) };
}
