import { describe, expect, test } from '@jest/globals';
import { smmuv3_event } from '@iommufd/uapi';
import { decode, encode } from '@iommufd/uapi/struct';
import type { VeventqItem } from '../queues/veventq.js';
import type { WaitOptions } from '../queues/wait.js';
import { EVTQ, Guest, type GuestOptions } from './vsmmu.testing.js';

type Item = VeventqItem<ReturnType<typeof event>['event']>;

/** A fault of the machine of the tapes, at another address each time. */
function event(at: number) {
  const bytes = new Uint8Array(
    BigUint64Array.of(0x0000_0123_0000_0010n, 0x0000_0208_0000_0000n, BigInt(at) << 12n, 0n).buffer,
  );
  return { kind: 'event', sequence: at, event: decode(smmuv3_event, bytes) } as const;
}
const lost = (count: number): Item => ({ kind: 'lost', sequence: 0, lost: count });
const events = (...at: readonly number[]): Item[] => at.map(event);

const OVFLG = 0x8000_0000;

/** A guest with an event queue of four entries. */
class Reader extends Guest {
  constructor(options: GuestOptions = {}) {
    super(options);
    this.start(2, 0xd);
    this.taken();
  }

  send(...items: readonly Item[]): void {
    this.smmu.handleEvents(items);
  }

  get prod(): number {
    return this.get('SMMU_EVENTQ_PROD');
  }

  get isFlagSet(): boolean {
    return this.prod >= OVFLG;
  }

  /** Reads all events, and acknowledges an overflow if requested. @returns the events */
  drain(acknowledges: boolean): number[] {
    const found = this.takeEvents();
    if (acknowledges) this.acknowledge('EVENTQ');
    return found.map((taken) => ('InputAddr' in taken ? Number(taken.InputAddr >> 12n) : -1));
  }
}

describe('events', () => {
  test('are written at PROD, as they are', () => {
    const guest = new Reader();
    const first = event(2);
    guest.send(first, event(3));
    expect(guest.prod).toBe(2);
    const at = Number(EVTQ - 0x4000_0000n);
    expect(guest.ram.all.slice(at, at + 32)).toEqual(encode(smmuv3_event, first.event));
    expect(guest.drain(true)).toEqual([2, 3]);
  });

  test('interrupt when the queue stops being empty', () => {
    const guest = new Reader();
    guest.send(...events(1, 2));
    expect(guest.taken()).toEqual(['irq eventq']);
    guest.send(event(3));
    expect(guest.taken()).toEqual([]);
    guest.drain(true);
    guest.send(event(4));
    expect(guest.taken()).toEqual(['irq eventq']);
  });

  test('interrupt after the record and PROD are written', () => {
    const guest: Reader = new Reader({
      interrupts: { eventq: () => guest.log.push(`got ${guest.drain(true)}`) },
    });
    guest.send(...events(1, 2, 3, 4, 5, 6));
    expect(guest.taken()).toEqual(['got 1', 'got 2', 'got 3', 'got 4', 'got 5', 'got 6']);
    expect(guest.prod).toBe(6);
  });

  test('wrap at the end of the queue', () => {
    const guest = new Reader();
    const found: number[] = [];
    for (let i = 0; i < 40; i += 3) {
      guest.send(...events(i, i + 1, i + 2));
      found.push(...guest.drain(true));
    }
    expect(found).toEqual(Array.from({ length: 42 }, (_, i) => i));
  });

  test('are dropped while the queue is disabled, and so are lost events', () => {
    const guest = new Reader();
    guest.set('SMMU_CR0', 8);
    guest.send(event(1), lost(3));
    expect([guest.prod, guest.taken()]).toEqual([0, []]);
  });

  test('do not interrupt unless the guest enabled it', () => {
    const guest = new Reader();
    guest.set('SMMU_IRQ_CTRL', 1);
    guest.send(event(1));
    expect([guest.prod, guest.taken()]).toEqual([1, []]);
  });

  test('that are implementation defined are passed on', () => {
    const guest = new Reader();
    const raw = new Uint8Array(32).fill(0xa5);
    raw[0] = 0x7f;
    guest.send({ kind: 'event', sequence: 0, event: decode(smmuv3_event, raw) });
    expect(guest.ram.all.slice(0x1_0000, 0x1_0020)).toEqual(raw);
  });
});

describe('a full queue', () => {
  test('loses events and toggles the overflow flag once until it is acknowledged, without an interrupt', () => {
    const guest = new Reader();
    guest.send(...events(1, 2, 3, 4));
    expect([guest.prod, guest.taken()]).toEqual([4, ['irq eventq']]);
    guest.send(...events(5, 6));
    expect([guest.prod, guest.taken()]).toEqual([OVFLG + 4, []]);
    guest.send(event(7));
    expect([guest.prod, guest.taken()]).toEqual([OVFLG + 4, []]);
  });

  test('accepts events again as soon as there is space, acknowledged or not', () => {
    const guest = new Reader();
    guest.send(...events(1, 2, 3, 4, 5));
    expect(guest.drain(false)).toEqual([1, 2, 3, 4]);
    guest.taken();
    guest.send(...events(6, 7));
    expect(guest.taken()).toEqual(['irq eventq']);
    expect(guest.drain(false)).toEqual([6, 7]);
    // A second overflow before the first is acknowledged is the same one.
    guest.send(...events(8, 9, 10, 11, 12));
    expect(guest.isFlagSet).toBe(true);
    expect(guest.drain(true)).toEqual([8, 9, 10, 11]);
    // After the acknowledgement it is a new overflow, and the flag toggles back.
    guest.taken();
    guest.send(...events(13, 14, 15, 16, 17));
    expect(guest.isFlagSet).toBe(false);
    expect(guest.taken()).toEqual(['irq eventq']);
    expect(guest.drain(true)).toEqual([13, 14, 15, 16]);
  });

  test.each([1, 3])('is treated as full with an invalid read index: %i', (cons) => {
    const guest = new Reader();
    guest.set('SMMU_EVENTQ_CONS', cons);
    guest.send(event(1));
    expect(guest.prod).toBe(OVFLG);
  });
});

describe('events that the host has lost', () => {
  test('are reported as an overflow, by the same flag', () => {
    const guest = new Reader();
    guest.send(event(1), lost(3), event(5));
    expect(guest.prod).toBe(OVFLG + 2);
    expect(guest.taken()).toEqual(['irq eventq']);
    guest.send(lost(1), event(7), event(8), event(9));
    // One overflow, wherever events were lost.
    expect([guest.prod, guest.taken()]).toEqual([OVFLG + 4, []]);
    expect(guest.drain(true)).toEqual([1, 5, 7, 8]);
    guest.send(lost(1));
    expect(guest.prod).toBe(4);
  });

  test('interrupt once if the queue is empty, because no later event may interrupt', () => {
    const guest = new Reader();
    guest.send(lost(1), lost(1));
    expect([guest.prod, guest.taken()]).toEqual([OVFLG, ['irq eventq']]);
    expect(guest.drain(true)).toEqual([]);
    guest.send(lost(1));
    expect(guest.taken()).toEqual(['irq eventq']);
  });
});

describe('a queue that is not in memory', () => {
  test('is a global error once until it is acknowledged, and the event is lost', () => {
    const guest = new Reader();
    guest.ram.hole = { from: EVTQ + 32n, to: EVTQ + 64n };
    guest.send(...events(1, 2, 3));
    expect([guest.prod, guest.get('SMMU_GERROR')]).toEqual([1, 4]);
    expect(guest.taken()).toEqual(['irq eventq', 'irq gerror']);
    guest.set('SMMU_GERRORN', 4);
    guest.send(event(4));
    expect([guest.get('SMMU_GERROR'), guest.taken()]).toEqual([0, ['irq gerror']]);
    guest.ram.hole = undefined;
    // Nothing is written before it is acknowledged, memory or not.
    guest.send(event(5));
    guest.set('SMMU_GERRORN', 0);
    guest.send(event(6));
    expect(guest.drain(false)).toEqual([1, 6]);
  });
});

describe('MSIs', () => {
  test('are written to the address that the guest sets; without one the line is raised', () => {
    const guest = new Reader({ msi: true, ats: true, pri: true });
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.set64('SMMU_EVENTQ_IRQ_CFG0', 0x800_0040n);
    guest.set('SMMU_EVENTQ_IRQ_CFG1', 11);
    guest.set64('SMMU_GERROR_IRQ_CFG0', 0x800_0040n);
    guest.set('SMMU_GERROR_IRQ_CFG1', 12);
    guest.set('SMMU_IRQ_CTRL', 7);
    guest.send(event(1));
    guest.issue([0xffn, 0n]);
    expect(guest.taken()).toEqual(['msi 0x8000040 11', 'msi 0x8000040 12']);
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.set64('SMMU_EVENTQ_IRQ_CFG0', 0n);
    guest.set('SMMU_IRQ_CTRL', 7);
    guest.drain(true);
    guest.send(event(2));
    expect(guest.taken()).toEqual(['irq eventq']);
  });

  test('that fail are global errors; that of a global error is silent', () => {
    let msis = 0;
    const msi = (): false => {
      msis++;
      return false;
    };
    const guest = new Reader({ msi: true, interrupts: { msi } });
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.set64('SMMU_EVENTQ_IRQ_CFG0', 0x800_0040n);
    guest.set('SMMU_IRQ_CTRL', 5);
    guest.send(event(1));
    expect([guest.taken(), guest.get('SMMU_GERROR')]).toEqual([['irq gerror'], 0x20]);
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.set64('SMMU_GERROR_IRQ_CFG0', 0x800_0040n);
    guest.set('SMMU_IRQ_CTRL', 5);
    guest.issue([0xffn, 0n]);
    expect([guest.taken(), guest.get('SMMU_GERROR')]).toEqual([[], 0xa1]);
    expect(msis).toBe(2);
  });
});

describe('the pump', () => {
  /** The part of the SDK's queue that run() uses. */
  class Queue {
    isClosed = false;
    waiting: Item[] = [];
    private wake: ((isReadable: boolean) => void) | undefined;

    readable({ signal }: WaitOptions = {}): Promise<boolean> {
      if (this.waiting.length > 0) return Promise.resolve(true);
      return new Promise((resolve) => {
        this.wake = resolve;
        signal?.addEventListener('abort', () => resolve(false));
      });
    }

    read(): Item[] {
      if (this.isClosed) throw new Error('EBADF');
      return this.waiting.splice(0);
    }

    put(...items: Item[]): void {
      this.waiting.push(...items);
      this.wake?.(true);
    }

    close(): void {
      this.isClosed = true;
      this.wake?.(false);
    }
  }
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await undefined;
  };

  test('passes events on until the queue is closed', async () => {
    const guest = new Reader();
    const queue = new Queue();
    queue.put(...events(1));
    const pump = guest.smmu.run(queue);
    await settled();
    expect(guest.drain(true)).toEqual([1]);
    queue.put(...events(2, 3));
    await settled();
    expect(guest.drain(true)).toEqual([2, 3]);
    // Closed between the wait and the read.
    queue.put(...events(4));
    queue.close();
    await pump;
    expect(guest.drain(true)).toEqual([]);
    await guest.smmu.run(queue);
  });

  test('passes events on until it is aborted, and leaves the rest', async () => {
    const guest = new Reader();
    const queue = new Queue();
    const controller = new AbortController();
    const pump = guest.smmu.run(queue, { signal: controller.signal });
    await settled();
    controller.abort();
    await pump;
    queue.put(...events(1));
    await guest.smmu.run(queue, { signal: controller.signal });
    expect([guest.drain(true), queue.waiting]).toEqual([[], events(1)]);
  });
});
