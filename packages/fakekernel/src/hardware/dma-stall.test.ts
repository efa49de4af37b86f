import { expect, test } from '@jest/globals';
import { AnonymousMemory } from '../process/memory-object.js';
import { Dma, type DmaPort } from './dma.js';
import { DmaFault } from './dma-fault.js';
import type { Resumption } from './transaction.js';

const PAGE = 4096;

/** An IOMMU that maps the first page, and stalls accesses to others until the test resumes them. */
class Holding implements DmaPort {
  readonly maxPasids = 0;
  readonly memory = new AnonymousMemory(4);
  readonly open = new Set([0]);
  readonly held: { iova: bigint; resume: (how: Resumption) => void }[] = [];
  readonly dma = new Dma(this);

  translate({ iova }: { iova: bigint }) {
    const page = Number(iova) / PAGE;
    if (!this.open.has(Math.floor(page))) return { reason: 'not mapped' } as const;
    const byte = Number(iova);
    return { object: this.memory, byte, length: PAGE - (byte % PAGE) };
  }

  refused({ iova }: { iova: bigint }) {
    const stalled = (resume: (how: Resumption) => void): void => void this.held.push({ iova, resume });
    return { stalled };
  }

  reportFault(): boolean {
    return false;
  }

  /** Resumes the oldest stalled transaction. */
  async resume(how: Resumption): Promise<void> {
    this.held.shift()?.resume(how);
    for (let i = 0; i < 3; i++) await Promise.resolve();
  }
}

test('an access waits at the stalled page, and continues there', async () => {
  const port = new Holding();
  const written = port.dma.write(4000n, new Uint8Array(2 * PAGE).fill(7));
  // The bytes before the stalled page have been written.
  expect([port.memory.page(0)[4000], port.memory.page(1)[0]]).toEqual([7, 0]);
  expect(port.held.map(({ iova }) => iova)).toEqual([4096n]);
  port.memory.page(0).fill(0);
  port.open.add(1);
  await port.resume('retry');
  expect([port.memory.page(0)[4000], port.memory.page(1)[0], port.memory.page(2)[0]]).toEqual([0, 7, 0]);
  expect(port.held.map(({ iova }) => iova)).toEqual([8192n]);
  // It may stall again.
  await port.resume('retry');
  expect(port.held.map(({ iova }) => iova)).toEqual([8192n]);
  port.open.add(2);
  await port.resume('retry');
  expect(await written).toBeUndefined();
  expect([port.memory.page(2)[4000 - 1], port.memory.page(2)[4000]]).toEqual([7, 0]);
});

test('an aborted access is a fault', async () => {
  const port = new Holding();
  const failed = port.dma.read(4000n, 1000).catch((cause: unknown) => cause);
  await port.resume('abort');
  const cause = await failed;
  if (!(cause instanceof DmaFault)) throw new Error('the access did not fault');
  expect([cause.iova, cause.access, cause.reason]).toEqual([4096n, 'read', 'not mapped']);
});

test('a terminated access reads zeros and does not write', async () => {
  const port = new Holding();
  port.open.add(2);
  for (const page of [0, 1, 2]) port.memory.page(page).fill(page + 1);
  const read = port.dma.read(4095n, PAGE + 2);
  await port.resume('terminate');
  const bytes = await read;
  expect([bytes[0], bytes[1], bytes[PAGE], bytes[PAGE + 1]]).toEqual([1, 0, 0, 3]);
  const written = port.dma.write(4095n, new Uint8Array(PAGE + 2).fill(9));
  await port.resume('terminate');
  await written;
  expect([port.memory.page(0)[4095], port.memory.page(1)[0], port.memory.page(2)[0]]).toEqual([9, 2, 9]);
  // The last page of an access can be terminated too.
  const last = port.dma.read(4096n, 1);
  await port.resume('terminate');
  expect(await last).toEqual(Uint8Array.of(0));
});

test('begin() returns at once with the state of the access, and settle() continues it', () => {
  const port = new Holding();
  port.memory.page(0).fill(3);
  const done = port.dma.begin(0n, 2);
  expect([done.state, [...done.bytes]]).toEqual(['done', [3, 3]]);
  const data = Uint8Array.of(9);
  const waiting = port.dma.begin(4096n, data);
  data.fill(0);
  port.held.shift()?.resume('retry');
  // It does not continue within the call that resumes it.
  expect([waiting.state, port.held.length]).toEqual(['waits', 0]);
  port.open.add(1);
  port.dma.settle();
  expect([waiting.state, waiting.fault, port.memory.page(1)[0]]).toEqual(['done', undefined, 9]);
  const aborted = port.dma.begin(8192n, 1);
  port.held.shift()?.resume('abort');
  port.dma.settle();
  expect([aborted.state, aborted.fault?.iova]).toEqual(['aborted', 8192n]);
  expect(() => port.dma.begin(0n, 0)).toThrow(RangeError);
});
