import {
  decodeFaults,
  decodeVevents,
  formatRequest,
  invalidationEntries,
  type Ioctl,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_veventq_flag,
  VEVENT_SEQUENCE_MAX,
  veventData,
  type VeventRecord,
} from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import {
  type AnyType,
  encode,
  fromHex,
  type ObjectKind,
  type Pointee,
  StructError,
  toHex,
} from '@iommufd/uapi/struct';
import {
  entriesOf,
  numbersOf,
  type Pointer,
  pointersOf,
  rolesIn,
  shownLength,
  type Values,
  valuesOf,
} from '../calls/pointers.js';
import { bytesText, callFields, fields, resultText, type Words } from './fields.js';
import {
  afterCall,
  asBefore,
  behindPointers,
  blockRead,
  blockWritten,
  MOST_ENTRIES,
  type QueueEvents,
  recordsRead,
  responsesWritten,
  type TracedMemory,
} from './traced-memory.js';
import { mmapFlags, mmapProt, pollEvents } from './linux.js';
import type { DeviceStep } from '../tapes/device-steps.js';
import { TapeMemory } from '../tapes/memory.js';
import type { Step, Tape } from '../tapes/tape.js';

/** A system call as text. */
export interface TracedCall {
  /** `ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0})` */
  readonly call: string;
  /** `0`, `-1 EBUSY (…)` */
  readonly result: string;
  readonly failed: boolean;
  /** Lines below the call: the fields that the kernel wrote, the memory behind pointers, the records that were read. */
  readonly notes: readonly string[];
  /** The ioctl, if the call is one and its request is known. */
  readonly ioctl?: Ioctl | undefined;
  /** Number of its process in the tape; missing for the first process. */
  readonly pid?: number | undefined;
  /** Duration in microseconds, if the tape has it. */
  readonly took?: number | undefined;
  /** For a read of a vEVENTQ: the lost events that it reports. */
  readonly losses?: readonly TracedLoss[];
  /** The memory that the call read and wrote, if {@link TracerOptions.memory} is true. */
  readonly memory?: readonly TracedMemory[];
}

/** Lost events that a read of a vEVENTQ reports. */
export interface TracedLoss {
  /** How the loss shows: by a header with IOMMU_VEVENTQ_FLAG_LOST_EVENTS, or by a gap in the sequence before an event. */
  readonly how: 'mark' | 'gap';
  readonly count: number;
  /** The first and last sequence number that was lost, of 31 bits each. */
  readonly first: number;
  readonly last: number;
}

/** Options of a tracer. */
export interface TracerOptions {
  /** If true, each {@link TracedCall} has the memory that the call read and wrote. */
  readonly memory?: boolean;
}

/** An object of an iommufd context. */
interface KnownObject {
  readonly kind: ObjectKind;
  /** The object that it is allocated on, or its path: `on ioas 1`, `/dev/vfio/devices/vfio0`. */
  readonly text: string | undefined;
}

interface Context {
  readonly kind: 'iommufd';
  readonly objects: Map<number, KnownObject>;
}

type OpenFile =
  | Context
  | { readonly kind: 'device'; readonly path: string; context?: Context | undefined }
  | { readonly kind: 'veventq'; readonly type: AnyType | undefined; after?: number }
  | { readonly kind: 'faults' }
  | { readonly kind: 'other' };

/**
 * The kind of the file that opening a path returns. `/dev/vfio/vfio` is an iommufd context too: iommufd's VFIO container. Inherited
 * files without a path have the name that `/proc/PID/fd` shows.
 */
function opened(path: string): OpenFile {
  if (path === '/dev/iommu' || path === '/dev/vfio/vfio') return { kind: 'iommufd', objects: new Map() };
  if (path.startsWith('/dev/vfio/devices/') || path === 'anon_inode:[vfio-device]')
    return { kind: 'device', path };
  if (path === 'anon_inode:[iommufd-pgfault]') return { kind: 'faults' };
  if (path === 'anon_inode:[iommufd-viommu-event]') return { kind: 'veventq', type: undefined };
  return { kind: 'other' };
}

type Call<Op extends Step['op']> = Extract<Step, { readonly op: Op }>;

/** Kinds of objects that an allocation names and that the new object is not allocated on. */
const BESIDE: ReadonlySet<ObjectKind> = new Set<ObjectKind>(['device', 'fault', 'mock_device']);

const NO_WORDS: Words = new Map();

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/**
 * Prints a tape as strace would if it had decoders for iommufd: the names of fields and flags, the memory behind pointers, and
 * every record that is read.
 */
export function* trace(tape: Tape, options: TracerOptions = {}): Generator<TracedCall> {
  const tracer = new CallTracer(options);
  for (const [i, step] of tape.steps.entries()) {
    const call = tracer.next(step, memoryAfter(tape.steps, i));
    if (call !== undefined) yield call;
  }
}

/** Bytes of a process. */
export interface Memory {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** The memory after a call, from the `peek` steps that follow it. @param index of the call */
export function memoryAfter(steps: readonly Step[], index: number): Memory[] {
  const shown: Memory[] = [];
  for (let at = index + 1; ; at++) {
    const peek = steps[at];
    if (peek?.op !== 'peek') return shown;
    if ('hex' in peek) shown.push({ address: BigInt(peek.addr), bytes: fromHex(peek.hex) });
  }
}

/** Traces step by step, for programs that are still running. */
export class CallTracer {
  private readonly processes = new Map<number, Tracer>();

  constructor(private readonly options: TracerOptions = {}) {}

  private readonly of = (pid: number): Tracer => {
    let found = this.processes.get(pid);
    if (found === undefined)
      this.processes.set(pid, (found = new Tracer(this.of, this.options.memory === true)));
    return found;
  };

  /** Sets memory of a process before its next call, as a `poke` step of a tape does. */
  write(pid: number, { address, bytes }: Memory): void {
    this.of(pid).write(address, bytes);
  }

  /**
   * Traces the next step.
   * @param after the memory after the call
   * @param process the number of its process, if the step does not have it
   * @returns undefined if the step is not a call
   */
  next(step: Step, after: readonly Memory[], process = step.pid ?? 1): TracedCall | undefined {
    const call = this.of(process).step(step, after);
    if (call === undefined || (step.pid === undefined && step.took === undefined)) return call;
    // Field by field, because a spread would double the time of this function, which runs at every call of a traced program.
    const { call: text, result, failed, notes, ioctl, losses, memory } = call;
    const { pid, took } = step;
    return {
      call: text,
      result,
      failed,
      notes,
      ioctl,
      pid,
      took,
      ...(losses !== undefined && { losses }),
      ...(memory !== undefined && { memory }),
    };
  }
}

/** The state of one process: its files and its memory. */
class Tracer {
  private readonly memory = new TapeMemory();
  private readonly files = new Map<number, OpenFile>();

  /**
   * @param processOf finds the tracer of another process
   * @param keepsMemory {@link TracerOptions.memory}
   */
  constructor(
    private readonly processOf: (pid: number) => Tracer,
    private readonly keepsMemory: boolean,
  ) {}

  write(address: bigint, bytes: Uint8Array): void {
    this.memory.write(address, bytes);
  }

  /** Traces a step. @param after the memory after the call @returns undefined if the step is not a call */
  step(step: Step, after: readonly Memory[]): TracedCall | undefined {
    switch (step.op) {
      case 'poke':
        this.memory.write(BigInt(step.addr), fromHex(step.hex));
        return undefined;
      case 'peek':
      case 'occupy':
      case 'note':
      case 'settle':
      case 'process':
        return undefined;
      case 'exit':
        return called('exit()', 0);
      case 'mmap':
        return this.mmap(step);
      case 'munmap':
        if (step.ret === 0) this.memory.unmap(BigInt(step.addr), step.len);
        return called(`munmap(${step.addr}, ${step.len})`, step.ret);
      case 'inherit':
        this.files.set(step.ret, opened(step.path));
        return called(`inherit(${JSON.stringify(step.path)})`, step.ret);
      case 'dup':
        return this.dup(step);
      case 'open':
        if (step.ret >= 0) this.files.set(step.ret, opened(step.path));
        return called(`open(${JSON.stringify(step.path)}, ${openMode(step.flags)}|O_CLOEXEC)`, step.ret);
      case 'eventfd':
        if (step.ret >= 0) this.files.set(step.ret, { kind: 'other' });
        return called(`eventfd2(${step.init}, ${hex(step.flags)})`, step.ret);
      case 'load':
        return accessed(`load(${step.addr}, ${step.size})`, step);
      case 'store':
        return accessed(`store(${step.addr}, ${step.size}, ${step.value})`, step);
      case 'mprotect':
        return called(`mprotect(${step.addr}, ${step.len}, ${mmapProt.format(step.prot)})`, step.ret);
      case 'madvise':
        return called(`madvise(${step.addr}, ${step.len}, ${step.advice})`, step.ret);
      case 'lseek':
        return called(`lseek(${step.fd}, ${step.off}, ${step.whence})`, step.ret);
      case 'cat':
        return called(`cat(${JSON.stringify(step.path)})`, step.ret, contents(step.hex));
      case 'readlink':
      case 'ls':
      case 'stat':
        return called(
          `${step.op}(${JSON.stringify(step.path)})`,
          step.ret,
          step.text === undefined ? [] : [step.text],
        );
      case 'put':
      case 'putbg':
        return called(`${step.op}(${JSON.stringify(step.path)}, ${JSON.stringify(step.text)})`, step.ret);
      case 'wait':
        return step.ret < 0
          ? called('waitpid(-1, WNOHANG)', 0, ['it is still running'])
          : called('waitpid(-1, WNOHANG)', step.ret);
      case 'memfd':
        if (step.ret >= 0) this.files.set(step.ret, { kind: 'other' });
        return called(
          `memfd_create() of ${step.size} bytes${step.huge === true ? ' in huge pages' : ''}`,
          step.ret,
        );
      case 'close':
        if (step.ret === 0) this.files.delete(step.fd);
        return called(`close(${step.fd})`, step.ret);
      case 'poll': {
        const { fd, events, timeout = 0, ret, revents } = step;
        const call = `poll([{fd=${fd}, events=${pollEvents.format(events)}}], 1, ${timeout})`;
        return called(call, ret, ret > 0 ? [`revents=${pollEvents.format(revents)}`] : []);
      }
      case 'ioctl':
        return this.ioctl(step, after);
      case 'pread': {
        this.show(after);
        const call = `pread(${step.fd}, ${step.addr}, ${step.len}, ${position(step.off)})`;
        const bytes = step.ret > 0 ? this.memory.read(BigInt(step.addr), step.ret) : undefined;
        return this.withMemory(called(call, step.ret, bytes === undefined ? [] : [bytesText(bytes)]), () =>
          blockRead(this.memory, step),
        );
      }
      case 'pwrite': {
        const bytes = this.memory.read(BigInt(step.addr), step.len);
        const call = `pwrite(${step.fd}, ${step.addr}, ${step.len}, ${position(step.off)})`;
        return this.withMemory(called(call, step.ret, bytes === undefined ? [] : [bytesText(bytes)]), () =>
          blockWritten(this.memory, step),
        );
      }
      case 'access': {
        const { dev, write, iova, len, pasid } = step;
        const space = pasid === undefined ? '' : ` of PASID ${pasid}`;
        const what = `${write ? 'writes' : 'reads'} ${len} bytes at ${iova}${space}`;
        return ofDevice(`dma(device ${dev} ${what})`, step);
      }
      case 'ended':
        return ofDevice(`dma_end(access ${step.access}, which waited)`, step);
      case 'event':
        return ofDevice(`event(device ${step.dev})`, step);
      case 'unplug':
        return ofDevice(`unplug(device ${step.dev})`, step);
      case 'interrupts':
        return ofDevice(`interrupts(the threads of the SMMU's driver ${step.held ? 'wait' : 'run'})`, step);
      case 'dma': {
        const way = step.write ? 'writes' : 'reads';
        const call = `dma(${step.fd}, the device ${way} ${step.len} bytes at ${hex(BigInt(step.iova))})`;
        return called(call, step.ret);
      }
      case 'read': {
        this.show(after);
        const call = `read(${step.fd}, ${step.addr}, ${step.len})`;
        const { notes, losses } = this.recordsRead(step);
        const read = { ...called(call, step.ret, notes), ...(losses.length > 0 && { losses }) };
        return this.withMemory(read, () => recordsRead(this.memory, step, this.eventsOf(step.fd)));
      }
      case 'write':
        return this.withMemory(
          called(`write(${step.fd}, ${step.addr}, ${step.len})`, step.ret, this.responses(step)),
          () => responsesWritten(this.memory, step, this.eventsOf(step.fd)),
        );
    }
  }

  private dup({ fd, to, from, of, ret }: Call<'dup'>): TracedCall {
    const file = (of === undefined ? this : this.processOf(of)).files.get(fd);
    if (file !== undefined && ret >= 0) this.files.set(ret, file);
    if (of !== undefined) return called(`receive(${fd} of process ${of}, ${to})`, ret);
    if (to !== undefined) return called(`dup2(${fd}, ${to})`, ret);
    return called(from === undefined ? `dup(${fd})` : `fcntl(${fd}, F_DUPFD, ${from})`, ret);
  }

  private mmap({ addr, len, prot, flags, fd, off, ret }: Call<'mmap'>): TracedCall {
    const address = BigInt(ret);
    if (address > 0n) this.memory.map(address, len);
    const hint = BigInt(addr) === 0n ? 'NULL' : addr;
    const call = `mmap(${hint}, ${len}, ${mmapProt.format(prot)}, ${mmapFlags.format(flags)}, ${fd}, ${off})`;
    return address > 0n
      ? { call, result: hex(address), failed: false, notes: [] }
      : called(call, Number(address));
  }

  private show(after: readonly Memory[]): void {
    for (const { address, bytes } of after) this.memory.write(address, bytes);
  }

  private ioctl({ fd, cmd, arg, ret }: Call<'ioctl'>, after: readonly Memory[]): TracedCall {
    const file = this.files.get(fd);
    const ioctl = ioctlsByRequest(Number(cmd), file?.kind === 'iommufd' ? 'iommufd' : undefined)[0];
    const struct = ioctl?.struct;
    const address = BigInt(arg);
    const before = struct === undefined ? undefined : this.argument(struct, address);
    if (ioctl === undefined || struct === undefined || before === undefined) {
      const name = ioctl?.name ?? formatRequest(Number(cmd));
      return called(`ioctl(${fd}, ${name}, ${hex(address)})`, ret, [], ioctl);
    }
    const values = valuesOf(struct, before);
    const notes = this.pointees(struct, values, file, false);
    const parts = this.keepsMemory
      ? behindPointers(this.memory, pointersOf(struct, values), (pointer) =>
          entryType(pointer.to, pointer.values, file),
        )
      : [];
    const words = this.wordsFor(struct, values, file);
    this.show(after);
    const behind = this.argument(struct, address) ?? before;
    const { given, returned } = callFields(struct, before, behind, ret, words);
    if (returned !== '') notes.push(`returns {${returned}}`);
    if (ret >= 0) {
      const answer = valuesOf(struct, behind);
      notes.push(...this.pointees(struct, answer, file, true));
      this.remember(struct, answer, file);
    }
    const call = called(`ioctl(${fd}, ${ioctl.name}, {${given}})`, ret, notes, ioctl);
    return this.withMemory(call, () => [
      { name: 'argument', address, type: struct, before, after: asBefore(before, behind) },
      ...afterCall(this.memory, parts),
    ]);
  }

  /** The records that reads of a queue return: page faults, or events of a type. */
  private eventsOf(fd: number): QueueEvents {
    const file = this.files.get(fd);
    if (file?.kind === 'faults') return 'faults';
    return file?.kind === 'veventq' ? file.type : undefined;
  }

  private withMemory(call: TracedCall, memory: () => readonly TracedMemory[]): TracedCall {
    return this.keepsMemory ? { ...call, memory: memory() } : call;
  }

  /** The part of a struct that the caller knows, by the size in its first field. */
  private argument(struct: AnyType, address: bigint): Uint8Array | undefined {
    const known = this.memory.readUint32(address);
    if (known === undefined) return undefined;
    return this.memory.read(address, shownLength(struct, known));
  }

  /** Prints the memory behind the pointers of a struct. @param out true for memory that the kernel writes, false for memory that it reads */
  private pointees(struct: AnyType, values: Values, file: OpenFile | undefined, out: boolean): string[] {
    return pointersOf(struct, values).flatMap((pointer) => {
      if ((pointer.to.out === true) !== out) return [];
      const entry = entryType(pointer.to, pointer.values, file);
      return entry === undefined ? [] : [`${pointer.path} -> ${this.entries(entry, pointer)}`];
    });
  }

  private entries(type: AnyType, pointer: Pointer): string {
    const { count, stride, length } = entriesOf(pointer, type);
    const shown = Array.from({ length: Math.min(count, MOST_ENTRIES) }, (_, i) => {
      const bytes = this.memory.read(pointer.address + BigInt(i * stride), length);
      return bytes === undefined ? 'unreadable' : `{${fields(type, bytes)}}`;
    });
    if (pointer.to.count === undefined) return shown.join('');
    const more = count > shown.length ? [`${count - shown.length} more`] : [];
    return `[${[...shown, ...more].join(', ')}]`;
  }

  /** The context whose objects the ids of a struct name. */
  private contextOf(struct: AnyType, values: Values, file: OpenFile | undefined): Context | undefined {
    if (file?.kind === 'iommufd') return file;
    if (file?.kind !== 'device') return undefined;
    // VFIO_DEVICE_BIND_IOMMUFD passes the file of the context.
    for (const { type, value, direction } of numbersOf(struct, values)) {
      const named = type.role.kind === 'fd' && direction === 'in' ? this.files.get(Number(value)) : undefined;
      if (named?.kind === 'iommufd') file.context = named;
    }
    return file.context;
  }

  /** Remarks on the objects whose ids are in a struct. */
  private wordsFor(struct: AnyType, values: Values, file: OpenFile | undefined): Words {
    if (!rolesIn(struct).has('id')) return NO_WORDS;
    const words = new Map<string, string>();
    const context = this.contextOf(struct, values, file);
    for (const { path, type, value, direction } of numbersOf(struct, values)) {
      if (type.role.kind !== 'id' || direction === 'out') continue;
      const text = context?.objects.get(Number(value))?.text;
      if (text !== undefined) words.set(path, text);
    }
    return words;
  }

  /** Remembers the objects and files that a call created. */
  private remember(struct: AnyType, values: Values, file: OpenFile | undefined): void {
    const numbers = numbersOf(struct, values);
    for (const { type, value, direction } of numbers)
      if (type.role.kind === 'fd' && direction === 'out') this.files.set(Number(value), { kind: 'other' });
    const context = this.contextOf(struct, values, file);
    if (context === undefined || file === undefined) return;
    const bases = numbers.flatMap(({ type, value, direction }) => {
      const base = context.objects.get(Number(value));
      const isBase = type.role.kind === 'id' && direction !== 'out' && base !== undefined;
      return isBase && !BESIDE.has(base.kind) ? [{ kind: base.kind, id: Number(value) }] : [];
    });
    const on = bases.map(({ kind, id }) => `${kind} ${id}`).join(' and ');
    const isNested = bases.some(({ kind }) => kind === 'hwpt' || kind === 'viommu');
    for (const { type, value, direction } of numbers) {
      const [kind] = type.role.kind === 'id' && direction === 'out' ? type.role.of : [];
      if (kind === undefined) continue;
      const base = on === '' ? undefined : `${kind === 'hwpt' && isNested ? 'nested ' : ''}on ${on}`;
      const text = file.kind === 'device' ? file.path : BESIDE.has(kind) ? undefined : base;
      context.objects.set(Number(value), { kind, text });
    }
    const { out_veventq_fd: queue, out_fault_fd: faults, type } = values;
    if (typeof queue === 'number') {
      const data: Readonly<Record<number, AnyType>> = veventData;
      this.files.set(queue, { kind: 'veventq', type: data[Number(type)] });
    }
    if (typeof faults === 'number') this.files.set(faults, { kind: 'faults' });
  }

  /** Prints the records that were read. */
  private recordsRead({ fd, addr, ret }: Call<'read'>): RecordsRead {
    const file = this.files.get(fd);
    const bytes = ret > 0 ? this.memory.read(BigInt(addr), ret) : undefined;
    if (file === undefined || bytes === undefined) return { notes: [], losses: [] };
    return orBytes(bytes, () => {
      if (file.kind === 'faults') {
        const notes = decodeFaults(bytes).map(
          (fault) => `fault {${fields(iommu_hwpt_pgfault, encode(iommu_hwpt_pgfault, fault))}}`,
        );
        return { notes, losses: [] };
      }
      if (file.kind !== 'veventq' || file.type === undefined)
        return { notes: [bytesText(bytes)], losses: [] };
      const { type, after } = file;
      const records = decodeVevents(type, bytes, after === undefined ? {} : { after });
      const last = records.at(-1);
      if (last !== undefined) file.after = last.sequence;
      return { notes: records.map((record) => describe(type, record)), losses: records.flatMap(lossOf) };
    });
  }

  private responses({ fd, addr, len }: Call<'write'>): string[] {
    const bytes = this.memory.read(BigInt(addr), len);
    if (this.files.get(fd)?.kind !== 'faults' || bytes === undefined) return [];
    const { byteLength } = iommu_hwpt_page_response;
    return Array.from({ length: Math.floor(len / byteLength) }, (_, i) => {
      const response = bytes.subarray(i * byteLength, (i + 1) * byteLength);
      return `response {${fields(iommu_hwpt_page_response, response)}}`;
    });
  }
}

/** Prints an offset in the file of a PCI function, with the region and the offset in it. */
function position(off: number | string): string {
  const at = BigInt(off);
  const region = Number(at >> 40n);
  const name = region === 7 ? 'config' : `BAR ${region}`;
  return `${hex(at)} /* ${name} + ${hex(at & 0xff_ffff_ffffn)} */`;
}

/** The records of a read as text, and the losses that it reports. */
interface RecordsRead {
  readonly notes: readonly string[];
  readonly losses: readonly TracedLoss[];
}

/** Runs `work`. If the bytes are not valid records, returns them in hex, with the error. */
function orBytes(bytes: Uint8Array, work: () => RecordsRead): RecordsRead {
  try {
    return work();
  } catch (error) {
    if (error instanceof StructError) return { notes: [`${toHex(bytes)} (${error.message})`], losses: [] };
    throw error;
  }
}

/** The loss that a record reports: empty if no event before it was lost. */
function lossOf({ kind, sequence, lost }: VeventRecord<unknown>): TracedLoss[] {
  if (lost === 0) return [];
  const first = (sequence - lost + (kind === 'lost' ? 1 : 0)) & VEVENT_SEQUENCE_MAX;
  const last = (first + lost - 1) & VEVENT_SEQUENCE_MAX;
  return [{ how: kind === 'lost' ? 'mark' : 'gap', count: lost, first, last }];
}

/** Prints a record of a vEVENTQ, with the loss that it reports. */
function describe(type: AnyType, record: VeventRecord<unknown>): string {
  const { kind, sequence } = record;
  const header = `header {flags=${iommu_veventq_flag.format(record.flags)}, sequence=${sequence}}`;
  const [loss] = lossOf(record);
  const { count = 0, first = 0, last = 0 } = loss ?? {};
  const lost = plural(count, 'event');
  const range = count === 1 ? `number ${first}` : `numbers ${first} to ${last}`;
  if (kind === 'lost') return `${header} without data: the queue was full and lost ${lost}, ${range}`;
  // The event was decoded from bytes of this type.
  const event = fields(type, encode(type, record.event as never));
  const gap = loss === undefined ? '' : `  (the gap in the sequence: ${lost} lost, ${range})`;
  return `${header} event {${event}}${gap}`;
}

/** Prints the access mode of `open()`. */
const openMode = (flags: number | undefined): string =>
  ['O_RDONLY', 'O_WRONLY'][(flags ?? 2) & 3] ?? 'O_RDWR';

/** Prints a memory access of the program, which is not a system call. */
function accessed(call: string, step: Extract<Step, { op: 'load' | 'store' }>): TracedCall {
  if ('signal' in step) return { call, result: step.signal, failed: true, notes: [] };
  return { call, result: step.op === 'load' ? step.value : '0', failed: false, notes: [] };
}

/** Outcomes of device steps that are not failures. */
const GOOD = new Set(['done', 'waits', 'reported', 'gone', 'asked back']);

/** Prints an action of a device, with the bytes that it transferred. */
function ofDevice(call: string, { outcome, ...step }: DeviceStep): TracedCall {
  const notes = 'hex' in step && step.hex !== undefined && step.hex !== '' ? [step.hex] : [];
  return { call, result: outcome, failed: !GOOD.has(outcome), notes };
}

/** Prints the contents of a file: as a string if they are printable, otherwise in hex. */
function contents(bytes: string | undefined): string[] {
  if (bytes === undefined) return [];
  const text = new TextDecoder().decode(fromHex(bytes));
  return [/^[\x20-\x7e\n\t]*$/.test(text) ? JSON.stringify(text) : bytes];
}

/** The type behind a pointer, if the declaration or another field of the struct determines it. */
function entryType(to: Pointee, values: Values, file: OpenFile | undefined): AnyType | undefined {
  if (to.type !== undefined) return to.type;
  const by = Number(values[to.by ?? '']);
  // The mock driver uses one number for two formats. The kind of the object decides which one it is.
  const kind = file?.kind === 'iommufd' ? file.objects.get(Number(values['hwpt_id']))?.kind : undefined;
  const ofViommu: Readonly<Record<number, AnyType>> = invalidationEntries.viommu;
  return (to.count === 'entry_num' && kind === 'viommu' ? ofViommu[by] : undefined) ?? to.cases?.[by];
}

function called(call: string, ret: number, notes: readonly string[] = [], ioctl?: Ioctl): TracedCall {
  return { call, result: resultText(ret, ioctl), failed: ret < 0, notes, ioctl };
}
