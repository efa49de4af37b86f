import { describe, expect, test } from '@jest/globals';
import { ABORT, eventOfCd, Guest, ID, LEAF, SID, translate } from './guest.testing.js';
import { CFGI_CD_ALL } from './invalidate.testing.js';
import { IOVA, PAGE_IPA, sure, UNMAPPED } from './program.testing.js';

/** A guest whose page has other bits. */
function eventOfPage(entry: bigint, write = false): string | bigint[] {
  const guest = new Guest();
  guest.stage1.describe(IOVA, entry);
  guest.dma(write, IOVA);
  return guest.read(guest.queue);
}

describe('An event', () => {
  test('of a read and of a write that fault is recorded with the StreamID of the guest', () => {
    const guest = new Guest();
    guest.fault();
    guest.dma(true, UNMAPPED);
    const rest = [UNMAPPED, 0n];
    expect(guest.read(guest.queue)).toEqual([
      ...[0n, 0x0000_0123_0000_0010n, 0x0000_0208_0000_0000n, ...rest],
      ...[1n << 32n, 0x0000_0123_0000_0010n, 0x0000_0200_0000_0000n, ...rest],
    ]);
  });

  test('is not recorded for ABORT and for V=0', () => {
    for (const word of [ABORT, 0n]) {
      const guest = new Guest();
      expect(guest.attach(sure(guest.nested(guest.vsmmu, word)))).toBe('ok');
      guest.fault();
      expect([guest.read(guest.queue), guest.log()]).toEqual([[], '']);
    }
  });

  test('of stage 2 goes to the log with the physical StreamID', () => {
    const guest = new Guest();
    guest.stage1.describe(IOVA, 0x9000_0000n | LEAF);
    guest.dma(false, IOVA);
    expect(guest.read(guest.queue)).toEqual([]);
    expect(guest.log()).toContain('event: F_TRANSLATION client: 0000:00:05.0 sid: 0x28');
  });

  test('of stage 1 goes there too without a queue of type 1', () => {
    const guest = new Guest();
    guest.close(guest.queue.fd);
    guest.fault();
    // The queue is there without its fd.
    expect(guest.log()).toBe('');
    guest.destroy(guest.queue.id);
    guest.fault();
    expect(guest.log()).toContain('sid: 0x28 ssid: 0x0 iova: 0x10002000');
  });

  test('has the vSID of the time of attaching, and IOMMU_HWPT_INVALIDATE that of now', () => {
    const guest = new Guest();
    const vsid = (): bigint => {
      guest.fault();
      const words = guest.read(guest.queue);
      return typeof words === 'string' ? -1n : (words[1] ?? -1n) >> 32n;
    };
    guest.destroy(guest.vdev);
    expect(vsid()).toBe(0x123n);
    expect(guest.vdevice(guest.vsmmu, 0x999n)).toEqual(ID);
    expect(vsid()).toBe(0x123n);
    expect(guest.invalidate(guest.vsmmu, [CFGI_CD_ALL | SID, 0n])).toEqual(['EIO', 0]);
    expect(guest.invalidate(guest.vsmmu, [CFGI_CD_ALL | (0x999n << 32n), 0n])).toEqual(['ok', 1]);
    expect(guest.attach(guest.s1)).toBe('ok');
    expect(vsid()).toBe(0x123n);
    expect(guest.attach(sure(guest.nested(guest.vsmmu, translate())))).toBe('ok');
    expect(vsid()).toBe(0x999n);
  });

  test('comes by the page table that was attached where attaching another fails with ENOENT', () => {
    const guest = new Guest();
    guest.destroy(guest.vdev);
    const other = sure(guest.viommu(guest.s2));
    expect(guest.vdevice(other, 1n)).toEqual(ID);
    expect(guest.attach(sure(guest.nested(guest.vsmmu, translate())))).toBe('ENOENT');
    // It stays where it was.
    guest.fault();
    expect(guest.sequences()).toEqual([0]);
  });

  test('has the lower half of a virt_id of 64 bits, which commands need whole', () => {
    const guest = new Guest();
    guest.destroy(guest.vdev);
    expect(guest.vdevice(guest.vsmmu, 0xffff_ffff_dead_beefn)).toEqual(ID);
    expect(guest.attach(sure(guest.nested(guest.vsmmu, translate())))).toBe('ok');
    guest.fault();
    expect(guest.read(guest.queue)).toEqual([0n, 0xdead_beef_0000_0010n, 0x208_0000_0000n, UNMAPPED, 0n]);
    expect(guest.invalidate(guest.vsmmu, [CFGI_CD_ALL | (0xdead_beefn << 32n), 0n])).toEqual(['EIO', 0]);
  });

  for (const [name, word0, word1] of [
    ['C_BAD_STE: S1CDMax', translate(1n << 59n), 0n],
    ['C_BAD_STE: S1STALLD', translate(), 1n << 27n],
  ] as const)
    test(`is ${name}`, () => {
      const guest = new Guest();
      expect(guest.attach(sure(guest.nested(guest.vsmmu, word0, word1)))).toBe('ok');
      guest.dma(false, IOVA);
      expect(guest.read(guest.queue)).toEqual([0n, SID | 0x04n, 0n, 0n, 0n]);
    });

  for (const fields of [
    { V: 0 },
    { AA64: 0 },
    { S: 1 },
    { A: 0 },
    { T0SZ: 0 },
    { T0SZ: 15 },
    { T0SZ: 40 },
    { T0SZ: 63 },
    { TG0: 3 },
    { ENDI: 1 },
    { HA: 1 },
    { HD: 1 },
    { IPS: 0, TTB0: 1n << 40n },
  ] as const)
    test(`is C_BAD_CD for ${Object.entries(fields)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' ')}`, () => expect(eventOfCd(fields)).toEqual([0n, SID | 0x0an, 0n, 0n, 0n]));

  test('is not recorded with CD.R=0', () => {
    const guest = new Guest();
    guest.cd.R = 0;
    guest.fault();
    expect([guest.read(guest.queue), guest.log()]).toEqual([[], '']);
  });

  for (const [name, entry, write, number] of [
    ['F_TRANSLATION: nothing there', 0n, false, 0x10n],
    ['F_ADDR_SIZE: an output address beyond IPS', (1n << 46n) | LEAF, false, 0x11n],
    ['F_ACCESS: AF=0', PAGE_IPA | (LEAF & ~0x400n), false, 0x12n],
    ['F_PERMISSION: a write to what is read-only', PAGE_IPA | LEAF | 0x80n, true, 0x13n],
  ] as const)
    test(`is ${name}`, () => expect(eventOfPage(entry, write)[1]).toBe(SID | number));

  test('is not recorded for a read of a page that is read-only', () =>
    expect(eventOfPage(PAGE_IPA | LEAF | 0x80n)).toEqual([]));
});
