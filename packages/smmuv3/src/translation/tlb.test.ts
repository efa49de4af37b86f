import { expect, test } from '@jest/globals';
import { ALL_RIGHTS } from './rights.js';
import { Tlb, type TlbEntry } from './tlb.js';

const entry: TlbEntry<number> = {
  place: 0,
  rights: ALL_RIGHTS,
  stage2: { read: true, write: true },
  ipa: 0n,
  writesWalk: false,
  global: false,
  first: 0,
  pages: 1,
  level: 3,
  granule: 12,
};

test('the TLB is bounded however many ASIDs are used, and keeps the most recent ones', () => {
  const tlb = new Tlb<number>();
  const tag = (asid: number) => ({ regime: 'EL1', vmid: 1, asid }) as const;
  for (let asid = 0; asid < 1000; asid++) tlb.insert(tag(asid), 0, entry);
  const kept = Array.from({ length: 1000 }, (_, asid) => asid).filter(
    (asid) => tlb.lookup(tag(asid), 0) !== undefined,
  );
  expect(kept).toEqual(Array.from({ length: 32 }, (_, i) => 968 + i));
});

test('a context is bounded however many pages are used, and keeps the most recent ones', () => {
  const tlb = new Tlb<number>();
  const tag = { regime: 'EL1', vmid: 1, asid: 1 } as const;
  for (let page = 0; page < 5000; page++) tlb.insert(tag, page, entry);
  expect(tlb.lookup(tag, 5000 - 4097)).toBeUndefined();
  expect(tlb.lookup(tag, 5000 - 4096)).toBe(entry);
});
