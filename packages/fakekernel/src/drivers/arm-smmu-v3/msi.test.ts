import { expect, test } from '@jest/globals';
import {
  EFD_NONBLOCK,
  encode,
  errnoName,
  smmuv3_event,
  VFIO_DEVICE_SET_IRQS,
  vfio_irq_set,
  vfio_irq_set_flags,
  vfio_pci_irq_index,
} from '@iommufd/uapi';
import { createDevice, FakeKernel, type FakePciDevice, FakeSmmuv3, msi, msix, ram } from '../../index.js';
import { PCI_CAP_ID } from '../../hardware/pci/registers.js';
import { type Bound, DATA, IOVA, SmmuProgram } from './smmu.testing.js';

const { VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_NONE } = vfio_irq_set_flags;
const EVENTFD_TRIGGER = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
const { VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX } = vfio_pci_irq_index;
const { cases } = smmuv3_event;

/** The window in which Linux maps doorbells, and the register's address in its first page. */
const WINDOW = 0x0800_0000n;
const DOORBELL = WINDOW + 0x40n;
/** The physical address of the register. */
const GITS_TRANSLATER = 0x0809_0040n;
const VSID = 0x77n;
/** PCI_COMMAND: memory decoding and bus mastering are enabled. */
const ENABLED = 6;
const COMMAND = 4;

/** A program with PCI functions behind an SMMU. */
class MsiProgram extends SmmuProgram {
  plug(streamId: number, smmu = this.smmu): { readonly pci: FakePciDevice; readonly bound: Bound } {
    const pci = createDevice({
      vendor: 0x1234,
      device: 0x11e8,
      capabilities: [msix({ vectors: 4, bar: 0, table: 0x800 }), msi({ vectors: 4 })],
      bars: [ram(4096)],
    });
    const bound = this.bind({ streamId, pci }, { behind: smmu });
    pci.writeConfig(COMMAND, 2, ENABLED);
    return { pci, bound };
  }

  eventfd(): number {
    return this.process.eventfd(0, EFD_NONBLOCK);
  }

  /** Sets eventfds for vectors, from the first on. @returns 0, or the name of an errno */
  setIrqs({ fd }: Bound, fds: readonly number[], index: number = VFIO_PCI_MSIX_IRQ_INDEX): number | string {
    const data = new Uint8Array(Int32Array.from(fds).buffer);
    const flags = EVENTFD_TRIGGER;
    const argsz = vfio_irq_set.byteLength + data.length;
    const fields = { argsz, flags, index, start: 0, count: fds.length, data };
    this.memory.set(encode(vfio_irq_set, fields));
    const ret = this.process.ioctl(fd, VFIO_DEVICE_SET_IRQS.request, this.at);
    return ret < 0 ? (errnoName(ret) ?? ret) : ret;
  }

  /** Disables the vectors. */
  disableIrqs({ fd }: Bound, index: number = VFIO_PCI_MSIX_IRQ_INDEX): number {
    const flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
    const fields = { argsz: vfio_irq_set.byteLength, flags, index, start: 0, count: 0 };
    this.memory.set(encode(vfio_irq_set, { ...fields, data: new Uint8Array() }));
    return this.process.ioctl(fd, VFIO_DEVICE_SET_IRQS.request, this.at);
  }

  /** How often an eventfd was signalled since the last call. */
  count(fd: number): number {
    if (this.process.read(fd, this.at + 4096n, 8) < 0) return 0;
    return Number(new DataView(this.memory.buffer).getBigUint64(4096, true));
  }
}

/** The offset of the MSI capability. */
function msiAt(pci: FakePciDevice): number {
  let at = pci.readConfig(0x34, 1);
  while (at !== 0 && pci.readConfig(at, 1) !== PCI_CAP_ID.MSI) at = pci.readConfig(at + 1, 1);
  return at;
}

/** A vector's entry of the MSI-X table. */
const entryOf = ({ bars }: FakePciDevice, vector: number): { address: bigint; data: bigint } => {
  const at = 0x800 + 16 * vector;
  return { address: bars[0]?.read(at, 8) ?? 0n, data: bars[0]?.read(at + 8, 4) ?? 0n };
};

test.each([
  ['stage 1', 0],
  ['stage 2', 1],
])('a message is translated by %s and signals the eventfd of its vector', (_name, flags) => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, flags))));
  const fds = [program.eventfd(), program.eventfd(), program.eventfd()];
  expect(program.setIrqs(bound, fds)).toBe(0);
  expect([0, 1, 2].map((vector) => entryOf(pci, vector))).toEqual(
    [0n, 1n, 2n].map((data) => ({ address: DOORBELL, data })),
  );
  pci.interrupt(1);
  pci.interrupt(2);
  pci.interrupt(2);
  expect(fds.map((fd) => program.count(fd))).toEqual([0, 1, 2]);
  expect(program.kernel.messages.filter((line) => line.includes('event: '))).toEqual([]);
});

test('the vectors of MSI share a doorbell, and differ in the lower bits of the data', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  const fds = [program.eventfd(), program.eventfd()];
  expect(program.setIrqs(bound, fds, VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  pci.interrupt(1);
  expect(fds.map((fd) => program.count(fd))).toEqual([0, 1]);
});

test('a device that is not attached cannot use MSIs; before 6.15 it sent them to the physical address', () => {
  for (const [version, expected] of [
    ['7.3', 'ENOSPC'],
    ['6.14', 0],
  ] as const) {
    const program = new MsiProgram(undefined, new FakeKernel([], { version }));
    const { pci, bound } = program.plug(0x28);
    const fd = program.eventfd();
    expect(program.setIrqs(bound, [fd])).toBe(expected);
    if (expected !== 0) continue;
    expect(entryOf(pci, 0)).toEqual({ address: GITS_TRANSLATER, data: 0n });
    pci.interrupt(0);
    program.ok(program.attach(bound, 1));
    pci.interrupt(0);
    expect(program.count(fd)).toBe(0);
    expect(program.kernel.messages.at(-2)).toContain('F_TRANSLATION');
  }
});

test('the events of vectors whose doorbell could not be mapped are lost', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  const [fd, other] = [program.eventfd(), program.eventfd()];
  // The first vector takes event 0 of 4. its_irq_domain_alloc() does not give it back.
  expect(program.setIrqs(bound, [fd])).toBe('ENOSPC');
  program.ok(program.attach(bound, 1));
  // Linux returns the number of vectors that are left.
  expect(program.setIrqs(bound, [fd, other, fd, fd])).toBe(3);
  expect(program.setIrqs(bound, [fd, other])).toBe(0);
  expect([0, 1].map((vector) => entryOf(pci, vector).data)).toEqual([1n, 2n]);
  pci.interrupt(1);
  expect([program.count(fd), program.count(other)]).toEqual([0, 1]);
  expect(program.disableIrqs(bound)).toBe(0);
  // The vectors of MSI have events in a row, from a multiple of their number on.
  const fds = [other, other, other, other];
  for (const [count, answer, data] of [
    [4, 1, undefined],
    [2, 0, 2],
    [1, 0, 1],
  ] as const) {
    expect(program.setIrqs(bound, fds.slice(0, count), VFIO_PCI_MSI_IRQ_INDEX)).toBe(answer);
    if (data === undefined) continue;
    expect(pci.readConfig(msiAt(pci) + 12, 2)).toBe(data);
    pci.interrupt(count - 1);
    expect(program.count(other)).toBe(1);
    expect(program.disableIrqs(bound, VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  }
});

test('lost events stay lost for the next device with the StreamID', () => {
  const program = new MsiProgram();
  const { bound } = program.plug(0x28);
  expect(program.setIrqs(bound, [program.eventfd()])).toBe('ENOSPC');
  program.process.close(bound.fd);
  program.kernel.unplug(bound.device);
  program.smmu.removeDevice(bound.device);
  for (const [streamId, answer] of [
    [0x28, 3],
    [0x30, 0],
  ] as const) {
    const next = program.plug(streamId).bound;
    program.ok(program.attach(next, 1));
    expect(program.setIrqs(next, Array<number>(4).fill(program.eventfd()))).toBe(answer);
  }
});

test('a message that arrives before its eventfd is set is delivered then', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  expect(program.setIrqs(bound, [-1], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  pci.interrupt(0);
  pci.interrupt(0);
  const fd = program.eventfd();
  expect(program.setIrqs(bound, [fd], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  expect(program.count(fd)).toBe(1);
});

test('a snapshot has the messages of vectors, and those that were kept', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  const fd = program.eventfd();
  expect(program.setIrqs(bound, [-1, fd], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  pci.interrupt(0);
  const { kept } = FakeKernel.restore(program.kernel.snapshot({ keep: { process: program.process, pci } }));
  kept.pci.interrupt(1);
  const count = (): bigint => {
    expect(kept.process.read(fd, program.at, 8)).toBe(8);
    return new DataView(kept.process.memory(program.at, 8).slice().buffer).getBigUint64(0, true);
  };
  expect(count()).toBe(1n);
  const fields = { argsz: 24, flags: EVENTFD_TRIGGER, index: VFIO_PCI_MSI_IRQ_INDEX, start: 0, count: 1 };
  const data = new Uint8Array(Int32Array.of(fd).buffer);
  kept.process.memory(program.at, 24).set(encode(vfio_irq_set, { ...fields, data }));
  expect(kept.process.ioctl(bound.fd, VFIO_DEVICE_SET_IRQS.request, program.at)).toBe(0);
  expect(count()).toBe(1n);
  expect(program.count(fd)).toBe(0);
});

test('a function whose MSIs cannot be masked sends them to address 0 while no eventfd is set', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  const fd = program.eventfd();
  expect(program.setIrqs(bound, [fd], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  expect(program.setIrqs(bound, [-1], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  expect([4, 12].map((offset) => pci.readConfig(msiAt(pci) + offset, 2))).toEqual([0, 0]);
  pci.interrupt(0);
  expect(program.kernel.messages.at(-2)).toContain('iova: 0x0 ');
  expect(program.setIrqs(bound, [fd], VFIO_PCI_MSI_IRQ_INDEX)).toBe(0);
  pci.interrupt(0);
  expect(program.count(fd)).toBe(1);
});

test('a device keeps its doorbell when it is moved to another page table; before 6.15 it does not', () => {
  for (const [version, expected] of [
    ['7.3', [1, 1, 0, 1]],
    ['6.14', [1, 0, 0, 0]],
  ] as const) {
    const program = new MsiProgram(undefined, new FakeKernel([], { version }));
    const { pci, bound } = program.plug(0x28);
    program.ok(program.attach(bound, 1));
    const fd = program.eventfd();
    expect(program.setIrqs(bound, [fd])).toBe(0);
    const raise = (): number => {
      pci.interrupt(0);
      return program.count(fd);
    };
    const counts = [raise()];
    const other = program.ok(program.hwpt(bound, 0));
    program.ok(program.attach(bound, other));
    counts.push(raise());
    program.detach(bound);
    counts.push(raise());
    program.ok(program.attach(bound, program.parent(bound)));
    counts.push(raise());
    expect(counts).toEqual(expected);
  }
});

test('devices of a context share the window, and each causes only its own interrupts', async () => {
  const program = new MsiProgram();
  const [one, two] = [program.plug(0x28), program.plug(0x30)];
  const fds = [program.eventfd(), program.eventfd()];
  for (const [i, { bound }] of [one, two].entries()) {
    program.ok(program.attach(bound, 1));
    expect(program.setIrqs(bound, fds.slice(i, i + 1))).toBe(0);
  }
  // Any write of the device to the doorbell is a message.
  await two.bound.device.dma.write(DOORBELL, Uint8Array.of(0, 0, 0, 0));
  await two.bound.device.dma.write(DOORBELL, Uint8Array.of(9, 0, 0, 0));
  await two.bound.device.dma.write(WINDOW, Uint8Array.of(0, 0, 0, 0));
  expect(fds.map((fd) => program.count(fd))).toEqual([0, 1]);
  await expect(one.bound.device.dma.read(DOORBELL, 4)).resolves.toEqual(new Uint8Array(4));
});

test('the doorbell of another interrupt controller gets the next page of the window', () => {
  const program = new MsiProgram();
  const { bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  expect(program.setIrqs(bound, [program.eventfd()])).toBe(0);
  const other = program.plug(0x28, new FakeSmmuv3(program.kernel));
  program.ok(program.attach(other.bound, 1));
  const fd = program.eventfd();
  expect(program.setIrqs(other.bound, [fd])).toBe(0);
  expect(entryOf(other.pci, 0)).toEqual({ address: DOORBELL + 0x1000n, data: 0n });
  other.pci.interrupt(0);
  expect(program.count(fd)).toBe(1);
});

test('setting up MSIs fails with ENOSPC if an allocation fails, and leaves nothing behind', () => {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  const fd = program.eventfd();
  for (const nth of [1, 2]) {
    program.kernel.failAllocation(nth);
    expect(program.setIrqs(bound, [fd])).toBe('ENOSPC');
  }
  expect(program.setIrqs(bound, [fd])).toBe(0);
  pci.interrupt(0);
  expect(program.count(fd)).toBe(1);
  program.process.exit();
  expect(program.kernel.leftOver()).toEqual([]);
});

test('the window cannot be mapped, with or without a doorbell in it', () => {
  const program = new MsiProgram();
  const { bound } = program.plug(0x28);
  program.ok(program.attach(bound, 1));
  const isClosed = (): void => {
    for (const iova of [WINDOW, WINDOW + 0xf_f000n])
      expect(() => program.map(iova, DATA, 1)).toThrow('EINVAL');
  };
  isClosed();
  expect(program.setIrqs(bound, [program.eventfd()])).toBe(0);
  isClosed();
  program.map(WINDOW - 0x1000n, DATA, 1);
  program.map(WINDOW + 0x10_0000n, DATA, 1);
});

/** A function on a guest's stage 1, with an interrupt. */
function nested() {
  const program = new MsiProgram();
  const { pci, bound } = program.plug(0x28);
  program.setUpGuest();
  program.show(0, DATA);
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  program.ok(program.vdevice(bound, viommu, VSID));
  const events = program.events(viommu);
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu))));
  const fd = program.eventfd();
  expect(program.setIrqs(bound, [fd])).toBe(0);
  return { program, pci, events, fd };
}

test('a guest that does not map the window receives a fault event for each message', () => {
  const { program, pci, events, fd } = nested();
  pci.interrupt(0);
  expect(program.count(fd)).toBe(0);
  expect(program.read(events)).toMatchObject([
    {
      event: {
        EventNumber: cases.F_TRANSLATION.tag,
        StreamID: Number(VSID),
        S2: 0,
        RnW: 0,
        InputAddr: DOORBELL,
      },
    },
  ]);
});

test('if a guest maps the window to itself, as RESV_DIRECT requires, messages arrive', () => {
  const { program, pci, events, fd } = nested();
  program.showAt(WINDOW, WINDOW);
  pci.interrupt(0);
  expect(program.count(fd)).toBe(1);
  expect(program.read(events)).toEqual([]);
});

test('a guest may map the doorbell elsewhere, if the function is given that address', () => {
  const { program, pci, fd } = nested();
  program.showAt(IOVA + 0x1000n, WINDOW);
  pci.bars[0]?.write(0x800, 8, IOVA + 0x1040n);
  pci.interrupt(0);
  expect(program.count(fd)).toBe(1);
});
