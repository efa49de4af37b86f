import type { MockDevice } from '@iommufd/fakekernel';

/** The guest-physical address of the guest's memory, and its length in bytes. */
export const RAM = { start: 0x4000_0000n, length: 64 << 20 };

/** A generator of numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Number of writes of the device in the time in which a page is copied. */
const WRITES_PER_PAGE = 0.6;

/** A device of a guest that keeps working while the guest is migrated: it writes to random addresses by DMA. */
export class BusyDevice {
  private readonly next: () => number;
  private rate = WRITES_PER_PAGE;
  /** Pending writes; usually a fraction of one. */
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

  /** Makes the writes that take place while a number of pages is copied. */
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
