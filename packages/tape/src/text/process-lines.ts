/**
 * Events of processes in the text of `iommufd trace`, in the style of strace: `+++ exited with 0 +++`. They are printed for processes
 * that have, or had, files of iommufd or VFIO.
 */

/** An event of a process. */
export type ProcessEvent =
  /** The process begins as a copy of another one, with its files. */
  | { readonly kind: 'forked'; readonly from: number }
  /** The process executes another program, which closes files. */
  | { readonly kind: 'executed'; readonly program: string; readonly closed: readonly number[] }
  /** The process has ended, or is no longer traced. `how` is in strace's words: `exited with 0`, `killed by SIGSEGV`, `detached`. */
  | { readonly kind: 'ended'; readonly how: string };

const FORKED = /^forked by (\d+)$/;
const EXECUTED = /^executes ("(?:[^"\\]|\\.)*")(?:, which closes (\d+(?:, \d+)*))?$/;
const ENDED = /^(?:exited with \d+|killed by .+|detached)$/;

/** The text of an event, without the `+++` on both sides. */
export function processText(event: ProcessEvent): string {
  switch (event.kind) {
    case 'forked':
      return `forked by ${event.from}`;
    case 'executed': {
      const closed = event.closed.length === 0 ? '' : `, which closes ${event.closed.join(', ')}`;
      return `executes ${JSON.stringify(event.program)}${closed}`;
    }
    case 'ended':
      return event.how;
  }
}

/** Parses what {@link processText} returns. @returns undefined for any other text, as `superseded by execve in pid 7` of strace */
export function parseProcessText(text: string): ProcessEvent | undefined {
  const [, from] = FORKED.exec(text) ?? [];
  if (from !== undefined) return { kind: 'forked', from: Number(from) };
  const [, program, closed] = EXECUTED.exec(text) ?? [];
  if (program !== undefined)
    return {
      kind: 'executed',
      program: String(JSON.parse(program)),
      closed: closed === undefined ? [] : closed.split(', ').map(Number),
    };
  return ENDED.test(text) ? { kind: 'ended', how: text } : undefined;
}
