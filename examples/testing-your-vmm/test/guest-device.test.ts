import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DmaFault, FakeKernel, MockDevice, mockModule, type Process } from '@iommufd/fakekernel';
import { Guest, PAGE } from '../src/guest.js';
import type { GuestDevice } from '../src/guest-device.js';

const START = 0x4000_0000n;
const LENGTH = 64 * PAGE;

let kernel: FakeKernel;
/** The hardware. */
let disk: MockDevice;
let path: string;
let vmm: Process;
let guest: Guest;
let device: GuestDevice;

beforeEach(() => {
  // Each test has its own machine, which takes some milliseconds to create.
  kernel = new FakeKernel([mockModule]);
  disk = new MockDevice();
  path = kernel.plug(disk);
  vmm = kernel.spawn();
  guest = new Guest(vmm, START, LENGTH);
  device = guest.assign(path);
});

afterEach(() => {
  guest[Symbol.dispose]();
  vmm.exit();
  // No page is pinned, and no object and no file is left over.
  expect(kernel.leftOver()).toEqual([]);
});

test('only the pages that a device requests are mapped', async () => {
  expect(guest.shownPages).toBe(0);
  const sectors = new Uint8Array(2 * PAGE).fill(7);
  await disk.dma.write(START + 0x1800n, sectors);
  expect(guest.bytes(START + 0x1800n, sectors.length)).toEqual(sectors);
  expect(guest.shownPages).toBe(3);
});

test('a device reads what the guest wrote', async () => {
  guest.bytes(START, 5).set([1, 2, 3, 4, 5]);
  expect(await disk.dma.read(START, 5)).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
});

test('an address outside of the guest memory is refused', async () => {
  const read = disk.dma.read(START + BigInt(LENGTH), 1);
  await expect(read).rejects.toMatchObject({ name: 'DmaFault', reason: 'answered as invalid' });
  // The device keeps working.
  await disk.dma.write(START, Uint8Array.of(1));
});

test('two accesses may request the same page', async () => {
  await Promise.all([disk.dma.write(START, Uint8Array.of(1)), disk.dma.write(START + 1n, Uint8Array.of(2))]);
  expect(guest.bytes(START, 2)).toEqual(Uint8Array.of(1, 2));
  expect(guest.shownPages).toBe(1);
});

test('a page that was unmapped is requested again', async () => {
  await disk.dma.write(START, Uint8Array.of(1));
  guest.hide(START);
  expect(guest.shownPages).toBe(0);
  await disk.dma.write(START, Uint8Array.of(2));
  expect(guest.bytes(START, 1)).toEqual(Uint8Array.of(2));
});

test('a device that is removed while it waits gets an error', async () => {
  const read = disk.dma.read(START, 1);
  await device.close();
  await expect(read).rejects.toBeInstanceOf(DmaFault);
});

test('a device that was removed can be assigned to another guest', async () => {
  await device.close();
  const process = kernel.spawn();
  using other = new Guest(process, START, LENGTH);
  other.assign(path);
  await disk.dma.write(START, Uint8Array.of(9));
  expect([other.bytes(START, 1)[0], guest.bytes(START, 1)[0]]).toEqual([9, 0]);
});

test('a device can be assigned to only one guest', () => {
  expect(() => guest.assign(path)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('beyond the limit of locked memory the device gets an error, and the VMM continues', async () => {
  await device.close();
  // As with ulimit -l 8.
  const process = kernel.spawn({ ipcLock: false, sysResource: false, memlock: 2 * PAGE });
  using poor = new Guest(process, START, LENGTH);
  poor.assign(path);
  await disk.dma.write(START, new Uint8Array(2 * PAGE));
  const third = disk.dma.write(START + 0x2000n, Uint8Array.of(1));
  await expect(third).rejects.toMatchObject({ reason: 'answered as invalid' });
  poor.hide(START);
  await disk.dma.write(START + 0x2000n, Uint8Array.of(1));
  expect(poor.shownPages).toBe(2);
});
