/**
 * QEMU's educational device `edu`: a factorial, an interrupt that software can raise, and a DMA engine that copies between memory
 * and an internal buffer. {@link edu} creates one; it is small enough as a starting point for other devices. Source:
 * `docs/specs/edu.rst` and `hw/misc/edu.c` of QEMU.
 */
import type { AccessSize } from '../../../process/device-memory.js';
import { restorable } from '../../../lib/restorable.js';
import { type Registers, registers } from '../bar.js';
import { msi } from '../capability.js';
import type { ConfigImage } from '../declaration.js';
import { createDevice, type FakePciDevice } from '../function.js';

/** Registers of BAR 0. The registers from 0x80 on have 64 bits. */
const REGISTER = {
  id: 0x00,
  inverse: 0x04,
  factorial: 0x08,
  status: 0x20,
  interruptStatus: 0x24,
  raise: 0x60,
  acknowledge: 0x64,
  source: 0x80,
  destination: 0x88,
  count: 0x90,
  command: 0x98,
} as const;

const BAR0_SIZE = 1 << 20;
const ID = 0x0100_00ed;
/** Bit of the status register: raise an interrupt when the factorial is complete. */
const STATUS_INTERRUPT = 0x80;
const FACTORIAL_INTERRUPT = 1;
/** Bits of the command register: start; direction, to memory; raise an interrupt at the end. */
const RUN = 1n;
const TO_MEMORY = 2n;
const INTERRUPT_AT_END = 4n;
const COPY_INTERRUPT = 0x100;

/** The buffer's address for the engine. */
const BUFFER = 0x4_0000n;
const BUFFER_SIZE = 4096;
/** The largest memory access, in bytes. Each access is translated separately. */
const MOST_BYTES = 4;

/** Options of {@link edu}. */
export interface EduOptions {
  /** Number of address bits that the engine can send. Default: 28. Higher bits are dropped. */
  readonly addressBits?: number;
  /** A configuration space that replaces QEMU's. */
  readonly config?: ConfigImage;
  /** Runs work after a number of milliseconds. Without it, a copy is complete when the write that starts it returns. */
  readonly later?: (milliseconds: number, work: () => void) => void;
}

/** Duration of a copy. */
const COPY_MILLISECONDS = 100;

/** The state of an `edu`. */
interface EduState {
  inverse: number;
  factorial: number;
  status: number;
  interrupts: number;
  readonly engine: { source: bigint; destination: bigint; count: bigint; command: bigint };
  readonly buffer: Uint8Array;
  readonly addressBits: number;
  readonly later: EduOptions['later'];
  /** The function of this device. */
  device: FakePciDevice | undefined;
}

function raise(state: EduState, bits: number): void {
  state.interrupts = (state.interrupts | bits) >>> 0;
  if (state.interrupts !== 0) state.device?.interrupt();
}

function acknowledge(state: EduState, bits: number): void {
  state.interrupts = (state.interrupts & ~bits) >>> 0;
  if (state.interrupts === 0) state.device?.setInterruptLine(false);
}

/** The length of the next memory access: the largest power of two that is aligned and not beyond the end. */
function accessLength(address: bigint, left: number): number {
  let length = MOST_BYTES;
  while (length > left || Number(address & BigInt(length - 1)) !== 0) length /= 2;
  return length;
}

/** Copies. Memory that the engine cannot read is zero, and data that it cannot write is lost. */
function run(state: EduState): void {
  const { engine, buffer, addressBits, device } = state;
  const { source, destination, count, command } = engine;
  const toMemory = (command & TO_MEMORY) !== 0n;
  const inside = Number((toMemory ? source : destination) - BUFFER);
  const iova = BigInt.asUintN(addressBits, toMemory ? destination : source);
  engine.command = command & ~RUN;
  if (device === undefined || inside < 0 || inside + Number(count) > BUFFER_SIZE) return;
  for (let at = 0; at < Number(count);) {
    const address = iova + BigInt(at);
    const length = accessLength(address, Number(count) - at);
    const bytes = buffer.subarray(inside + at, inside + at + length);
    at += length;
    const done = device.transfer(address, bytes, toMemory);
    if (!toMemory && device.isBusMaster) bytes.fill(0, done);
  }
  if ((command & INTERRUPT_AT_END) !== 0n) raise(state, COPY_INTERRUPT);
}

/** The callback for `later`. */
const runs = restorable('edu.run', (state: EduState) => () => run(state));

function readRegister(state: EduState, offset: number): number | bigint | undefined {
  const { engine } = state;
  switch (offset) {
    case REGISTER.id:
      return ID;
    case REGISTER.inverse:
      return state.inverse;
    case REGISTER.factorial:
      return state.factorial;
    case REGISTER.status:
      return state.status;
    case REGISTER.interruptStatus:
      return state.interrupts;
    case REGISTER.source:
      return engine.source;
    case REGISTER.destination:
      return engine.destination;
    case REGISTER.count:
      return engine.count;
    case REGISTER.command:
      return engine.command;
    default:
      return undefined;
  }
}

function writeRegister(state: EduState, offset: number, value: bigint): void {
  const { engine } = state;
  // While the engine runs, its registers cannot be written.
  if (offset >= REGISTER.source && (engine.command & RUN) !== 0n) return;
  const word = Number(BigInt.asUintN(32, value));
  switch (offset) {
    case REGISTER.inverse:
      state.inverse = ~word >>> 0;
      break;
    case REGISTER.factorial:
      state.factorial = factorialOf(word);
      if ((state.status & STATUS_INTERRUPT) !== 0) raise(state, FACTORIAL_INTERRUPT);
      break;
    case REGISTER.status:
      state.status = word & STATUS_INTERRUPT;
      break;
    case REGISTER.raise:
      raise(state, word);
      break;
    case REGISTER.acknowledge:
      acknowledge(state, word);
      break;
    case REGISTER.source:
      engine.source = value;
      break;
    case REGISTER.destination:
      engine.destination = value;
      break;
    case REGISTER.count:
      engine.count = value;
      break;
    case REGISTER.command:
      if ((value & RUN) === 0n) break;
      engine.command = value;
      if (state.later === undefined) run(state);
      else state.later(COPY_MILLISECONDS, runs(state));
  }
}

/** BAR 0. Accesses of bytes and words have no effect, and a 32-bit register does not support 64-bit accesses. */
const bar0 = restorable('edu.registers', (state: EduState): Registers => ({
  read: (offset, size) => {
    if (size < 4) return 0;
    return answers(offset, size) ? readRegister(state, offset) : undefined;
  },
  write: (offset, size, value) => {
    if (answers(offset, size)) writeRegister(state, offset, value);
  },
}));

/** Creates an `edu` device. */
export function edu({ addressBits = 28, config, later }: EduOptions = {}): FakePciDevice {
  const state: EduState = {
    inverse: 0,
    factorial: 0,
    status: 0,
    interrupts: 0,
    engine: { source: 0n, destination: 0n, count: 0n, command: 0n },
    buffer: new Uint8Array(BUFFER_SIZE),
    addressBits,
    later,
    device: undefined,
  };
  const device = createDevice({
    vendor: 0x1234,
    device: 0x11e8,
    subsystemVendor: 0x1af4,
    subsystemDevice: 0x1100,
    revision: 0x10,
    capabilities: [msi()],
    ...(config !== undefined && { config }),
    bars: [registers(BAR0_SIZE, bar0(state))],
  });
  return (state.device = device);
}

function answers(offset: number, size: AccessSize): boolean {
  return size === 4 || (size === 8 && offset >= REGISTER.source);
}

/** The factorial in 32 bits, as the device computes it. */
function factorialOf(value: number): number {
  let result = 1;
  for (let factor = value; factor > 1 && result !== 0; factor--) result = Math.imul(result, factor);
  return result >>> 0;
}
