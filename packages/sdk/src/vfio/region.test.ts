import { expect, test } from '@jest/globals';
import { MemoryFault } from '@iommufd/fakekernel';
import { thrownBy } from '@iommufd/testkit';
import { errorOf } from '../testing/devices.testing.js';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { type Accesses, openFunction, sampler } from './functions.testing.js';

onEveryBackend((open) => {
  const start = () => {
    const testbed = open();
    const accesses: Accesses = [];
    return { testbed, accesses, ...openFunction(testbed, sampler(accesses)) };
  };

  test('registers of each size are read and written in one access', () => {
    const { device, accesses } = start();
    device.pciCommand({ memory: true });
    const bar = device.region('bar0');
    expect([bar.size, bar.name, bar.canMap]).toEqual([4096, 'bar0', true]);
    expect([bar.read8(0x12), bar.read16(0x12), bar.read32(0x14), bar.read64(0x18)]).toEqual([
      0x12,
      0x1212,
      0x1414_1414,
      0x1818_1818_1818_1818n,
    ]);
    bar.write8(1, 0xff);
    bar.write16(2, 0xffff);
    bar.write32(4, 0xffff_ffff);
    bar.write64(8, 2n ** 64n - 1n);
    expect(accesses).toEqual([
      'read 1 at 18',
      'read 2 at 18',
      'read 4 at 20',
      'read 8 at 24',
      'write 1 at 1: 255',
      'write 2 at 2: 65535',
      'write 4 at 4: 4294967295',
      'write 8 at 8: 18446744073709551615',
    ]);
  });

  test('memory is read and written as bytes', () => {
    const { device } = start();
    device.pciCommand({ memory: true });
    const bar = device.region('bar2');
    bar.setBytes(3, Uint8Array.of(1, 2, 3, 4, 5));
    expect(bar.bytes(2, 7)).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 0));
    bar.setBytes(0, new Uint8Array());
  });

  test('configuration space is a region, and the command register has its own call', () => {
    const { device } = start();
    const config = device.region('config');
    expect([config.read32(0), config.size]).toEqual([0x5678_1234, 4096]);
    device.pciCommand({ memory: true, busMaster: true });
    expect(config.read16(4) & 7).toBe(6);
    device.pciCommand({ memory: false });
    expect(config.read16(4) & 7).toBe(4);
  });

  test('errors name the register, the region and the cause', () => {
    const { device } = start();
    const bar = device.region('bar0');
    device.pciCommand({ memory: false });
    expect(errorOf(() => bar.read32(0)).message).toContain(
      'pread: EIO: bar0 cannot be accessed: memory decoding is off (pciCommand({ memory: true }) enables it)',
    );
    expect(() => bar.read32(4093)).toThrow('Region.read: 4 bytes at 0xffd: bar0 has 4096 bytes');
    expect(() => device.region('bar1').read8(0)).toThrow('the device has no bar1');
    expect(() => bar.write8(0, 256)).toThrow('Region.write8: value: expected an integer from 0 to 255');
    expect(errorOf(() => device.region(9)).message).toContain('index 9 is out of range');
    expect(errorOf(() => device.region('config').map()).message).toMatch(/config of .* cannot be mapped/);
    device.close();
    expect(errorOf(() => bar.read32(0)).code).toBe('EBADF');
  });

  test('a mapping has registers and bytes without system calls, and throws where Linux sends SIGBUS', () => {
    const { device, accesses } = start();
    device.pciCommand({ memory: true });
    using registers = device.region('bar0').map();
    expect([registers.read32(8), registers.read64(16)]).toEqual([0x0808_0808, 0x1010_1010_1010_1010n]);
    registers.write16(2, 7);
    expect(accesses).toEqual(['read 4 at 8', 'read 8 at 16', 'write 2 at 2: 7']);
    using memory = device.region('bar2').map({ length: 4096 });
    memory.bytes(0, 2).set([1, 2]);
    expect([memory.read16(0), device.region('bar2').read16(0)]).toEqual([0x0201, 0x0201]);
    expect(() => registers.read32(2)).toThrow('RegionMapping.read: 0x2 is not a multiple of 4');
    expect(() => memory.read8(4096)).toThrow('4096 bytes are mapped');
    expect(() => device.region('bar2').map({ offset: 8 })).toThrow('expected a multiple of 4096, found 8');
    device.pciCommand({ memory: false });
    expect(thrownBy(MemoryFault, () => registers.read32(8)).signal).toBe('SIGBUS');
    registers.close();
    expect(errorOf(() => registers.read32(8)).code).toBe('EBADF');
  });

  test('an eventfd writes into a BAR', async () => {
    const { testbed, device, accesses } = start();
    device.pciCommand({ memory: true });
    const bar = device.region('bar0');
    const eventfd = testbed.iommufd.allocEventfd();
    const write = { offset: 0x40, size: 4, value: 0x1234 } as const;
    const tie = bar.writeOn(eventfd, write);
    expect(errorOf(() => bar.writeOn(eventfd, write)).code).toBe('EEXIST');
    eventfd.signal();
    expect(accesses).toEqual(['write 4 at 64: 4660']);
    tie.close();
    tie.close();
    eventfd.signal();
    expect(accesses).toHaveLength(1);
    expect(await eventfd.wait()).toBe(1n);
    expect(() => bar.writeOn(eventfd, { offset: 0, size: 1, value: 256 })).toThrow(
      '256 has more than 1 bytes',
    );
  });
});
