/**
 * Stalled transactions and their STAGs. `Smmuv3` stalls a transaction if its fault configuration requires it; CMD_RESUME and
 * CMD_STALL_TERM end the stall. The event of a stalled transaction must not be lost, so a transaction whose event has
 * no space in the queue waits without a STAG and is retried later (Arm IHI 0070, 3.12.2 and 4.7.1).
 */
import type { Resumption, StallOutcome } from './stream-transaction.js';

/** A stalled transaction. */
export class Stalled {
  constructor(
    readonly streamId: number,
    /** Undefined in a copy of the state: the device waits for the original transaction. */
    readonly resume: ((how: Resumption) => void) | undefined,
  ) {}
}

/** A stall whose event is recorded. */
export interface HeldStall extends StallOutcome {
  /** Its STAG, for the event. */
  readonly stag: number;
}

/** STAGs have 16 bits. */
const TAGS = 1 << 16;

/** The stalled transactions of an SMMU. */
export class Stalls {
  /** Transactions whose event was recorded, by STAG. */
  private readonly recorded = new Map<number, Stalled>();
  /** Transactions whose event has no space in the queue yet. They are retried when it has space. */
  private readonly unrecorded = new Set<Stalled>();

  /** @param most SMMU_IDR5.STALL_MAX, the maximum number of recorded stalls */
  constructor(private readonly most: number) {}

  /** True if a STAG is available. */
  get hasRoom(): boolean {
    return this.recorded.size < Math.min(this.most, TAGS);
  }

  /** Stalls a transaction whose event the caller records, under the lowest free STAG. */
  hold(streamId: number): HeldStall {
    let stag = 0;
    while (this.recorded.has(stag)) stag++;
    return { stag, ...stall(streamId, (stalled) => this.recorded.set(stag, stalled)) };
  }

  /** Stalls a transaction until {@link retryUnrecorded}. */
  wait(streamId: number): StallOutcome {
    return stall(streamId, (stalled) => this.unrecorded.add(stalled));
  }

  /** CMD_RESUME. Does nothing unless a transaction of the stream has the STAG. */
  resume(streamId: number, stag: number, how: Resumption): void {
    const stalled = this.recorded.get(stag);
    if (stalled?.streamId !== streamId) return;
    this.recorded.delete(stag);
    stalled.resume?.(how);
  }

  /** Retries the unrecorded transactions, after the event queue has got space. */
  retryUnrecorded(): void {
    // A fast path: it is called for every event that software consumes.
    if (this.unrecorded.size === 0) return;
    for (const stalled of this.unrecorded) stalled.resume?.('retry');
    this.unrecorded.clear();
  }

  /** Aborts the stalled transactions of a stream, or of all streams. */
  abort(streamId?: number): void {
    const isMeant = (stalled: Stalled): boolean => streamId === undefined || stalled.streamId === streamId;
    for (const [stag, stalled] of this.recorded) {
      if (!isMeant(stalled)) continue;
      this.recorded.delete(stag);
      stalled.resume?.('abort');
    }
    for (const stalled of this.unrecorded) {
      if (!isMeant(stalled)) continue;
      this.unrecorded.delete(stalled);
      stalled.resume?.('abort');
    }
  }
}

function stall(streamId: number, keep: (stalled: Stalled) => void): StallOutcome {
  let end: Resumption | undefined;
  const waiting: ((how: Resumption) => void)[] = [];
  const whenResumed = (then: (how: Resumption) => void): void => {
    if (end === undefined) waiting.push(then);
    else then(end);
  };
  const resume = (how: Resumption): void => {
    end = how;
    for (const then of waiting) then(how);
  };
  keep(new Stalled(streamId, resume));
  return { kind: 'stall', resumed: new Promise(whenResumed), whenResumed };
}
