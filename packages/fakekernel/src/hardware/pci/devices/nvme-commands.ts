/**
 * The commands of an NVMe-like controller ({@link nvme}): their effects on queues and the namespace, and their results. Source:
 * NVM Express base specification 1.4, sections 4.3, 5 and 6; I/O command sets: 2.0, section 5.17.
 */
import { ascii } from '../../../lib/ascii.js';
import type { FakePciDevice } from '../function.js';

const BLOCK = 512;
/** Size of the data of Identify, and largest part of a log page, in bytes. */
const PAGE = 4096;
/** The largest transfer of a command, as a power of two of 4 KiB pages: 128 KiB. */
const MAX_TRANSFER_SHIFT = 5;
const MAX_TRANSFER = PAGE << MAX_TRANSFER_SHIFT;

const ADMIN = {
  deleteSq: 0x00,
  createSq: 0x01,
  getLogPage: 0x02,
  deleteCq: 0x04,
  createCq: 0x05,
  identify: 0x06,
  abort: 0x08,
  setFeatures: 0x09,
  getFeatures: 0x0a,
  asynchronousEventRequest: 0x0c,
} as const;
const IO = { flush: 0x00, write: 0x01, read: 0x02, writeZeroes: 0x08 } as const;

/** Status codes with their types. "Do not retry" means that submitting the command again will not help. */
const DO_NOT_RETRY = 0x4000;
const STATUS = {
  invalidOpcode: 0x001 | DO_NOT_RETRY,
  invalidField: 0x002 | DO_NOT_RETRY,
  invalidNamespace: 0x00b | DO_NOT_RETRY,
  prpOffsetInvalid: 0x013 | DO_NOT_RETRY,
  lbaOutOfRange: 0x080 | DO_NOT_RETRY,
  completionQueueInvalid: 0x100 | DO_NOT_RETRY,
  invalidQueueIdentifier: 0x101 | DO_NOT_RETRY,
  invalidQueueSize: 0x102 | DO_NOT_RETRY,
  eventRequestLimitExceeded: 0x105 | DO_NOT_RETRY,
  invalidInterruptVector: 0x108 | DO_NOT_RETRY,
  invalidLogPage: 0x109 | DO_NOT_RETRY,
  invalidQueueDeletion: 0x10c | DO_NOT_RETRY,
} as const;

const FEATURE_QUEUES = 0x07;
/**
 * Features that are stored but have no effect: arbitration, power management, temperature, error recovery, interrupts, events.
 */
const KEPT_FEATURES: ReadonlySet<number> = new Set([0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x0a, 0x0b]);

const NAMESPACE = 1;
/** The number of the NVM command set. */
const NVM = 0;
const ALL_NAMESPACES = 0xffff_ffff;
/** Largest number of pending requests for asynchronous events. */
const EVENT_REQUESTS = 4;
const VERSION = 0x0001_0400;
/** Controller type: an I/O controller. */
const CONTROLLER_TYPE = 1;
/** The optional command Write Zeroes. */
const OPTIONAL_COMMANDS = 8;
/** Required and maximum sizes of queue entries: 64 and 16 bytes. */
const SQ_ENTRY_SIZES = 0x66;
const CQ_ENTRY_SIZES = 0x44;
/** One firmware slot, which is read-only. */
const FIRMWARE_SLOTS = 0x03;
const FIRMWARE = '1.0';
/** Temperatures in kelvins: current, warning threshold, critical threshold. */
const TEMPERATURE = 308;
const WARNING_TEMPERATURE = 343;
const CRITICAL_TEMPERATURE = 373;

/** A queue: its address, its number of entries, and the index of the next entry. */
interface Queue {
  readonly base: bigint;
  readonly entries: number;
  next: number;
}

/** A completion queue: `next` is its tail. */
export interface CompletionQueue extends Queue {
  /** Interrupt vector; undefined if it has no interrupts. */
  readonly vector: number | undefined;
  /** Index up to which the driver has read. */
  head: number;
  /** The phase bit, which is inverted on each pass through the queue. */
  phase: number;
}

/** A submission queue: `next` is its head. */
export interface SubmissionQueue extends Queue {
  readonly completions: number;
  /** Index up to which the driver has written. */
  tail: number;
}

/** The state of a controller that commands use. */
export interface Controller {
  readonly serial: string;
  readonly model: string;
  readonly storage: Uint8Array;
  /** Number of MSI-X vectors. There is one I/O queue fewer, because the admin queue has a vector too. */
  readonly vectors: number;
  readonly submissions: Map<number, SubmissionQueue>;
  readonly completions: Map<number, CompletionQueue>;
  readonly features: Map<number, number>;
  /** Number of pending requests for asynchronous events. */
  eventRequests: number;
  /** Size of a memory page in bytes, as the driver has set it. */
  pageSize: number;
  device: FakePciDevice | undefined;
}

/** The result of a command. Undefined if it does not complete now, for example a request for an asynchronous event. */
export type Completion = { readonly status: number; readonly result?: number } | undefined;

const done = (status = 0): Completion => ({ status });

/**
 * Copies between a buffer and the memory of a command, which its PRP entries describe. Data for memory that cannot be reached is
 * lost, as in QEMU.
 * @returns a status if an entry does not have the alignment that section 4.3 requires: no data was copied then
 */
function transfer(own: Controller, command: DataView, bytes: Uint8Array, toMemory: boolean): number {
  const page = own.pageSize;
  const first = command.getBigUint64(24, true);
  const second = command.getBigUint64(32, true);
  if (first % 4n !== 0n) return STATUS.prpOffsetInvalid;
  const head = page - Number(first % BigInt(page));
  const count = Math.ceil(Math.max(bytes.length - head, 0) / page);
  const pages = count > 1 ? listedPages(own, second, count) : [second].slice(0, count);
  if (pages?.every((address) => address % BigInt(page) === 0n) !== true) return STATUS.prpOffsetInvalid;
  own.device?.transfer(first, bytes.subarray(0, head), toMemory);
  for (const [index, address] of pages.entries()) {
    const at = head + index * page;
    own.device?.transfer(address, bytes.subarray(at, at + page), toMemory);
  }
  return 0;
}

/**
 * The pages of a PRP list. If more entries follow, the last entry in a page refers to the next page of the list.
 * @returns undefined if the list does not begin at an entry, or continues within a page
 */
function listedPages(own: Controller, list: bigint, count: number): readonly bigint[] | undefined {
  const page = BigInt(own.pageSize);
  if (list % 8n !== 0n) return undefined;
  const pages: bigint[] = [];
  for (let at = list; ;) {
    const room = Number(page - (at % page)) / 8;
    const left = count - pages.length;
    const entries = new DataView(new ArrayBuffer(8 * Math.min(room, left)));
    own.device?.transfer(at, new Uint8Array(entries.buffer), false);
    const here = left > room ? room - 1 : left;
    for (let index = 0; index < here; index++) pages.push(entries.getBigUint64(8 * index, true));
    if (left <= room) return pages;
    at = entries.getBigUint64(8 * here, true);
    if (at % page !== 0n) return undefined;
  }
}

/** Returns the first bytes of data, as many as the command requests. */
function give(own: Controller, command: DataView, data: Uint8Array): Completion {
  return done(transfer(own, command, data, true));
}

function identifyController({ serial, model, device }: Controller): Uint8Array {
  const data = new Uint8Array(PAGE);
  const view = new DataView(data.buffer);
  view.setUint16(0, device?.config.read(0, 2) ?? 0, true);
  view.setUint16(2, device?.config.read(0x2c, 2) ?? 0, true);
  data.set(ascii(serial.padEnd(20)), 4);
  data.set(ascii(model.padEnd(40)), 24);
  data.set(ascii(FIRMWARE.padEnd(8)), 64);
  view.setUint8(77, MAX_TRANSFER_SHIFT);
  view.setUint32(80, VERSION, true);
  view.setUint8(111, CONTROLLER_TYPE);
  view.setUint8(259, EVENT_REQUESTS - 1);
  view.setUint8(260, FIRMWARE_SLOTS);
  view.setUint16(266, WARNING_TEMPERATURE, true);
  view.setUint16(268, CRITICAL_TEMPERATURE, true);
  view.setUint8(512, SQ_ENTRY_SIZES);
  view.setUint8(513, CQ_ENTRY_SIZES);
  view.setUint32(516, 1, true);
  view.setUint16(520, OPTIONAL_COMMANDS, true);
  data.set(ascii(`nqn.2014-08.com.example:nvme:${serial}`), 768);
  return data;
}

function identifyNamespace({ storage }: Controller): Uint8Array {
  const data = new Uint8Array(PAGE);
  const view = new DataView(data.buffer);
  for (const at of [0, 8, 16]) view.setBigUint64(at, BigInt(storage.length / BLOCK), true);
  // One format: blocks of 2^9 bytes.
  view.setUint8(130, Math.log2(BLOCK));
  return data;
}

/** The namespaces whose number is greater than that of the command. */
function listNamespaces(after: number): Uint8Array {
  const data = new Uint8Array(PAGE);
  if (after < NAMESPACE) new DataView(data.buffer).setUint32(0, NAMESPACE, true);
  return data;
}

/** Identifiers of the namespace: a UUID, which is the start of the controller's serial number, and the NVM command set. */
function describeNamespace({ serial }: Controller): Uint8Array {
  const data = new Uint8Array(PAGE);
  data.set([3, 16]);
  data.set(ascii(serial.padEnd(16)).subarray(0, 16), 4);
  data.set([4, 1], 20);
  data[24] = NVM;
  return data;
}

/** The only combination of command sets: the NVM command set. */
function listCommandSets(): Uint8Array {
  const data = new Uint8Array(PAGE);
  data[0] = 1 << NVM;
  return data;
}

function identify(own: Controller, command: DataView): Completion {
  const namespace = command.getUint32(4, true);
  switch (command.getUint8(40)) {
    case 0:
      if (namespace !== NAMESPACE && namespace !== ALL_NAMESPACES) return done(STATUS.invalidNamespace);
      return give(own, command, identifyNamespace(own));
    case 1:
      return give(own, command, identifyController(own));
    case 2:
      if (namespace >= ALL_NAMESPACES - 1) return done(STATUS.invalidNamespace);
      return give(own, command, listNamespaces(namespace));
    case 3:
      if (namespace !== NAMESPACE) return done(STATUS.invalidNamespace);
      return give(own, command, describeNamespace(own));
    case 5:
    case 6:
    case 7:
      return identifyCommandSet(own, command);
    case 0x1c:
      return give(own, command, listCommandSets());
    default:
      return done(STATUS.invalidField);
  }
}

/**
 * Identify data of a command set: for a namespace, for the controller, and its list of namespaces. The NVM command set has no
 * additional data.
 */
function identifyCommandSet(own: Controller, command: DataView): Completion {
  if (command.getUint8(47) !== NVM) return done(STATUS.invalidField);
  const namespace = command.getUint32(4, true);
  switch (command.getUint8(40)) {
    case 5:
      if (namespace !== NAMESPACE) return done(STATUS.invalidNamespace);
      return give(own, command, new Uint8Array(PAGE));
    case 6:
      return give(own, command, new Uint8Array(PAGE));
    default:
      if (namespace >= ALL_NAMESPACES - 1) return done(STATUS.invalidNamespace);
      return give(own, command, listNamespaces(namespace));
  }
}

/** The logs that every controller has: errors, health, firmware. */
function logOf(id: number): Uint8Array | undefined {
  const data = new Uint8Array(512);
  switch (id) {
    case 1:
      return data.subarray(0, 64);
    case 2:
      new DataView(data.buffer).setUint16(1, TEMPERATURE, true);
      // Available spare blocks in percent, and their threshold.
      data.set([100, 10], 3);
      return data;
    case 3:
      data[0] = 1;
      data.set(ascii(FIRMWARE.padEnd(8)), 8);
      return data;
    default:
      return undefined;
  }
}

/** A log page from an offset on. Bytes after its end read as zeros. */
function getLogPage(own: Controller, command: DataView): Completion {
  const log = logOf(command.getUint8(40));
  if (log === undefined) return done(STATUS.invalidLogPage);
  const length = 4 * (command.getUint16(42, true) + 0x1_0000 * command.getUint16(44, true) + 1);
  const offset = command.getBigUint64(48, true);
  if (length > MAX_TRANSFER || offset % 4n !== 0n || offset > log.length) return done(STATUS.invalidField);
  const data = new Uint8Array(length);
  data.set(log.subarray(Number(offset), Number(offset) + length));
  return give(own, command, data);
}

/** Numbers of queues, counted from zero: submission queues in the lower half, completion queues in the upper half. */
function queueCounts({ vectors }: Controller, wanted: number): number {
  const most = Math.max(vectors - 2, 0);
  return Math.min(wanted & 0xffff, most) | (Math.min(wanted >>> 16, most) << 16);
}

function setFeature(own: Controller, command: DataView): Completion {
  const id = command.getUint8(40);
  const value = command.getUint32(44, true);
  if (id === FEATURE_QUEUES) {
    if ((value & 0xffff) === 0xffff || value >>> 16 === 0xffff) return done(STATUS.invalidField);
    const counts = queueCounts(own, value);
    own.features.set(id, counts);
    return { status: 0, result: counts };
  }
  if (!KEPT_FEATURES.has(id)) return done(STATUS.invalidField);
  own.features.set(id, value);
  return done();
}

function getFeature(own: Controller, command: DataView): Completion {
  const id = command.getUint8(40);
  if (id === FEATURE_QUEUES)
    return { status: 0, result: own.features.get(id) ?? queueCounts(own, 0xffff_ffff) };
  return KEPT_FEATURES.has(id) ? { status: 0, result: own.features.get(id) ?? 0 } : done(STATUS.invalidField);
}

/** The common part of both commands that create a queue. @returns a status if it cannot be created */
function newQueue(own: Controller, command: DataView): Queue | number {
  const id = command.getUint16(40, true);
  const entries = command.getUint16(42, true) + 1;
  if (id === 0 || id > Math.max(own.vectors - 1, 1)) return STATUS.invalidQueueIdentifier;
  if (entries < 2 || entries > MOST_ENTRIES) return STATUS.invalidQueueSize;
  // Must be physically contiguous, as CAP.CQR requires.
  if ((command.getUint16(44, true) & CONTIGUOUS) === 0) return STATUS.invalidField;
  return { base: command.getBigUint64(24, true), entries, next: 0 };
}

/** CAP.MQES, plus one because it is counted from zero. */
const MOST_ENTRIES = 0x800;
const CONTIGUOUS = 1;
const INTERRUPTS = 2;

function createCompletionQueue(own: Controller, command: DataView): Completion {
  const queue = newQueue(own, command);
  if (typeof queue === 'number') return done(queue);
  const id = command.getUint16(40, true);
  if (own.completions.has(id)) return done(STATUS.invalidQueueIdentifier);
  const hasInterrupts = (command.getUint16(44, true) & INTERRUPTS) !== 0;
  const vector = command.getUint16(46, true);
  if (hasInterrupts && vector >= Math.max(own.vectors, 1)) return done(STATUS.invalidInterruptVector);
  own.completions.set(id, { ...queue, vector: hasInterrupts ? vector : undefined, head: 0, phase: 1 });
  return done();
}

function createSubmissionQueue(own: Controller, command: DataView): Completion {
  const completions = command.getUint16(46, true);
  if (completions === 0 || !own.completions.has(completions)) return done(STATUS.completionQueueInvalid);
  const queue = newQueue(own, command);
  if (typeof queue === 'number') return done(queue);
  const id = command.getUint16(40, true);
  if (own.submissions.has(id)) return done(STATUS.invalidQueueIdentifier);
  own.submissions.set(id, { ...queue, completions, tail: 0 });
  return done();
}

function deleteSubmissionQueue(own: Controller, id: number): Completion {
  return done(id !== 0 && own.submissions.delete(id) ? 0 : STATUS.invalidQueueIdentifier);
}

function deleteCompletionQueue(own: Controller, id: number): Completion {
  if (id === 0 || !own.completions.has(id)) return done(STATUS.invalidQueueIdentifier);
  for (const { completions } of own.submissions.values())
    if (completions === id) return done(STATUS.invalidQueueDeletion);
  own.completions.delete(id);
  return done();
}

/** Runs a command of the admin queue. */
export function runAdmin(own: Controller, command: DataView): Completion {
  switch (command.getUint8(0)) {
    case ADMIN.deleteSq:
      return deleteSubmissionQueue(own, command.getUint16(40, true));
    case ADMIN.createSq:
      return createSubmissionQueue(own, command);
    case ADMIN.getLogPage:
      return getLogPage(own, command);
    case ADMIN.deleteCq:
      return deleteCompletionQueue(own, command.getUint16(40, true));
    case ADMIN.createCq:
      return createCompletionQueue(own, command);
    case ADMIN.identify:
      return identify(own, command);
    case ADMIN.abort:
      // Each command completes before the next one starts, so the command to abort is never found.
      return { status: 0, result: 1 };
    case ADMIN.setFeatures:
      return setFeature(own, command);
    case ADMIN.getFeatures:
      return getFeature(own, command);
    case ADMIN.asynchronousEventRequest:
      // No events occur in a controller in memory, so the request stays pending.
      if (own.eventRequests >= EVENT_REQUESTS) return done(STATUS.eventRequestLimitExceeded);
      own.eventRequests++;
      return undefined;
    default:
      return done(STATUS.invalidOpcode);
  }
}

/** Runs a command of an I/O queue. */
export function runIo(own: Controller, command: DataView): Completion {
  const opcode = command.getUint8(0);
  const namespace = command.getUint32(4, true);
  if (opcode === IO.flush)
    return done(namespace === NAMESPACE || namespace === ALL_NAMESPACES ? 0 : STATUS.invalidNamespace);
  if (opcode !== IO.read && opcode !== IO.write && opcode !== IO.writeZeroes)
    return done(STATUS.invalidOpcode);
  if (namespace !== NAMESPACE) return done(STATUS.invalidNamespace);
  const first = command.getBigUint64(40, true);
  const count = command.getUint16(48, true) + 1;
  const { storage } = own;
  if (first + BigInt(count) > BigInt(storage.length / BLOCK)) return done(STATUS.lbaOutOfRange);
  const from = Number(first) * BLOCK;
  const blocks = storage.subarray(from, from + count * BLOCK);
  if (opcode === IO.writeZeroes) blocks.fill(0);
  else if (blocks.length > MAX_TRANSFER) return done(STATUS.invalidField);
  else return done(transfer(own, command, blocks, opcode === IO.read));
  return done();
}
