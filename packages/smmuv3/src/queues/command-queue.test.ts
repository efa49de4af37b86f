import { describe, expect, test } from '@jest/globals';
import { type Command, NSNH_ALL, SYNC } from '@iommufd/testkit/guest';
import {
  CMD_CFGI_ALL,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_pri_response,
  smmuv3_register as register,
} from '@iommufd/uapi';
import { smmuv3Config, type Smmuv3Config } from '../config.js';
import { Machine } from '../machine.testing.js';
import type { AtcInvalidation, PriResponse } from '../stream-transaction.js';

const { cases } = smmuv3_command;
const { CERROR_NONE, CERROR_ILL, CERROR_ABT, CERROR_ATC_INV_SYNC } = smmuv3_cmdq_error;

const NH_VA = { Opcode: cases.CMD_TLBI_NH_VA.tag } as const;
const ATC_INV = { Opcode: cases.CMD_ATC_INV.tag, StreamID: 1 } as const;
const PRI_RESP = {
  Opcode: cases.CMD_PRI_RESP.tag,
  StreamID: 1,
  PRGIndex: 3,
  Resp: smmuv3_pri_response.Success,
};
const RESUME = { Opcode: cases.CMD_RESUME.tag, StreamID: 1 } as const;

const cons = ({ smmu }: Machine): number => smmu.read32(register.SMMU_CMDQ_CONS) & 0xf;
const error = ({ smmu }: Machine): number => smmu.read32(register.SMMU_CMDQ_CONS) >>> 24;
const isStopped = ({ smmu }: Machine): boolean =>
  ((smmu.read32(register.SMMU_GERROR) ^ smmu.read32(register.SMMU_GERRORN)) & 1) === 1;
const acknowledge = ({ smmu }: Machine): void =>
  smmu.write32(register.SMMU_GERRORN, smmu.read32(register.SMMU_GERROR));

test('commands are consumed in their order, around the end of the queue', () => {
  const machine = new Machine();
  for (let i = 0; i < 5; i++) machine.command(NSNH_ALL, NSNH_ALL, SYNC);
  expect(cons(machine)).toBe(15);
  expect(machine.pulses).toEqual([]);
  machine.command({ ...SYNC, CS: 1 });
  expect(cons(machine)).toBe(0);
  expect(machine.pulses).toEqual(['cmdqSync']);
});

test('an illegal command stops the queue until software acknowledges it', () => {
  const machine = new Machine();
  machine.command(
    NSNH_ALL,
    { Opcode: 0x99, raw: Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0x99 : 0)) },
    {
      ...SYNC,
      CS: 1,
    },
  );
  expect([cons(machine), error(machine), isStopped(machine)]).toEqual([1, CERROR_ILL, true]);
  expect(machine.pulses).toEqual(['gerror']);
  // Neither more commands, nor disabling and enabling the queue, change that.
  machine.command(NSNH_ALL);
  machine.smmu.write32(register.SMMU_CR0, 0b0111);
  machine.smmu.write32(register.SMMU_CR0, 0b1111);
  expect([cons(machine), error(machine)]).toEqual([1, CERROR_ILL]);
  // The command is fetched again: if it is unchanged, it fails again.
  acknowledge(machine);
  expect([cons(machine), error(machine), isStopped(machine)]).toEqual([1, CERROR_ILL, true]);
  expect(machine.pulses).toEqual(['gerror', 'gerror']);
  machine.commands.bytes.fill(0, 16, 32);
  machine.commands.bytes[16] = cases.CMD_TLBI_NSNH_ALL.tag;
  acknowledge(machine);
  expect([cons(machine), isStopped(machine)]).toEqual([4, false]);
  expect(machine.pulses).toEqual(['gerror', 'gerror', 'cmdqSync']);
});

test('the write index may move back while the queue is stopped', () => {
  const machine = new Machine();
  machine.command({ ...SYNC, CS: 3 }, NSNH_ALL);
  expect([cons(machine), error(machine)]).toEqual([0, CERROR_ILL]);
  machine.smmu.write32(register.SMMU_CMDQ_PROD, 0);
  acknowledge(machine);
  expect([cons(machine), isStopped(machine)]).toEqual([0, false]);
  machine.command(SYNC);
  expect(cons(machine)).toBe(1);
});

test('a queue outside memory stops with CERROR_ABT', () => {
  const machine = new Machine();
  machine.memory.free(machine.commands.address);
  machine.smmu.write32(register.SMMU_CMDQ_PROD, 1);
  expect([cons(machine), error(machine), isStopped(machine)]).toEqual([0, CERROR_ABT, true]);
});

test('a disabled queue is not read, and continues where it stopped', () => {
  const machine = new Machine();
  machine.smmu.write32(register.SMMU_CR0, 0b0111);
  machine.command(NSNH_ALL, NSNH_ALL);
  expect(cons(machine)).toBe(0);
  machine.smmu.write32(register.SMMU_CR0, 0b1111);
  expect(cons(machine)).toBe(2);
});

describe('legality of commands:', () => {
  const noStage1 = smmuv3Config({ stage1: false });
  const noStage2 = smmuv3Config({ stage2: false });
  const noStalls = smmuv3Config({ stall: false });
  const noAts = smmuv3Config({ ats: false });
  const foreign = smmuv3Config({ ats: false, departures: { acceptsForeignCommands: true } });
  const noRanges = smmuv3Config({ rangeInvalidation: false });
  const secure = (opcode: 0x18 | 0x50 | 0x60): Command => ({ Opcode: opcode });
  const rows: readonly (readonly [string, Command, Smmuv3Config | undefined, number])[] = [
    ['CFGI_ALL', CMD_CFGI_ALL, undefined, CERROR_NONE],
    ['CFGI_ALL for Secure streams', { ...CMD_CFGI_ALL, SSec: 1 }, undefined, CERROR_ILL],
    ['CFGI_CD', { Opcode: 0x05, SSec: 0, SubstreamID: 0, StreamID: 1, Leaf: 1 }, undefined, CERROR_NONE],
    [
      'CFGI_CD without stage 1',
      { Opcode: 0x05, SSec: 0, SubstreamID: 0, StreamID: 1, Leaf: 1 },
      noStage1,
      CERROR_ILL,
    ],
    ['CFGI_CD_ALL without stage 1', { Opcode: 0x06, SSec: 0, StreamID: 1 }, noStage1, CERROR_ILL],
    ['CFGI_VMS_PIDM without MPAM', { Opcode: 0x07, SSec: 0, VMID: 0 }, undefined, CERROR_ILL],
    [
      'PREFETCH_CONFIG',
      { Opcode: 0x01, SSec: 0, SSV: 0, SubstreamID: 0, StreamID: 1 },
      undefined,
      CERROR_NONE,
    ],
    [
      'PREFETCH_ADDR',
      { Opcode: 0x02, SSec: 0, SSV: 0, SubstreamID: 0, StreamID: 1, Size: 1, Stride: 0, NS: 0, Address: 0n },
      undefined,
      CERROR_NONE,
    ],
    ['NH_ALL without stage 1', { Opcode: 0x10, VMID: 0 }, noStage1, CERROR_ILL],
    ['NH_VA', NH_VA, undefined, CERROR_NONE],
    ['NH_VA with TG alone', { ...NH_VA, TG: 1 }, undefined, CERROR_ILL],
    ['NH_VA with TG alone, without ranges', { ...NH_VA, TG: 1 }, noRanges, CERROR_NONE],
    ['NH_VA with a hint', { ...NH_VA, TG: 1, TTL: 3 }, undefined, CERROR_NONE],
    ['NH_VA with level 1 of 16 KB', { ...NH_VA, TG: 2, TTL: 1 }, undefined, CERROR_ILL],
    ['NH_VA with a range', { ...NH_VA, TG: 1, NUM: 1 }, undefined, CERROR_NONE],
    ['S2_IPA', { Opcode: 0x2a, VMID: 0 }, undefined, CERROR_NONE],
    ['S2_IPA without stage 2', { Opcode: 0x2a, VMID: 0 }, noStage2, CERROR_ILL],
    ['S12_VMALL without stage 2', { Opcode: 0x28, VMID: 0 }, noStage2, CERROR_ILL],
    ['EL2_ALL without Hyp', { Opcode: 0x20 }, undefined, CERROR_ILL],
    ['EL2_VA without Hyp', { Opcode: 0x22, ASID: 0 }, undefined, CERROR_ILL],
    ['EL3_ALL', secure(0x18), undefined, CERROR_ILL],
    ['S_EL2_ALL', secure(0x50), undefined, CERROR_ILL],
    ['SNH_ALL', secure(0x60), undefined, CERROR_ILL],
    ['DPTI_ALL without DPT', { Opcode: 0x70 }, undefined, CERROR_ILL],
    ['ATC_INV to an absent device', ATC_INV, undefined, CERROR_NONE],
    ['ATC_INV without ATS', ATC_INV, noAts, CERROR_ILL],
    ['ATC_INV of more than everything', { ...ATC_INV, Size: 53 }, undefined, CERROR_ILL],
    [
      'ATC_INV of more than everything, without effect as in QEMU',
      { ...ATC_INV, Size: 53 },
      foreign,
      CERROR_NONE,
    ],
    ['PRI_RESP to an absent device', PRI_RESP, undefined, CERROR_NONE],
    ['PRI_RESP without PRI', PRI_RESP, noAts, CERROR_ILL],
    ['PRI_RESP with Resp 3', { ...PRI_RESP, Resp: 3 }, undefined, CERROR_ILL],
    ['PRI_RESP with Resp 3, without effect as in QEMU', { ...PRI_RESP, Resp: 3 }, foreign, CERROR_NONE],
    ['RESUME of nothing', RESUME, undefined, CERROR_NONE],
    ['RESUME without stalls', RESUME, noStalls, CERROR_ILL],
    ['STALL_TERM without stalls', { Opcode: 0x45, SSec: 0, StreamID: 1 }, noStalls, CERROR_ILL],
  ];

  test.each(rows)('%s', (_name, command, config, expected) => {
    const machine = new Machine(config);
    machine.command(command);
    expect(isStopped(machine)).toBe(expected !== CERROR_NONE);
    expect(isStopped(machine) ? error(machine) : CERROR_NONE).toBe(expected);
    expect(cons(machine)).toBe(expected === CERROR_NONE ? 1 : 0);
  });

  test('EL2 commands require Hyp', () => {
    const config = smmuv3Config();
    const [idr0, ...others] = config.idr;
    const machine = new Machine({ ...config, idr: [idr0 | (1 << 9), ...others] });
    machine.command({ Opcode: 0x20 }, { Opcode: 0x21, ASID: 1 }, { Opcode: 0x22, ASID: 0 });
    machine.command({ Opcode: 0x23 });
    expect([cons(machine), isStopped(machine)]).toEqual([4, false]);
  });
});

describe('commands to devices', () => {
  function connected(answers = true, config = smmuv3Config({ sidBits: 8 })) {
    const machine = new Machine(config);
    const responses: PriResponse[] = [];
    const invalidations: AtcInvalidation[] = [];
    machine.smmu.connect(1, {
      priResponse: (response) => void responses.push(response),
      atcInvalidate: (invalidation) => {
        invalidations.push(invalidation);
        return answers;
      },
    });
    return { machine, responses, invalidations };
  }

  test('reach the device', () => {
    const { machine, responses, invalidations } = connected();
    machine.command({ ...ATC_INV, SSV: 1, SubstreamID: 9, Global: 1, Size: 3, Address: 0x1234_5000n });
    machine.command(PRI_RESP, { ...PRI_RESP, SSV: 1, SubstreamID: 9, Resp: 1 }, { ...PRI_RESP, StreamID: 2 });
    machine.command({ ...ATC_INV, Size: 52, Global: 1, Address: 0x1000n }, SYNC);
    expect(invalidations).toEqual([
      { streamId: 1, substreamId: 9, global: true, address: 0x1234_0000n, size: 3 },
      { streamId: 1, substreamId: undefined, global: false, address: 0n, size: 52 },
    ]);
    expect(responses).toEqual([
      { streamId: 1, substreamId: undefined, prgIndex: 3, response: smmuv3_pri_response.Success },
      { streamId: 1, substreamId: 9, prgIndex: 3, response: smmuv3_pri_response.InvalidRequest },
    ]);
    expect(isStopped(machine)).toBe(false);
    machine.smmu.disconnect(1);
    machine.command(PRI_RESP);
    expect(responses).toHaveLength(2);
  });

  test('with a substream have no effect without substream support, and substream fields are ignored', () => {
    const { machine, invalidations } = connected(true, smmuv3Config({ sidBits: 8, ssidBits: 0 }));
    machine.command({ ...ATC_INV, SSV: 1, SubstreamID: 9, Size: 52 });
    machine.command({ ...ATC_INV, SubstreamID: 9, Global: 1, Size: 52 }, SYNC);
    expect(invalidations).toEqual([
      { streamId: 1, substreamId: undefined, global: false, address: 0n, size: 52 },
    ]);
    expect([cons(machine), isStopped(machine)]).toEqual([3, false]);
  });

  test('are ignored while the SMMU is disabled', () => {
    const { machine, responses, invalidations } = connected();
    machine.smmu.write32(register.SMMU_CR0, 0b1110);
    machine.command(ATC_INV, PRI_RESP, SYNC);
    expect([responses, invalidations, cons(machine)]).toEqual([[], [], 3]);
  });

  test('time out at a device that does not answer, and fail the next CMD_SYNC', () => {
    const { machine, invalidations } = connected(false);
    machine.command(ATC_INV, NSNH_ALL, SYNC);
    expect([cons(machine), error(machine), isStopped(machine)]).toEqual([2, CERROR_ATC_INV_SYNC, true]);
    acknowledge(machine);
    expect([cons(machine), isStopped(machine), invalidations.length]).toEqual([3, false, 1]);
  });
});
