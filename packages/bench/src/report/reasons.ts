import type { GoalResult } from './goals.js';

const CHECKS = `The difference is the checks of the strict codec: written by hand they cost about the same, as the row
"same checks" shows.`;

const CLOSE = `It is close to the goal, above it in one run and below it in the next, depending on what the engine inlines.`;

/** Why a goal is not reached, where that is known: by the workload, what the goal is about, and to whom it compares. */
const REASONS: Readonly<Record<string, string>> = {
  'W1a speed DataView, two u32': CHECKS,
  'W1b speed DataView, two u32': `${CHECKS} Code that checks nothing reads eight words of a record. To know that no reserved bit is set, all
eight words of the event are read and the eight masks of its type; that is three times as many loads.`,
  'W1b speed DataView, two u32, same checks': CLOSE,
  'W2 speed DataView, two u32, same checks': `${CLOSE} Ours also finds properties that are inherited or hidden, which code by hand ignores.`,
  'W1b libraries': `The fastest library, binary-parser, makes JavaScript of its parser with \`new Function\`, which nothing here may do, and
was given the form that suits it best: fields added up in place, a thousand records a call; as its documentation shows it, it
takes several times as long. It checks nothing. Without the check of reserved bits (the option \`lenient\`) ours is about twice
as far ahead of it; the rest is the check.`,
  'W2 speed DataView, two u32': `${CHECKS} No single check stands out. With any one of the three left out (names that a command does not have,
bigints of more than 64 bits, numbers out of range) it takes a tenth less at most.`,
};

/** Why a goal is not reached. */
export function reasonFor({ workload, goal }: GoalResult): string {
  const to = goal.kind === 'speed' ? ` ${goal.to}` : '';
  return REASONS[`${workload} ${goal.kind}${to}`] ?? 'No reason is known yet.';
}
