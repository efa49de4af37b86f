/**
 * The calls of a tape in order, each as text, with its process and file. The timeline is built in steps, because a tape
 * may have a hundred thousand calls.
 */
import {
  CallTracer,
  type Memory,
  memoryAfter,
  type Step,
  type Tape,
  type TracedCall,
} from '@iommufd/tape/browser';
import { decode, Integer, Struct } from '@iommufd/uapi/struct';

/** A line of the timeline. */
export interface Row {
  /** From 0 on. */
  readonly index: number;
  /** Index of its step or line in the tape, trace or log, from 0. */
  readonly step: number;
  readonly kind: 'call' | 'note' | 'event';
  readonly pid: number;
  /** The thread id, if it is known and not the first thread of its process. */
  readonly tid: number | undefined;
  /** Its file descriptor. */
  readonly fd: number | undefined;
  /** The name of its file, as far as known: `/dev/iommu`, `veventq 7`; empty without a file. */
  readonly file: string;
  /** `IOMMU_IOAS_MAP`, `read`, `F_TRANSLATION`. */
  readonly name: string;
  /** The call with its arguments, as strace prints it. */
  readonly text: string;
  readonly result: string;
  readonly failed: boolean;
  /** True if the result reports lost events. */
  readonly lost: boolean;
}

/** A row and its call. */
export interface TimelineCall {
  readonly row: Row;
  /** Undefined for a row that is not a call. */
  readonly call: TracedCall | undefined;
}

/** The names of file descriptors, by process. */
class FileNames {
  private readonly names = new Map<string, string>();

  private key(pid: number, fd: number): string {
    return `${pid} ${fd}`;
  }

  of(pid: number, fd: number): string {
    return this.names.get(this.key(pid, fd)) ?? '';
  }

  /** Updates the names from a step and its result. */
  learn(pid: number, step: Step, call: TracedCall): void {
    if ((step.op === 'open' || step.op === 'inherit') && step.ret >= 0)
      this.names.set(this.key(pid, step.ret), step.path);
    else if (step.op === 'dup' && step.ret >= 0)
      this.names.set(this.key(pid, step.ret), this.of(step.of ?? pid, step.fd));
    else if ((step.op === 'memfd' || step.op === 'eventfd') && step.ret >= 0)
      this.names.set(this.key(pid, step.ret), step.op);
    else if (step.op === 'close' && step.ret === 0) this.names.delete(this.key(pid, step.fd));
    else if (step.op === 'ioctl' && step.ret >= 0) this.learnReturned(pid, call);
  }

  /** Names the descriptors that an ioctl returned, by the id of their object: `out_veventq_id`, `out_veventq_fd`. */
  private learnReturned(pid: number, { memory, ioctl }: TracedCall): void {
    const [argument] = memory ?? [];
    const struct = ioctl?.struct;
    if (argument?.after === undefined || !(struct instanceof Struct)) return;
    if (!struct.members.some(({ type }) => type instanceof Integer && type.role.kind === 'fd')) return;
    const full = new Uint8Array(struct.byteLength);
    full.set(argument.after.subarray(0, full.length));
    const values: Readonly<Record<string, unknown>> = decode(struct, full, { lenient: true });
    for (const { name, type, direction } of struct.members) {
      const value = values[name];
      const isReturned = type instanceof Integer && type.role.kind === 'fd' && direction === 'out';
      if (!isReturned || typeof value !== 'number') continue;
      const what = name.replace(/^out_/, '').replace(/_fd$/, '');
      const id = values[`out_${what}_id`];
      this.names.set(this.key(pid, value), typeof id === 'number' ? `${what} ${id}` : what);
    }
  }
}

/** The file descriptor of a step. */
function descriptorOf(step: Step): number | undefined {
  if ((step.op === 'open' || step.op === 'inherit') && step.ret >= 0) return step.ret;
  return 'fd' in step && step.op !== 'mmap' && step.fd >= 0 ? step.fd : undefined;
}

const nameOf = ({ call, ioctl }: TracedCall): string => ioctl?.name ?? /^\w+/.exec(call)?.[0] ?? call;

/** Converts steps to rows, one after another. */
export class TimelineReader {
  private readonly tracer = new CallTracer({ memory: true });
  private readonly files = new FileNames();
  private index = 0;
  private step = -1;

  /** The name of a file descriptor of a process; empty if unknown. */
  nameOf(pid: number, fd: number): string {
    return this.files.of(pid, fd);
  }

  /** Converts the next step. @param after the memory after it @returns undefined for a step without a row */
  next(step: Step, after: readonly Memory[]): TimelineCall | undefined {
    this.step++;
    const pid = step.pid ?? 1;
    if (step.op === 'note') {
      const { text, lines = [] } = step;
      const shown = {
        name: 'note',
        text: [text, ...lines].join('\n'),
        result: '',
        failed: false,
        lost: false,
      };
      const place = { index: this.index++, step: this.step, pid, tid: undefined, fd: undefined, file: '' };
      return { row: { ...place, kind: 'note', ...shown }, call: undefined };
    }
    const fd = descriptorOf(step);
    // Before the call, because a closed file has no name afterwards.
    const before = fd === undefined ? '' : this.files.of(pid, fd);
    const call = this.tracer.next(step, after);
    if (call === undefined) return undefined;
    this.files.learn(pid, step, call);
    const row: Row = {
      index: this.index++,
      step: this.step,
      kind: 'call',
      pid,
      tid: undefined,
      fd,
      file: before === '' && fd !== undefined ? this.files.of(pid, fd) : before,
      name: nameOf(call),
      text: call.call,
      result: call.result,
      failed: call.failed,
      lost: call.losses !== undefined,
    };
    return { row, call };
  }
}

/** Reads a tape call by call. */
export function* timeline({ steps }: Tape): Generator<TimelineCall> {
  const reader = new TimelineReader();
  for (const [i, step] of steps.entries()) {
    const found = reader.next(step, memoryAfter(steps, i));
    if (found !== undefined) yield found;
  }
}
