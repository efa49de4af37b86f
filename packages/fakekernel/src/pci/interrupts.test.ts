import { describe, expect, test } from '@jest/globals';
import { PciTopology } from '../hardware/pci/topology.js';
import { createDevice } from '../hardware/pci/function.js';
import { Interrupts } from './interrupts.js';

/** The line of a function with INTA at an address. */
function lineAt(topology: PciTopology, at: string): number {
  const device = createDevice({ vendor: 0x1234, device: 1, interruptPin: 1 });
  return new Interrupts(topology).lineOf(topology.add(device, at, undefined));
}

describe('the interrupt line of a function', () => {
  test.each([
    ['00:03.0', 23],
    ['00:04.0', 20],
    ['00:06.0', 22],
    ['00:18.0', 20],
    ['00:19.0', 16],
    ['00:1d.0', 16],
    ['00:1e.0', 20],
    ['00:1f.0', 16],
  ])('at %s is %i', (at, line) => {
    expect(lineAt(new PciTopology(), at)).toBe(line);
  });

  test('behind ports is that of the port, rotated by the slot number', () => {
    const topology = new PciTopology();
    topology.addBridge('00:1e.0', { secondary: 1 });
    topology.addBridge('01:02.0', { secondary: 2 });
    expect(lineAt(topology, '02:00.0')).toBe(22);
  });
});

describe('numbers and entries', () => {
  test('begin after those of the VT-d unit, ports and other functions with a Linux driver', () => {
    const topology = new PciTopology();
    topology.addBridge('00:1c.0');
    topology.addBridge('00:1d.0');
    topology.addBridge('00:1e.0', { kind: 'conventional' });
    topology.addOther('00:02.0', { isDriven: true });
    topology.addOther('00:1f.0');
    // 15 ISA lines, lines 16 and 22, and three vectors; the VT-d unit also has a number.
    expect(new Interrupts(topology).take(1)).toEqual({ first: 28, count: 1, entry: 20 });
  });

  test('of a line are allocated by the first enabled function, and released by the last', () => {
    const interrupts = new Interrupts(new PciTopology());
    const next = (): number => {
      const vectors = interrupts.take(1);
      interrupts.giveBack(vectors);
      return vectors.entry;
    };
    expect(next()).toBe(15);
    interrupts.connect(23);
    interrupts.connect(23);
    interrupts.connect(0);
    expect(next()).toBe(16);
    interrupts.disconnect(23);
    expect(next()).toBe(16);
    interrupts.disconnect(23);
    expect(next()).toBe(15);
  });

  test('of vectors with one address are a power of two of entries, aligned to their number', () => {
    const interrupts = new Interrupts(new PciTopology());
    const one = interrupts.take(1);
    const three = interrupts.take(3);
    const again = interrupts.take(1);
    expect([one, three, again]).toEqual([
      { first: 25, count: 1, entry: 15 },
      { first: 26, count: 3, entry: 16 },
      { first: 29, count: 1, entry: 20 },
    ]);
    interrupts.giveBack(three);
    expect(interrupts.take(4)).toEqual({ first: 30, count: 4, entry: 16 });
    expect(interrupts.take(2)).toEqual({ first: 26, count: 2, entry: 22 });
  });
});
