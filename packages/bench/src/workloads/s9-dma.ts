import type { Case, CaseWorkload, Goal, Pass, Runner } from '../workload.js';
import { IPA, nested } from './nested.js';
import { PAGE, Program } from './program.js';

const MIB = 1 << 20;
/** Number of bytes that one measurement transfers. */
const BYTES = 16 * MIB;
/** The address at which the guest's first stage maps its memory. */
const IOVA = 0x1000_0000n;
/** Number of the guest's pages before the transferred ones: its context descriptor and its tables. */
const TABLES = 16;

/** Repeats an access, and awaits each one. */
const awaited = (length: number, access: () => Promise<unknown>): Runner => ({
  run: async (): Promise<Pass> => {
    const operations = BYTES / length;
    const start = performance.now();
    for (let i = 0; i < operations; i++) await access();
    return { operations, milliseconds: performance.now() - start };
  },
});

function bytesToMove(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, i) => i);
}

type Direction = 'read' | 'write';

async function byDma(length: number, direction: Direction): Promise<Runner> {
  const { hardware, memory, stage1 } = nested(new Program(), TABLES + length / PAGE);
  for (let at = 0; at < length; at += PAGE) stage1.show(IOVA + BigInt(at), IPA + BigInt(TABLES * PAGE + at));
  const bytes = bytesToMove(length);
  memory.bytes().set(bytes, TABLES * PAGE);
  const { dma } = hardware;
  // The first access fills the TLB.
  const found = await dma.read(IOVA, length);
  if (Buffer.compare(found, bytes) !== 0) throw new Error('the device read other bytes');
  return awaited(length, direction === 'read' ? () => dma.read(IOVA, length) : () => dma.write(IOVA, bytes));
}

/** The least work of a device: a read allocates a buffer, a write copies one. */
function byCopy(length: number): Runner {
  const bytes = bytesToMove(length);
  const memory = new Uint8Array(length);
  return awaited(length, () => {
    memory.set(bytes);
    return Promise.resolve(bytes.slice());
  });
}

const SIZES = [
  [PAGE, '4 KiB'],
  [MIB, '1 MiB'],
] as const;
const dmaOf = (size: string, direction: Direction): string => `${direction} ${size} by DMA`;
const copyOf = (size: string): string => `copy ${size}`;

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'S9',
  title: 'S9: DMA through nested translation',
  operation: 'access',
  unit: 'us',
  module: import.meta.url,
  goals: SIZES.map(([, size]): Goal => ({
    kind: 'growth',
    of: dmaOf(size, 'read'),
    from: copyOf(size),
    below: 2,
  })),
  text: `A device behind the fake SMMUv3 reads and writes its guest's memory through both stages; all pages are in the TLB. The
baseline copies the bytes twice, once into a new buffer, as every access must.`,
  cases: SIZES.flatMap(([length, size]): Case[] => [
    { name: dmaOf(size, 'read'), kind: 'ours', start: () => byDma(length, 'read') },
    { name: dmaOf(size, 'write'), kind: 'ours', start: () => byDma(length, 'write') },
    { name: copyOf(size), kind: 'baseline', start: () => byCopy(length) },
  ]),
};
