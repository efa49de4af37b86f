import { describe, expect, test } from '@jest/globals';
import { PAGE } from '@iommufd/testkit/guest';
import { MAP_ANONYMOUS, MAP_PRIVATE, POLLIN, POLLOUT, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { Guest, NOWHERE, span, TRANSLATION_EVENT } from './guest.testing.js';
import { named, sureQueue, UNMAPPED } from './program.testing.js';

describe('The queue of events', () => {
  test('counts sequence numbers from 0', () => {
    const guest = new Guest();
    guest.fault(2);
    expect(guest.sequences()).toEqual([0, 1]);
    guest.close(guest.queue.fd);
    guest.destroy(guest.queue.id);
    const queue = sureQueue(guest.veventq(guest.vsmmu));
    guest.fault();
    expect(guest.read(queue)).toEqual([0n, TRANSLATION_EVENT, 0x208_0000_0000n, UNMAPPED, 0n]);
  });

  test('if empty returns 0 to read(), and EINVAL for fewer than 8 bytes', () => {
    const guest = new Guest();
    expect(guest.read(guest.queue)).toEqual([]);
    expect(guest.read(guest.queue, 8)).toEqual([]);
    for (const length of [0, 1, 7]) expect(guest.read(guest.queue, length)).toBe('EINVAL');
  });

  test('returns whole events, and EINVAL for fewer than 40 bytes', () => {
    const guest = new Guest();
    guest.fault(3);
    for (const length of [0, 7, 8, 39]) expect(guest.read(guest.queue, length)).toBe('EINVAL');
    expect(guest.sequences(79)).toEqual([0]);
    expect(guest.sequences(80)).toEqual([1, 2]);
  });

  test('returns the lost mark for 8 bytes', () => {
    const guest = new Guest(1);
    guest.fault(3);
    expect(guest.sequences(47)).toEqual([0]);
    expect(guest.read(guest.queue, 7)).toBe('EINVAL');
    expect(guest.sequences(8)).toEqual([-2]);
  });

  test('returns EFAULT for a bad buffer, and keeps the event', () => {
    const guest = new Guest(1);
    guest.fault(2);
    const read = (address: bigint): string => named(guest.process.read(guest.queue.fd, address, 48));
    expect(read(NOWHERE)).toBe('EFAULT');
    expect(guest.sequences(40)).toEqual([0]);
    expect(read(NOWHERE)).toBe('EFAULT');
    expect(guest.sequences()).toEqual([-1]);
  });

  test('returns whole records if the buffer ends early, or EFAULT', () => {
    const guest = new Guest();
    guest.fault(3);
    const both = PROT_READ | PROT_WRITE;
    const at = guest.process.mmap(0n, 2 * PAGE, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
    guest.process.munmap(at + BigInt(PAGE), PAGE);
    const read = (room: number): number => guest.process.read(guest.queue.fd, at + BigInt(PAGE - room), 120);
    expect(named(read(0))).toBe('EFAULT');
    expect(named(read(8))).toBe('EFAULT');
    expect(named(read(39))).toBe('EFAULT');
    expect(read(79)).toBe(40);
    expect(guest.sequences()).toEqual([1, 2]);
  });

  test('returns ESPIPE to pread(), EINVAL to write(), and never POLLOUT', () => {
    const guest = new Guest();
    const { fd } = guest.queue;
    expect(named(guest.process.pread(fd, guest.at, 40, 8n))).toBe('ESPIPE');
    expect(named(guest.process.write(fd, guest.at, 40))).toBe('EINVAL');
    expect(guest.poll(guest.queue, POLLIN | POLLOUT)).toBe(0);
    guest.fault();
    expect(guest.poll(guest.queue, POLLIN | POLLOUT)).toBe(POLLIN);
  });

  test('holds its depth of events, then one mark with the last number that was lost', () => {
    const guest = new Guest(1);
    guest.fault(3);
    expect(guest.sequences()).toEqual([0, -2]);
    guest.fault(3);
    expect(guest.sequences(48)).toEqual([3, -5]);
  });

  test('drops the mark when an event follows: the numbers have a gap', () => {
    const guest = new Guest(2);
    guest.fault(10);
    expect(guest.sequences(40)).toEqual([0]);
    guest.fault(2);
    expect(guest.sequences()).toEqual([1, 10, -11]);
  });

  test('of depth 64 has 64 events and a mark after 1024 faults', () => {
    const guest = new Guest(64);
    guest.fault(1024);
    expect(guest.sequences()).toEqual([...span(0, 63), -1023]);
  });
});
