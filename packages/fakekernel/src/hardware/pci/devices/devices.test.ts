import { describe, expect, test } from '@jest/globals';
import { PciProgram } from '../../../vfio/pci.testing.js';
import { edu } from './edu.js';
import { nic, NIC_RECEIVED, NIC_SENT } from './nic.js';
import { nvme } from './nvme.js';

const IOVA = 0x100_0000n;
const PAGE = 4096;
const MSI = 1;
const MSIX = 2;

/** A program with a device that does DMA. The program's memory is mapped at {@link IOVA}. */
function running(device: PciProgram['device']): PciProgram {
  const program = new PciProgram(device, { pages: 16 });
  program.enable();
  program.mapMemory(IOVA);
  return program;
}

describe('edu', () => {
  test('computes, and raises its line until it is acknowledged', () => {
    const program = running(edu());
    expect([program.read(0, 0, 4), program.read(0, 0, 1), program.read(0, 0x10, 4)]).toEqual([
      0x0100_00ed, 0, 0xffff_ffff,
    ]);
    program.write(0, 4, 4, 0x1234);
    expect(program.read(0, 4, 4)).toBe(0xffff_edcb);
    const [line = -1] = program.interrupts(0, 1);
    program.write(0, 0x20, 4, 0x80);
    program.write(0, 8, 4, 5);
    expect([program.read(0, 8, 4), program.read(0, 0x24, 4), program.signals(line)]).toEqual([120, 1, 1]);
    program.write(0, 0x64, 4, 1);
    expect(program.read(0, 0x24, 4)).toBe(0);
  });

  test('copies to and from memory, and says so by MSI', () => {
    const program = running(edu());
    const [done = -1] = program.interrupts(MSI, 1);
    program.memory.set([1, 2, 3, 4, 5], 2 * PAGE);
    const copy = (from: bigint, to: bigint, command: number): void => {
      for (const [offset, value] of [
        [0x80, from],
        [0x88, to],
        [0x90, 5n],
      ] as const)
        program.write(0, offset, 8, value);
      program.write(0, 0x98, 4, command);
    };
    copy(IOVA + 2n * BigInt(PAGE), 0x4_0000n, 1);
    copy(0x4_0000n, IOVA + 3n * BigInt(PAGE), 7);
    expect([...program.memory.subarray(3 * PAGE, 3 * PAGE + 6)]).toEqual([1, 2, 3, 4, 5, 0]);
    expect(program.signals(done)).toBe(1);
    // Without bus mastering, neither data nor a message is written.
    program.writeConfig(4, 2, 2);
    copy(0x4_0000n, IOVA + 4n * BigInt(PAGE), 7);
    expect([program.memory[4 * PAGE], program.signals(done)]).toEqual([0, 0]);
  });
});

describe('nvme', () => {
  /** Offsets of the queues and buffers in the program's memory. */
  const PLACE = {
    sq: 2 * PAGE,
    cq: 3 * PAGE,
    ioSq: 4 * PAGE,
    ioCq: 5 * PAGE,
    list: 6 * PAGE,
    data: 7 * PAGE,
  };
  const iova = (place: number): bigint => IOVA + BigInt(place);
  const DO_NOT_RETRY = 0x4000;
  const LINE = 0;

  /** A completion, without its phase bit. */
  interface Completion {
    readonly status: number;
    readonly result: number;
  }

  /** @param interrupts MSI-X, or the interrupt line */
  function controller(interrupts = MSIX): {
    readonly program: PciProgram;
    readonly vectors: number[];
    readonly submit: (queue: number, fill: (view: DataView) => void) => void;
    readonly completion: (queue: number) => Completion | undefined;
    readonly acknowledge: (queue: number) => void;
    readonly command: (queue: number, fill: (view: DataView) => void) => Completion;
  } {
    const storage = new Uint8Array(512 * 512).fill(7);
    const program = running(nvme({ serial: 'abc', storage }));
    const vectors = program.interrupts(interrupts, interrupts === MSIX ? 2 : 1);
    program.write(0, 0x24, 4, 0x000f_000f);
    program.write(0, 0x28, 8, iova(PLACE.sq));
    program.write(0, 0x30, 8, iova(PLACE.cq));
    expect(program.read(0, 0x1c, 4)).toBe(0);
    program.write(0, 0x14, 4, 0x0046_0001);
    expect(program.read(0, 0x1c, 4)).toBe(1);
    const tails = [0, 0];
    const heads = [0, 0];
    const viewOf = (place: number, length: number): DataView =>
      new DataView(program.memory.buffer, program.memory.byteOffset + place, length);
    const submit = (queue: number, fill: (view: DataView) => void): void => {
      const tail = tails[queue] ?? 0;
      const place = queue === 0 ? PLACE.sq : PLACE.ioSq;
      program.memory.fill(0, place + 64 * tail, place + 64 * tail + 64);
      fill(viewOf(place + 64 * tail, 64));
      tails[queue] = (tail + 1) % 16;
      program.write(0, 0x1000 + 8 * queue, 4, tails[queue]);
    };
    /** The next completion, if there is one. Queues are used for a single pass here. */
    const completion = (queue: number): Completion | undefined => {
      const head = heads[queue] ?? 0;
      const entry = viewOf((queue === 0 ? PLACE.cq : PLACE.ioCq) + 16 * head, 16);
      if ((entry.getUint16(14, true) & 1) === 0) return undefined;
      heads[queue] = head + 1;
      expect(entry.getUint16(10, true)).toBe(queue);
      return { status: entry.getUint16(14, true) >> 1, result: entry.getUint32(0, true) };
    };
    const acknowledge = (queue: number): void => {
      program.write(0, 0x1004 + 8 * queue, 4, heads[queue] ?? 0);
    };
    const command = (queue: number, fill: (view: DataView) => void): Completion => {
      submit(queue, fill);
      const found = completion(queue);
      if (found === undefined) throw new Error('the command is not complete');
      acknowledge(queue);
      return found;
    };
    return { program, vectors, submit, completion, acknowledge, command };
  }

  type Command = ReturnType<typeof controller>['command'];

  const identify = (command: Command, selector: number, namespace: number): number =>
    command(0, (view) => {
      view.setUint8(0, 6);
      view.setUint32(4, namespace, true);
      view.setBigUint64(24, iova(PLACE.data), true);
      view.setUint8(40, selector);
    }).status;

  /** Creates a queue of 16 entries, or deletes it. */
  const queue = (command: Command, opcode: number, place: number, flags: number, other: number): number =>
    command(0, (view) => {
      view.setUint8(0, opcode);
      view.setBigUint64(24, iova(place), true);
      view.setUint32(40, 0x000f_0001, true);
      view.setUint16(44, flags, true);
      view.setUint16(46, other, true);
    }).status;

  const makeQueues = (command: Command, vector: number): void => {
    expect(queue(command, 5, PLACE.ioCq, 3, vector)).toBe(0);
    expect(queue(command, 1, PLACE.ioSq, 1, 1)).toBe(0);
  };

  /** A read or a write of blocks, with two PRP entries. */
  const io =
    (opcode: number, lba: bigint, blocks = 1, second = 0, namespace = 1) =>
    (view: DataView): void => {
      view.setUint8(0, opcode);
      view.setUint32(4, namespace, true);
      view.setBigUint64(24, iova(PLACE.data), true);
      view.setBigUint64(32, iova(second), true);
      view.setBigUint64(40, lba, true);
      view.setUint16(48, blocks - 1, true);
    };

  test('identifies itself, and says when a command is done', () => {
    const { program, vectors, command } = controller();
    const data = new DataView(program.memory.buffer, program.memory.byteOffset + PLACE.data, PAGE);
    const textAt = (at: number, length: number): string =>
      new TextDecoder().decode(program.memory.subarray(PLACE.data + at, PLACE.data + at + length));
    expect(identify(command, 1, 0)).toBe(0);
    expect([textAt(4, 4), textAt(768, 32)]).toEqual(['abc ', 'nqn.2014-08.com.example:nvme:abc']);
    expect(vectors.map((fd) => program.signals(fd))).toEqual([1, 0]);
    expect([identify(command, 0, 1), data.getUint32(0, true), data.getUint8(130)]).toEqual([0, 512, 9]);
    expect([identify(command, 2, 0), data.getUint32(0, true), data.getUint32(4, true)]).toEqual([0, 1, 0]);
    expect([identify(command, 2, 1), data.getUint32(0, true)]).toEqual([0, 0]);
    expect([identify(command, 3, 1), textAt(0, 7)]).toEqual([0, '\u0003\u0010\0\0abc']);
    expect([program.memory[PLACE.data + 20], program.memory[PLACE.data + 24]]).toEqual([4, 0]);
    expect([identify(command, 0x1c, 0), program.memory[PLACE.data]]).toEqual([0, 1]);
    expect([identify(command, 7, 0), data.getUint32(0, true)]).toEqual([0, 1]);
    expect([5, 6].map((selector) => identify(command, selector, 1))).toEqual([0, 0]);
    expect([identify(command, 0, 2), identify(command, 9, 1)]).toEqual([
      DO_NOT_RETRY | 0x0b,
      DO_NOT_RETRY | 2,
    ]);
    expect(command(0, (view) => view.setUint8(0, 0x7f)).status).toBe(DO_NOT_RETRY | 1);
  });

  test('has features and logs as a driver asks for them', () => {
    const { program, command } = controller();
    const feature = (opcode: number, id: number, value = 0): Completion =>
      command(0, (view) => {
        view.setUint8(0, opcode);
        view.setUint8(40, id);
        view.setUint32(44, value, true);
      });
    // One queue for each vector, counted from zero.
    expect(feature(9, 7, 0x0007_0001)).toEqual({ status: 0, result: 0x0003_0001 });
    expect(feature(9, 7, 0xffff)).toEqual({ status: DO_NOT_RETRY | 2, result: 0 });
    expect([feature(9, 0x0b, 0x100).status, feature(10, 0x0b).result]).toEqual([0, 0x100]);
    expect(feature(9, 0x7f).status).toBe(DO_NOT_RETRY | 2);
    const log = (id: number): number =>
      command(0, (view) => {
        view.setUint8(0, 2);
        view.setBigUint64(24, iova(PLACE.data), true);
        view.setUint32(40, (127 << 16) | id, true);
      }).status;
    // The temperature in kelvins.
    expect([log(2), program.memory[PLACE.data + 1], program.memory[PLACE.data + 2]]).toEqual([0, 52, 1]);
    expect([log(1), log(3), log(0x70)]).toEqual([0, 0, DO_NOT_RETRY | 0x109]);
  });

  test('keeps requests for events, of which there are not too many', () => {
    const { submit, completion } = controller();
    for (let i = 0; i < 4; i++) submit(0, (view) => view.setUint8(0, 0x0c));
    expect(completion(0)).toBeUndefined();
    submit(0, (view) => view.setUint8(0, 0x0c));
    expect(completion(0)?.status).toBe(DO_NOT_RETRY | 0x105);
  });

  test('reads and writes blocks by queues of its own', () => {
    const { program, vectors, command } = controller();
    // A submission queue requires its completion queue.
    expect(queue(command, 1, PLACE.ioSq, 1, 1)).toBe(DO_NOT_RETRY | 0x100);
    makeQueues(command, 1);
    expect(queue(command, 5, PLACE.ioCq, 3, 1)).toBe(DO_NOT_RETRY | 0x101);
    program.memory.fill(9, PLACE.data, PLACE.data + 512);
    expect(command(1, io(1, 3n)).status).toBe(0);
    program.memory.fill(0, PLACE.data, PLACE.data + 512);
    expect([command(1, io(2, 3n)).status, program.memory[PLACE.data + 511]]).toEqual([0, 9]);
    expect([command(1, io(2, 2n)).status, program.memory[PLACE.data]]).toEqual([0, 7]);
    expect([command(1, io(8, 2n)).status, command(1, io(2, 2n)).status, program.memory[PLACE.data]]).toEqual([
      0, 0, 0,
    ]);
    expect(command(1, io(2, 512n)).status).toBe(DO_NOT_RETRY | 0x80);
    expect(command(1, io(2, 2n ** 64n - 1n, 2)).status).toBe(DO_NOT_RETRY | 0x80);
    expect(command(1, io(2, 0n, 1, 0, 2)).status).toBe(DO_NOT_RETRY | 0x0b);
    expect(command(1, io(0, 0n)).status).toBe(0);
    expect(program.signals(vectors[1] ?? -1)).toBe(9);
    // A queue with pending commands cannot be deleted.
    expect([
      queue(command, 4, 0, 0, 0),
      queue(command, 0, 0, 0, 0),
      queue(command, 4, 0, 0, 0),
      queue(command, 0, 0, 0, 0),
    ]).toEqual([DO_NOT_RETRY | 0x10c, 0, 0, DO_NOT_RETRY | 0x101]);
  });

  test('transfers more than two pages by a list, which goes on in another page', () => {
    const { program, command } = controller();
    makeQueues(command, 1);
    const list = new DataView(program.memory.buffer, program.memory.byteOffset + PLACE.list, PAGE);
    // The second page; then, because the list ends with its page, the address of the page with the third and the fourth.
    list.setBigUint64(PAGE - 16, iova(PLACE.data + PAGE), true);
    list.setBigUint64(PAGE - 8, iova(PLACE.list), true);
    list.setBigUint64(0, iova(PLACE.data + 3 * PAGE), true);
    list.setBigUint64(8, iova(PLACE.data + 2 * PAGE), true);
    program.memory.fill(0, PLACE.data, PLACE.data + 5 * PAGE);
    for (let block = 0; block < 4; block++) program.memory[PLACE.data + block * PAGE] = 0x10 + block;
    expect(command(1, io(1, 0n, 32, PLACE.list + PAGE - 16)).status).toBe(0);
    program.memory.fill(0, PLACE.data, PLACE.data + 5 * PAGE);
    const firsts = [0n, 8n, 16n, 24n].map((lba) => [
      command(1, io(2, lba)).status,
      program.memory[PLACE.data],
    ]);
    expect(firsts).toEqual([
      [0, 0x10],
      [0, 0x11],
      [0, 0x13],
      [0, 0x12],
    ]);
    // More than one command can transfer.
    expect(command(1, io(2, 0n, 257, PLACE.list)).status).toBe(DO_NOT_RETRY | 2);
  });

  test('refuses memory that is not aligned, and lists that go on within a page', () => {
    const { program, command } = controller();
    makeQueues(command, 1);
    const list = new DataView(program.memory.buffer, program.memory.byteOffset + PLACE.list, PAGE);
    list.setBigUint64(0, iova(PLACE.data + PAGE), true);
    list.setBigUint64(8, iova(PLACE.data + 2 * PAGE + 8), true);
    list.setBigUint64(16, iova(PLACE.data + 3 * PAGE), true);
    // The last entry of its page refers to itself.
    list.setBigUint64(PAGE - 8, iova(PLACE.list + PAGE - 8), true);
    program.memory.fill(0, PLACE.data, PLACE.data + 5 * PAGE);
    const read = io(2, 0n, 32, PLACE.list);
    const statuses = [
      io(2, 0n, 16, PLACE.data + PAGE + 512),
      io(2, 0n, 32, PLACE.list + 4),
      io(2, 0n, 32, PLACE.list + PAGE - 8),
      read,
      (view: DataView): void => {
        read(view);
        view.setBigUint64(24, iova(PLACE.data + 2), true);
      },
    ].map((fill) => command(1, fill).status);
    expect(statuses).toEqual(Array<number>(5).fill(DO_NOT_RETRY | 0x13));
    expect(program.memory.subarray(PLACE.data, PLACE.data + 5 * PAGE).every((byte) => byte === 0)).toBe(true);
    list.setBigUint64(8, iova(PLACE.data + 2 * PAGE), true);
    expect(command(1, read).status).toBe(0);
    expect(program.memory[PLACE.data + 4 * PAGE - 1]).toBe(7);
  });

  test('waits for room for completions', () => {
    const { program, submit, completion, acknowledge } = controller();
    const abort = (view: DataView): void => view.setUint8(0, 8);
    for (let i = 0; i < 15; i++) submit(0, abort);
    // One entry of a ring always stays empty.
    submit(0, abort);
    for (let i = 0; i < 15; i++) expect(completion(0)).toEqual({ status: 0, result: 1 });
    expect(program.memory[PLACE.cq + 16 * 15 + 14]).toBe(0);
    acknowledge(0);
    expect(program.memory[PLACE.cq + 16 * 15 + 14]).toBe(1);
  });

  test('holds its line up while there is something to be read, unless it is masked', () => {
    const { program, vectors, submit, completion, acknowledge } = controller(LINE);
    const { device } = program;
    const abort = (view: DataView): void => view.setUint8(0, 8);
    const isUp = (): boolean => (device.config.read(6, 2) & 8) !== 0;
    submit(0, abort);
    expect([isUp(), program.signals(vectors[0] ?? -1)]).toEqual([true, 1]);
    completion(0);
    acknowledge(0);
    expect(isUp()).toBe(false);
    program.write(0, 0x0c, 4, 1);
    submit(0, abort);
    expect([isUp(), program.read(0, 0x0c, 4), program.read(0, 0x10, 4)]).toEqual([false, 1, 1]);
    program.write(0, 0x10, 4, 1);
    expect([isUp(), program.read(0, 0x0c, 4)]).toEqual([true, 0]);
    program.write(0, 0x14, 4, 0);
    expect(isUp()).toBe(false);
  });

  test('shuts down when it is asked to, and begins again', () => {
    const { program } = controller();
    program.write(0, 0x14, 4, 0x0046_4001);
    expect(program.read(0, 0x1c, 4)).toBe(9);
    program.write(0, 0x14, 4, 0);
    expect(program.read(0, 0x1c, 4)).toBe(0);
    program.write(0, 0x14, 4, 0x0046_0001);
    expect(program.read(0, 0x1c, 4)).toBe(1);
  });

  test('loses its queues when it is reset', () => {
    const { program } = controller();
    program.device.reset();
    program.enable();
    expect([program.read(0, 0x14, 4), program.read(0, 0x1c, 4), program.read(0, 0x24, 4)]).toEqual([0, 0, 0]);
  });

  test('is made of whole blocks, and of names that fit', () => {
    expect(() => nvme({ storage: new Uint8Array(100) })).toThrow(
      'storage: expected whole blocks of 512 bytes, found 100',
    );
    expect(() => nvme({ serial: 'x'.repeat(21) })).toThrow('serial: expected up to 20 characters, found 21');
    expect(() => nvme({ model: 'x'.repeat(41) })).toThrow('model: expected up to 40 characters, found 41');
  });
});

test('nic sends and receives by rings in memory, with a vector for each', () => {
  const sent: Uint8Array[] = [];
  const { device, receive } = nic((frame) => void sent.push(frame));
  const program = running(device);
  const vectors = program.interrupts(MSIX, 2);
  const signals = (): number[] =>
    [NIC_SENT, NIC_RECEIVED].map((vector) => program.signals(vectors[vector] ?? -1));
  const describeBuffer = (ring: number, index: number, buffer: number, length: number): void => {
    const view = new DataView(program.memory.buffer, program.memory.byteOffset + ring + 16 * index, 16);
    view.setBigUint64(0, IOVA + BigInt(buffer), true);
    view.setUint16(8, length, true);
  };
  const [sendRing, receiveRing, out, into] = [2 * PAGE, 3 * PAGE, 4 * PAGE, 5 * PAGE];
  program.write(0, 0, 4, 1);
  for (const [first, ring] of [
    [0x10, sendRing],
    [0x30, receiveRing],
  ] as const) {
    program.write(0, first, 8, IOVA + BigInt(ring));
    program.write(0, first + 8, 4, 4);
  }
  program.memory.set([1, 2, 3], out);
  describeBuffer(sendRing, 0, out, 3);
  program.write(0, 0x1c, 4, 1);
  expect([sent.map((frame) => [...frame]), program.read(0, 0x20, 4), signals()]).toEqual([
    [[1, 2, 3]],
    1,
    [1, 0],
  ]);
  expect(receive(Uint8Array.of(4, 5))).toBe(false);
  describeBuffer(receiveRing, 0, into, 64);
  program.write(0, 0x3c, 4, 1);
  expect(receive(Uint8Array.of(4, 5))).toBe(true);
  expect([...program.memory.subarray(into, into + 3), signals()]).toEqual([4, 5, 0, [0, 1]]);
  // The length and the flag of a completed descriptor.
  expect([...program.memory.subarray(receiveRing + 8, receiveRing + 12)]).toEqual([2, 0, 1, 0]);
});
