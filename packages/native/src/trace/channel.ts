/**
 * A channel for steps, from the thread that traces to the thread that prints them: a ring buffer in shared memory. The traced program
 * waits for the tracer, so the tracer blocks only if the ring is full.
 */

import type { Memory, Step } from '@iommufd/tape';
import type { FileCall } from '../observer.js';
import type { Printed, Traced, TracedStep } from './lines.js';

/** Size of the ring in bytes. A step takes some hundreds, and at most half of the ring. */
const SIZE = 1 << 22;
/** The alignment of steps in bytes. */
const ALIGN = 8;
/** Indices of the control words: the positions of writer and reader in units of ALIGN, and flags of a waiting reader or writer. */
const [WRITTEN, READ, READER_WAITS, WRITER_WAITS] = [0, 1, 2, 3];
const CONTROL = 16;
const UNITS = SIZE / ALIGN;

/**
 * Offsets in the head of a step: its length, its kind, the length of its JSON, the numbers of memory ranges, its process, its
 * {@link Printed}, and a call on a file with its result.
 */
const HEAD = {
  length: 0,
  kind: 4,
  text: 8,
  before: 12,
  after: 16,
  pid: 20,
  tid: 24,
  isPrinted: 28,
  at: 32,
  took: 40,
  fd: 48,
  request: 52,
  address: 56,
  bytes: 64,
  position: 72,
  result: 80,
  size: 88,
};
/** The kind of a step that is passed as JSON. */
const AS_JSON = 0;
/** Calls on files, which are most of all steps, are passed without JSON. Their kind is their place in this list, from 1 on. */
const OPS = ['ioctl', 'read', 'write', 'pread', 'pwrite'] as const;
/** Size of the head of a memory range: its address and its length. */
const MEMORY_HEAD = 16;
/** The bytes that are copied one by one. */
const FEW = 64;
/** In place of a length: the next step is at the start of the ring. */
const WRAPS = 0;

const roundUp = (length: number): number => Math.ceil(length / ALIGN) * ALIGN;

/** Creates a ring. Both threads get it. */
export const makeRing = (): SharedArrayBuffer => new SharedArrayBuffer(CONTROL + SIZE);

/** The state that both ends share. */
abstract class End {
  protected readonly control: Int32Array;
  protected readonly bytes: Buffer;
  protected readonly view: DataView;

  constructor(ring: SharedArrayBuffer) {
    this.control = new Int32Array(ring, 0, CONTROL / 4);
    this.bytes = Buffer.from(ring, CONTROL, SIZE);
    this.view = new DataView(ring, CONTROL, SIZE);
  }

  /** The number of units between reader and writer. Positions wrap at 2^32. */
  protected used(): number {
    return (Atomics.load(this.control, WRITTEN) - Atomics.load(this.control, READ)) | 0;
  }
}

/** The tracer's end. */
export class StepWriter extends End {
  /** @param wake called if the reader waits and a step was written */
  constructor(
    ring: SharedArrayBuffer,
    private readonly wake: () => void,
  ) {
    super(ring);
  }

  send({ what, pid, printed, before, after }: TracedStep): void {
    const text = what.step === undefined ? '' : JSON.stringify(what.step);
    const textLength = text === '' ? 0 : Buffer.byteLength(text);
    const length = roundUp(HEAD.size + textLength) + sizeOf(before) + sizeOf(after);
    let at = this.place(length);
    const { view } = this;
    view.setUint32(at + HEAD.length, length, true);
    view.setUint32(at + HEAD.text, textLength, true);
    view.setUint32(at + HEAD.before, before.length, true);
    view.setUint32(at + HEAD.after, after.length, true);
    view.setUint32(at + HEAD.pid, pid, true);
    view.setUint32(at + HEAD.isPrinted, printed === undefined ? 0 : 1, true);
    if (printed !== undefined) {
      view.setUint32(at + HEAD.tid, printed.tid, true);
      view.setFloat64(at + HEAD.at, printed.at, true);
      view.setFloat64(at + HEAD.took, printed.took ?? NaN, true);
    }
    if (what.step === undefined) this.putCall(at, what.made, what.result);
    else {
      view.setUint32(at + HEAD.kind, AS_JSON, true);
      this.bytes.write(text, at + HEAD.size);
    }
    at = this.copy(roundUp(at + HEAD.size + textLength), before);
    this.copy(at, after);
    this.advance(length);
  }

  /** Puts a call on a file into the head. */
  private putCall(at: number, made: FileCall, result: number): void {
    const { view } = this;
    view.setUint32(at + HEAD.kind, OPS.indexOf(made.op) + 1, true);
    view.setInt32(at + HEAD.fd, made.fd, true);
    view.setFloat64(at + HEAD.result, result, true);
    if (made.op === 'ioctl') {
      view.setUint32(at + HEAD.request, made.request, true);
      view.setBigUint64(at + HEAD.address, made.argument, true);
      return;
    }
    view.setBigUint64(at + HEAD.address, made.address, true);
    view.setFloat64(at + HEAD.bytes, made.length, true);
    if (made.op === 'pread' || made.op === 'pwrite')
      view.setBigInt64(at + HEAD.position, made.position, true);
  }

  private copy(start: number, memories: readonly Memory[]): number {
    let at = start;
    for (const { address, bytes } of memories) {
      this.view.setBigUint64(at, address, true);
      this.view.setUint32(at + 8, bytes.length, true);
      copyTo(this.bytes, at + MEMORY_HEAD, bytes, 0, bytes.length);
      at += MEMORY_HEAD + roundUp(bytes.length);
    }
    return at;
  }

  /** Waits until the ring has contiguous room. @returns its offset */
  private place(length: number): number {
    if (length > SIZE / 2) throw new RangeError(`a step of ${length} bytes`);
    const at = this.offset();
    if (at + length <= SIZE) {
      this.await(length);
      return at;
    }
    this.await(SIZE - at);
    this.view.setUint32(at, WRAPS, true);
    this.advance(SIZE - at);
    this.await(length);
    return 0;
  }

  private offset(): number {
    return ((Atomics.load(this.control, WRITTEN) >>> 0) % UNITS) * ALIGN;
  }

  private await(length: number): void {
    const { control } = this;
    while (UNITS - this.used() < length / ALIGN) {
      this.ring();
      Atomics.store(control, WRITER_WAITS, 1);
      const read = Atomics.load(control, READ);
      if (UNITS - this.used() < length / ALIGN) Atomics.wait(control, READ, read);
      Atomics.store(control, WRITER_WAITS, 0);
    }
  }

  private advance(length: number): void {
    Atomics.add(this.control, WRITTEN, length / ALIGN);
    this.ring();
  }

  private ring(): void {
    if (Atomics.load(this.control, READER_WAITS) === 0) return;
    Atomics.store(this.control, READER_WAITS, 0);
    this.wake();
  }
}

/** The printing thread's end. */
export class StepReader extends End {
  /** @param take called for each step, in order */
  constructor(
    ring: SharedArrayBuffer,
    private readonly take: (step: TracedStep) => void,
  ) {
    super(ring);
    Atomics.store(this.control, READER_WAITS, 1);
  }

  /** Reads the steps that are in the ring. @param most the maximum number of steps @returns the number of steps read */
  read(most: number): number {
    let count = 0;
    for (; count < most && this.used() > 0;) {
      const at = ((Atomics.load(this.control, READ) >>> 0) % UNITS) * ALIGN;
      const length = this.view.getUint32(at, true);
      if (length !== WRAPS) {
        count++;
        this.take(this.stepAt(at));
      }
      this.advance(length === WRAPS ? SIZE - at : length);
    }
    return count;
  }

  /** Requests that the writer wakes the reader at the next step. @returns false if the ring already contains one */
  wait(): boolean {
    Atomics.store(this.control, READER_WAITS, 1);
    if (this.used() === 0) return true;
    Atomics.store(this.control, READER_WAITS, 0);
    return false;
  }

  private advance(length: number): void {
    Atomics.add(this.control, READ, length / ALIGN);
    if (Atomics.load(this.control, WRITER_WAITS) === 1) Atomics.notify(this.control, READ);
  }

  private stepAt(at: number): TracedStep {
    const { view } = this;
    const textEnd = at + HEAD.size + view.getUint32(at + HEAD.text, true);
    const took = view.getFloat64(at + HEAD.took, true);
    const printed: Printed | undefined =
      view.getUint32(at + HEAD.isPrinted, true) === 0
        ? undefined
        : {
            tid: view.getUint32(at + HEAD.tid, true),
            at: view.getFloat64(at + HEAD.at, true),
            took: Number.isNaN(took) ? undefined : took,
          };
    const before: Memory[] = [];
    const after: Memory[] = [];
    const end = this.memories(roundUp(textEnd), view.getUint32(at + HEAD.before, true), before);
    this.memories(end, view.getUint32(at + HEAD.after, true), after);
    const pid = view.getUint32(at + HEAD.pid, true);
    return { what: this.tracedAt(at, textEnd), pid, printed, before, after };
  }

  private tracedAt(at: number, textEnd: number): Traced {
    const { view } = this;
    const op = OPS[view.getUint32(at + HEAD.kind, true) - 1];
    // The writer has written the JSON of a step.
    if (op === undefined)
      return { step: JSON.parse(this.bytes.toString('utf8', at + HEAD.size, textEnd)) as Step };
    const fd = view.getInt32(at + HEAD.fd, true);
    const result = view.getFloat64(at + HEAD.result, true);
    const address = view.getBigUint64(at + HEAD.address, true);
    const length = view.getFloat64(at + HEAD.bytes, true);
    switch (op) {
      case 'ioctl': {
        const request = view.getUint32(at + HEAD.request, true);
        return { made: { op, fd, request, argument: address }, result };
      }
      case 'read':
      case 'write':
        return { made: { op, fd, address, length }, result };
      case 'pread':
      case 'pwrite': {
        const position = view.getBigInt64(at + HEAD.position, true);
        return { made: { op, fd, address, length, position }, result };
      }
    }
  }

  private bytesAt(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    copyTo(bytes, 0, this.bytes, at, length);
    return bytes;
  }

  private memories(start: number, count: number, into: Memory[]): number {
    let at = start;
    for (let i = 0; i < count; i++) {
      const length = this.view.getUint32(at + 8, true);
      const from = at + MEMORY_HEAD;
      into.push({
        address: this.view.getBigUint64(at, true),
        bytes: this.bytesAt(from, length),
      });
      at = from + roundUp(length);
    }
    return at;
  }
}

/** Copies bytes. For a few, a loop is faster than `set()`, and `slice()` of shared memory is slower than both. */
function copyTo(to: Uint8Array, at: number, from: Uint8Array, start: number, length: number): void {
  if (length > FEW) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
}

function sizeOf(memories: readonly Memory[]): number {
  let size = 0;
  for (const { bytes } of memories) size += MEMORY_HEAD + roundUp(bytes.length);
  return size;
}
