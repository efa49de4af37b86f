import { describe, expect, test } from '@jest/globals';
import { thrownBy } from '@iommufd/testkit';
import { cfgiSte, type Command } from '@iommufd/testkit/guest';
import { HostError } from './host-error.js';
import type { StreamConfig } from './stream-config.js';
import { Guest, type GuestOptions, HARDWARE, STE_ABORT, STE_BYPASS, steS1, STRTAB } from './vsmmu.testing.js';

const ABORT: StreamConfig = { kind: 'abort' };
const BYPASS: StreamConfig = { kind: 'bypass' };
const INVALID: StreamConfig = { kind: 'invalid' };
const translate = (word0: bigint, word1 = 0n): StreamConfig => ({ kind: 'translate', ste: [word0, word1] });

const CFGI_ALL: Command = { Opcode: 4, SSec: 0, StreamID: 0, Range: 31 };
const TWO_LEVEL = 0x1_0000;

/** A guest with a stream table, which is not turned on yet. */
class Owner extends Guest {
  constructor(options: GuestOptions = {}, config = 8) {
    super(options);
    this.start(4, 0xc);
    this.set64('SMMU_STRTAB_BASE', STRTAB);
    this.set('SMMU_STRTAB_BASE_CFG', config);
    this.taken();
  }

  turnOn(): this {
    this.set('SMMU_CR0', 0xd);
    return this;
  }

  /** Writes an entry of a linear table. */
  ste(streamId: number, word0: bigint, word1 = 0n): this {
    this.ram.write64(STRTAB + BigInt(64 * streamId), word0, word1);
    return this;
  }

  config(streamId: number): StreamConfig | undefined {
    return this.backend.configs.get(streamId);
  }
}

describe('SMMU_GBPA and SMMUEN', () => {
  test('initially every stream bypasses or aborts', () => {
    expect(new Guest({ streams: [1, 2] }).backend.configs).toEqual(
      new Map([
        [1, BYPASS],
        [2, BYPASS],
      ]),
    );
    expect(new Guest({ streams: [1], abortsAtReset: true }).backend.configs).toEqual(new Map([[1, ABORT]]));
  });

  test('when enabled, every stream is configured by its entry; when disabled, by SMMU_GBPA', () => {
    const guest = new Owner({ streams: [1, 2, 3, 9] });
    guest.ste(1, steS1(0x5000n)).ste(2, STE_BYPASS).ste(3, STE_ABORT).turnOn();
    expect(guest.taken()).toEqual([
      'stream 1 translate',
      'stream 2 bypass',
      'stream 3 abort',
      'stream 9 invalid',
    ]);
    expect(guest.config(1)).toEqual(translate(0x500bn));
    // Nothing of this is of interest while it is on.
    guest.set('SMMU_GBPA', 0x8010_0000);
    guest.set('SMMU_CR0', 0xd);
    expect(guest.taken()).toEqual([]);
    guest.set('SMMU_CR0', 0xc);
    expect(guest.taken()).toEqual([1, 2, 3, 9].map((id) => `stream ${id} abort`));
    guest.set('SMMU_GBPA', 0x8000_0000);
    expect(guest.taken()).toEqual([1, 2, 3, 9].map((id) => `stream ${id} bypass`));
  });

  test('if one stream fails, the others are still configured', () => {
    const guest = new Owner({ streams: [1, 2, 3] });
    const setStream = guest.backend.setStream.bind(guest.backend);
    const failing = new Set([2]);
    guest.backend.setStream = (id, config) => {
      if (failing.has(id)) throw new Error(`no ${id}`);
      setStream(id, config);
    };
    expect(() => guest.turnOn()).toThrow('no 2');
    expect(guest.taken()).toEqual(['stream 1 invalid', 'stream 3 invalid']);
    expect(guest.get('SMMU_CR0ACK')).toBe(0xd);
    failing.add(3);
    const error = thrownBy(HostError, () => guest.smmu.reset());
    expect(error).toMatchObject({ operation: 'configure', streamIds: [2, 3], isTransient: false });
    expect(error).toMatchObject({ cause: expect.any(AggregateError) });
  });

  test('the stream of a device that is added later is configured', () => {
    const guest = new Owner({ streams: [1] });
    guest.ste(4, STE_BYPASS).turnOn();
    guest.taken();
    guest.smmu.configureStream(4);
    expect(guest.taken()).toEqual([]);
    guest.backend.streams.add(4);
    guest.smmu.configureStream(4);
    expect(guest.taken()).toEqual(['stream 4 bypass']);
    guest.set('SMMU_CR0', 0xc);
    guest.taken();
    guest.smmu.configureStream(4);
    expect(guest.taken()).toEqual(['stream 4 bypass']);
  });
});

describe('CMD_CFGI_STE', () => {
  test('creates, replaces and removes a configuration', () => {
    const guest = new Owner({ streams: [1, 2] }).turnOn();
    guest.taken();
    guest.ste(1, steS1(0x5000n)).issue(cfgiSte(1));
    expect(guest.config(1)).toEqual(translate(0x500bn));
    guest.ste(1, steS1(0x6000n)).issue(cfgiSte(1));
    expect(guest.config(1)).toEqual(translate(0x600bn));
    // The host is asked even if nothing has changed: it may hold context descriptors.
    guest.issue(cfgiSte(1));
    guest.ste(1, 0n).issue(cfgiSte(1));
    expect(guest.taken()).toEqual([
      'stream 1 translate',
      'stream 1 translate',
      'stream 1 translate',
      'stream 1 invalid',
    ]);
  });

  test('has no effect for a stream without a device, or while the SMMU is disabled', () => {
    const guest = new Owner({ streams: [1] });
    guest.issue(cfgiSte(1), CFGI_ALL);
    expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([[], 2]);
    guest.turnOn();
    guest.taken();
    guest.issue(cfgiSte(7), cfgiSte(0xffff_ffff));
    expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([[], 4]);
  });

  test.each([
    [0, 5, [4, 5]],
    [1, 5, [4, 5, 7]],
    [2, 0, [0, 4, 5, 7]],
    [2, 9, [8]],
    [3, 2, [0, 4, 5, 7, 8]],
    [30, 0x7fff_ffff, [0, 4, 5, 7, 8]],
    [30, 0x8000_0000, [0x8000_0001]],
    [31, 77, [0, 4, 5, 7, 8, 0x8000_0001]],
  ])('of a range of 2^(%i + 1) streams around %i', (Range, StreamID, expected) => {
    const guest = new Owner({ streams: [0, 4, 5, 7, 8, 0x8000_0001] }).turnOn();
    guest.taken();
    guest.issue({ Opcode: 4, SSec: 0, StreamID, Range });
    expect(guest.taken().map((line) => Number(line.split(' ')[1]))).toEqual(expected);
  });
});

describe('a stream table entry', () => {
  const ATS = { ats: true };
  const [idr0, idr1, ...others] = HARDWARE.idr;
  const withIdr0 = (value: number) => ({ aidr: 1, idr: [value, idr1 | (5 << 6), ...others] }) as const;
  const SUBSTREAMS = { hardware: withIdr0(idr0 & ~(1 << 19)) };
  const TWO_LEVELS = { hardware: withIdr0(idr0 | (1 << 19)) };
  const rows: readonly [
    what: string,
    word0: bigint,
    word1: bigint,
    expected: StreamConfig,
    options?: GuestOptions,
  ][] = [
    ['that is not valid', 0xan, 0n, INVALID],
    ['that aborts', 0x1n, -1n, ABORT],
    ['of a reserved Config', 0x7n, 0n, ABORT],
    ['that passes, whatever its attributes', 0x9n | (0xfn << 59n), 0xffff_ffff_ffff_ffffn, BYPASS],
    ['of stage 2, which is not there', 0xdn, 0n, INVALID],
    ['of both stages', 0xfn, 0n, INVALID],
    ['of stage 1', 0x4000_500bn, 0x0800_00ffn, translate(0x4000_500bn, 0x0800_00ffn)],
    ['with attributes that are not there', 0x500bn, 0xfff_f31f_075f_ff00n & ~(3n << 30n), translate(0x500bn)],
    ['of EL2 or EL3, which do not count without Hyp', 0x500bn, 3n << 30n, translate(0x500bn)],
    ['with a reserved bit of word 0', 0x500bn | (7n << 56n), 0n, translate(0x500bn)],
    ['with descriptors where no memory can be', 0x500bn | (1n << 52n), 0n, INVALID],
    ['with EATS, where there is no ATS', 0x500bn, 1n << 28n, translate(0x500bn)],
    ['with split-stage ATS, where there is no ATS', 0x500bn, 2n << 28n, translate(0x500bn)],
    ['with EATS', 0x500bn, 1n << 28n, translate(0x500bn, 1n << 28n), ATS],
    ['with split-stage ATS', 0x500bn, 2n << 28n, INVALID, ATS],
    ['with reserved EATS', 0x500bn, 3n << 28n, translate(0x500bn), ATS],
    ['with substreams, where there are none', 0x502bn | (31n << 59n), 1n, translate(0x502bn, 1n)],
    ['with substreams', 0x500bn | (5n << 59n), 2n, translate(0x500bn | (5n << 59n), 2n), SUBSTREAMS],
    ['with more substreams than are shown', 0x500bn | (6n << 59n), 0n, INVALID, SUBSTREAMS],
    ['with two levels of descriptors', 0x502bn | (5n << 59n), 0n, INVALID, SUBSTREAMS],
    [
      'with two levels that are shown',
      0x502bn | (5n << 59n),
      0n,
      translate(0x502bn | (5n << 59n)),
      TWO_LEVELS,
    ],
    ['with a reserved format', 0x503bn | (5n << 59n), 0n, translate(0x503bn | (5n << 59n)), SUBSTREAMS],
    ['with a format that does not count', 0x502bn, 0n, translate(0x502bn), SUBSTREAMS],
  ];
  test.each(rows)('%s', (_, word0, word1, expected, options = {}) => {
    const guest = new Owner({ streams: [1], ...options });
    guest.ste(1, word0, BigInt.asUintN(64, word1)).turnOn();
    expect(guest.config(1)).toEqual(expected);
  });
});

describe('a linear table', () => {
  test('is limited by LOG2SIZE, and by the guest’s StreamID width', () => {
    const guest = new Owner({ streams: [7, 8] }, 3);
    guest.ste(7, STE_BYPASS).ste(8, STE_BYPASS).turnOn();
    expect([guest.config(7), guest.config(8)]).toEqual([BYPASS, ABORT]);
    const small = new Owner({ streams: [15, 16], sidBits: 4 }, 12);
    small.ste(15, STE_BYPASS).ste(16, STE_BYPASS).turnOn();
    expect([small.config(15), small.config(16)]).toEqual([BYPASS, ABORT]);
  });

  test('is aligned to its size, and a reserved format is linear', () => {
    const guest = new Owner({ streams: [1] }, 0x2_0008);
    guest.set64('SMMU_STRTAB_BASE', STRTAB | 0x40n);
    guest.ste(1, STE_BYPASS).turnOn();
    expect(guest.config(1)).toEqual(BYPASS);
  });

  test('is aligned to the size of LOG2SIZE, even if there are fewer StreamIDs', () => {
    const guest = new Owner({ streams: [1], sidBits: 4 }, 11);
    guest.set64('SMMU_STRTAB_BASE', STRTAB | 0x1_0000n);
    guest.ste(1, STE_BYPASS).turnOn();
    expect(guest.config(1)).toEqual(BYPASS);
    const twoLevels = new Owner({ streams: [1], sidBits: 8 }, TWO_LEVEL | (6 << 6) | 19);
    twoLevels.set64('SMMU_STRTAB_BASE', STRTAB | 0x8000n);
    twoLevels.ram.write64(STRTAB, (STRTAB + 0x1_0000n) | 3n);
    twoLevels.ram.write64(STRTAB + 0x1_0040n, STE_BYPASS);
    twoLevels.turnOn();
    expect(twoLevels.config(1)).toEqual(BYPASS);
  });

  test('that is not in memory aborts', () => {
    const guest = new Owner({ streams: [1, 2] });
    guest.ram.hole = { from: STRTAB + 128n, to: STRTAB + 136n };
    guest.ste(1, STE_BYPASS).ste(2, STE_BYPASS).turnOn();
    expect([guest.config(1), guest.config(2)]).toEqual([BYPASS, ABORT]);
  });
});

describe('a two-level table', () => {
  const LEAF = STRTAB + 0x1_0000n;

  test.each([
    ['6', 6],
    ['8', 8],
    ['10', 10],
    ['a reserved value', 7],
  ])('is split at %s', (_, split) => {
    const bits = split === 7 ? 6 : split;
    const id = (2 << bits) + 5;
    const guest = new Owner({ streams: [id] }, TWO_LEVEL | (split << 6) | 12);
    guest.ram.write64(STRTAB + 16n, LEAF | BigInt(bits + 1));
    guest.ram.write64(LEAF + 5n * 64n, steS1(0x5000n));
    guest.turnOn();
    expect(guest.config(id)).toEqual(translate(0x500bn));
  });

  test('has no entry where Span is 0 or reserved', () => {
    const streams = [0, 3, 4, 256, 512, 768];
    const guest = new Owner({ streams }, TWO_LEVEL | (8 << 6) | 16);
    // Four entries; none; a reserved Span; no memory.
    guest.ram.write64(STRTAB, LEAF | 3n, LEAF, LEAF | 12n, 0xff_0000_0000_0003n);
    for (let i = 0n; i < 8n; i++) guest.ram.write64(LEAF + 64n * i, STE_BYPASS);
    guest.turnOn();
    expect(streams.map((id) => guest.config(id)?.kind)).toEqual([
      ...['bypass', 'bypass', 'abort'],
      ...['abort', 'abort', 'abort'],
    ]);
  });

  test('is aligned, both levels of it', () => {
    const guest = new Owner({ streams: [1] }, TWO_LEVEL | (6 << 6) | 10);
    guest.set64('SMMU_STRTAB_BASE', STRTAB | 0x40n);
    guest.ram.write64(STRTAB, (LEAF + 64n) | 3n);
    guest.ram.write64(LEAF + 64n, STE_BYPASS);
    guest.turnOn();
    expect(guest.config(1)).toEqual(BYPASS);
  });

  test('may be smaller than one second level', () => {
    const guest = new Owner({ streams: [1, 16] }, TWO_LEVEL | (8 << 6) | 4);
    guest.ram.write64(STRTAB, LEAF | 9n);
    guest.ram.write64(LEAF + 64n, STE_BYPASS);
    guest.turnOn();
    expect([guest.config(1), guest.config(16)]).toEqual([BYPASS, ABORT]);
  });

  test('whose first level is not in memory aborts', () => {
    const guest = new Owner({ streams: [1] }, TWO_LEVEL | (8 << 6) | 12);
    guest.set64('SMMU_STRTAB_BASE', 0xff_0000_0000_0000n);
    guest.turnOn();
    expect(guest.config(1)).toEqual(ABORT);
  });
});
