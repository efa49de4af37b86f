import { smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bound, IOVA, IPA, SmmuProgram } from './smmu.testing.js';

const configs = [
  smmuv3Config(),
  smmuv3Config({ eventQueueLog2: 2, commandQueueLog2: 7, rangeInvalidation: false, ssidBits: 0 }),
  smmuv3Config({ stall: false, ats: false, sidBits: 8, ssidBits: 4 }),
];

const OPCODES = [0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30, 0x40];

/** Mostly zero, otherwise one bit, otherwise any value. */
const bits = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0n) },
  fc.nat(63).map((bit) => 1n << BigInt(bit)),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

/** A command of a guest. Most of the generated commands are accepted. */
const command = fc
  .record({
    opcode: fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...OPCODES) }, fc.nat(255)),
    vsid: fc.constantFrom(1n, 1n, 1n, 5n),
    first: bits,
    second: bits,
  })
  .map(({ opcode, vsid, first, second }) => {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    const isOfStream = opcode < 0x10 || opcode === 0x40;
    view.setBigUint64(0, (first & ~0xffn) | (isOfStream ? vsid << 32n : 0n), true);
    view.setBigUint64(8, second, true);
    bytes[0] = opcode;
    return bytes;
  });

const index = fc.nat(7);
const pasid = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.nat(9));
const action = fc.oneof(
  fc.record({ kind: fc.constant('attach' as const), to: fc.nat(20), pasid }),
  fc.record({ kind: fc.constant('nested' as const), on: fc.nat(20), config: fc.constantFrom(0, 4, 5, 5, 5) }),
  fc.record({ kind: fc.constant('table' as const), flags: fc.constantFrom(0, 1, 8) }),
  fc.record({
    kind: fc.constant('viommu' as const),
    on: fc.nat(20),
    virtualId: fc.bigInt({ min: 0n, max: 2n }),
  }),
  fc.record({ kind: fc.constant('guest' as const), page: index, at: fc.nat(511), bytes: bits }),
  fc.record({ kind: fc.constant('show' as const), nth: index, page: index }),
  fc.record({
    kind: fc.constant('dma' as const),
    write: fc.boolean(),
    iova: fc.constantFrom(IOVA, IOVA + 0x1000n, IPA, IPA + 0x3ffen, 0n, (1n << 64n) - 16n),
    pasid,
  }),
  fc.record({
    kind: fc.constant('invalidate' as const),
    on: fc.nat(20),
    commands: fc.oneof(fc.array(command, { maxLength: 3 }), fc.array(command, { maxLength: 70 })),
  }),
  fc.record({
    kind: fc.constantFrom(
      'detach' as const,
      'hold' as const,
      'release' as const,
      'unmap' as const,
      'map' as const,
    ),
  }),
  fc.record({ kind: fc.constant('destroy' as const), id: fc.nat(20) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A program with devices, and the ids of the page tables and virtual SMMUs that it has allocated. */
class Fuzzed extends SmmuProgram {
  readonly bounds: readonly Bound[];
  readonly tables: number[] = [1];
  readonly viommus: number[] = [];

  constructor(config: number) {
    super(configs[config]);
    this.bounds = [
      this.bind({ streamId: 0x28, canStall: true, pasidBits: 3, ats: true, canwbs: true }),
      this.bind({ streamId: 0x30, canwbs: true }),
      this.bind({ streamIds: [0x41, 0x40], ats: true, canwbs: true }),
    ];
    this.setUpGuest();
    this.show(0, 5);
    for (const [i, bound] of this.bounds.entries()) {
      const parent = this.made(this.tables, this.parent(bound));
      const viommu = this.made(this.viommus, this.viommu(bound, parent));
      this.vdevice(bound, viommu, BigInt(1 + 4 * i));
      this.attach(bound, this.made(this.tables, this.nested(bound, viommu)));
    }
  }

  private made(list: number[], id: number | string): number {
    if (typeof id === 'number') list.push(id);
    return Number(id);
  }

  act(which: number, step: Action): void {
    const bound = this.bounds[which];
    if (bound === undefined) return;
    const one = (ids: readonly number[], nth: number): number => ids[nth % ids.length] ?? 0;
    switch (step.kind) {
      case 'attach':
        this.attach(bound, one(this.tables, step.to), step.pasid ?? undefined);
        return;
      case 'nested':
        this.made(this.tables, this.nested(bound, one(this.viommus, step.on), step.config));
        return;
      case 'table':
        this.made(this.tables, this.hwpt(bound, step.flags));
        return;
      case 'viommu':
        this.made(this.viommus, this.viommu(bound, one(this.tables, step.on)));
        this.vdevice(bound, one(this.viommus, step.on), step.virtualId);
        return;
      case 'guest': {
        const bytes = this.guestPage(step.page);
        new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(step.at * 8, step.bytes, true);
        return;
      }
      case 'show':
        this.show(step.nth, step.page);
        return;
      case 'dma':
        this.access(bound, step.write, step.iova, step.pasid);
        return;
      case 'invalidate':
        this.invalidate(one(this.viommus, step.on), step.commands);
        return;
      case 'detach':
        this.detach(bound);
        return;
      case 'hold':
        this.smmu.holdInterrupts();
        return;
      case 'release':
        this.smmu.releaseInterrupts();
        return;
      case 'unmap':
        this.tryUnmap();
        return;
      case 'map':
        this.tryMap();
        return;
      case 'destroy':
        this.tryDestroy(step.id);
    }
  }

  private access(
    { device: { dma, maxPasids } }: Bound,
    write: boolean,
    iova: bigint,
    wanted: number | null,
  ): void {
    const pasid = wanted !== null && wanted < maxPasids ? wanted : undefined;
    const done = write ? dma.write(iova, new Uint8Array(8), { pasid }) : dma.read(iova, 8, { pasid });
    // The access may succeed or fail.
    done.catch(() => undefined);
  }
}

test('random programs and guests cause no exception and no leak', () => {
  const steps = fc.array(fc.tuple(fc.nat(2), action), { minLength: 10, maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(configs.length - 1), steps, (config, list) => {
      const program = new Fuzzed(config);
      for (const [which, step] of list) program.act(which, step);
      program.smmu.releaseInterrupts();
      program.process.exit();
      expect(program.kernel.leftOver()).toEqual([]);
      // The driver never issues a command that is illegal for the hardware.
      expect(program.kernel.messages.filter((line) => /timeout|skipping/.test(line))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
