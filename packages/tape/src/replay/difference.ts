import { annotate, type Annotation, type AnyType, toHex } from '@iommufd/uapi/struct';
import { pollEvents } from '../print/linux.js';
import { isSame } from '../tapes/memory.js';
import type { Answer } from './prepare.js';
import { type DeviceStep, recordedOf } from '../tapes/device-steps.js';
import type { Step, Tape } from '../tapes/tape.js';
import { trace } from '../print/trace.js';
import type { TracedCall } from '../print/traced-call.js';

/** A difference between the replay and the recording. */
export type Problem =
  | { readonly kind: 'answer'; readonly ours: Answer }
  /** `undefined` is memory that cannot be read. */
  | {
      readonly kind: 'memory';
      readonly linux: Uint8Array | undefined;
      readonly ours: Uint8Array | undefined;
    }
  /** The recorded program writes to memory that is not mapped in the replay. */
  | { readonly kind: 'no memory' }
  /** A system call of the replay threw, which is a bug of the fake kernel. */
  | { readonly kind: 'thrown'; readonly error: unknown }
  /** A step that cannot be replayed. */
  | { readonly kind: 'beyond' }
  /** Objects remain in the kernel after the end of the processes. */
  | { readonly kind: 'left over'; readonly names: readonly string[] };

/** A problem with its step. */
export interface Finding {
  /** Index of the step; the number of steps stands for the end of the process. */
  readonly step: number;
  readonly problem: Problem;
  /** The memory of the replay at the `peek` steps around it, by the index of the step. */
  readonly memory?: ReadonlyMap<number, Uint8Array>;
}

/** The result of a call as text. */
export type Outcome = Pick<TracedCall, 'result' | 'notes'>;

/** A value that differs. */
export interface FieldDifference {
  /** `ret`, `revents`, `detail`, a field of the struct, or an address. */
  readonly path: string;
  readonly linux: string;
  readonly ours: string;
}

/** The first step at which a replay differs from its tape, as text. */
export interface Difference {
  /** Index of the step; the number of steps stands for the end of the process. */
  readonly step: number;
  /** `exit` for the end of the process. */
  readonly op: string;
  /** The call: of the step itself, or the one whose memory the step compares. */
  readonly call: string;
  readonly linux: Outcome;
  readonly ours: Outcome;
  readonly fields: readonly FieldDifference[];
}

/** Stack frames that are shown of an error. */
const FRAMES = 4;

type Call = Extract<Step, { readonly ret: unknown } | { readonly signal: unknown } | DeviceStep>;

/** Bytes that are shown from the first difference. */
const SHOWN = 16;

const outcome = (result: string, notes: readonly string[] = []): Outcome => ({ result, notes });
const isCall = (step: Step | undefined): step is Call =>
  step !== undefined && ('ret' in step || 'signal' in step || 'outcome' in step);

/** Describes a difference as text. */
export function explain(
  tape: Tape,
  { step: at, problem, memory = new Map<number, Uint8Array>() }: Finding,
): Difference {
  const step = tape.steps[at];
  const place = { step: at, op: step?.op ?? 'exit' };
  if (problem.kind === 'left over') {
    const { names } = problem;
    const linux = outcome('no objects remain');
    const fields = [{ path: 'remaining', linux: 'nothing', ours: names.join(', ') }];
    return { ...place, call: 'exit()', linux, ours: outcome(`${names.length} remain`, names), fields };
  }
  if (problem.kind === 'beyond' && step !== undefined) {
    const linux = outcome('ret' in step ? String(step.ret) : 'done');
    const ours = outcome(`cannot be replayed: unknown step '${step.op}'`);
    return { ...place, call: plainly(step), linux, ours, fields: [] };
  }
  const callAt = tape.steps.findLastIndex((candidate, i) => i <= at && isCall(candidate));
  const call = tape.steps[callAt];
  // A problem in the program's own memory accesses is independent of the call before it.
  const isOfCall = (callAt === at || step?.op === 'peek') && problem.kind !== 'no memory';
  if (!isCall(call) || !isOfCall) return { ...place, ...outsideCalls(step, problem) };

  const upTo = tape.steps.slice(0, callAt);
  const peeks = peeksAfter(tape.steps, callAt);
  const linux = traced(tape, [...upTo, call, ...peeks.map(([, peek]) => peek)]);
  const shown = { ...place, call: linux.call, linux: outcome(linux.result, linux.notes) };
  if (problem.kind === 'thrown') return { ...shown, ours: thrown(problem.error), fields: [] };

  const seen = peeks.flatMap(([i, { addr }]): Step[] => {
    const bytes = memory.get(i);
    return bytes === undefined ? [] : [{ op: 'peek', addr, hex: toHex(bytes) }];
  });
  const answered = problem.kind === 'answer' ? withAnswer(call, problem.ours) : call;
  const { result, notes } = traced(tape, [...upTo, answered, ...seen]);
  return { ...shown, ours: outcome(result, notes), fields: fieldsOf(problem, call, step, linux) };
}

/** Prints a step that the tracer does not print. */
function plainly(step: Step): string {
  const given = Object.entries(step).filter(([name]) => name !== 'op' && name !== 'ret');
  return `${step.op}(${given.map(([name, value]) => `${name}=${String(value)}`).join(', ')})`;
}

/** The error of a call that must not throw, with the first frames of its stack. */
function thrown(error: unknown): Outcome {
  const frames = error instanceof Error ? (error.stack?.match(/^ +at .*$/gm) ?? []) : [];
  return outcome(
    `throws ${String(error)}`,
    frames.slice(0, FRAMES).map((frame) => frame.trim()),
  );
}

/** Describes a difference at a step that is not a call and not a result of one. */
function outsideCalls(
  step: Step | undefined,
  problem: Problem,
): Pick<Difference, 'call' | 'linux' | 'ours' | 'fields'> {
  const call = step === undefined ? 'exit()' : step.op === 'poke' ? `poke at ${step.addr}` : plainly(step);
  const linux = outcome('done');
  switch (problem.kind) {
    case 'thrown':
      return { call, linux, ours: thrown(problem.error), fields: [] };
    case 'memory':
      return {
        call,
        linux,
        ours: outcome('different'),
        fields: fieldsOf(problem, undefined, step, undefined),
      };
    default:
      return { call, linux, ours: outcome('the memory is not mapped'), fields: [] };
  }
}

function peeksAfter(
  steps: readonly Step[],
  callAt: number,
): (readonly [number, Extract<Step, { op: 'peek' }>])[] {
  const peeks: (readonly [number, Extract<Step, { op: 'peek' }>])[] = [];
  for (let i = callAt + 1; i < steps.length; i++) {
    const step = steps[i];
    if (step?.op !== 'peek') break;
    peeks.push([i, step]);
  }
  return peeks;
}

/** Traces steps, and returns the last call. */
function traced(tape: Tape, steps: readonly Step[]): TracedCall {
  let last: TracedCall | undefined;
  for (const call of trace({ ...tape, steps })) last = call;
  if (last === undefined) throw new Error('the steps contain no call');
  return last;
}

/** The recorded result of a call besides its number: {@link Answer.detail}. */
function recordedDetail(call: Call): string {
  if ('signal' in call) return call.signal;
  if ('outcome' in call) return recordedOf(call);
  if (call.op === 'load') return call.value;
  if ('hex' in call) return call.hex ?? '';
  return 'text' in call && call.op !== 'put' && call.op !== 'putbg' ? (call.text ?? '') : '';
}

/** The call with another result. */
function withAnswer(call: Call, { ret, revents, detail }: Answer): Call {
  switch (call.op) {
    case 'poll':
      return { ...call, ret, revents };
    case 'load': {
      const { op, addr, size } = call;
      const end = ret === 0 ? { ret: 0 as const, value: detail ?? '' } : { signal: detail ?? '' };
      return { op, addr, size, ...end };
    }
    case 'store': {
      const { op, addr, size, value } = call;
      return { op, addr, size, value, ...(ret === 0 ? { ret: 0 as const } : { signal: detail ?? '' }) };
    }
    case 'access':
    case 'ended':
    case 'event':
    case 'unplug':
    case 'interrupts':
      return withOutcome(call, detail ?? '');
    case 'cat':
      return { ...call, ret, ...(detail !== undefined && { hex: detail }) };
    case 'readlink':
    case 'ls':
    case 'stat':
      return { ...call, ret, ...(detail !== undefined && { text: detail }) };
    default:
      return { ...call, ret };
  }
}

/** The device step with another outcome, which includes the bytes that it read. */
function withOutcome(step: DeviceStep, detail: string): DeviceStep {
  const [, hex] = /^done ([0-9a-f]+)$/.exec(detail) ?? [];
  const isRead = step.op === 'ended' || (step.op === 'access' && !step.write);
  if (!isRead) return { ...step, outcome: detail };
  return { ...step, outcome: hex === undefined ? detail : 'done', hex: hex ?? '' };
}

function fieldsOf(
  problem: Problem,
  call: Call | undefined,
  step: Step | undefined,
  traced: TracedCall | undefined,
): FieldDifference[] {
  if (problem.kind === 'answer' && call !== undefined) {
    const { ret, revents, detail: ours = '' } = problem.ours;
    const linux = 'ret' in call ? call.ret : 'outcome' in call ? ret : -1;
    const fields = [
      { path: 'ret', linux: String(linux), ours: String(ret) },
      { path: 'detail', linux: recordedDetail(call), ours },
    ];
    if (call.op === 'poll') {
      const words = (events: number): string => pollEvents.format(events);
      fields.push({ path: 'revents', linux: words(call.revents), ours: words(revents) });
    }
    return fields.filter(({ linux, ours }) => linux !== ours);
  }
  if (problem.kind !== 'memory' || step?.op !== 'peek') return [];
  const { linux, ours } = problem;
  if (linux === undefined || ours === undefined) {
    const shown = (bytes: Uint8Array | undefined): string => bytesFrom(bytes, 0);
    return [{ path: step.addr, linux: shown(linux), ours: shown(ours) }];
  }
  const struct = traced?.ioctl?.struct;
  const isArgument = call?.op === 'ioctl' && BigInt(call.arg) === BigInt(step.addr);
  const fields = isArgument && struct !== undefined ? structFields(struct, linux, ours) : [];
  return fields.length > 0 ? fields : [firstBytes(step.addr, linux, ours)];
}

/** The fields of a struct that differ. */
function structFields(struct: AnyType, linux: Uint8Array, ours: Uint8Array): FieldDifference[] {
  const key = ({ kind, path, offset }: Annotation): string => `${offset} ${kind} ${path}`;
  const other = new Map(annotate(struct, ours).map((annotation) => [key(annotation), annotation]));
  return annotate(struct, linux).flatMap((theirs) => {
    const { offset, bytes, kind, path } = theirs;
    const part = ours.subarray(offset, offset + bytes.length);
    if (isSame(bytes, part)) return [];
    const mine = other.get(key(theirs));
    const name = path === '' ? `${kind} at ${offset}` : path;
    const inWords = mine !== undefined && mine.text !== theirs.text && kind === 'field';
    return [
      {
        path: name,
        linux: inWords ? theirs.text : toHex(bytes),
        ours: inWords ? mine.text : toHex(part),
      },
    ];
  });
}

/** The first bytes that differ. */
function firstBytes(address: string, linux: Uint8Array, ours: Uint8Array): FieldDifference {
  const offset = linux.findIndex((byte, i) => byte !== ours[i]);
  const path = offset > 0 ? `${address} + ${offset}` : address;
  return { path, linux: bytesFrom(linux, offset), ours: bytesFrom(ours, offset) };
}

function bytesFrom(bytes: Uint8Array | undefined, offset: number): string {
  if (bytes === undefined) return 'unreadable';
  const end = offset + SHOWN;
  return `${toHex(bytes.subarray(offset, end))}${bytes.length > end ? '...' : ''}`;
}
