/**
 * An NVMe-like controller with one namespace in memory: queues in the memory of its user, doorbells, and an MSI-X vector for each
 * completion queue. It knows Identify, the commands that make queues, Read and Write, with data in at most two pages (PRP 1 and 2).
 * {@link nvme} makes one. Source: NVM Express base specification 1.4, sections 3 to 6.
 */
import { type AccessSize, getValue } from '../../../process/device-memory.js';
import { restorable } from '../../../lib/restorable.js';
import { type Registers, registers } from '../bar.js';
import { express, msix, pm } from '../capability.js';
import { type ConfigImage, createDevice, type FakePciDevice } from '../function.js';
import { ascii } from '../../../lib/ascii.js';

/** Registers of BAR 0. */
const CAP = 0x00;
const VS = 0x08;
const CC = 0x14;
const CSTS = 0x1c;
const AQA = 0x24;
const ASQ = 0x28;
const ACQ = 0x30;
const REGISTERS = 0x40;
const DOORBELLS = 0x1000;
/** The MSI-X table, and behind it its pending bits. */
const TABLE = 0x2000;
const PENDING = 0x3000;
const BAR0_SIZE = 0x4000;

/** Queues of 2048 entries, physically in one piece, ready within 7.5 s, doorbells 4 bytes apart, the NVM command set. */
const CAPABILITIES = 0x0040_0820_0f01_07ffn;
const VERSION = 0x0001_0400;
const ENABLE = 1;
const READY = 1;
/** What can be written: CC, AQA, ASQ and ACQ. */
const WRITABLE = [CC, AQA, ASQ, ASQ + 4, ACQ, ACQ + 4];

const SQ_ENTRY = 64;
const CQ_ENTRY = 16;
const PAGE = 4096;
const BLOCK = 512;

const ADMIN = { createSq: 0x01, createCq: 0x05, identify: 0x06 } as const;
const IO = { write: 0x01, read: 0x02 } as const;
/** Status codes. */
const INVALID_OPCODE = 0x01;
const INVALID_FIELD = 0x02;
const LBA_OUT_OF_RANGE = 0x80;

/** What can be chosen of the controller. */
export interface NvmeOptions {
  /** Its serial number, as Identify shows it: up to 20 characters. */
  readonly serial?: string;
  /** Its model, likewise: up to 40 characters. */
  readonly model?: string;
  /** The namespace: whole blocks of 512 bytes; 1 MiB of zeros by default. */
  readonly storage?: Uint8Array;
  /** Vectors of MSI-X: 5 by default. */
  readonly vectors?: number;
  /** Another configuration space. */
  readonly config?: ConfigImage;
}

/** A queue: where it is, its entries, and the next one. */
interface Queue {
  readonly base: bigint;
  readonly entries: number;
  next: number;
}

interface CompletionQueue extends Queue {
  readonly vector: number;
  /** Turns over each time the queue is through. */
  phase: number;
}

interface SubmissionQueue extends Queue {
  readonly completions: number;
}

/** The state of a controller. */
interface NvmeState extends Required<Pick<NvmeOptions, 'serial' | 'model' | 'storage'>> {
  readonly file: DataView;
  readonly submissions: Map<number, SubmissionQueue>;
  readonly completions: Map<number, CompletionQueue>;
  /** The function that it is. */
  device: FakePciDevice | undefined;
}

/** What a controller does. A command is done when the write to its doorbell returns. */
const controller = restorable('nvme', (state: NvmeState): Registers & { reset(): void } => {
  const { file, submissions, completions, serial, model, storage } = state;

  const reset = (): void => {
    new Uint8Array(file.buffer).fill(0);
    file.setBigUint64(CAP, CAPABILITIES, true);
    file.setUint32(VS, VERSION, true);
    submissions.clear();
    completions.clear();
  };

  const configure = (): void => {
    const isEnabled = (file.getUint32(CC, true) & ENABLE) !== 0;
    const isReady = (file.getUint32(CSTS, true) & READY) !== 0;
    if (isEnabled === isReady) return;
    file.setUint32(CSTS, isEnabled ? READY : 0, true);
    submissions.clear();
    completions.clear();
    if (!isEnabled) return;
    const sizes = file.getUint32(AQA, true);
    const base = (at: number): bigint => file.getBigUint64(at, true);
    submissions.set(0, { base: base(ASQ), entries: (sizes & 0xfff) + 1, next: 0, completions: 0 });
    completions.set(0, {
      base: base(ACQ),
      entries: ((sizes >>> 16) & 0xfff) + 1,
      next: 0,
      vector: 0,
      phase: 1,
    });
  };

  /** Copies between a buffer and what PRP 1 and 2 of a command name. What cannot be reached is lost, as QEMU does it. */
  const transfer = (command: DataView, bytes: Uint8Array, toMemory: boolean): void => {
    const first = command.getBigUint64(24, true);
    const length = Math.min(bytes.length, PAGE - Number(first % BigInt(PAGE)));
    state.device?.transfer(first, bytes.subarray(0, length), toMemory);
    if (length < bytes.length)
      state.device?.transfer(command.getBigUint64(32, true), bytes.subarray(length), toMemory);
  };

  const identify = (command: DataView): number => {
    const data = new Uint8Array(PAGE);
    const view = new DataView(data.buffer);
    const selector = command.getUint8(40);
    if (selector === 1) {
      view.setUint16(0, state.device?.config.read(0, 2) ?? 0, true);
      view.setUint16(2, state.device?.config.read(0x2c, 2) ?? 0, true);
      data.set(ascii(serial.padEnd(20)), 4);
      data.set(ascii(model.padEnd(40)), 24);
      view.setUint32(516, 1, true);
    } else if (selector === 0) {
      for (const at of [0, 8, 16]) view.setBigUint64(at, BigInt(storage.length / BLOCK), true);
      // One format: blocks of 2^9 bytes.
      view.setUint8(130, Math.log2(BLOCK));
    } else return INVALID_FIELD;
    transfer(command, data, true);
    return 0;
  };

  const runAdmin = (command: DataView): number => {
    const queue = { base: command.getBigUint64(24, true), entries: command.getUint16(42, true) + 1, next: 0 };
    const id = command.getUint16(40, true);
    switch (command.getUint8(0)) {
      case ADMIN.identify:
        return identify(command);
      case ADMIN.createCq:
        completions.set(id, { ...queue, vector: command.getUint16(46, true), phase: 1 });
        return 0;
      case ADMIN.createSq:
        if (!completions.has(command.getUint16(46, true))) return INVALID_FIELD;
        submissions.set(id, { ...queue, completions: command.getUint16(46, true) });
        return 0;
      default:
        return INVALID_OPCODE;
    }
  };

  const runIo = (command: DataView): number => {
    const opcode = command.getUint8(0);
    if (opcode !== IO.read && opcode !== IO.write) return INVALID_OPCODE;
    const from = Number(command.getBigUint64(40, true)) * BLOCK;
    const length = (command.getUint16(48, true) + 1) * BLOCK;
    if (from + length > storage.length) return LBA_OUT_OF_RANGE;
    if (length > 2 * PAGE) return INVALID_FIELD;
    transfer(command, storage.subarray(from, from + length), opcode === IO.read);
    return 0;
  };

  const complete = (id: number, queue: SubmissionQueue, command: DataView, status: number): void => {
    const done = completions.get(queue.completions);
    if (done === undefined) return;
    const entry = new DataView(new ArrayBuffer(CQ_ENTRY));
    entry.setUint16(8, queue.next, true);
    entry.setUint16(10, id, true);
    entry.setUint16(12, command.getUint16(2, true), true);
    entry.setUint16(14, (status << 1) | done.phase, true);
    state.device?.transfer(done.base + BigInt(done.next * CQ_ENTRY), new Uint8Array(entry.buffer), true);
    done.next = (done.next + 1) % done.entries;
    if (done.next === 0) done.phase ^= 1;
    state.device?.interrupt(done.vector);
  };

  /** New commands are in a queue, up to its tail. */
  const submit = (id: number, tail: number): void => {
    const queue = submissions.get(id);
    if (queue === undefined || tail >= queue.entries) return;
    while (queue.next !== tail) {
      const bytes = new Uint8Array(SQ_ENTRY);
      state.device?.transfer(queue.base + BigInt(queue.next * SQ_ENTRY), bytes, false);
      queue.next = (queue.next + 1) % queue.entries;
      const command = new DataView(bytes.buffer);
      complete(id, queue, command, id === 0 ? runAdmin(command) : runIo(command));
    }
  };

  const write = (offset: number, size: AccessSize, value: bigint): void => {
    if (offset >= DOORBELLS) {
      const doorbell = (offset - DOORBELLS) / 4;
      // Odd ones say how far completions have been read, which matters to none of these queues.
      if (Number.isInteger(doorbell) && doorbell % 2 === 0) submit(doorbell / 2, Number(value & 0xffffn));
      return;
    }
    for (let at = offset; at < offset + size; at += 4) {
      if (WRITABLE.includes(at))
        file.setUint32(at, Number((value >> BigInt(8 * (at - offset))) & 0xffff_ffffn), true);
    }
    configure();
  };

  return {
    reset,
    read: (offset, size) => (offset + size <= REGISTERS ? getValue(file, offset, size) : 0),
    write: (offset, size, value) => {
      if (size >= 4) write(offset, size, value);
    },
  };
});

const resets = restorable('nvme.reset', (own: { reset(): void }) => () => own.reset());

/** Makes an NVMe-like controller. */
export function nvme(options: NvmeOptions = {}): FakePciDevice {
  const { serial = 'fake', model = 'Fake NVMe', storage = new Uint8Array(1 << 20), vectors = 5 } = options;
  const state: NvmeState = {
    serial,
    model,
    storage,
    file: new DataView(new ArrayBuffer(REGISTERS)),
    submissions: new Map(),
    completions: new Map(),
    device: undefined,
  };
  const own = controller(state);
  const device = createDevice({
    vendor: 0x1b36,
    device: 0x0010,
    class: 0x010802,
    revision: 2,
    subsystemVendor: 0x1af4,
    subsystemDevice: 0x1100,
    capabilities: [msix({ vectors, bar: 0, table: TABLE, pending: PENDING }), express({ flr: true }), pm()],
    ...(options.config !== undefined && { config: options.config }),
    bars: [registers(BAR0_SIZE, own, { is64: true })],
    reset: resets(own),
  });
  own.reset();
  return (state.device = device);
}
