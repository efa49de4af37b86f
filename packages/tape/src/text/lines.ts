/** Parses the lines of a trace: the output of `iommufd trace`, `iommufd run --trace` or strace. */

import { allIoctls } from '@iommufd/uapi/registry';
import type { TracedCall } from '../print/traced-call.js';
import { parseProcessText, type ProcessEvent } from './process-lines.js';

/** A call of a trace, with its notes. */
export interface TraceLine {
  readonly pid: number;
  /** The thread, if it is not the first of its process. */
  readonly tid: number | undefined;
  readonly call: string;
  readonly result: string;
  readonly notes: readonly string[];
}

/** A time since the start or of the day, the process and thread, a second time, the call, and its result. The first three are optional. */
const CALL =
  /^(?:\d+\.\d+\s+|\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(?:\[(?:pid\s+)?(\d+)(?:\/(\d+))?\]\s+|(\d+)\s+)?(?:\d+\.\d+\s+|\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(\w+\(.*\))\s+=\s+(\S.*)$/;

/** An event of a process, or a signal: `12.345678 [85] +++ exited with 0 +++`, `[pid 85] --- SIGCHLD {...} ---`. */
const EVENT =
  /^(?:\d+\.\d+\s+|\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(?:\[(?:pid\s+)?(\d+)\]\s+|(\d+)\s+)?(?:\d+\.\d+\s+|\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(\+\+\+ .* \+\+\+|--- .* ---)$/;

/** A line about a process. */
export interface ProcessLine {
  readonly pid: number;
  /** As in the trace, with the marks: `+++ exited with 0 +++`. */
  readonly text: string;
  /** The event, if it is one that `iommufd trace` prints. */
  readonly event: ProcessEvent | undefined;
}

/** Returns true if a line of a trace is a call. */
export const isCallLine = (line: TraceLine | ProcessLine): line is TraceLine => 'call' in line;

/** Escape sequences for colours. */
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Parses the calls of a trace. Indented lines below a call are its notes; other lines are ignored. */
export const parseTrace = (text: string): TraceLine[] => parseTraceLines(text).filter(isCallLine);

/** Parses the calls of a trace and the events of its processes, in order. */
export function parseTraceLines(text: string): (TraceLine | ProcessLine)[] {
  const lines: (TraceLine | ProcessLine)[] = [];
  let notes: string[] = [];
  for (const line of text.replace(COLOURS, '').split(/\r?\n/)) {
    const [, pid, tid, other, call, result] = CALL.exec(line.trim()) ?? [];
    if (call === undefined || result === undefined || /^\s/.test(line)) {
      if (/^\s+\S/.test(line)) notes.push(line.trim());
      const [, who, plainly, what] = EVENT.exec(line) ?? [];
      if (what === undefined) continue;
      // A line below it is not a note of the call before it.
      notes = [];
      const [, text = ''] = /^\+\+\+ (.*) \+\+\+$/.exec(what) ?? [];
      lines.push({ pid: Number(who ?? plainly ?? 1), text: what, event: parseProcessText(text) });
      continue;
    }
    notes = [];
    const thread = tid === undefined ? undefined : Number(tid);
    lines.push({ pid: Number(pid ?? other ?? 1), tid: thread, call, result, notes });
  }
  return lines;
}

/** The duration of a call. */
const TOOK = / <(\d+\.\d+)>$/;

/** Converts a line of a trace to a {@link TracedCall}. */
export function tracedLine({ pid, call, result, notes }: TraceLine): TracedCall {
  const [, seconds] = TOOK.exec(result) ?? [];
  const [, ioctl = ''] = /^ioctl\(-?\d+, (\w+)/.exec(call) ?? [];
  return {
    call,
    result: result.replace(TOOK, ''),
    failed: result.startsWith('-'),
    notes,
    ioctl: allIoctls.get(ioctl),
    pid,
    took: seconds === undefined ? undefined : Math.round(Number(seconds) * 1e6),
  };
}
