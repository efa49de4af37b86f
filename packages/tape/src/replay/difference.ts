import { annotate, type Annotation, type AnyType, toHex } from '@iommufd/uapi/struct';
import { pollEvents } from '../print/linux.js';
import { isSame } from '../tapes/memory.js';
import type { Answer } from './prepare.js';
import { type DeviceStep, recordedOf } from '../tapes/device-steps.js';
import type { Step, Tape } from '../tapes/tape.js';
import { trace, type TracedCall } from '../print/trace.js';

/** What was not as on Linux. */
export type Problem =
  | { readonly kind: 'answer'; readonly ours: Answer }
  /** Undefined is memory that cannot be read. */
  | {
      readonly kind: 'memory';
      readonly linux: Uint8Array | undefined;
      readonly ours: Uint8Array | undefined;
    }
  /** The recorded program writes where nothing is mapped. */
  | { readonly kind: 'no memory' }
  | { readonly kind: 'thrown'; readonly error: unknown }
  /** A step that no machine here can do. */
  | { readonly kind: 'beyond' }
  | { readonly kind: 'left over'; readonly names: readonly string[] };

/** A problem and where in the tape it is. */
export interface Finding {
  /** The index of the step; one past the last stands for the end of the process. */
  readonly step: number;
  readonly problem: Problem;
  /** Our memory at the peeks around the step. */
  readonly memory?: ReadonlyMap<number, Uint8Array>;
}

/** What a call came to, in words. */
export type Outcome = Pick<TracedCall, 'result' | 'notes'>;

/** A value that differs. */
export interface FieldDifference {
  /** `ret`, `revents`, a field of the struct, or an address. */
  readonly path: string;
  readonly linux: string;
  readonly ours: string;
}

/** The first step at which a replay and its tape part, in words. */
export interface Difference {
  /** Counted from 0; the number of steps stands for the end of the process. */
  readonly step: number;
  /** `exit` for the end of the process. */
  readonly op: string;
  /** The call that the step is, or that it looks at the memory of. */
  readonly call: string;
  readonly linux: Outcome;
  readonly ours: Outcome;
  readonly fields: readonly FieldDifference[];
}

/** Frames that are shown of what was thrown. */
const FRAMES = 4;

type Call = Extract<Step, { readonly ret: unknown } | { readonly signal: unknown } | DeviceStep>;

/** Bytes that are shown from where two memories begin to differ. */
const SHOWN = 16;

const said = (result: string, notes: readonly string[] = []): Outcome => ({ result, notes });
const isCall = (step: Step | undefined): step is Call =>
  step !== undefined && ('ret' in step || 'signal' in step || 'outcome' in step);

/** Finds the words for a difference. */
export function explain(
  tape: Tape,
  { step: at, problem, memory = new Map<number, Uint8Array>() }: Finding,
): Difference {
  const step = tape.steps[at];
  const place = { step: at, op: step?.op ?? 'exit' };
  if (problem.kind === 'left over') {
    const { names } = problem;
    const linux = said('nothing is left');
    const fields = [{ path: 'left over', linux: 'nothing', ours: names.join(', ') }];
    return { ...place, call: 'exit()', linux, ours: said(`${names.length} left over`, names), fields };
  }
  if (problem.kind === 'beyond' && step !== undefined) {
    const linux = said('ret' in step ? String(step.ret) : 'done');
    const ours = said(`needs a machine that is not there: this one has no '${step.op}'`);
    return { ...place, call: plainly(step), linux, ours, fields: [] };
  }
  const callAt = tape.steps.findLastIndex((candidate, i) => i <= at && isCall(candidate));
  const call = tape.steps[callAt];
  // A problem with a step of the program itself has nothing to do with the call before it.
  const isOfCall = (callAt === at || step?.op === 'peek') && problem.kind !== 'no memory';
  if (!isCall(call) || !isOfCall) return { ...place, ...outsideCalls(step, problem) };

  const upTo = tape.steps.slice(0, callAt);
  const peeks = peeksAfter(tape.steps, callAt);
  const linux = traced(tape, [...upTo, call, ...peeks.map(([, peek]) => peek)]);
  const shown = { ...place, call: linux.call, linux: said(linux.result, linux.notes) };
  if (problem.kind === 'thrown') return { ...shown, ours: thrown(problem.error), fields: [] };

  const seen = peeks.flatMap(([i, { addr }]): Step[] => {
    const bytes = memory.get(i);
    return bytes === undefined ? [] : [{ op: 'peek', addr, hex: toHex(bytes) }];
  });
  const answered = problem.kind === 'answer' ? withAnswer(call, problem.ours) : call;
  const { result, notes } = traced(tape, [...upTo, answered, ...seen]);
  return { ...shown, ours: said(result, notes), fields: fieldsOf(problem, call, step, linux) };
}

/** A step without a tracer's words. */
function plainly(step: Step): string {
  const given = Object.entries(step).filter(([name]) => name !== 'op' && name !== 'ret');
  return `${step.op}(${given.map(([name, value]) => `${name}=${String(value)}`).join(', ')})`;
}

/** What came out of a call that must not throw, and from where in the kernel. */
function thrown(error: unknown): Outcome {
  const frames = error instanceof Error ? (error.stack?.match(/^ +at .*$/gm) ?? []) : [];
  return said(
    `throws ${String(error)}`,
    frames.slice(0, FRAMES).map((frame) => frame.trim()),
  );
}

/** A difference at a step that is no call, and that no call explains. */
function outsideCalls(
  step: Step | undefined,
  problem: Problem,
): Pick<Difference, 'call' | 'linux' | 'ours' | 'fields'> {
  const call = step === undefined ? 'exit()' : step.op === 'poke' ? `poke at ${step.addr}` : plainly(step);
  const linux = said('done');
  switch (problem.kind) {
    case 'thrown':
      return { call, linux, ours: thrown(problem.error), fields: [] };
    case 'memory':
      return { call, linux, ours: said('different'), fields: fieldsOf(problem, undefined, step, undefined) };
    default:
      return { call, linux, ours: said('there is no memory'), fields: [] };
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

/** The last call of these steps in words. */
function traced(tape: Tape, steps: readonly Step[]): TracedCall {
  let last: TracedCall | undefined;
  for (const call of trace({ ...tape, steps })) last = call;
  if (last === undefined) throw new Error('there is no call in these steps');
  return last;
}

/** What a call says beside the number that it returns. */
function saidBy(call: Call): string {
  if ('signal' in call) return call.signal;
  if ('outcome' in call) return recordedOf(call);
  if (call.op === 'load') return call.value;
  if ('hex' in call) return call.hex ?? '';
  return 'text' in call && call.op !== 'put' && call.op !== 'putbg' ? (call.text ?? '') : '';
}

/** The same call with another answer. */
function withAnswer(call: Call, { ret, revents, said }: Answer): Call {
  switch (call.op) {
    case 'poll':
      return { ...call, ret, revents };
    case 'load': {
      const { op, addr, size } = call;
      const end = ret === 0 ? { ret: 0 as const, value: said ?? '' } : { signal: said ?? '' };
      return { op, addr, size, ...end };
    }
    case 'store': {
      const { op, addr, size, value } = call;
      return { op, addr, size, value, ...(ret === 0 ? { ret: 0 as const } : { signal: said ?? '' }) };
    }
    case 'access':
    case 'ended':
    case 'event':
    case 'unplug':
    case 'interrupts':
      return withOutcome(call, said ?? '');
    case 'cat':
      return { ...call, ret, ...(said !== undefined && { hex: said }) };
    case 'readlink':
    case 'ls':
    case 'stat':
      return { ...call, ret, ...(said !== undefined && { text: said }) };
    default:
      return { ...call, ret };
  }
}

/** A step of a device with another outcome: what was read stands behind it. */
function withOutcome(step: DeviceStep, said: string): DeviceStep {
  const [, hex] = /^done ([0-9a-f]+)$/.exec(said) ?? [];
  const isRead = step.op === 'ended' || (step.op === 'access' && !step.write);
  if (!isRead) return { ...step, outcome: said };
  return { ...step, outcome: hex === undefined ? said : 'done', hex: hex ?? '' };
}

function fieldsOf(
  problem: Problem,
  call: Call | undefined,
  step: Step | undefined,
  traced: TracedCall | undefined,
): FieldDifference[] {
  if (problem.kind === 'answer' && call !== undefined) {
    const { ret, revents, said: ours = '' } = problem.ours;
    const linux = 'ret' in call ? call.ret : 'outcome' in call ? ret : -1;
    const fields = [
      { path: 'ret', linux: String(linux), ours: String(ret) },
      { path: 'says', linux: saidBy(call), ours },
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

/** Where plain bytes begin to differ. */
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
