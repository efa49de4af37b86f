import { describe, expect, test } from '@jest/globals';
import { thrownBy } from '@iommufd/testkit';
import { cfgiCd, cfgiCdAll, cfgiSte, type Command, SYNC, syncIrq, tlbiAsid } from '@iommufd/testkit/guest';
import { errno, IOMMU_HWPT_INVALIDATE } from '@iommufd/uapi';
import { IommufdError } from '../calls/error.js';
import { HostError } from './index.js';
import { asidWord, Guest, type GuestOptions, STE_BYPASS, STRTAB } from './vsmmu.testing.js';

/** The error that the SDK throws if a call fails. */
const failed = (number: number): IommufdError =>
  new IommufdError({ call: IOMMU_HWPT_INVALIDATE.name, args: {}, errno: number });

/** A guest with two devices, before any command. */
function start(options: GuestOptions = {}): Guest {
  const guest = new Guest({ streams: [1, 2], ats: true, pri: true, ...options }).start(4, 0xc);
  guest.set64('SMMU_STRTAB_BASE', STRTAB);
  guest.set('SMMU_STRTAB_BASE_CFG', 8);
  guest.set('SMMU_CR0', 0xf);
  guest.ram.write64(STRTAB + 64n, STE_BYPASS);
  guest.ram.write64(STRTAB + 128n, STE_BYPASS);
  guest.taken();
  return guest;
}

/** Makes stream 2 fail. @returns a function that ends the failure */
function streamFails(guest: Guest, error: Error): () => void {
  const setStream = guest.backend.setStream.bind(guest.backend);
  guest.backend.setStream = (id, config) => {
    if (id === 2) throw error;
    setStream(id, config);
  };
  return () => {
    guest.backend.setStream = setStream;
  };
}

const respond = (PRGIndex: number): Command => ({ Opcode: 0x41, StreamID: 1, PRGIndex, Resp: 2 });

describe.each([
  ['EINTR', errno.EINTR, true],
  ['EAGAIN', errno.EAGAIN, true],
  ['ENOMEM', errno.ENOMEM, true],
  ['ETIMEDOUT', errno.ETIMEDOUT, true],
  ['EIO', errno.EIO, false],
  ['ENODEV', errno.ENODEV, false],
])('%s', (_name, number, isTransient) => {
  test('of an invalidation is not visible to the guest, and the invalidation is repeated', () => {
    const guest = start();
    guest.backend.failure = failed(number);
    const error = thrownBy(HostError, () => guest.issue(tlbiAsid(1), syncIrq()));
    expect(error).toMatchObject({ operation: 'invalidate', streamIds: [], isTransient });
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR'), guest.smmu.isBusy]).toEqual([0, 0, true]);
    expect(guest.taken()).toEqual(['invalidate 1']);
    guest.backend.failure = undefined;
    expect(guest.smmu.continue()).toBe(false);
    expect(guest.taken()).toEqual(['invalidate 1', 'irq sync']);
    expect(guest.backend.ran).toEqual([asidWord(1)]);
  });

  test('of a stream names the stream; the others are configured, and the CMD_SYNC waits', () => {
    const guest = start();
    const end = streamFails(guest, failed(number));
    const error = thrownBy(HostError, () => guest.issue(cfgiSte(1), cfgiSte(2), syncIrq()));
    expect(error).toMatchObject({ operation: 'configure', streamIds: [2], isTransient });
    expect(guest.taken()).toEqual(['stream 1 bypass']);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(0);
    end();
    expect(guest.smmu.continue()).toBe(false);
    expect(guest.taken()).toEqual(['stream 1 bypass', 'stream 2 bypass', 'irq sync']);
  });
});

test('a device that is gone is removed, and the guest continues', () => {
  const guest = start();
  streamFails(guest, failed(errno.ENODEV));
  const { streamIds } = thrownBy(HostError, () => guest.issue(cfgiSte(1), cfgiSte(2), SYNC));
  for (const streamId of streamIds) guest.backend.streams.delete(streamId);
  expect(guest.smmu.continue()).toBe(false);
  expect(guest.get('SMMU_CMDQ_CONS')).toBe(3);
});

describe('a command for a device that is gone', () => {
  const isOf = (streamId: number) => (low: bigint) => Number(low >> 32n) === streamId && low < 1n << 48n;

  test.each<readonly [string, Command]>([
    ['CMD_CFGI_CD', cfgiCd(2, 0)],
    ['CMD_CFGI_CD_ALL', cfgiCdAll(2)],
    ['CMD_ATC_INV', { Opcode: 0x40, StreamID: 2, Size: 52 }],
  ])('is no fault of the guest: %s', (_name, command) => {
    const guest = start();
    guest.backend.refuses = isOf(2);
    const error = thrownBy(HostError, () => guest.issue(tlbiAsid(1), command, tlbiAsid(2), syncIrq()));
    expect(error).toMatchObject({ operation: 'invalidate', streamIds: [2], isTransient: false });
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([0, 0]);
    guest.backend.streams.delete(2);
    guest.taken();
    expect(guest.smmu.continue()).toBe(false);
    expect(guest.taken()).toEqual(['invalidate 2', 'irq sync']);
    expect(guest.backend.ran).toEqual([asidWord(1), asidWord(1), asidWord(2)]);
  });

  test('is illegal if the device exists and Linux refuses the command’s fields', () => {
    const guest = start();
    guest.backend.refuses = (low) => low === (0x6n | (2n << 32n) | (1n << 20n));
    guest.issue(tlbiAsid(1), [0x6n | (2n << 32n) | (1n << 20n), 0n], tlbiAsid(2));
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([0x0100_0001, 1]);
  });
});

test('effects are not repeated: an interrupt, a response to a device', () => {
  const guest = start();
  let answers = 0;
  guest.backend.respond = ({ PRGIndex }) => {
    if (PRGIndex === 2 && answers === 1) throw failed(errno.ENOMEM);
    answers++;
    guest.log.push(`respond ${PRGIndex}`);
  };
  const error = thrownBy(HostError, () => guest.issue(syncIrq(), respond(1), respond(2), respond(3)));
  expect(error).toMatchObject({ operation: 'respond', streamIds: [1] });
  expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([['irq sync', 'respond 1'], 2]);
  answers = 2;
  expect(guest.smmu.continue()).toBe(false);
  expect(guest.taken()).toEqual(['respond 2', 'respond 3']);
});

test('several failures are one error with all of them', () => {
  const guest = start();
  guest.backend.failure = failed(errno.ENOMEM);
  const error = thrownBy(HostError, () => guest.issue(cfgiSte(1), cfgiSte(2)));
  expect(error).toMatchObject({ streamIds: [1, 2], isTransient: true, cause: expect.any(AggregateError) });
});

describe('deferred work', () => {
  const setUp = (options: GuestOptions = {}) => {
    const deferred: (() => void)[] = [];
    const guest = start({ budget: 1, defer: (goOn) => void deferred.push(goOn), ...options });
    guest.issue(tlbiAsid(1), tlbiAsid(2), tlbiAsid(3));
    guest.backend.failure = failed(errno.ENOMEM);
    deferred.shift()?.();
    guest.backend.failure = undefined;
    return { guest, deferred };
  };

  test('does not throw in the event loop: the next call throws', () => {
    const { guest, deferred } = setUp();
    // The work waits until the VMM calls continue().
    expect([deferred.length, guest.smmu.isBusy]).toEqual([0, true]);
    expect(thrownBy(HostError, () => guest.smmu.continue())).toMatchObject({ operation: 'invalidate' });
    expect(guest.smmu.continue()).toBe(true);
    deferred.shift()?.();
    expect(guest.backend.ran).toEqual([asidWord(1), asidWord(2), asidWord(3)]);
  });

  test('calls onHostError if it is set', () => {
    const errors: unknown[] = [];
    const { guest } = setUp({ onHostError: (error) => void errors.push(error) });
    expect(errors).toMatchObject([{ operation: 'invalidate', isTransient: true }]);
    expect(guest.smmu.continue()).toBe(true);
  });
});
