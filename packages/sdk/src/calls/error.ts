import { errno, errnoMeaning, type ErrnoMeanings, errnoName, type ErrnoName } from '@iommufd/uapi';

/** A system call that failed, as data. */
export interface FailedCall {
  /** The ioctl's name, `IOMMU_IOAS_MAP`; for another system call its own: `open`, `read`. */
  readonly call: string;
  /** What it was called with: the fields of the ioctl's struct by the kernel's names, numbers as they are there. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The arguments in words, flags by name; `args` as they are if it is left out. */
  readonly shown?: string | undefined;
  /** The errno, positive. */
  readonly errno: number;
}

/**
 * The one error of the SDK: the kernel refused a system call, or would have to. Its message says which call,
 * with what, and what this errno means for this call.
 */
export class IommufdError extends Error implements FailedCall {
  /** `'IommufdError'`. */
  override readonly name: string = 'IommufdError';
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly errno: number;
  /** `'EBUSY'`; for an errno without a name `'E133'`. */
  readonly code: ErrnoName | `E${number}`;
  /** What the errno means for this call: the one cause that holds where it can be found out, else those that it may have. */
  readonly meaning: string;
  /** With EBUSY: what still uses the object, as far as this SDK made it: `hwpt 3`, `device 2 (/dev/vfio/...)`. */
  readonly usedBy: readonly string[];

  /**
   * @param failed the call that failed
   * @param details what there is to say about it, beyond what its errno means as a rule
   */
  constructor(
    { call, args, errno: number, shown = show(args) }: FailedCall,
    details: {
      /** What errnos mean for the ioctl. */
      readonly meanings?: ErrnoMeanings | undefined;
      /** What this errno means. */
      readonly meaning?: string | undefined;
      /** What still uses the object. */
      readonly usedBy?: readonly string[] | undefined;
      /** What else is to be said. */
      readonly detail?: string | undefined;
      /** What came in between when more was to be found out. */
      readonly cause?: unknown;
    } = {},
  ) {
    const known = errnoName(number);
    const code = known ?? (`E${number}` as const);
    const { usedBy = [] } = details;
    const general = known === undefined ? 'An errno without a name.' : errnoMeaning(known);
    const meaning = details.meaning ?? (known && details.meanings?.[known]) ?? general;
    const users = usedBy.length === 0 ? undefined : `Still used by ${usedBy.join(', ')}.`;
    const sentences = [meaning, users, details.detail].filter((sentence) => sentence !== undefined);
    const { cause } = details;
    super(`${call}: ${code}: ${sentences.join(' ')} (${shown})`, cause === undefined ? undefined : { cause });
    this.call = call;
    this.args = args;
    this.errno = number;
    this.code = code;
    this.meaning = meaning;
    this.usedBy = usedBy;
  }

  /**
   * An error that the kernel was spared: it would have answered so, too.
   * @param code the errno, by name
   * @param call the call that was not made
   * @param args what it would have been made with
   * @param meaning what the errno means here
   * @param usedBy what still uses the object
   */
  static of(
    code: ErrnoName,
    call: string,
    args: FailedCall['args'],
    meaning: string,
    usedBy: readonly string[] = [],
  ): IommufdError {
    return new IommufdError({ call, args, errno: errno[code] }, { meaning, usedBy });
  }
}

/**
 * An invalidation that ended before its last entry. What came before {@link handled} is done with and must not be
 * reported to the guest as failed; the entry that failed is what its command queue has to show.
 */
export class InvalidationError extends IommufdError {
  /** `'InvalidationError'`. */
  override readonly name = 'InvalidationError';
  /**
   * How many entries were handled before the failure. 0 also if the kernel did not say: invalidating once more
   * does no harm, leaving one out does. For Arm SMMUv3 see {@link Viommu.invalidate}.
   */
  readonly handled: number;
  /** How many entries there were. */
  readonly total: number;
  /**
   * The index of the entry that failed. 0 also where the kernel refused the array as a whole, for instance its format: it
   * says the same then. Undefined if it said nothing.
   */
  readonly failedIndex: number | undefined;
  /** That entry. */
  readonly failedEntry: unknown;

  /**
   * @param failed the ioctl
   * @param meanings what errnos mean for it
   * @param entries all that were to be handled
   * @param entryNum `entry_num` as the kernel left it
   */
  constructor(failed: FailedCall, meanings: ErrnoMeanings, entries: readonly unknown[], entryNum: number) {
    const total = entries.length;
    // The count of a struct that was not written back is the caller's own.
    const isTold = entryNum < total;
    const detail = isTold
      ? `Entry ${entryNum} of ${total} failed: {${show(Object(entries[entryNum]))}}.`
      : `The kernel does not say at which of ${total} entries.`;
    super(failed, { meanings, detail });
    this.total = total;
    this.handled = isTold ? entryNum : 0;
    this.failedIndex = isTold ? entryNum : undefined;
    this.failedEntry = isTold ? entries[entryNum] : undefined;
  }
}

/** Values by name, as C would write them. */
function show(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${format(value)}`)
    .join(', ');
}

function format(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return `[${value.map(format).join(', ')}]`;
  return String(value);
}
