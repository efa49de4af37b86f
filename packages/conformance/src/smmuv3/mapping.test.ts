import { describe, expect, test } from '@jest/globals';
import { PAGE } from '@iommufd/testkit/guest';
import {
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_MAP,
  iommu_ioas_map,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { Guest, LEAF, MSI, TRANSLATION_EVENT } from './guest.testing.js';
import { DATA, IOVA, IPA, PAGES, Program } from './program.testing.js';

describe('Mapping while a device is attached', () => {
  test('fails with EINVAL in the MSI window, at its ends and over it', () => {
    const guest = new Guest();
    const end = MSI + 0x10_0000n;
    for (const [iova, pages, answer] of [
      [MSI, 1, 'EINVAL'],
      [end - 0x1000n, 1, 'EINVAL'],
      [MSI - 0x1000n, 2, 'EINVAL'],
      [end - 0x1000n, 2, 'EINVAL'],
      [MSI - 0x1000n, 1, 'ok'],
      [end, 1, 'ok'],
    ] as const)
      expect(guest.map(iova, pages)).toBe(answer);
    guest.detach();
    expect(guest.map(MSI)).toBe('ok');
    expect(guest.attach(guest.s1)).toBe('EADDRINUSE');
  });

  test('fails in the MSI window until the last device is gone', () => {
    const guest = new Guest();
    const other = guest.bind(1);
    expect(guest.attach(guest.s2, other)).toBe('ok');
    guest.detach();
    expect(guest.map(MSI)).toBe('EINVAL');
    guest.close(other.fd);
    expect(guest.map(MSI)).toBe('ok');
  });

  test('has effect at once, and so has unmapping', () => {
    const guest = new Guest();
    const ipa = 0x9000_0000n;
    guest.stage1.describe(IOVA + 0x3000n, ipa | LEAF);
    const iova = IOVA + 0x3000n;
    guest.guestPage(DATA)[0] = 9;
    guest.dma(false, IOVA);
    guest.dma(true, iova);
    expect(guest.log()).toContain('s2 "Input address caused fault"');
    expect(guest.map(ipa, 1, { page: 12 })).toBe('ok');
    guest.dma(true, iova);
    expect(guest.guestPage(12)[0]).toBe(9);
    expect(guest.unmap(ipa)).toBe('ok');
    guest.guestPage(12)[0] = 0;
    guest.dma(true, iova);
    expect(guest.guestPage(12)[0]).toBe(0);
    // A fault of stage 2 is nothing to the guest.
    expect(guest.log()).toContain('sid: 0x28 ssid: 0x0 iova: 0x10003000 ipa: 0x90000000');
    expect(guest.read(guest.queue)).toEqual([]);
  });

  test('can be undone for all of the IOAS: the next walk stops at the first table that is not cached', () => {
    const guest = new Guest();
    guest.dma(false, IOVA);
    expect(guest.unmap(IPA, PAGES)).toBe('ok');
    guest.guestPage(DATA).fill(1);
    guest.log();
    expect(guest.dma(false, IOVA)).toBe('ok');
    const L2_TABLE = IPA + 0x2000n;
    expect(guest.read(guest.queue)).toEqual([0n, TRANSLATION_EVENT, 0x108_0000_0000n, IOVA, L2_TABLE]);
    expect(guest.log()).toBe('');
    expect(guest.map(IPA, PAGES)).toBe('ok');
    guest.dma(false, IOVA);
    guest.fault();
    expect(guest.sequences()).toEqual([1]);
  });

  test('fails with EEXIST for a second time, and unmapping with ENOENT for a part', () => {
    const guest = new Guest();
    expect(guest.unmap(IPA)).toBe('ENOENT');
    expect(guest.map(IPA)).toBe('EEXIST');
    guest.fault();
    expect(guest.sequences()).toEqual([0]);
  });

  test('places nothing in the MSI window', () => {
    const program = new Program();
    expect(program.attach(program.ioas)).toBe('ok');
    const fields = { ioas_id: program.ioas, user_va: program.at, length: 4096n, flags: 6 };
    expect(program.map(0n, 1)).toBe('ok');
    expect(program.call(IOMMU_IOAS_MAP, fields)).toBe('ok');
    const { iova } = program.out(iommu_ioas_map);
    expect(iova < MSI || iova >= MSI + 0x10_0000n).toBe(true);
  });

  test('fails with EADDRINUSE to allow IOVAs in the MSI window, as does attaching after it', () => {
    const program = new Program();
    const allow = (last: bigint): string => {
      const allowed_iovas = program.words(0n, last);
      return program.call(IOMMU_IOAS_ALLOW_IOVAS, { ioas_id: program.ioas, num_iovas: 1, allowed_iovas });
    };
    expect(allow(MSI)).toBe('ok');
    expect(program.attach(program.ioas)).toBe('EADDRINUSE');
    expect(allow(MSI - 1n)).toBe('ok');
    expect(program.attach(program.ioas)).toBe('ok');
    expect(allow(MSI)).toBe('EADDRINUSE');
  });

  test('keeps memory pinned that the program unmaps', () => {
    const program = new Program();
    const both = PROT_READ | PROT_WRITE;
    const user_va = program.process.mmap(0n, PAGE, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
    program.attach(program.ioas);
    const fields = { ioas_id: program.ioas, user_va, length: 4096n, iova: IOVA, flags: 7 };
    expect(program.call(IOMMU_IOAS_MAP, fields)).toBe('ok');
    expect(program.process.munmap(user_va, PAGE)).toBe(0);
    program.log();
    program.dma(true, IOVA);
    expect(program.log()).toBe('');
  });
});
