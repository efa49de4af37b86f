import { describe, expect, test } from '@jest/globals';
import { createDevice, ram, type ConfigImage } from '../index.js';
import { PciProgram } from './pci.testing.js';
import { hex } from '../lib/hex.js';

/** A program with a function whose configuration space contains these bytes, by offset. Other bytes are read-only. */
function programOf(
  parts: Readonly<Record<number, string>>,
  more: Partial<ConfigImage> = {},
  size = 4096,
): PciProgram {
  const bytes = new Uint8Array(size);
  const header = { 0x00: '34127856', 0x06: '1000', 0x0a: 'ff00' };
  for (const [at, hex] of Object.entries({ ...header, ...parts }))
    bytes.set(Buffer.from(hex, 'hex'), Number(at));
  return new PciProgram(createDevice({ vendor: 0, device: 0, config: { bytes, ...more } }));
}

describe('the chain', () => {
  test('leaves out capabilities that VFIO does not know', () => {
    // 0x15 (enhanced allocation) is between two vendor-specific capabilities; 0 is a capability without contents.
    const program = programOf({
      0x34: '40',
      0x40: '09500400',
      0x50: '1560aaaa',
      0x60: '0070bbbb',
      0x70: '09000400',
    });
    expect(program.readConfig(0x34, 1)).toBe(0x40);
    expect(program.readConfig(0x41, 1)).toBe(0x70);
    // The bytes of a removed capability belong to no capability.
    expect(hex(program.readConfig(0x50))).toBe('aaaa6015');
  });

  test('without any that VFIO knows, the status says that there is none', () => {
    const program = programOf({ 0x34: '40', 0x40: '1500' });
    expect([program.readConfig(6, 2), program.readConfig(0x34, 1)]).toEqual([0, 0]);
  });

  test('of extended capabilities keeps the first as a place holder', () => {
    const express = { 0x34: '40', 0x40: '10000200' };
    // 0x1b (PASID) and 0x1e (L1 substates) are hidden; 0x03 is a serial number.
    const program = programOf({ ...express, 0x100: '1b000112', 0x120: '1e000114', 0x140: '03000100' });
    expect(hex(program.readConfig(0x100))).toBe('14000000');
    expect(hex(program.readConfig(0x140))).toBe('10003');
    const later = programOf({ ...express, 0x100: '03000112', 0x120: '1e000114', 0x140: '18000100' });
    expect(hex(later.readConfig(0x100))).toBe('14010003');
  });

  test.each([
    ['power budgeting', { 0x100: '04000100' }, 0x10],
    ['virtual channels with a table of 32 phases', { 0x100: '02000100' + '01000000' + '02000000' }, 0x40],
    ['access control with egress bits', { 0x100: '0d000100' + '20400000' }, 0x10],
    ['resizable BARs', { 0x100: '15000100' + '00000000' + '40000000' }, 0x14],
    ['TPH with a table', { 0x100: '17000100' + '00020300' }, 0x14],
    ['of a vendor', { 0x100: '0b000100' + '00000001' }, 0x10],
  ])('knows how long %s is', (_what, parts, length) => {
    // Bytes after the capability are written to the hardware unchanged; its last byte belongs to the capability.
    const program = programOf({ 0x34: '40', 0x40: '10000200', ...parts }, { spareIsMemory: true });
    program.writeConfig(0x100 + length, 1, 0x5a);
    expect(program.readConfig(0x100 + length, 1)).toBe(0x5a);
  });
});

describe('an access', () => {
  test('is cut where a capability ends, and reads the virtual chain', () => {
    const program = programOf({ 0x34: '40', 0x40: '09480400', 0x48: '09000400' });
    expect(hex(program.readConfig(0x40))).toBe('44809');
    expect(hex(program.readConfig(0x40, 2))).toBe('4809');
    expect(program.readConfig(0x41, 1)).toBe(0x48);
  });

  test('of a vendor goes to the hardware', () => {
    const program = programOf(
      { 0x34: '40', 0x40: '09000800' },
      { registers: [{ at: 0x44, size: 4, writable: 0xff }] },
    );
    program.writeConfig(0x44, 4, 0xffff_ffff);
    expect(program.readConfig(0x44)).toBe(0xff);
  });
});

describe('power management', () => {
  test.each([
    ['D1 that it has', '0202', 1, 1],
    ['D1 that it has not', '0200', 1, 0],
    ['D2 that it has', '0204', 2, 2],
    ['D3hot', '0200', 3, 3],
  ])('%s', (_what, pmc, wanted, state) => {
    const program = programOf({ 0x34: '40', 0x40: `0100${pmc}0800` });
    program.writeConfig(0x44, 2, wanted);
    expect(program.readConfig(0x44, 2) & 3).toBe(state);
  });

  test('PME is not for programs', () => {
    const program = programOf({ 0x34: '40', 0x40: '010002f8' + '08810000' });
    expect([hex(program.readConfig(0x42, 2)), hex(program.readConfig(0x44, 2))]).toEqual(['2', '8']);
  });

  test('a function that loses its registers in D3hot gets them back', () => {
    const bytes = new Uint8Array(256);
    for (const [at, text] of [
      [0, '34127856'],
      [6, '1000'],
      [0x34, '40'],
      [0x40, '010002000000'],
    ] as const)
      bytes.set(Buffer.from(text, 'hex'), at);
    const device = createDevice({ vendor: 0, device: 0, config: { bytes }, bars: [ram(4096)] });
    const program = new PciProgram(device);
    program.writeConfig(4, 2, 7);
    program.writeConfig(0x0c, 1, 0x10);
    const bar = device.readConfig(0x10, 4);
    program.writeConfig(0x44, 2, 3);
    expect(program.read(0, 0, 4)).toBe(-5);
    program.writeConfig(0x44, 2, 0);
    expect([device.readConfig(4, 2), device.readConfig(0x0c, 1), device.readConfig(0x10, 4)]).toEqual([
      7,
      0x10,
      bar,
    ]);
    expect(program.read(0, 0, 4)).toBe(0);
  });
});

test('read requests reach the hardware, and are not smaller than its payload', () => {
  // PCI Express, with a payload of 512 bytes (2) that the host has set.
  const program = programOf({ 0x34: '40', 0x40: '1000020020800010' + '4000' });
  const { device } = program;
  program.writeConfig(0x48, 2, 0x5000);
  expect(hex(device.readConfig(0x48, 2))).toBe('5040');
  program.writeConfig(0x48, 2, 0x1000);
  expect([hex(program.readConfig(0x48, 2)), hex(device.readConfig(0x48, 2))]).toEqual(['1000', '2040']);
});

test('a function that was reset behind the back of VFIO gets its BARs back when memory stays on', () => {
  const device = createDevice({ vendor: 1, device: 2, bars: [ram(4096)] });
  const program = new PciProgram(device);
  const bar = device.readConfig(0x10, 4);
  program.enable();
  device.reset();
  expect(device.readConfig(0x10, 4)).toBe(0);
  program.enable();
  expect([device.readConfig(0x10, 4), device.readConfig(4, 2)]).toEqual([bar, 6]);
});
