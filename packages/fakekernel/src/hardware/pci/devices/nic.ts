/**
 * A device like a NIC: a ring of descriptors for sending and one for receiving, both in the memory of its driver, and an MSI-X
 * vector for each. {@link nic} creates one. It does not follow a real design; it shows how to write a device with rings, and is
 * meant to be copied.
 *
 * A descriptor has 16 bytes: the address of a buffer (8 bytes), its length (2), flags (2), 4 reserved bytes. The driver writes
 * descriptors, and then the tail register, which is one past the last descriptor. The device processes the descriptors up to
 * there, sets the flag `done`, and raises the vector.
 */
import { constant, restorable } from '../../../lib/restorable.js';
import { type Registers, registers } from '../bar.js';
import { express, msix } from '../capability.js';
import { createDevice, type FakePciDevice } from '../function.js';

/** Registers of BAR 0. Each ring has four registers, from 0x10 and from 0x30 on. */
const CONTROL = 0x00;
const ENABLE = 1;
const RINGS = [0x10, 0x30] as const;
/** Registers of a ring: its address (8 bytes), its number of descriptors, its tail. */
const BASE = 0x00;
const COUNT = 0x08;
const TAIL = 0x0c;
/** Index of the next descriptor that the device processes; read-only. */
const HEAD = 0x10;

const DESCRIPTOR = 16;
const DONE = 1;
/** The vector of {@link nic} for frames that are sent. */
export const NIC_SENT = 0;
/** The vector of {@link nic} for frames that have arrived. */
export const NIC_RECEIVED = 1;

/** A NIC, and the network side of it. */
export interface FakeNic {
  /** The device to plug in. */
  readonly device: FakePciDevice;
  /**
   * Passes a frame to the device, as if it arrived from the network.
   * @returns false if there is no descriptor, or its buffer is too small
   */
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
  /** The function of this device. */
  device: FakePciDevice | undefined;
}

const newRing = (): Ring => ({ base: 0n, count: 0, tail: 0, head: 0 });

const resets = restorable('nic.reset', (state: NicState) => () => {
  state.isEnabled = false;
  state.sent = newRing();
  state.received = newRing();
});

/** The registers, and the network side. */
const rings = restorable('nic', (state: NicState): Registers & Pick<FakeNic, 'receive'> => {
  /** The next descriptor that the driver has filled in. */
  const next = (ring: Ring): DataView | undefined => {
    if (!state.isEnabled || ring.count === 0 || ring.head === ring.tail) return undefined;
    const bytes = new Uint8Array(DESCRIPTOR);
    state.device?.transfer(ring.base + BigInt(ring.head * DESCRIPTOR), bytes, false);
    return new DataView(bytes.buffer);
  };

  /** Completes a descriptor. */
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

/** Creates a NIC. @param send called with each frame that the driver sends */
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
