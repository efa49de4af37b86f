/** Counts traced calls and their times, by ioctl: `--summary`. */

import type { CallEnd, CallSink, Made, TracedCall } from './calls.js';
import { nameOf } from './groups.js';

interface Count {
  calls: number;
  errors: number;
  /** Sum of durations, in milliseconds. */
  time: number;
}

/** @see the head of this file */
export class Summary implements CallSink {
  private readonly counts = new Map<string, Count>();

  constructor(private readonly isWanted: (made: Made) => boolean) {}

  after({ made }: TracedCall, { result, took }: CallEnd): void {
    if (!this.isWanted(made)) return;
    const name = nameOf(made);
    let count = this.counts.get(name);
    if (count === undefined) this.counts.set(name, (count = { calls: 0, errors: 0, time: 0 }));
    count.calls++;
    count.time += took;
    if (result < 0) count.errors++;
  }

  /** The table, sorted by time, longest first. Times include the time that tracing took. */
  get text(): string {
    const rows = [...this.counts].sort(([, a], [, b]) => b.time - a.time);
    const total = { calls: 0, errors: 0, time: 0 };
    for (const [, { calls, errors, time }] of rows) {
      total.calls += calls;
      total.errors += errors;
      total.time += time;
    }
    const line = (name: string, { calls, errors, time }: Count): string =>
      [
        (time / 1000).toFixed(6).padStart(12),
        (calls === 0 ? 0 : (time * 1000) / calls).toFixed(0).padStart(10),
        String(calls).padStart(8),
        (errors === 0 ? '' : String(errors)).padStart(8),
        ` ${name}`,
      ].join(' ');
    const head = `${'seconds'.padStart(12)} ${'us/call'.padStart(10)} ${'calls'.padStart(8)} ${'errors'.padStart(8)}  call`;
    return [head, ...rows.map(([name, count]) => line(name, count)), line('total', total), ''].join('\n');
  }
}
