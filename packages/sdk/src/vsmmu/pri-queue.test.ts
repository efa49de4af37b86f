import { describe, expect, test } from '@jest/globals';
import { smmuv3_pri_response } from '@iommufd/uapi';
import { Guest, type GuestOptions, pageRequest as request, PRIQ } from './vsmmu.testing.js';

const FAILURE = { response: smmuv3_pri_response.ResponseFailure, withPasid: false };
const SUCCESS = { response: smmuv3_pri_response.Success, withPasid: false };
const OVFLG = 0x8000_0000;

/** A guest with a PRI queue of four entries. */
const start = (options: GuestOptions = {}, cr0 = 0xf): Guest => {
  const guest = new Guest({ ats: true, pri: true, ...options }).start(2, cr0);
  guest.taken();
  return guest;
};

test('a request is written at PROD, and interrupts when the queue stops being empty', () => {
  const guest = start();
  expect(guest.smmu.pageRequest(request())).toBe('queued');
  expect(guest.smmu.pageRequest(request({ PRGIndex: 4 }))).toBe('queued');
  expect(guest.ram.read64(PRIQ)).toBe((1n << 62n) | (1n << 60n) | 5n);
  expect(guest.ram.read64(PRIQ + 8n)).toBe(0x1003n);
  expect(guest.ram.read64(PRIQ + 24n)).toBe(0x1004n);
  expect([guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([2, ['irq priq']]);
});

test('with LO the last request of a group interrupts', () => {
  const guest = start();
  guest.set('SMMU_IRQ_CTRL', 0);
  guest.set('SMMU_PRIQ_IRQ_CFG2', OVFLG);
  guest.set('SMMU_IRQ_CTRL', 7);
  guest.smmu.pageRequest(request({ Last: 0 }));
  expect(guest.taken()).toEqual([]);
  guest.smmu.pageRequest(request());
  expect(guest.taken()).toEqual(['irq priq']);
});

test.each([
  ['PRIQEN is 0', {}, 0xd],
  ['SMMUEN is 0', {}, 0xe],
  ['there is no PRI queue', { ats: false, pri: false }, 0xf],
])('the request fails without a queue: %s', (_, options, cr0) => {
  const guest = start(options, cr0);
  expect(guest.smmu.pageRequest(request())).toEqual(FAILURE);
  expect(guest.smmu.pageRequest(request({ Last: 0 }))).toEqual(FAILURE);
  expect([guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([0, []]);
});

describe('an overflow', () => {
  test('stops queueing until it is acknowledged, whether or not there is room', () => {
    const guest = start();
    for (let i = 0; i < 4; i++) expect(guest.smmu.pageRequest(request())).toBe('queued');
    guest.taken();
    expect(guest.smmu.pageRequest(request())).toEqual(SUCCESS);
    expect([guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([OVFLG + 4, []]);
    // Drained, not acknowledged.
    guest.set('SMMU_PRIQ_CONS', 4);
    expect(guest.smmu.pageRequest(request())).toEqual(SUCCESS);
    expect(guest.smmu.pageRequest(request({ Last: 0 }))).toBe('ignored');
    expect([guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([OVFLG + 4, []]);
    // Acknowledged.
    guest.set('SMMU_PRIQ_CONS', OVFLG + 4);
    expect(guest.smmu.pageRequest(request())).toBe('queued');
    expect([guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([OVFLG + 5, ['irq priq']]);
    // And once more.
    for (let i = 0; i < 3; i++) guest.smmu.pageRequest(request());
    expect(guest.smmu.pageRequest(request())).toEqual(SUCCESS);
    expect(guest.get('SMMU_PRIQ_PROD')).toBe(0);
  });

  test('with LO, the end of a group interrupts even if the queue is full', () => {
    const guest = start();
    // It can be changed while interrupts are off.
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.set('SMMU_PRIQ_IRQ_CFG2', OVFLG);
    guest.set('SMMU_IRQ_CTRL', 7);
    for (let i = 0; i < 4; i++) guest.smmu.pageRequest(request({ Last: 0 }));
    expect(guest.taken()).toEqual([]);
    guest.smmu.pageRequest(request({ Last: 0 }));
    expect(guest.taken()).toEqual([]);
    guest.smmu.pageRequest(request());
    guest.smmu.pageRequest(request());
    expect(guest.taken()).toEqual(['irq priq', 'irq priq']);
  });

  test('never responds to a stop marker of a PASID', () => {
    const guest = start();
    const stop = request({ SSV: 1, R: 0, SubstreamID: 9 });
    for (let i = 0; i < 4; i++) expect(guest.smmu.pageRequest(stop)).toBe('queued');
    expect(guest.smmu.pageRequest(stop)).toBe('ignored');
    // Without a PASID it is an ordinary request.
    expect(guest.smmu.pageRequest(request({ R: 0 }))).toEqual(SUCCESS);
  });
});

test('a queue that is not in memory is a global error', () => {
  const guest = start();
  guest.ram.hole = { from: PRIQ, to: PRIQ + 16n };
  expect(guest.smmu.pageRequest(request())).toEqual(FAILURE);
  expect(guest.smmu.pageRequest(request({ Last: 0 }))).toEqual(FAILURE);
  expect([guest.get('SMMU_GERROR'), guest.get('SMMU_PRIQ_PROD'), guest.taken()]).toEqual([
    8,
    0,
    ['irq gerror'],
  ]);
  // Also with memory, until the error is acknowledged.
  guest.ram.hole = undefined;
  expect(guest.smmu.pageRequest(request())).toEqual(FAILURE);
  guest.set('SMMU_GERRORN', 8);
  expect(guest.smmu.pageRequest(request())).toBe('queued');
});

test('a field out of range changes nothing', () => {
  const guest = start();
  expect(() => guest.smmu.pageRequest(request({ PRGIndex: 512 }))).toThrow('PRGIndex');
  expect(guest.get('SMMU_PRIQ_PROD')).toBe(0);
});
