import type { MockDevice } from '@iommufd/fakekernel';

/** Where guests have their memory, and how much. */
export const RAM = { start: 0x4000_0000n, length: 64 << 20 };

/** Numbers from 0 to below 1, always the same ones for a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often the device writes in the time in which a page is copied. */
const WRITES_PER_PAGE = 0.6;

/** A device of a guest that goes on working while the guest is being moved: it writes here and there, by DMA. */
export class BusyDevice {
  private readonly next: () => number;
  private rate = WRITES_PER_PAGE;
  /** Writes that it is behind with, a fraction of one as a rule. */
  private due = 0;

  constructor(
    private readonly device: MockDevice,
    seed: number,
  ) {
    this.next = random(seed);
  }

  /** Writes `times` times, up to 512 bytes each, mostly to the same quarter of the memory. */
  async work(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const bytes = new Uint8Array(1 + Math.floor(this.next() * 512)).fill(this.next() * 256);
      const room = (RAM.length - bytes.length) * (this.next() < 0.9 ? 0.25 : 1);
      await this.device.dma.write(RAM.start + BigInt(Math.floor(this.next() * room)), bytes);
    }
  }

  /** What it does while so many pages are copied. */
  async workWhile(pages: number): Promise<void> {
    this.due += pages * this.rate;
    const times = Math.floor(this.due);
    this.due -= times;
    await this.work(times);
  }

  stop(): void {
    this.rate = 0;
    this.due = 0;
  }
}
