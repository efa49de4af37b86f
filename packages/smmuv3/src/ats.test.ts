import { expect, test } from '@jest/globals';
import { smmuv3_event, smmuv3_register as register, smmuv3_ste_config } from '@iommufd/uapi';
import { smmuv3Config } from './config.js';
import { Machine, RAM } from './machine.testing.js';

const REQUEST = { streamId: 1, substreamId: undefined, address: 0x1234n, write: false };

test('a translation request returns a place to the device', () => {
  const machine = new Machine();
  const { root } = machine.steNested(1, { ste: { EATS: 1 } });
  machine.guest.map(root, 0x1000n, RAM + 0x5000n, { ap: 3 });
  const answer = machine.smmu.translationRequest(REQUEST);
  expect(answer).toMatchObject({ kind: 'place', place: { byte: 0x5234, length: 0x1000 - 0x234 } });
  // Faults are returned to the device, which may request the page.
  expect(machine.smmu.translationRequest({ ...REQUEST, write: true })).toEqual({ kind: 'no access' });
  expect(machine.smmu.translationRequest({ ...REQUEST, address: 0x9000n })).toEqual({ kind: 'no access' });
  expect(machine.smmu.translationRequest({ ...REQUEST, substreamId: 3 })).toEqual({
    kind: 'completer abort',
  });
  expect(machine.takeEvents()).toEqual([]);
});

test('a forbidden translation request records an event', () => {
  const machine = new Machine();
  machine.steNested(1);
  machine.ste(2, { Config: smmuv3_ste_config.BYPASS, EATS: 1 });
  machine.ste(3, { Config: smmuv3_ste_config.ABORT });
  const refused = { kind: 'unsupported request' };
  const access = { ...REQUEST, write: true, privileged: true };
  expect(machine.smmu.translationRequest({ ...access, instruction: true })).toEqual(refused);
  expect(machine.smmu.translationRequest({ ...REQUEST, streamId: 2, substreamId: 5 })).toEqual(refused);
  expect(machine.smmu.translationRequest({ ...REQUEST, streamId: 3 })).toEqual(refused);
  expect(machine.smmu.translationRequest({ ...REQUEST, streamId: 4 })).toEqual({ kind: 'completer abort' });
  machine.smmu.write32(register.SMMU_CR0, 0b1110);
  expect(machine.smmu.translationRequest(REQUEST)).toEqual(refused);
  const record = {
    EventNumber: smmuv3_event.cases.F_BAD_ATS_TREQ.tag,
    StreamID: 1,
    SSV: 0,
    SubstreamID: 0,
    Span: 1,
    P: 0,
    X: 0,
    W: 0,
    R: 1,
    InputAddr: 0x1000n,
  };
  expect(machine.takeEvents()).toEqual([
    { ...record, P: 1, W: 1 },
    { ...record, StreamID: 2, SSV: 1, SubstreamID: 5 },
    record,
  ]);
});

test('an SMMU without ATS answers every translation request with Unsupported Request', () => {
  const machine = new Machine(smmuv3Config({ sidBits: 8, ats: false }));
  machine.steNested(1, { ste: { EATS: 1 } });
  expect(machine.smmu.translationRequest(REQUEST)).toEqual({ kind: 'unsupported request' });
  expect(machine.takeEvents()).toEqual([]);
});
