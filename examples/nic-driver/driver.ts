/**
 * A user-space driver for the fake NIC: rings in memory that the device reads and writes, doorbells in its registers, and MSI-X
 * interrupts for completions.
 */
import type { Ioas, Interrupts, Iommufd, Mapping, Memory, Region, VfioDevice } from '@iommufd/sdk';

/** Registers of BAR 0: a control register, and three registers for each ring. */
const CONTROL = 0x00;
const ENABLE = 1;
const BASE = 0x00;
const COUNT = 0x08;
const TAIL = 0x0c;

/** A descriptor: the address of a buffer (8 bytes), its length (2), flags (2). */
const DESCRIPTOR = 16;
const DONE = 1;

const PAGE = 4096;
const BUFFER = 2048;
const SLOTS = 8;

/** A ring of descriptors, each with its own buffer. The descriptors are in the first page of the memory. */
class Ring {
  private head = 0;
  private tail = 0;
  private readonly memory: Memory;
  private readonly mapping: Mapping;
  private readonly descriptors: DataView;

  constructor(
    private readonly registers: Region,
    /** Offset of its registers in the BAR, in bytes. */
    private readonly at: number,
    iommufd: Iommufd,
    ioas: Ioas,
  ) {
    this.memory = iommufd.allocMemory(PAGE + SLOTS * BUFFER);
    this.mapping = ioas.mapMemory(this.memory);
    const { buffer, byteOffset } = this.memory.bytes(0, PAGE);
    this.descriptors = new DataView(buffer, byteOffset, PAGE);
    registers.write64(at + BASE, this.mapping.iova);
    registers.write32(at + COUNT, SLOTS);
  }

  /** Number of descriptors that the device owns. */
  get pending(): number {
    return (this.tail - this.head + SLOTS) % SLOTS;
  }

  private buffer(slot: number): Uint8Array {
    return this.memory.bytes(PAGE + slot * BUFFER, BUFFER);
  }

  /** Passes a buffer to the device, and rings its doorbell. @returns false if the ring is full; one descriptor stays unused */
  post(length: number, frame?: Uint8Array): boolean {
    if (this.pending === SLOTS - 1) return false;
    if (frame !== undefined) this.buffer(this.tail).set(frame);
    const descriptor = this.tail * DESCRIPTOR;
    const iova = this.mapping.iova + BigInt(PAGE + this.tail * BUFFER);
    this.descriptors.setBigUint64(descriptor, iova, true);
    this.descriptors.setUint16(descriptor + 8, length, true);
    this.descriptors.setUint16(descriptor + 10, 0, true);
    this.tail = (this.tail + 1) % SLOTS;
    this.registers.write32(this.at + TAIL, this.tail);
    return true;
  }

  /** Takes back the buffers that the device has completed. @returns their contents */
  *done(): Generator<Uint8Array> {
    while (this.pending > 0) {
      const descriptor = this.head * DESCRIPTOR;
      if ((this.descriptors.getUint16(descriptor + 10, true) & DONE) === 0) return;
      const length = this.descriptors.getUint16(descriptor + 8, true);
      yield this.buffer(this.head).slice(0, length);
      this.head = (this.head + 1) % SLOTS;
    }
  }

  close(): void {
    this.mapping.unmap();
    this.memory.close();
  }
}

/** The vector of each ring. */
const SENT = 0;
const RECEIVED = 1;

/** Callbacks of the driver. */
export interface DriverEvents {
  sent(count: number): void;
  received(frame: Uint8Array): void;
}

/** The driver. It runs until it is closed. */
export class NicDriver implements Disposable {
  private readonly registers: Region;
  private readonly send: Ring;
  private readonly receive: Ring;
  private readonly interrupts: Interrupts;

  constructor(iommufd: Iommufd, device: VfioDevice, ioas: Ioas, events: DriverEvents) {
    device.reset();
    device.attach(ioas);
    device.pciCommand({ memory: true, busMaster: true });
    this.registers = device.region('bar0');
    this.send = new Ring(this.registers, 0x10, iommufd, ioas);
    this.receive = new Ring(this.registers, 0x30, iommufd, ioas);
    this.interrupts = device.enableInterrupts('msix', { vectors: 2 });
    this.interrupts.listen(({ vector }) => {
      if (vector === SENT) events.sent([...this.send.done()].length);
      if (vector !== RECEIVED) return;
      for (const frame of this.receive.done()) {
        events.received(frame);
        this.receive.post(BUFFER);
      }
    });
    this.registers.write32(CONTROL, ENABLE);
    while (this.receive.post(BUFFER));
  }

  /** Sends a frame. @returns false if the ring is full */
  transmit(frame: Uint8Array): boolean {
    return this.send.post(frame.length, frame);
  }

  close(): void {
    this.registers.write32(CONTROL, 0);
    this.interrupts.close();
    this.send.close();
    this.receive.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
