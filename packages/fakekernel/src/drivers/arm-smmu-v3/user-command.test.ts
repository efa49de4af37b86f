import { smmuv3Config, type Smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { smmuv3_command } from '@iommufd/uapi';
import { SmmuProgram } from './smmu.testing.js';

/** Linux 7.3's checks of a guest's command, bit by bit: `arm_vsmmu_validate_user_cmd()`. */

const { cases } = smmuv3_command;
const NSNH_ALL = cases.CMD_TLBI_NSNH_ALL.tag;
const NH_ALL = cases.CMD_TLBI_NH_ALL.tag;
const NH_ASID = cases.CMD_TLBI_NH_ASID.tag;
const NH_VA = cases.CMD_TLBI_NH_VA.tag;
const NH_VAA = cases.CMD_TLBI_NH_VAA.tag;
const CFGI_CD = cases.CMD_CFGI_CD.tag;
const CFGI_CD_ALL = cases.CMD_CFGI_CD_ALL.tag;
const ATC_INV = cases.CMD_ATC_INV.tag;

const OF_STREAM: readonly number[] = [CFGI_CD, CFGI_CD_ALL, ATC_INV];
const BY_ADDRESS: readonly number[] = [NH_VA, NH_VAA];

const VSID = 0x123n;

/** An SMMU with SMMU_IDR5.DS: addresses have 52 bits with every granule. */
function smmuv3ConfigDs(): Smmuv3Config {
  const config = smmuv3Config();
  const [idr0, idr1, idr2, idr3, idr4, idr5] = config.idr;
  return { ...config, idr: [idr0, idr1, idr2, idr3, idr4, idr5 | (1 << 7)] };
}

/**
 * Executes commands on a virtual SMMU one by one.
 * @returns a function that returns true if a command is accepted, and false for EIO; other errors fail the test
 */
function guestOf(config: Smmuv3Config): (word0: bigint, word1: bigint) => boolean {
  const program = new SmmuProgram(config);
  const bound = program.bind({ streamId: 0x28, canwbs: true });
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  program.ok(program.vdevice(bound, viommu, VSID));
  return (word0, word1) => {
    const command = new Uint8Array(BigUint64Array.of(word0, word1).buffer);
    const [result, done] = program.invalidate(viommu, [command]);
    const accepted = result === 0;
    expect([result, done]).toEqual(accepted ? [0, 1] : ['EIO', 0]);
    return accepted;
  };
}

/** The numbers of the bits `hi` to `lo`. */
const bits = (hi: number, lo: number): number[] => Array.from({ length: hi - lo + 1 }, (_, i) => lo + i);

/** The bits of both words that may be set, besides the opcode and the StreamID. */
type Bits = readonly [word0: readonly number[], word1: readonly number[]];
type Expected = Readonly<Record<number, Bits | 'refused'>>;

const VMID = bits(47, 32);
const ASID = bits(63, 48);
const NUM = bits(16, 12);
const SCALE = bits(24, 20);
const SSID = bits(31, 12);
const LEAF_AND_ADDRESS = [0, ...bits(63, 12)];
/** TG and TTL are tested together, below. */
const TG_AND_TTL = bits(11, 8);

const standard: Expected = {
  [NSNH_ALL]: [[], []],
  [NH_ALL]: [VMID, []],
  [NH_ASID]: [[...VMID, ...ASID], []],
  [NH_VA]: [[...VMID, ...ASID, ...NUM, ...SCALE], LEAF_AND_ADDRESS],
  [NH_VAA]: [[...VMID, ...NUM, ...SCALE], LEAF_AND_ADDRESS],
  [CFGI_CD]: [SSID, [0]],
  [CFGI_CD_ALL]: [[], []],
  // Size is tested below.
  [ATC_INV]: [[9, 11, ...SSID], bits(63, 12)],
};

const machines: readonly (readonly [name: string, config: Smmuv3Config, expected: Expected])[] = [
  ['everything', smmuv3Config(), standard],
  ['few substreams, where a SubstreamID beyond them is accepted', smmuv3Config({ ssidBits: 1 }), standard],
  [
    'no substreams',
    smmuv3Config({ ssidBits: 0 }),
    { ...standard, [CFGI_CD]: [[], [0]], [ATC_INV]: [[], bits(63, 12)] },
  ],
  ['no ATS', smmuv3Config({ ats: false }), { ...standard, [ATC_INV]: 'refused' }],
  [
    '8-bit ASIDs',
    smmuv3Config({ asid16: false }),
    {
      ...standard,
      [NH_ASID]: [[...VMID, ...bits(55, 48)], []],
      [NH_VA]: [[...VMID, ...bits(55, 48), ...NUM, ...SCALE], LEAF_AND_ADDRESS],
    },
  ],
  [
    'no ranges',
    smmuv3Config({ rangeInvalidation: false }),
    {
      ...standard,
      [NH_VA]: [[...VMID, ...ASID], LEAF_AND_ADDRESS],
      [NH_VAA]: [VMID, LEAF_AND_ADDRESS],
    },
  ],
  [
    '52-bit addresses',
    smmuv3ConfigDs(),
    {
      ...standard,
      [NH_VA]: [[...VMID, ...ASID, ...NUM, ...SCALE, 25], LEAF_AND_ADDRESS],
      [NH_VAA]: [[...VMID, ...NUM, ...SCALE, 25], LEAF_AND_ADDRESS],
    },
  ],
];

test.each(machines)('the bits that a guest may set, with %s', (_name, config, expected) => {
  const isAccepted = guestOf(config);
  const hasRanges = (config.idr[3] & (1 << 10)) !== 0;
  for (let opcode = 0; opcode < 256; opcode++) {
    const hasStream = OF_STREAM.includes(opcode);
    const isByAddress = BY_ADDRESS.includes(opcode);
    // With TG and TTL set, all values of NUM and SCALE are valid.
    const base = [
      BigInt(opcode) | (hasStream ? VSID << 32n : 0n),
      isByAddress && hasRanges ? 0x700n : 0n,
    ] as const;
    const allowed = expected[opcode] ?? 'refused';
    expect([opcode, isAccepted(...base)]).toEqual([opcode, allowed !== 'refused']);
    if (allowed === 'refused') continue;
    const untried = [
      [...bits(7, 0), ...(hasStream ? bits(63, 32) : [])],
      [...(isByAddress && hasRanges ? TG_AND_TTL : []), ...(opcode === ATC_INV ? bits(5, 0) : [])],
    ] as const;
    const accepted = ([0, 1] as const).map((word) =>
      bits(63, 0).filter((bit) => {
        if (untried[word].includes(bit)) return false;
        const words: [bigint, bigint] = [...base];
        words[word] |= 1n << BigInt(bit);
        return isAccepted(...words);
      }),
    );
    expect([opcode, accepted]).toEqual([opcode, allowed.map((word) => [...word].sort((a, b) => a - b))]);
  }
});

test.each([
  ['', smmuv3Config(), false],
  [', with addresses of 52 bits', smmuv3ConfigDs(), true],
])('the granule, the level and the range that go together%s', (_name, config, isWide) => {
  const isAccepted = guestOf(config);
  for (const opcode of BY_ADDRESS) {
    for (const tg of [0, 1, 2, 3]) {
      for (const ttl of [0, 1, 2, 3]) {
        for (const range of [0n, 1n << 12n, 1n << 20n, (31n << 12n) | (31n << 20n)]) {
          const word1 = BigInt((tg << 10) | (ttl << 8));
          const isRangeOrHint = range !== 0n || ttl !== 0;
          // NUM, SCALE and TTL require a granule, and a granule requires one of them. 16 KB tables have no level 1 blocks.
          const fits = tg === 0 ? !isRangeOrHint : isRangeOrHint && (isWide || tg !== 2 || ttl !== 1);
          expect([opcode, tg, ttl, range, isAccepted(BigInt(opcode) | range, word1)]).toEqual([
            opcode,
            tg,
            ttl,
            range,
            fits,
          ]);
        }
      }
    }
  }
});

test('a CMD_ATC_INV whose size exceeds the address space fails with EIO, because it is illegal for the hardware', () => {
  const isAccepted = guestOf(smmuv3Config());
  const sizes = bits(63, 0).filter((size) => isAccepted(BigInt(ATC_INV) | (VSID << 32n), BigInt(size)));
  expect(sizes).toEqual(bits(52, 0));
});

test('a StreamID that is not a virtual one is refused, even if it is a physical one', () => {
  const isAccepted = guestOf(smmuv3Config());
  for (const opcode of OF_STREAM) {
    const accepted = [0n, 0x28n, VSID, VSID | (1n << 31n)].filter((vsid) =>
      isAccepted(BigInt(opcode) | (vsid << 32n), 0n),
    );
    expect(accepted).toEqual([VSID]);
  }
});
