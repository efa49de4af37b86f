import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDevice, type FakePciDevice, FakeKernel, ram } from '@iommufd/fakekernel';
import { fail } from '@iommufd/fakekernel/task';
import koffi from 'koffi';
import { EventfdWatches, RemoteEventfd } from './files/eventfds.js';
import { O_CLOEXEC, RLIMIT_NOFILE } from './linux/constants.js';
import type { Libc } from './linux/libc.js';
import { platform } from './platform.js';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const NODE = '/dev/vfio/devices/vfio0';

/** The start of the programs: opens and binds the device, and sets eventfds for its interrupts. */
const PRELUDE = `
  const device = c.open('${NODE}', O_RDWR, 0);
  const fd = iommu();
  bind(device, fd);
  const [TRIGGER, UNMASK, EVENTFD] = [0x20, 0x10, 4];
  const setIrqs = (action, eventfd) => call(device, 110, 24, EVENTFD | action, 0, 0, 1, eventfd).result;
  /** Waits until an eventfd is signalled. */
  const taken = (eventfd) => {
    const bytes = Buffer.alloc(128);
    poll(eventfd, 1, -1);
    return c.read(eventfd, bytes, 8) === 8 ? Number(bytes.readBigUInt64LE(0)) : 'nothing';
  };
  const signal = (eventfd) => c.write(eventfd, struct(1n), 8);
`;

let kernel: FakeKernel;
let device: FakePciDevice;

beforeEach(() => {
  kernel = new FakeKernel();
  device = createDevice({ vendor: 0x1234, device: 1, bars: [ram(4096)] });
  kernel.plug(device);
});

describe("a program's own eventfds", () => {
  test('are signalled by interrupts, and unmask the line', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const [interrupt, unmask] = [c.eventfd(5, 0), c.eventfd(0, 0)];
       report([setIrqs(TRIGGER, interrupt), setIrqs(UNMASK, unmask)]);
       meet('tied');
       report(taken(interrupt));
       // The line is still asserted: unmasked, it fires again.
       signal(unmask);
       report(taken(interrupt));
       c.close(interrupt);
       meet('closed');
       report('alive');`,
    );
    expect(await program.next()).toEqual([0, 0]);
    await program.meet('tied');
    device.setInterruptLine(true);
    program.goOn();
    expect(await program.next()).toBe(6);
    expect(await program.next()).toBe(1);
    await program.meet('closed');
    device.setInterruptLine(false);
    device.setInterruptLine(true);
    program.goOn();
    expect(await program.result()).toBe('alive');
    expect(kernel.leftOver()).toEqual([]);
  });

  test('can be replaced after they were closed, as by a VMM that lets KVM unmask', async () => {
    const result = await runScript(
      kernel,
      `${PRELUDE}
       setIrqs(TRIGGER, c.eventfd(0, 0));
       const first = c.eventfd(0, 0);
       const tied = [setIrqs(UNMASK, first)];
       const copy = c.dup(first);
       c.close(first);
       tied.push(setIrqs(UNMASK, c.eventfd(0, 0)));
       c.close(copy);
       tied.push(setIrqs(UNMASK, c.eventfd(0, 0)));
       report(tied);`,
    );
    expect(result).toEqual([0, -16, 0]);
    expect(kernel.leftOver()).toEqual([]);
  });

  test('that are already signalled when they are set take effect once, and keep their counter', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const [interrupt, unmask] = [c.eventfd(0, 0), c.eventfd(7, 0)];
       setIrqs(TRIGGER, interrupt);
       meet('masked');
       const first = taken(interrupt);
       report([first, setIrqs(UNMASK, unmask), taken(interrupt)]);
       meet('tied');
       // Another signal resets the counter and unmasks.
       signal(unmask);
       report([taken(interrupt), poll(unmask, 1, 0), poll(interrupt, 1, 0)]);`,
    );
    await program.meet('masked');
    device.setInterruptLine(true);
    program.goOn();
    expect(await program.next()).toEqual([1, 0, 1]);
    await program.meet('tied');
    program.goOn();
    expect(await program.result()).toEqual([1, 0, 0]);
  });

  test('write into a BAR, once for each signal', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const eventfd = c.eventfd(3, 0);
       call(device, 116, 32, 4, 0x10n, 0x55667788n, eventfd, 0);
       const bytes = Buffer.alloc(128);
       // Set while it is signalled: the write was made, and the counter is not reset.
       c.pread(device, bytes, 4, 0x10);
       report([bytes.readUInt32LE(0), taken(eventfd)]);
       c.pwrite(device, Buffer.alloc(128), 4, 0x10);
       meet('cleared');
       c.pread(device, bytes, 4, 0x10);
       const none = bytes.readUInt32LE(0);
       signal(eventfd);
       do c.pread(device, bytes, 4, 0x10); while (bytes.readUInt32LE(0) === 0);
       report([none, poll(eventfd, 1, 0)]);`,
    );
    expect(await program.next()).toEqual([0x5566_7788, 3]);
    await program.meet('cleared');
    program.goOn();
    expect(await program.result()).toEqual([0, 0]);
  });

  test('write into a BAR', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const eventfd = c.eventfd(0, 0);
       // VFIO_DEVICE_IOEVENTFD: 4 bytes at 0x10 of BAR 0
       report(call(device, 116, 32, 4, 0x10n, 0x11223344n, eventfd, 0).result);
       signal(eventfd);
       const bytes = Buffer.alloc(128);
       do c.pread(device, bytes, 4, 0x10); while (bytes.readUInt32LE(0) === 0);
       // The counter was reset.
       report([bytes.readUInt32LE(0), poll(eventfd, 1, 0)]);`,
    );
    expect(await program.next()).toBe(0);
    expect(await program.result()).toEqual([0x1122_3344, 0]);
  });

  test('write into all places that are set for them, before the next call of the program', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const eventfd = c.eventfd(0, 0);
       for (const at of [0x10n, 0x20n, 0x30n]) call(device, 116, 32, 4, at, at + 1n, eventfd, 0);
       const bytes = Buffer.alloc(128);
       signal(eventfd);
       c.pread(device, bytes, 48, 0x10);
       report([...[0, 16, 32].map((at) => bytes.readUInt32LE(at)), poll(eventfd, 1, 0)]);`,
    );
    expect(await program.result()).toEqual([0x11, 0x21, 0x31, 0]);
  });

  test('at the maximum of their counter do not block the device', async () => {
    const program = await TestProgram.start(
      kernel,
      `${PRELUDE}
       const eventfd = c.eventfd(0, 0);
       setIrqs(TRIGGER, eventfd);
       c.write(eventfd, struct(0xfffffffffffffffen), 8);
       meet('full');
       report(poll(eventfd, 1, 0));`,
    );
    await program.meet('full');
    device.setInterruptLine(true);
    program.goOn();
    expect(await program.result()).toBe(1);
  });

  test('fail with EINVAL if the file is not an eventfd, and with EBADF if it is not open', async () => {
    expect(
      await runScript(
        kernel,
        `${PRELUDE} report([setIrqs(TRIGGER, fd), setIrqs(TRIGGER, 1), setIrqs(TRIGGER, 999)]);`,
      ),
    ).toEqual([-22, -22, -9]);
  });
});

describe('an eventfd that cannot be watched', () => {
  const { libc } = platform();
  const { setrlimit, eventfd: makeEventfd } = limited();

  function limited(): {
    readonly setrlimit: (resource: number, from: Buffer) => number;
    readonly eventfd: (init: number, flags: number) => number;
  } {
    const lib = koffi.load(null);
    return {
      setrlimit: lib.func('int setrlimit(int, void *)') as (resource: number, from: Buffer) => number,
      eventfd: lib.func('int eventfd(uint, int)') as (init: number, flags: number) => number,
    };
  }

  /** Opens an epoll while this process is at its limit of open files. */
  function refused(): number {
    const before = Buffer.alloc(16);
    libc.prlimit(0, RLIMIT_NOFILE, null, before);
    const low = Buffer.from(before);
    low.writeBigUInt64LE(0n, 0);
    setrlimit(RLIMIT_NOFILE, low);
    const epoll = libc.epollCreate1(O_CLOEXEC);
    setrlimit(RLIMIT_NOFILE, before);
    return epoll;
  }

  /** Watches an eventfd with replaced functions of libc. @returns the error that is thrown */
  function thrownWith(changed: Partial<Libc>): unknown {
    const own = { ...libc, ...changed };
    const file = new RemoteEventfd({ libc: own, pids: [], watches: new EventfdWatches(own) }, () =>
      makeEventfd(0, 0),
    );
    const context = file.eventfd();
    try {
      context.watch({ signalled: () => undefined, closed: () => undefined });
      return undefined;
    } catch (error) {
      return error;
    } finally {
      context.put();
    }
  }

  test('fails with ENFILE for the program while this process is at its limit of open files', () => {
    expect(thrownWith({ epollCreate1: refused })).toEqual(fail('ENFILE'));
  });

  test('leaves no file open', () => {
    const closed: number[] = [];
    const opened: number[] = [];
    const thrown = thrownWith({
      epollCreate1: (flags) => {
        const epoll = libc.epollCreate1(flags);
        opened.push(epoll);
        return epoll;
      },
      // An invalid operation.
      epollCtl: (epoll, _operation, fd, event) => libc.epollCtl(epoll, 77, fd, event),
      close: (fd) => {
        closed.push(fd);
        return libc.close(fd);
      },
    });
    expect(thrown).toMatchObject({ name: 'SystemError', errno: 22 });
    expect(opened).toHaveLength(1);
    expect(closed).toEqual(expect.arrayContaining(opened));
  });
});
