import type { Ioctl } from '@iommufd/uapi';
import { resultText } from './fields.js';
import type { TracedMemory } from './traced-memory.js';

/** A system call as text. */
export interface TracedCall {
  /** `ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0})` */
  readonly call: string;
  /** `0`, `-1 EBUSY (…)` */
  readonly result: string;
  readonly failed: boolean;
  /** Lines below the call: the fields that the kernel wrote, the memory behind pointers, the records that were read. */
  readonly notes: readonly string[];
  /** The ioctl, if the call is one and its request is known. */
  readonly ioctl?: Ioctl | undefined;
  /** Number of its process in the tape; missing for the first process. */
  readonly pid?: number | undefined;
  /** Duration in microseconds, if the tape has it. */
  readonly took?: number | undefined;
  /** For a read of a vEVENTQ: the lost events that it reports. */
  readonly losses?: readonly TracedLoss[];
  /** The memory that the call read and wrote, if the tracer keeps it. */
  readonly memory?: readonly TracedMemory[];
}

/** Lost events that a read of a vEVENTQ reports. */
export interface TracedLoss {
  /** How the loss shows: by a header with IOMMU_VEVENTQ_FLAG_LOST_EVENTS, or by a gap in the sequence before an event. */
  readonly how: 'mark' | 'gap';
  readonly count: number;
  /** The first and last sequence number that was lost, of 31 bits each. */
  readonly first: number;
  readonly last: number;
}

/** A call as text. @param ret a negative errno if it failed */
export function called(call: string, ret: number, notes: readonly string[] = [], ioctl?: Ioctl): TracedCall {
  return { call, result: resultText(ret, ioctl), failed: ret < 0, notes, ioctl };
}
