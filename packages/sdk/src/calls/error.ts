import { errno, errnoMeaning, type ErrnoMeanings, errnoName, type ErrnoName } from '@iommufd/uapi';

/** A failed system call, as data. */
export interface FailedCall {
  /** The name of the ioctl, `IOMMU_IOAS_MAP`, or of another system call: `open`, `read`. */
  readonly call: string;
  /** Its arguments: the fields of the ioctl's struct, by the kernel's names. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The arguments as text, with flags by name; formatted from `args` by default. */
  readonly shown?: string | undefined;
  /** The errno, positive. */
  readonly errno: number;
}

/**
 * A system call failed, or the SDK did not make it because it would have failed. The message names the call, its arguments,
 * and the meaning of the errno for this call.
 */
export class IommufdError extends Error implements FailedCall {
  /** `'IommufdError'`. */
  override readonly name: string = 'IommufdError';
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly errno: number;
  /** `'EBUSY'`; for an errno without a name `'E133'`. */
  readonly code: ErrnoName | `E${number}`;
  /** The meaning of the errno for this call: the cause if it could be found, else the possible causes. */
  readonly meaning: string;
  /** For EBUSY: the users of the object that this SDK made: `hwpt 3`, `device 2 (/dev/vfio/...)`. */
  readonly usedBy: readonly string[];

  /**
   * @param failed the failed call
   * @param details what is known beyond the general meaning of the errno
   */
  constructor(
    { call, args, errno: number, shown = show(args) }: FailedCall,
    details: {
      /** The meanings of errnos for the ioctl. */
      readonly meanings?: ErrnoMeanings | undefined;
      /** The meaning of this errno. */
      readonly meaning?: string | undefined;
      /** The users of the object. */
      readonly usedBy?: readonly string[] | undefined;
      /** A further sentence for the message. */
      readonly detail?: string | undefined;
      /** The failure of a query for the cause. */
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
   * An error for a call that was not made, because the kernel would have refused it.
   * @param code the errno, by name
   * @param call the call that was not made
   * @param args its arguments
   * @param meaning the meaning of the errno
   * @param usedBy the users of the object
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
 * An invalidation failed at one of its entries. The entries before {@link handled} have been handled and must not be
 * reported to the guest as failed; its command queue should stop at the failed entry.
 */
export class InvalidationError extends IommufdError {
  /** `'InvalidationError'`. */
  override readonly name = 'InvalidationError';
  /**
   * Number of entries handled before the failure. 0 if the kernel did not report it: repeating an invalidation is harmless,
   * skipping one is not. For Arm SMMUv3 see {@link Viommu.invalidate}.
   */
  readonly handled: number;
  /** Number of entries. */
  readonly total: number;
  /**
   * Index of the failed entry. Also 0 if the kernel refused the whole array, for example its format: the kernel reports both in
   * the same way. Undefined if it reported no index.
   */
  readonly failedIndex: number | undefined;
  /** The failed entry. */
  readonly failedEntry: unknown;

  /**
   * @param failed the failed ioctl
   * @param meanings the meanings of errnos for it
   * @param entries all entries
   * @param entryNum `entry_num` as the kernel returned it
   */
  constructor(failed: FailedCall, meanings: ErrnoMeanings, entries: readonly unknown[], entryNum: number) {
    const total = entries.length;
    // If the kernel did not write the struct back, entry_num is the caller's value.
    const isReported = entryNum < total;
    const detail = isReported
      ? `Entry ${entryNum} of ${total} failed: {${show(Object(entries[entryNum]))}}.`
      : `The kernel did not report which of ${total} entries failed.`;
    super(failed, { meanings, detail });
    this.total = total;
    this.handled = isReported ? entryNum : 0;
    this.failedIndex = isReported ? entryNum : undefined;
    this.failedEntry = isReported ? entries[entryNum] : undefined;
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
