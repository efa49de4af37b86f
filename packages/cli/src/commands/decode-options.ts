import { Failure } from '../failure.js';
import { refuseContradictions, theOne } from '../options.js';

/** The options of `iommufd decode`. */
export interface DecodeCommand {
  readonly struct?: string;
  readonly ioctl?: string;
  readonly veventq?: string;
  readonly after?: string;
  readonly faults?: boolean;
  readonly responses?: boolean;
  readonly log?: boolean;
  readonly words?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly lenient?: boolean;
  readonly docs?: boolean;
}

/** Options of which one says what the input is. */
export const KINDS = ['struct', 'ioctl', 'veventq', 'faults', 'responses', 'log'] as const;

/** What the input is, by the option that says it. @throws Failure for options that contradict each other */
export function kindOf(options: DecodeCommand): (typeof KINDS)[number] | undefined {
  const kind = theOne(options, KINDS);
  refuseContradictions(options, [
    ['docs', 'json'],
    ['words', 'log'],
    ['lenient', 'log'],
  ]);
  if (options.after !== undefined && kind !== 'veventq')
    throw new Failure('--after is about --veventq: give both');
  return kind;
}
