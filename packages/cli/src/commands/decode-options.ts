import { Failure } from '../failure.js';
import { DATA_KINDS, type DataOptions } from '../kinds.js';
import { refuseContradictions, theOne } from '../options.js';

/** The options of `iommufd decode`. */
export interface DecodeCommand extends DataOptions {
  readonly after?: string;
  readonly log?: boolean;
  readonly words?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly lenient?: boolean;
  readonly docs?: boolean;
  readonly kernel?: string;
}

/** The options that select the kind of the input. */
export const KINDS = [...DATA_KINDS, 'log'] as const;

/** The option that selects the kind of the input. @throws Failure if options contradict each other */
export function kindOf(options: DecodeCommand): (typeof KINDS)[number] | undefined {
  const kind = theOne(options, KINDS);
  refuseContradictions(options, [
    ['docs', 'json'],
    ['words', 'log'],
    ['lenient', 'log'],
  ]);
  if (options.after !== undefined && kind !== 'veventq') throw new Failure('--after requires --veventq');
  if (options.kernel !== undefined && kind !== 'struct' && kind !== 'ioctl')
    throw new Failure('--kernel requires --struct or --ioctl');
  return kind;
}
