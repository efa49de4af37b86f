import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  type ErrnoName,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_RESET,
  VFIO_DEVICE_SET_IRQS,
  vfio_irq_info,
  vfio_irq_set,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { express, msi, msix, ram, registers } from '../index.js';
import { InterruptProgram } from './interrupts.testing.js';

const is = (name: ErrnoName): number => -errno[name];
const BUS_MASTER = 4;
const INTX_DISABLE = 0x400;
const MEMORY = 2;

let program: InterruptProgram;

describe('the argument', () => {
  beforeEach(() => {
    program = new InterruptProgram({ capabilities: [msi({ vectors: 4 })] });
  });

  const base = { argsz: 24, flags: 0x24, index: 0, start: 0, count: 1, data: new Uint8Array(4).fill(255) };

  test.each<[string, Partial<typeof base>, ErrnoName]>([
    ['argsz too small', { argsz: 19 }, 'EINVAL'],
    ['no such index', { index: 5 }, 'EINVAL'],
    ['an unknown flag', { flags: 0x64 }, 'EINVAL'],
    ['start beyond, before the kind of action', { start: 1, flags: 0x01 }, 'EINVAL'],
    ['start + count beyond', { index: 1, start: 3, count: 2, flags: 0x21 }, 'EINVAL'],
    ['an index without interrupts', { index: 2, flags: 0x01, count: 0 }, 'EINVAL'],
    ['start + count overflows', { start: 2, count: 0xffff_ffff }, 'EINVAL'],
    ['no data type', { flags: 0x20 }, 'EINVAL'],
    ['two data types', { flags: 0x23 }, 'EINVAL'],
    ['no room for the data', { argsz: 23 }, 'EINVAL'],
    ['no action', { flags: 0x01 }, 'ENOTTY'],
    ['two actions', { flags: 0x31 }, 'ENOTTY'],
    ['MASK of MSI', { index: 1, flags: 0x09 }, 'ENOTTY'],
    ['UNMASK of ERR', { index: 3, flags: 0x11 }, 'ENOTTY'],
  ])('%s', (_name, changed, name) => {
    program.memory.set(encode(vfio_irq_set, { ...base, ...changed }));
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_SET_IRQS.request, program.at)).toBe(is(name));
  });

  test('data that cannot be read', () => {
    const at = program.at + 8192n - 20n;
    program.memory.set(encode(vfio_irq_set, base).subarray(0, 20), 8192 - 20);
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_SET_IRQS.request, at)).toBe(is('EFAULT'));
  });
});

test('what there is of each kind', () => {
  program = new InterruptProgram({
    bars: [ram(4096)],
    capabilities: [msi({ vectors: 4 }), msix({ vectors: 3, bar: 0 })],
  });
  const info = (index: number): unknown => {
    const ret = program.call(VFIO_DEVICE_GET_IRQ_INFO, (cmd) => (cmd.index = index), program.cdev);
    const { flags, count } = view(vfio_irq_info, program.memory);
    return ret === 0 ? [flags, count] : ret;
  };
  expect([0, 1, 2, 3, 4, 5].map(info)).toEqual([[7, 1], [9, 4], [1, 3], [9, 1], [9, 1], is('EINVAL')]);
  program = new InterruptProgram({ interruptPin: 0 });
  expect([0, 1, 2].map(info)).toEqual([
    [7, 0],
    [9, 0],
    [9, 0],
  ]);
});

describe('the line', () => {
  let fd: number;

  beforeEach(() => {
    program = new InterruptProgram({});
    fd = program.eventfd();
  });

  const on = (eventfd = fd): number => program.set('intx', 'trigger', { fds: [eventfd] });
  const raise = (): void => program.device.setInterruptLine(true);
  const lower = (): void => program.device.setInterruptLine(false);

  test('fires once, and again at once if it is still asserted when it is unmasked', () => {
    expect(on()).toBe(0);
    raise();
    expect([program.count(fd), program.count(fd)]).toEqual([1, 0]);
    lower();
    raise();
    expect(program.count(fd)).toBe(0);
    expect(program.set('intx', 'unmask', 1)).toBe(0);
    expect(program.count(fd)).toBe(1);
    lower();
    expect([program.set('intx', 'unmask', { bools: [true] }), program.count(fd)]).toEqual([0, 0]);
    raise();
    expect(program.count(fd)).toBe(1);
  });

  test('that is asserted already fires when it is turned on', () => {
    raise();
    expect([on(), program.count(fd)]).toEqual([0, 1]);
  });

  test('is turned on and off', () => {
    expect(program.set('intx', 'trigger', 0)).toBe(is('EINVAL'));
    expect(program.set('intx', 'unmask', 1)).toBe(is('EINVAL'));
    expect(on()).toBe(0);
    expect(program.set('intx', 'trigger', 0)).toBe(0);
    raise();
    expect(program.count(fd)).toBe(0);
    expect(program.set('intx', 'mask', 1)).toBe(is('EINVAL'));
  });

  test('what fires without an eventfd is lost until it is unmasked', () => {
    expect(on(-1)).toBe(0);
    raise();
    expect([on(), program.count(fd)]).toEqual([0, 0]);
    expect(program.set('intx', 'unmask', 1)).toBe(0);
    expect(program.count(fd)).toBe(1);
  });

  test('a second eventfd takes the place of the first; another file does not', () => {
    const other = program.eventfd();
    expect([on(), on(99), on(program.fd), on(other)]).toEqual([0, is('EBADF'), is('EINVAL'), 0]);
    raise();
    expect([program.count(fd), program.count(other)]).toEqual([0, 1]);
  });

  test('loopback signals, even while it is masked', () => {
    expect(program.set('intx', 'trigger', 1)).toBe(is('EINVAL'));
    expect([on(), program.set('intx', 'mask', 1)]).toEqual([0, 0]);
    expect(program.set('intx', 'trigger', 1)).toBe(0);
    expect(program.set('intx', 'trigger', { bools: [true] })).toBe(0);
    expect(program.set('intx', 'trigger', { bools: [false] })).toBe(0);
    expect(program.count(fd)).toBe(2);
  });

  test('MASK and UNMASK', () => {
    expect([on(), program.set('intx', 'mask', { bools: [false] })]).toEqual([0, 0]);
    raise();
    expect(program.count(fd)).toBe(1);
    lower();
    expect([program.set('intx', 'unmask', 1), program.set('intx', 'mask', { bools: [true] })]).toEqual([
      0, 0,
    ]);
    raise();
    expect(program.count(fd)).toBe(0);
    expect(program.set('intx', 'mask', { fds: [fd] })).toBe(is('ENOTTY'));
    expect(program.set('intx', 'unmask', 1)).toBe(0);
    expect(program.count(fd)).toBe(1);
  });

  test('the INTx disable bit of the program holds it back until it is cleared', () => {
    expect(on()).toBe(0);
    const command = program.command();
    program.command(command | INTX_DISABLE);
    raise();
    expect(program.count(fd)).toBe(0);
    expect(program.set('intx', 'unmask', 1)).toBe(0);
    expect(program.count(fd)).toBe(0);
    program.command(command);
    expect(program.count(fd)).toBe(1);
  });

  describe('an eventfd that unmasks', () => {
    let unmask: number;

    beforeEach(() => {
      unmask = program.eventfd();
      expect([on(), program.set('intx', 'unmask', { fds: [unmask] })]).toEqual([0, 0]);
      raise();
      expect(program.count(fd)).toBe(1);
    });

    test('is drained, and fires what is still asserted', () => {
      program.signal(unmask);
      expect([program.count(unmask), program.count(fd)]).toEqual([0, 1]);
      lower();
      program.signal(unmask);
      expect(program.count(fd)).toBe(0);
      raise();
      expect(program.count(fd)).toBe(1);
    });

    test('there is one at a time', () => {
      expect(program.set('intx', 'unmask', { fds: [program.eventfd()] })).toBe(is('EBUSY'));
      expect(program.set('intx', 'unmask', { fds: [-1] })).toBe(0);
      expect(program.set('intx', 'unmask', { fds: [-1] })).toBe(0);
      program.signal(unmask);
      expect([program.count(unmask), program.count(fd)]).toEqual([1, 0]);
      expect(program.set('intx', 'unmask', { fds: [99] })).toBe(is('EBADF'));
      expect(program.set('intx', 'unmask', { fds: [program.fd] })).toBe(is('EINVAL'));
    });

    test('that was signalled before does its work at once, and keeps its counter', () => {
      expect(program.set('intx', 'unmask', { fds: [-1] })).toBe(0);
      program.signal(unmask);
      expect(program.set('intx', 'unmask', { fds: [unmask] })).toBe(0);
      expect([program.count(fd), program.count(unmask)]).toEqual([1, 1]);
    });

    test('makes place when it is closed', () => {
      program.process.close(unmask);
      expect(program.set('intx', 'unmask', { fds: [program.eventfd()] })).toBe(0);
    });

    test('that is the trigger as well does not go on for ever', () => {
      expect(program.set('intx', 'unmask', { fds: [-1] })).toBe(0);
      expect(program.set('intx', 'unmask', { fds: [fd] })).toBe(0);
      program.signal(fd);
      expect(program.count(fd)).toBeLessThanOrEqual(1);
    });
  });
});

describe('MSI', () => {
  let fds: number[];

  beforeEach(() => {
    program = new InterruptProgram({ capabilities: [msi({ vectors: 4 })] });
    fds = [0, 1, 2, 3].map(() => program.eventfd());
    program.command(program.command() | BUS_MASTER);
  });

  const on = (count: number): number => program.set('msi', 'trigger', { fds: fds.slice(0, count) });
  const counts = (): number[] => fds.map((fd) => program.count(fd));

  test('messages arrive while the device is bus master, and need no unmask', () => {
    expect(on(2)).toBe(0);
    program.device.interrupt(0);
    program.device.interrupt(1);
    program.device.interrupt(1);
    expect(counts()).toEqual([1, 2, 0, 0]);
    program.command(program.command() & ~BUS_MASTER);
    program.device.interrupt(0);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('cannot grow past the first count, and what the block set before is undone', () => {
    expect(on(2)).toBe(0);
    expect(on(3)).toBe(is('EINVAL'));
    program.device.interrupt(0);
    program.device.interrupt(1);
    expect(counts()).toEqual([0, 0, 0, 0]);
    expect(program.set('msi', 'trigger', { fds: [-1] }, 3)).toBe(0);
  });

  test('a bad fd undoes the block up to it, and what it had before; what is behind stays', () => {
    expect(on(4)).toBe(0);
    const [first = -1] = fds;
    expect(program.set('msi', 'trigger', { fds: [first, 99] }, 1)).toBe(is('EBADF'));
    expect(program.set('msi', 'trigger', 4)).toBe(0);
    expect(counts()).toEqual([1, 0, 0, 1]);
  });

  test('a first block with a bad fd turns it off again', () => {
    expect(program.set('msi', 'trigger', { fds: [99] })).toBe(is('EBADF'));
    expect(program.set('intx', 'trigger', { fds: [-1] })).toBe(0);
  });

  test('one kind is on at a time', () => {
    expect(on(1)).toBe(0);
    expect(program.set('intx', 'trigger', { fds: [-1] })).toBe(is('EINVAL'));
    expect(program.set('intx', 'trigger', 0)).toBe(is('EINVAL'));
    expect(program.set('msi', 'trigger', 0, 3)).toBe(0);
    expect(program.set('msi', 'trigger', 0)).toBe(is('EINVAL'));
    expect(program.set('intx', 'trigger', { fds: [-1] })).toBe(0);
    expect(on(1)).toBe(is('EINVAL'));
  });

  test('loopback skips holes and falses', () => {
    expect(program.set('msi', 'trigger', 1)).toBe(is('EINVAL'));
    const [first = -1, , third = -1] = fds;
    expect(program.set('msi', 'trigger', { fds: [first, -1, third] })).toBe(0);
    expect(program.set('msi', 'trigger', 3)).toBe(0);
    expect(program.set('msi', 'trigger', { bools: [false, true, true] })).toBe(0);
    expect(counts()).toEqual([1, 0, 2, 0]);
  });

  test('the line is not disabled, as the command register is put back after MSI was turned on', () => {
    expect(on(1)).toBe(0);
    program.device.setInterruptLine(true);
    expect(program.device.readConfig(4, 2) & INTX_DISABLE).toBe(0);
    expect(program.set('msi', 'trigger', 0)).toBe(0);
    expect(program.device.readConfig(4, 2) & INTX_DISABLE).toBe(0);
  });
});

describe('MSI-X', () => {
  let fds: number[];

  beforeEach(() => {
    program = new InterruptProgram({
      bars: [registers(4096, { read: () => 0n, write: () => undefined })],
      capabilities: [msix({ vectors: 4, bar: 0 }), express({ flr: true })],
    });
    fds = [0, 1, 2, 3].map(() => program.eventfd());
    program.command(program.command() | BUS_MASTER);
  });

  const counts = (): number[] => fds.map((fd) => program.count(fd));
  const on = (from: number, to: number): number =>
    program.set('msix', 'trigger', { fds: fds.slice(from, to) }, from);

  test('may grow, with memory decoding off too', () => {
    expect(on(0, 1)).toBe(0);
    program.command((program.command() & ~MEMORY) | BUS_MASTER);
    expect(on(2, 4)).toBe(0);
    for (const vector of [0, 1, 2, 3]) program.device.interrupt(vector);
    expect(counts()).toEqual([1, 0, 1, 1]);
  });

  test('what a vector without an eventfd had to say is said when it gets one', () => {
    expect(on(0, 2)).toBe(0);
    expect(program.set('msix', 'trigger', { fds: [-1] }, 1)).toBe(0);
    program.device.interrupt(1);
    expect(counts()).toEqual([0, 0, 0, 0]);
    expect(on(1, 2)).toBe(0);
    expect(counts()).toEqual([0, 1, 0, 0]);
  });

  test('survives a reset of the device', () => {
    expect(on(0, 4)).toBe(0);
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_RESET.request, 0n)).toBe(0);
    program.command(program.command() | BUS_MASTER);
    program.device.interrupt(2);
    expect(counts()).toEqual([0, 0, 1, 0]);
  });

  test('a close turns it off', () => {
    expect(on(0, 4)).toBe(0);
    program.process.close(program.cdev);
    program.device.interrupt(0);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });
});

describe.each(['err', 'req'] as const)('%s', (index) => {
  let fd: number;

  beforeEach(() => {
    program = new InterruptProgram({});
    fd = program.eventfd();
  });

  test('has one eventfd', () => {
    expect(program.set(index, 'trigger', 1)).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', 0)).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', { bools: [true] })).toBe(0);
    expect(program.set(index, 'trigger', { fds: [99] })).toBe(is('EBADF'));
    expect(program.set(index, 'trigger', { fds: [-2] })).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', { fds: [] })).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', { bools: [] })).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', { fds: [fd] })).toBe(0);
    expect(program.set(index, 'trigger', 1)).toBe(0);
    expect(program.set(index, 'trigger', { bools: [true] })).toBe(0);
    expect(program.count(fd)).toBe(2);
    expect(program.set(index, 'trigger', { fds: [-1] })).toBe(0);
    expect(program.set(index, 'trigger', 1)).toBe(is('EINVAL'));
    expect(program.set(index, 'trigger', { fds: [fd] })).toBe(0);
    expect([program.set(index, 'trigger', 0), program.set(index, 'trigger', 0)]).toEqual([0, is('EINVAL')]);
  });
});
