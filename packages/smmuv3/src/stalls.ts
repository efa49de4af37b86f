import type { Resumption, StallOutcome } from './stream-transaction.js';

/** A transaction that waits. */
interface Stalled {
  readonly streamId: number;
  readonly resume: (how: Resumption) => void;
}

/** STAGs have 16 bits. */
const TAGS = 1 << 16;

/** The transactions that are stalled (Arm IHI 0070, 3.12.2). */
export class Stalls {
  /** Those whose event is in the queue, by STAG. */
  private readonly recorded = new Map<number, Stalled>();
  /** Those whose event could not be recorded: they are retried when it can. */
  private readonly unrecorded = new Set<Stalled>();

  /** @param most how many may be stalled: SMMU_IDR5.STALL_MAX */
  constructor(private readonly most: number) {}

  /** Can one more be given a STAG? */
  get hasRoom(): boolean {
    return this.recorded.size < Math.min(this.most, TAGS);
  }

  /** Stalls a transaction whose event is recorded: under the lowest STAG that is free. */
  hold(streamId: number): StallOutcome & { readonly stag: number } {
    let stag = 0;
    while (this.recorded.has(stag)) stag++;
    return { stag, ...stall(streamId, (stalled) => this.recorded.set(stag, stalled)) };
  }

  /** Stalls a transaction until its event can be recorded, for which it is retried. */
  wait(streamId: number): StallOutcome {
    return stall(streamId, (stalled) => this.unrecorded.add(stalled));
  }

  /** CMD_RESUME: nothing happens unless a transaction of the stream has the STAG. */
  resume(streamId: number, stag: number, how: Resumption): void {
    const stalled = this.recorded.get(stag);
    if (stalled?.streamId !== streamId) return;
    this.recorded.delete(stag);
    stalled.resume(how);
  }

  /** Events can be recorded again. */
  retryUnrecorded(): void {
    for (const stalled of this.unrecorded) stalled.resume('retry');
    this.unrecorded.clear();
  }

  /** Aborts those of a stream, or all of them. */
  abort(streamId?: number): void {
    const isMeant = (stalled: Stalled): boolean => streamId === undefined || stalled.streamId === streamId;
    for (const [stag, stalled] of this.recorded) {
      if (!isMeant(stalled)) continue;
      this.recorded.delete(stag);
      stalled.resume('abort');
    }
    for (const stalled of this.unrecorded) {
      if (!isMeant(stalled)) continue;
      this.unrecorded.delete(stalled);
      stalled.resume('abort');
    }
  }
}

function stall(streamId: number, keep: (stalled: Stalled) => void): StallOutcome {
  const resumed = new Promise<Resumption>((resolve) => keep({ streamId, resume: resolve }));
  return { kind: 'stall', resumed };
}
