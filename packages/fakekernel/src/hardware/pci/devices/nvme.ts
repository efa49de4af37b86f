/**
 * An NVMe-like controller with one namespace in memory: registers, queues in the memory of its driver, doorbells, and an MSI-X
 * vector for each completion queue, or the interrupt line. Linux's `nvme` driver and firmware can use it as a disk. Its commands
 * are in `nvme-commands.ts`. {@link nvme} creates one. Source: NVM Express base specification 1.4, sections 3 and 4.
 */
import { type AccessSize, getValue } from '../../../process/device-memory.js';
import { restorable } from '../../../lib/restorable.js';
import { type Registers, registers } from '../bar.js';
import { express, msix, pm } from '../capability.js';
import type { ConfigImage } from '../declaration.js';
import { createDevice, type FakePciDevice } from '../function.js';
import {
  type CompletionQueue,
  type Controller,
  runAdmin,
  runIo,
  type SubmissionQueue,
} from './nvme-commands.js';

/** Registers of BAR 0. */
const CAP = 0x00;
const VS = 0x08;
const INTMS = 0x0c;
const INTMC = 0x10;
const CC = 0x14;
const CSTS = 0x1c;
const AQA = 0x24;
const ASQ = 0x28;
const ACQ = 0x30;
const REGISTERS = 0x40;
const DOORBELLS = 0x1000;
/** Offset of the MSI-X table; its pending bits follow it. */
const TABLE = 0x2000;
const PENDING = 0x3000;
const BAR0_SIZE = 0x4000;

/**
 * Queues of 2048 entries that must be physically contiguous, ready within 7.5 s, doorbells 4 bytes apart, the NVM command set.
 */
const CAPABILITIES = 0x0040_0820_0f01_07ffn;
const VERSION = 0x0001_0400;
/** Fields of CC: enable; the size of a memory page, from 4 KiB on; shutdown notification. */
const ENABLE = 1;
const PAGE_SHIFT = 7;
const SHUTDOWN = 3 << 14;
/** Fields of CSTS: ready; shutdown complete. */
const READY = 1;
const SHUTDOWN_COMPLETE = 2 << 2;
/** Registers that store the written value: CC, AQA, ASQ and ACQ. */
const WRITABLE = [CC, AQA, ASQ, ASQ + 4, ACQ, ACQ + 4];

const SQ_ENTRY = 64;
const CQ_ENTRY = 16;
const BLOCK = 512;

/** Options of {@link nvme}. */
export interface NvmeOptions {
  /** Its serial number in Identify, up to 20 characters. Linux treats two controllers with the same serial number as one disk. */
  readonly serial?: string;
  /** Its model name in Identify, up to 40 characters. */
  readonly model?: string;
  /** The contents of the namespace: whole blocks of 512 bytes. Default: 1 MiB of zeros. */
  readonly storage?: Uint8Array;
  /** Number of MSI-X vectors. Default: 5, for four I/O queues. */
  readonly vectors?: number;
  /** A configuration space that replaces the default one. */
  readonly config?: ConfigImage;
}

/** The state of a controller. */
interface NvmeState extends Controller {
  readonly file: DataView;
  /** Masked vectors of the interrupt line: INTMS. */
  masked: number;
}

/** True if there is a completion that the driver has not read. */
const isUnread = (queue: CompletionQueue): boolean => queue.next !== queue.head;

const isFull = (queue: CompletionQueue): boolean => (queue.next + 1) % queue.entries === queue.head;

/**
 * The behaviour of a controller. A command has completed when the write to its doorbell returns, or as soon as its completion
 * queue has room.
 */
const controller = restorable('nvme', (state: NvmeState): Registers & { reset(): void } => {
  const { file, submissions, completions } = state;

  const clear = (): void => {
    submissions.clear();
    completions.clear();
    state.features.clear();
    state.eventRequests = 0;
    state.masked = 0;
    state.device?.setInterruptLine(false);
  };

  const reset = (): void => {
    new Uint8Array(file.buffer).fill(0);
    file.setBigUint64(CAP, CAPABILITIES, true);
    file.setUint32(VS, VERSION, true);
    clear();
  };

  const enable = (): void => {
    const sizes = file.getUint32(AQA, true);
    state.pageSize = 4096 << ((file.getUint32(CC, true) >>> PAGE_SHIFT) & 0xf);
    const submitted = { base: file.getBigUint64(ASQ, true), entries: (sizes & 0xfff) + 1, next: 0 };
    const completed = { base: file.getBigUint64(ACQ, true), entries: ((sizes >>> 16) & 0xfff) + 1, next: 0 };
    submissions.set(0, { ...submitted, tail: 0, completions: 0 });
    completions.set(0, { ...completed, head: 0, vector: 0, phase: 1 });
  };

  /** Called when CC was written: enables, disables or shuts down the controller. */
  const configure = (): void => {
    const control = file.getUint32(CC, true);
    const isEnabled = (control & ENABLE) !== 0;
    const isReady = (file.getUint32(CSTS, true) & READY) !== 0;
    if (isEnabled !== isReady) {
      clear();
      if (isEnabled) enable();
    }
    file.setUint32(
      CSTS,
      (isEnabled ? READY : 0) | ((control & SHUTDOWN) === 0 ? 0 : SHUTDOWN_COMPLETE),
      true,
    );
  };

  /** Raises the interrupt of a queue with unread completions. Vectors of the line can be masked. */
  const interrupt = ({ vector }: CompletionQueue): void => {
    if (vector !== undefined && ((state.masked >>> vector) & 1) === 0) state.device?.interrupt(vector);
  };

  /** Lowers the line if all completions were read, or are masked. */
  const lowerLine = (): void => {
    for (const { vector, next, head } of completions.values())
      if (vector !== undefined && next !== head && ((state.masked >>> vector) & 1) === 0) return;
    state.device?.setInterruptLine(false);
  };

  const mask = (masked: number): void => {
    const before = state.masked;
    state.masked = masked >>> 0;
    for (const queue of completions.values())
      if (((before & ~masked) >>> (queue.vector ?? 0)) & 1 && isUnread(queue)) interrupt(queue);
    lowerLine();
  };

  const complete = (done: CompletionQueue, entry: DataView): void => {
    entry.setUint16(14, entry.getUint16(14, true) | done.phase, true);
    state.device?.transfer(done.base + BigInt(done.next * CQ_ENTRY), new Uint8Array(entry.buffer), true);
    done.next = (done.next + 1) % done.entries;
    if (done.next === 0) done.phase ^= 1;
    interrupt(done);
  };

  /** Runs the commands of a queue, up to its tail, as long as there is room for completions. */
  const run = (id: number, queue: SubmissionQueue): void => {
    const done = completions.get(queue.completions);
    while (done !== undefined && queue.next !== queue.tail && !isFull(done)) {
      const bytes = new Uint8Array(SQ_ENTRY);
      state.device?.transfer(queue.base + BigInt(queue.next * SQ_ENTRY), bytes, false);
      queue.next = (queue.next + 1) % queue.entries;
      const command = new DataView(bytes.buffer);
      const completion = id === 0 ? runAdmin(state, command) : runIo(state, command);
      if (completion === undefined) continue;
      const entry = new DataView(new ArrayBuffer(CQ_ENTRY));
      entry.setUint32(0, completion.result ?? 0, true);
      entry.setUint16(8, queue.next, true);
      entry.setUint16(10, id, true);
      entry.setUint16(12, command.getUint16(2, true), true);
      entry.setUint16(14, completion.status << 1, true);
      complete(done, entry);
    }
  };

  /** Even doorbells are the tails of submission queues, odd ones the heads of completion queues. */
  const ring = (doorbell: number, value: number): void => {
    const id = doorbell >> 1;
    if (doorbell % 2 === 0) {
      const queue = submissions.get(id);
      if (queue === undefined || value >= queue.entries) return;
      queue.tail = value;
      run(id, queue);
      return;
    }
    const queue = completions.get(id);
    if (queue === undefined || value >= queue.entries) return;
    queue.head = value;
    lowerLine();
    for (const [submitted, commands] of submissions)
      if (commands.completions === id) run(submitted, commands);
  };

  const writeWord = (at: number, word: number): void => {
    if (WRITABLE.includes(at)) file.setUint32(at, word, true);
    if (at === CC) configure();
    if (at === INTMS) mask(state.masked | word);
    if (at === INTMC) mask(state.masked & ~word);
  };

  const write = (offset: number, size: AccessSize, value: bigint): void => {
    if (offset >= DOORBELLS) {
      const doorbell = (offset - DOORBELLS) / 4;
      if (Number.isInteger(doorbell)) ring(doorbell, Number(value & 0xffffn));
      return;
    }
    for (let at = offset; at < offset + size; at += 4)
      writeWord(at, Number((value >> BigInt(8 * (at - offset))) & 0xffff_ffffn));
  };

  const read = (offset: number, size: AccessSize): bigint | number => {
    if (offset === INTMS || offset === INTMC) return state.masked;
    return offset + size <= REGISTERS ? getValue(file, offset, size) : 0;
  };

  return {
    reset,
    read,
    write: (offset, size, value) => {
      if (size >= 4) write(offset, size, value);
    },
  };
});

const resets = restorable('nvme.reset', (own: { reset(): void }) => () => own.reset());

/**
 * Creates an NVMe-like controller.
 * @throws RangeError if the namespace does not consist of whole blocks, or if a name is too long
 */
export function nvme(options: NvmeOptions = {}): FakePciDevice {
  const { serial = 'fake', model = 'Fake NVMe', storage = new Uint8Array(1 << 20), vectors = 5 } = options;
  if (storage.length % BLOCK !== 0 || storage.length === 0)
    throw new RangeError(
      `nvme: storage: expected whole blocks of ${BLOCK} bytes, found ${storage.length} bytes`,
    );
  if (serial.length > 20)
    throw new RangeError(`nvme: serial: expected up to 20 characters, found ${serial.length}`);
  if (model.length > 40)
    throw new RangeError(`nvme: model: expected up to 40 characters, found ${model.length}`);
  const state: NvmeState = {
    serial,
    model,
    storage,
    vectors,
    file: new DataView(new ArrayBuffer(REGISTERS)),
    submissions: new Map(),
    completions: new Map(),
    features: new Map(),
    eventRequests: 0,
    pageSize: 4096,
    masked: 0,
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
