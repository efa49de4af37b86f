import { describe, expect, test } from '@jest/globals';
import { Guest, SID, span, vsmmu } from './guest.testing.js';
import {
  CFGI_CD,
  CFGI_CD_ALL,
  NH_ALL,
  NH_ASID,
  NH_VA,
  NH_VAA,
  NSNH_ALL,
  staleAfter,
} from './invalidate.testing.js';
import { IOVA } from './program.testing.js';

/** Bits of the two words of a command that may be the other way round, each alone. */
function acceptedBits(word0: bigint, word1: bigint): readonly [number[], number[]] {
  const guest = new Guest();
  const isTaken = (words: readonly bigint[]): boolean => guest.invalidate(guest.vsmmu, words)[0] === 'ok';
  const bits = span(0, 63);
  return [
    bits.filter((bit) => isTaken([word0 ^ (1n << BigInt(bit)), word1])),
    bits.filter((bit) => isTaken([word0, word1 ^ (1n << BigInt(bit))])),
  ];
}

describe('A command of IOMMU_HWPT_INVALIDATE', () => {
  test('has one of six opcodes with a vSID, and of five without', () => {
    const guest = new Guest();
    const taken = span(0, 255).filter((opcode) => {
      const [answer, done] = guest.invalidate(guest.vsmmu, [BigInt(opcode) | SID, 0n]);
      expect([answer, done]).toEqual(answer === 'ok' ? ['ok', 1] : ['EIO', 0]);
      return answer === 'ok';
    });
    // NSNH_ALL has no field there, and NH_VAA and the others have one of 16 bits.
    expect(taken).toEqual([0x05, 0x06, 0x10, 0x11, 0x12, 0x13]);
    const plain = span(0, 255).filter(
      (opcode) => guest.invalidate(guest.vsmmu, [BigInt(opcode), 0n])[0] === 'ok',
    );
    expect(plain).toEqual([0x10, 0x11, 0x12, 0x13, 0x30]);
  });

  test('fails with EIO for an unknown vSID, and without a vDEVICE for any', () => {
    const guest = new Guest();
    for (const opcode of [CFGI_CD, CFGI_CD_ALL])
      for (const sid of [0n, 0x28n, 0x124n])
        expect(guest.invalidate(guest.vsmmu, [opcode | (sid << 32n), 0n])).toEqual(['EIO', 0]);
    const { program, viommu } = vsmmu();
    expect(program.invalidate(viommu, [CFGI_CD_ALL, 0n])).toEqual(['EIO', 0]);
    expect(program.invalidate(viommu, [NH_ALL, 0n])).toEqual(['ok', 1]);
  });

  test('may have no bits if it is NSNH_ALL', () => expect(acceptedBits(NSNH_ALL, 0n)).toEqual([[5], []]));

  test('may have a VMID if it is NH_ALL', () =>
    expect(acceptedBits(NH_ALL, 0n)).toEqual([[0, 1, 5, ...span(32, 47)], []]));

  test('may have a VMID and an ASID if it is NH_ASID', () =>
    expect(acceptedBits(NH_ASID, 0n)).toEqual([[0, 1, ...span(32, 63)], []]));

  test('may have a VMID, an ASID, a leaf bit and an address if it is NH_VA', () =>
    expect(acceptedBits(NH_VA, 0n)).toEqual([
      [0, 1, ...span(32, 63)],
      [0, ...span(12, 63)],
    ]));

  test('may have a VMID, a leaf bit and an address if it is NH_VAA', () =>
    expect(acceptedBits(NH_VAA, 0n)).toEqual([
      [0, 1, ...span(32, 47)],
      [0, ...span(12, 63)],
    ]));

  test('may have a leaf bit and no SubstreamID if it is CFGI_CD', () =>
    expect(acceptedBits(CFGI_CD | SID, 0n)).toEqual([[], [0]]));

  test('may have a StreamID alone if it is CFGI_CD_ALL', () =>
    expect(acceptedBits(CFGI_CD_ALL | SID, 0n)).toEqual([[], []]));

  test('has its VMID replaced by that of the vIOMMU', () => {
    for (const words of [
      [NH_ALL | (0x55n << 32n), 0n],
      [NSNH_ALL, 0n],
      [NH_VAA | (0x55n << 32n), IOVA],
    ])
      expect(staleAfter(() => words)).toEqual(['ok', 1, 'dropped']);
    expect(staleAfter(() => [NH_VA | (2n << 48n), IOVA])).toEqual(['ok', 1, 'stale']);
  });

  test('has range fields only with a granule, SCALE below 32, and no TTL=1 for TG=2', () => {
    const guest = new Guest();
    for (const opcode of [NH_VA, NH_VAA])
      for (let tg = 0n; tg < 4n; tg++)
        for (let ttl = 0n; ttl < 4n; ttl++)
          for (const [num, scale] of [
            [0n, 0n],
            [1n, 0n],
            [31n, 0n],
            [0n, 1n],
            [0n, 31n],
            [3n, 32n],
          ] as const) {
            const words = [opcode | (num << 12n) | (scale << 20n), IOVA | (tg << 10n) | (ttl << 8n)];
            const isPlain = num === 0n && scale === 0n && ttl === 0n;
            const isGood = scale < 32n && (tg === 0n) === isPlain && !(tg === 2n && ttl === 1n);
            expect([tg, ttl, num, scale, ...guest.invalidate(guest.vsmmu, words)]).toEqual([
              tg,
              ttl,
              num,
              scale,
              ...(isGood ? ['ok', 1] : ['EIO', 0]),
            ]);
          }
  });
});
