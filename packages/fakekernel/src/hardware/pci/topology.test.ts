import { describe, expect, test } from '@jest/globals';
import { acs, express, type Capability } from './capability.js';
import { createDevice, type FakePciDevice } from './function.js';
import { PciTopology } from './topology.js';

const make = (...capabilities: Capability[]): FakePciDevice =>
  createDevice({ vendor: 1, device: 2, capabilities });

describe('IOMMU groups', () => {
  /** The group numbers of functions that are added one after another. */
  const groups = (pci: PciTopology, ...places: (readonly [string, FakePciDevice])[]): number[] =>
    places.map(([at, device]) => pci.groupNumber(pci.add(device, at).group));

  test('are one for each slot of the root bus, and for functions of a slot that have ACS', () => {
    const pci = new PciTopology();
    expect(
      groups(
        pci,
        ['00:01.0', make()],
        ['00:02.0', make()],
        ['00:02.1', make()],
        ['00:03.0', make(express(), acs())],
        ['00:03.1', make(express(), acs())],
      ),
    ).toEqual([0, 1, 1, 2, 3]);
  });

  test('are those of ports without ACS and of bridges to conventional buses', () => {
    const pci = new PciTopology();
    pci.addBridge('00:01.0', { secondary: 1 });
    pci.addBridge('00:02.0', { secondary: 2, acs: false });
    pci.addBridge('00:03.0', { secondary: 3 });
    pci.addBridge('03:00.0', { secondary: 4, kind: 'conventional' });
    const found = groups(
      pci,
      ['01:00.0', make(express())],
      ['02:00.0', make(express())],
      ['04:01.0', make()],
      ['04:02.0', make()],
    );
    // The ports have groups 0 to 2, the bridge has group 3.
    expect(found).toEqual([4, 1, 3, 3]);
  });

  test('are of their own for virtual functions', () => {
    const pci = new PciTopology();
    const pf = make(express());
    const vf = (): FakePciDevice => createDevice({ vendor: 1, device: 2, physicalFunction: pf });
    expect(groups(pci, ['00:01.0', pf], ['00:01.2', vf()], ['00:01.4', vf()])).toEqual([0, 1, 2]);
    expect(pf.isMultifunction).toBe(false);
  });
});

test('addresses are checked, and slots given where none is asked for', () => {
  const pci = new PciTopology();
  const [first, second] = [pci.add(make()), pci.add(make())];
  expect([first.name, second.name]).toEqual(['0000:00:01.0', '0000:00:02.0']);
  expect(() => pci.add(make(), '00:01.0')).toThrow('0000:00:01.0 is taken');
  expect(() => pci.add(make(), '01:00.0')).toThrow('no port has bus 1 behind it');
  expect(() => pci.add(make(), '1:0')).toThrow('expected a PCI address like 0000:01:00.0');
});

test('a full root bus is followed by another', () => {
  const pci = new PciTopology();
  const names = Array.from({ length: 33 }, () => pci.add(make()).name);
  expect([names[30], names[31], names[32]]).toEqual(['0000:00:1f.0', '0000:ff:01.0', '0000:ff:02.0']);
  expect([...pci.nodes()]).toHaveLength(33);
});

test('a slot with several functions says so in the first', () => {
  const pci = new PciTopology();
  const device = make();
  pci.add(device, '00:01.0');
  expect(device.isMultifunction).toBe(false);
  pci.add(make(), '00:01.1');
  expect(device.isMultifunction).toBe(true);
});

test('lines are turned by bridges', () => {
  const pci = new PciTopology();
  pci.addBridge('00:1c.0', { secondary: 1 });
  const irq = (at: string): number => pci.interruptOf(pci.add(make(), at));
  expect([irq('00:03.0'), irq('00:04.0'), irq('01:00.0'), irq('01:02.0')]).toEqual([23, 20, 16, 18]);
});
