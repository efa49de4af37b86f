import { describe, expect, test } from '@jest/globals';
import { smmuv3_pri_response, smmuv3_register as register } from '@iommufd/uapi';
import { smmuv3Config } from '../config.js';
import { Machine } from '../machine.testing.js';
import type { PriRequest, PriResponse } from '../stream-transaction.js';

const { Success, ResponseFailure } = smmuv3_pri_response;

const flag = (value: number): number => value >>> 31;
const overflow = ({ smmu }: Machine): [flag: number, acknowledged: number] => [
  flag(smmu.read32(register.SMMU_EVENTQ_PROD)),
  flag(smmu.read32(register.SMMU_EVENTQ_CONS)),
];
const priOverflow = ({ smmu }: Machine): [flag: number, acknowledged: number] => [
  flag(smmu.read32(register.SMMU_PRIQ_PROD)),
  flag(smmu.read32(register.SMMU_PRIQ_CONS)),
];

describe('the event queue', () => {
  const fault = (machine: Machine, address: number): unknown =>
    machine.translate({ streamId: 1, address: BigInt(address) });
  const addresses = (machine: Machine, acknowledge = false): unknown[] =>
    machine.takeEvents(acknowledge).map((event) => ('InputAddr' in event ? Number(event.InputAddr) : event));

  function faulting(): Machine {
    const machine = new Machine();
    machine.steNested(1);
    return machine;
  }

  test('interrupts only when it becomes non-empty', () => {
    const machine = faulting();
    fault(machine, 1);
    fault(machine, 2);
    expect(machine.pulses).toEqual(['eventq']);
    machine.takeEvents();
    fault(machine, 3);
    expect(machine.pulses).toEqual(['eventq', 'eventq']);
    machine.takeEvents();
    machine.smmu.write32(register.SMMU_IRQ_CTRL, 0b011);
    fault(machine, 4);
    expect(machine.pulses).toHaveLength(2);
  });

  test('does not overflow when it fills; the next event is lost and toggles OVFLG once', () => {
    const machine = faulting();
    for (let i = 0; i < 8; i++) fault(machine, i);
    expect(overflow(machine)).toEqual([0, 0]);
    fault(machine, 100);
    expect(overflow(machine)).toEqual([1, 0]);
    fault(machine, 101);
    expect(overflow(machine)).toEqual([1, 0]);
    expect(addresses(machine, true)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(overflow(machine)).toEqual([1, 1]);
    fault(machine, 8);
    expect(addresses(machine)).toEqual([8]);
  });

  test('accepts events as soon as there is space, acknowledged or not', () => {
    const machine = faulting();
    for (let i = 0; i < 9; i++) fault(machine, i);
    machine.takeEvents();
    for (let i = 10; i < 18; i++) fault(machine, i);
    expect(overflow(machine)).toEqual([1, 0]);
    // This second loss cannot be distinguished from the first.
    fault(machine, 100);
    expect(overflow(machine)).toEqual([1, 0]);
    expect(addresses(machine, true)).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
    // The next loss can.
    for (let i = 0; i < 9; i++) fault(machine, i);
    expect(overflow(machine)).toEqual([0, 1]);
  });

  test('overflows again before it is empty', () => {
    const machine = faulting();
    for (let i = 0; i < 9; i++) fault(machine, i);
    // One event is consumed, and the overflow is acknowledged.
    machine.smmu.write32(register.SMMU_EVENTQ_CONS, (1 | (1 << 31)) >>> 0);
    fault(machine, 10);
    expect(overflow(machine)).toEqual([1, 1]);
    fault(machine, 11);
    expect(overflow(machine)).toEqual([0, 1]);
    expect(addresses(machine, true)).toEqual([1, 2, 3, 4, 5, 6, 7, 10]);
  });

  test('drops events without an overflow while it is disabled', () => {
    const machine = faulting();
    machine.smmu.write32(register.SMMU_CR0, 0b1011);
    for (let i = 0; i < 20; i++) fault(machine, i);
    expect(overflow(machine)).toEqual([0, 0]);
    machine.smmu.write32(register.SMMU_CR0, 0b1111);
    expect(machine.takeEvents()).toEqual([]);
  });

  test('raises a global error if it is not in memory, and drops events until that is acknowledged', () => {
    const machine = faulting();
    machine.memory.free(machine.events.address);
    fault(machine, 1);
    expect(machine.pulses).toEqual(['gerror']);
    expect(machine.smmu.read32(register.SMMU_GERROR)).toBe(1 << 2);
    fault(machine, 2);
    expect(machine.pulses).toEqual(['gerror']);
    expect(machine.smmu.read32(register.SMMU_EVENTQ_PROD)).toBe(0);
    machine.smmu.write32(register.SMMU_GERRORN, 1 << 2);
    fault(machine, 3);
    expect(machine.smmu.read32(register.SMMU_GERROR)).toBe(0);
  });
});

describe('the PRI queue', () => {
  const REQUEST: PriRequest = {
    streamId: 1,
    substreamId: undefined,
    address: 0x1234_5678n,
    read: true,
    write: false,
    last: false,
    prgIndex: 5,
  };

  function connected(config = smmuv3Config({ sidBits: 8 })) {
    const machine = new Machine(config);
    machine.ste(1, { Config: 4 });
    const responses: PriResponse[] = [];
    machine.smmu.connect(1, {
      priResponse: (response) => void responses.push(response),
      atcInvalidate: () => true,
    });
    const request = (fields: Partial<PriRequest> = {}): boolean =>
      machine.smmu.pageRequest({ ...REQUEST, ...fields });
    const fill = (): void => {
      for (let i = 0; i < 8; i++) expect(request({ prgIndex: i })).toBe(true);
    };
    return { machine, responses, request, fill };
  }

  test('holds the page requests of devices', () => {
    const { machine, responses, request } = connected();
    expect(request({ privileged: true, execute: true })).toBe(true);
    const more = { substreamId: 9, privileged: true, execute: true, write: true, last: true };
    expect(request(more)).toBe(true);
    const common = { StreamID: 1, R: 1, PRGIndex: 5, PageAddress: 0x1234_5000n };
    expect(machine.takeRequests()).toEqual([
      { ...common, SubstreamID: 0, Priv: 0, X: 0, W: 0, Last: 0, SSV: 0 },
      { ...common, SubstreamID: 9, Priv: 1, X: 1, W: 1, Last: 1, SSV: 1 },
    ]);
    expect(machine.pulses).toEqual(['priq']);
    expect(responses).toEqual([]);
  });

  test('interrupts at the last request of a group if LO is set', () => {
    const { machine, request } = connected();
    machine.smmu.write32(register.SMMU_IRQ_CTRL, 0);
    machine.smmu.write32(register.SMMU_PRIQ_IRQ_CFG2, 0x8000_0000);
    machine.smmu.write32(register.SMMU_IRQ_CTRL, 0b111);
    request();
    expect(machine.pulses).toEqual([]);
    request({ last: true });
    expect(machine.pulses).toEqual(['priq']);
  });

  test('answers only the last request of a group after an overflow', () => {
    const { machine, responses, request, fill } = connected();
    fill();
    expect(priOverflow(machine)).toEqual([0, 0]);
    expect(request()).toBe(false);
    expect(priOverflow(machine)).toEqual([1, 0]);
    expect(responses).toEqual([]);
    expect(request({ last: true, prgIndex: 0x1ff })).toBe(false);
    expect(priOverflow(machine)).toEqual([1, 0]);
    const answer = { streamId: 1, substreamId: undefined, prgIndex: 0x1ff, response: Success };
    expect(responses).toEqual([answer]);
    // A stop marker gets no response.
    expect(request({ last: true, read: false, substreamId: 3 })).toBe(false);
    expect(responses).toEqual([answer]);
    expect(machine.takeRequests().map(({ PRGIndex }) => PRGIndex)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('accepts nothing until the overflow is acknowledged, even if there is space', () => {
    const { machine, responses, request, fill } = connected();
    fill();
    request();
    machine.takeRequests();
    expect(request({ last: true })).toBe(false);
    expect(responses).toHaveLength(1);
    expect(machine.takeRequests(true)).toEqual([]);
    expect(priOverflow(machine)).toEqual([1, 1]);
    expect(request({ last: true })).toBe(true);
    expect(machine.takeRequests()).toHaveLength(1);
    expect(responses).toHaveLength(1);
  });

  test('overflows again before it is empty', () => {
    const { machine, request, fill } = connected();
    fill();
    request();
    machine.smmu.write32(register.SMMU_PRIQ_CONS, (1 | (1 << 31)) >>> 0);
    expect(request({ prgIndex: 8 })).toBe(true);
    expect(request({ prgIndex: 9 })).toBe(false);
    expect(priOverflow(machine)).toEqual([0, 1]);
    expect(machine.takeRequests().map(({ PRGIndex }) => PRGIndex)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('adds the PASID to automatic responses if STE.PPAR is set', () => {
    const { machine, responses, request, fill } = connected();
    machine.ste(2, { Config: 4, PPAR: 1 });
    for (const streamId of [2, 3]) {
      machine.smmu.connect(streamId, {
        priResponse: (response) => void responses.push(response),
        atcInvalidate: () => true,
      });
    }
    fill();
    for (const streamId of [1, 2, 3]) request({ streamId, substreamId: 9, last: true });
    expect(responses.map(({ substreamId, response }) => [substreamId, response])).toEqual([
      [undefined, Success],
      [9, Success],
      // Without a valid STE.
      [undefined, ResponseFailure],
    ]);
    expect(machine.takeEvents()).toEqual([]);
  });

  test.each([
    ['PRIQEN is 0', 0b1101],
    ['SMMUEN is 0', 0b1110],
  ])('answers every request with a failure if %s', (_name, cr0) => {
    const { machine, responses, request } = connected();
    machine.smmu.write32(register.SMMU_CR0, cr0);
    expect([request(), request({ last: true, substreamId: 4 })]).toEqual([false, false]);
    const answer = { streamId: 1, substreamId: undefined, prgIndex: 5, response: ResponseFailure };
    expect(responses).toEqual([answer, answer]);
    expect(priOverflow(machine)).toEqual([0, 0]);
  });

  test('raises a global error if it is not in memory', () => {
    const { machine, responses, request } = connected();
    machine.memory.free(machine.requests.address);
    expect([request(), request()]).toEqual([false, false]);
    expect(responses.map(({ response }) => response)).toEqual([ResponseFailure, ResponseFailure]);
    expect(machine.pulses).toEqual(['gerror']);
    expect(machine.smmu.read32(register.SMMU_GERROR)).toBe(1 << 3);
  });
});
