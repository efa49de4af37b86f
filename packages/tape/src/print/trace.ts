import { formatRequest } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { type AnyType, fromHex } from '@iommufd/uapi/struct';
import {
  entriesOf,
  type Pointer,
  pointersOf,
  shownLength,
  type Values,
  valuesOf,
} from '../calls/pointers.js';
import type { DeviceStep } from '../tapes/device-steps.js';
import { TapeMemory } from '../tapes/memory.js';
import type { Step, Tape } from '../tapes/tape.js';
import { bytesText, callFields, fields } from './fields.js';
import { fallocateModes, mmapFlags, mmapProt, pollEvents } from './linux.js';
import { entryType, opened, type OpenFile, OpenFiles } from './open-files.js';
import { recordsIn, type RecordsRead, responsesIn } from './queue-records.js';
import { called, type TracedCall } from './traced-call.js';
import {
  afterCall,
  asBefore,
  behindPointers,
  blockRead,
  blockWritten,
  MOST_ENTRIES,
  recordsRead,
  responsesWritten,
  type TracedMemory,
} from './traced-memory.js';

/** Options of a tracer. */
export interface TracerOptions {
  /** If true, each {@link TracedCall} has the memory that the call read and wrote. */
  readonly memory?: boolean;
}

type Call<Op extends Step['op']> = Extract<Step, { readonly op: Op }>;

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
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
  private readonly files = new OpenFiles();

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
      case 'mremap': {
        const { addr, len, to, ret } = step;
        const address = BigInt(ret);
        const call = `mremap(${addr}, ${len}, ${len}, MREMAP_MAYMOVE|MREMAP_FIXED, ${to})`;
        if (address < 0n) return called(call, Number(ret));
        this.memory.move(BigInt(addr), len, address);
        return { call, result: hex(address), failed: false, notes: [] };
      }
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
      case 'ftruncate':
        return called(`ftruncate(${step.fd}, ${BigInt(step.size)})`, step.ret);
      case 'fallocate': {
        const { fd, mode, off, len, ret } = step;
        return called(
          `fallocate(${fd}, ${fallocateModes.format(mode)}, ${BigInt(off)}, ${BigInt(len)})`,
          ret,
        );
      }
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
        return this.withMemory(read, () => recordsRead(this.memory, step, this.files.eventsOf(step.fd)));
      }
      case 'write':
        return this.withMemory(
          called(`write(${step.fd}, ${step.addr}, ${step.len})`, step.ret, this.responses(step)),
          () => responsesWritten(this.memory, step, this.files.eventsOf(step.fd)),
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
    const words = this.files.wordsFor(struct, values, file);
    this.show(after);
    const behind = this.argument(struct, address) ?? before;
    const { given, returned } = callFields(struct, before, behind, ret, words);
    if (returned !== '') notes.push(`returns {${returned}}`);
    if (ret >= 0) {
      const answer = valuesOf(struct, behind);
      notes.push(...this.pointees(struct, answer, file, true));
      this.files.remember(struct, answer, file);
    }
    const call = called(`ioctl(${fd}, ${ioctl.name}, {${given}})`, ret, notes, ioctl);
    return this.withMemory(call, () => [
      { name: 'argument', address, type: struct, before, after: asBefore(before, behind) },
      ...afterCall(this.memory, parts),
    ]);
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

  private recordsRead({ fd, addr, ret }: Call<'read'>): RecordsRead {
    const file = this.files.get(fd);
    const bytes = ret > 0 ? this.memory.read(BigInt(addr), ret) : undefined;
    return file === undefined || bytes === undefined ? { notes: [], losses: [] } : recordsIn(file, bytes);
  }

  private responses({ fd, addr, len }: Call<'write'>): string[] {
    const bytes = this.memory.read(BigInt(addr), len);
    return this.files.get(fd)?.kind !== 'faults' || bytes === undefined ? [] : responsesIn(bytes);
  }
}

/** Prints an offset in the file of a PCI function, with the region and the offset in it. */
function position(off: number | string): string {
  const at = BigInt(off);
  const region = Number(at >> 40n);
  const name = region === 7 ? 'config' : `BAR ${region}`;
  return `${hex(at)} /* ${name} + ${hex(at & 0xff_ffff_ffffn)} */`;
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
