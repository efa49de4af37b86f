import { describe, expect, test } from '@jest/globals';
import { PciProgram } from '../../../vfio/pci.testing.js';
import { edu } from './edu.js';
import { nic, NIC_RECEIVED, NIC_SENT } from './nic.js';
import { nvme } from './nvme.js';

const IOVA = 0x100_0000n;
const PAGE = 4096;
const MSI = 1;
const MSIX = 2;

/** A program with a device that does DMA: its memory is at {@link IOVA}. */
function running(device: PciProgram['device']): PciProgram {
  const program = new PciProgram(device);
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
    // No bus master: neither data nor a message.
    program.writeConfig(4, 2, 2);
    copy(0x4_0000n, IOVA + 4n * BigInt(PAGE), 7);
    expect([program.memory[4 * PAGE], program.signals(done)]).toEqual([0, 0]);
  });
});

describe('nvme', () => {
  /** Where the queues and buffers are in the program's memory. */
  const PLACE = { sq: 2 * PAGE, cq: 3 * PAGE, ioSq: 4 * PAGE, ioCq: 5 * PAGE, data: 6 * PAGE };
  const iova = (place: number): bigint => IOVA + BigInt(place);

  function controller(): {
    readonly program: PciProgram;
    readonly vectors: number[];
    readonly command: (queue: number, fill: (view: DataView) => void) => number;
  } {
    const storage = new Uint8Array(16 * 512).fill(7);
    const program = running(nvme({ serial: 'abc', storage }));
    const vectors = program.interrupts(MSIX, 2);
    program.write(0, 0x24, 4, 0x000f_000f);
    program.write(0, 0x28, 8, iova(PLACE.sq));
    program.write(0, 0x30, 8, iova(PLACE.cq));
    expect(program.read(0, 0x1c, 4)).toBe(0);
    program.write(0, 0x14, 4, 0x0046_0001);
    expect(program.read(0, 0x1c, 4)).toBe(1);
    const tails = [0, 0];
    /** Submits a command. @returns its status */
    const command = (queue: number, fill: (view: DataView) => void): number => {
      const [sq, cq] = queue === 0 ? [PLACE.sq, PLACE.cq] : [PLACE.ioSq, PLACE.ioCq];
      const tail = tails[queue] ?? 0;
      const view = new DataView(program.memory.buffer, program.memory.byteOffset + sq + 64 * tail, 64);
      fill(view);
      tails[queue] = tail + 1;
      program.write(0, 0x1000 + 8 * queue, 4, tail + 1);
      const entry = new DataView(program.memory.buffer, program.memory.byteOffset + cq + 16 * tail, 16);
      expect([entry.getUint16(8, true), entry.getUint16(10, true), entry.getUint16(14, true) & 1]).toEqual([
        tail + 1,
        queue,
        1,
      ]);
      return entry.getUint16(14, true) >> 1;
    };
    return { program, vectors, command };
  }

  test('identifies itself, and says when a command is done', () => {
    const { program, vectors, command } = controller();
    const status = command(0, (view) => {
      view.setUint8(0, 6);
      view.setBigUint64(24, iova(PLACE.data), true);
      view.setUint8(40, 1);
    });
    expect(status).toBe(0);
    expect(new TextDecoder().decode(program.memory.subarray(PLACE.data + 4, PLACE.data + 8))).toBe('abc ');
    expect(vectors.map((fd) => program.signals(fd))).toEqual([1, 0]);
    expect(command(0, (view) => view.setUint8(0, 0x7f))).toBe(1);
  });

  test('reads and writes blocks by queues of its own', () => {
    const { program, vectors, command } = controller();
    const queue = (opcode: number, place: number, flags: number, other: number): number =>
      command(0, (view) => {
        view.setUint8(0, opcode);
        view.setBigUint64(24, iova(place), true);
        view.setUint32(40, 0x000f_0001, true);
        view.setUint16(44, flags, true);
        view.setUint16(46, other, true);
      });
    // A submission queue needs its completion queue.
    expect(queue(1, PLACE.ioSq, 1, 1)).toBe(2);
    expect([queue(5, PLACE.ioCq, 3, 1), queue(1, PLACE.ioSq, 1, 1)]).toEqual([0, 0]);
    const block = (opcode: number, lba: bigint): number =>
      command(1, (view) => {
        view.setUint8(0, opcode);
        view.setBigUint64(24, iova(PLACE.data), true);
        view.setBigUint64(40, lba, true);
      });
    program.memory.fill(9, PLACE.data, PLACE.data + 512);
    expect(block(1, 3n)).toBe(0);
    program.memory.fill(0, PLACE.data, PLACE.data + 512);
    expect([block(2, 3n), program.memory[PLACE.data + 511]]).toEqual([0, 9]);
    expect([block(2, 2n), program.memory[PLACE.data]]).toEqual([0, 7]);
    expect(block(2, 16n)).toBe(0x80);
    expect(program.signals(vectors[1] ?? -1)).toBe(4);
  });

  test('loses its queues when it is reset', () => {
    const { program } = controller();
    program.device.reset();
    program.enable();
    expect([program.read(0, 0x14, 4), program.read(0, 0x1c, 4), program.read(0, 0x24, 4)]).toEqual([0, 0, 0]);
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
  // Length and the flag of a descriptor that is done.
  expect([...program.memory.subarray(receiveRing + 8, receiveRing + 12)]).toEqual([2, 0, 1, 0]);
});
