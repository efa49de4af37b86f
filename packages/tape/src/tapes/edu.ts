import type { PciFunction, SmmuDevice } from '@iommufd/fakekernel';

/** Configuration space of a function without PCI Express. */
const CONFIG_SIZE = 256;
const COMMAND = 4;
const COMMAND_MEMORY = 1 << 1;
const COMMAND_MASTER = 1 << 2;
/** The bits of the command register that can be written: I/O, memory and master. */
const COMMAND_WRITABLE = 7;

/** Registers of BAR 0. Source: QEMU, `docs/specs/edu.rst`. */
const BAR0_SIZE = 1 << 20;
const ID = 0x00;
const DMA_SOURCE = 0x80;
const DMA_DESTINATION = 0x88;
const DMA_COUNT = 0x90;
const DMA_COMMAND = 0x98;
const DMA_RUN = 1;
/** The device writes memory. */
const DMA_TO_MEMORY = 2;

/** The address of the device's own buffer, as its engine takes it. */
const BUFFER = 0x4_0000n;
const BUFFER_SIZE = 4096;

/** Memory is accessed so many bytes at a time, each translated on its own. */
const BEAT = 4;

/** QEMU's educational PCI device: a buffer, and an engine that copies between it and memory. */
export class EduDevice implements PciFunction {
  readonly configSize = CONFIG_SIZE;
  readonly canReset = false;
  private readonly config = new DataView(new ArrayBuffer(CONFIG_SIZE));
  private readonly registers = new DataView(new ArrayBuffer(0x100));
  private readonly buffer = new Uint8Array(BUFFER_SIZE);
  private port: SmmuDevice | undefined;

  constructor() {
    this.config.setUint16(0, 0x1234, true);
    this.config.setUint16(2, 0x11e8, true);
    // Revision 0x10, of no class.
    this.config.setUint32(8, 0x00ff_0010, true);
    this.registers.setUint32(ID, 0x0100_00ed, true);
  }

  /** Where its transactions go. */
  connect(port: SmmuDevice): void {
    this.port = port;
  }

  opened(): void {
    // VFIO turns memory on, and DMA off.
    this.config.setUint16(COMMAND, COMMAND_MEMORY, true);
  }

  barSize(bar: number): number {
    return bar === 0 ? BAR0_SIZE : 0;
  }

  readConfig(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.config.buffer.slice(offset, offset + length));
  }

  writeConfig(offset: number, bytes: Uint8Array): void {
    // The rest is read-only, as far as the tapes write it.
    if (offset !== COMMAND || bytes.length < 2) return;
    const command = (bytes[0] ?? 0) & COMMAND_WRITABLE;
    this.config.setUint16(COMMAND, command, true);
  }

  private enabled(bit: number): boolean {
    return (this.config.getUint16(COMMAND, true) & bit) !== 0;
  }

  readBar(_bar: number, offset: number, length: number): Uint8Array | undefined {
    if (!this.enabled(COMMAND_MEMORY)) return undefined;
    const bytes = new Uint8Array(length);
    const end = Math.min(offset + length, this.registers.byteLength);
    if (offset < end) bytes.set(new Uint8Array(this.registers.buffer.slice(offset, end)));
    return bytes;
  }

  writeBar(_bar: number, offset: number, bytes: Uint8Array): boolean {
    if (!this.enabled(COMMAND_MEMORY)) return false;
    if (offset < DMA_SOURCE || offset + bytes.length > this.registers.byteLength) return true;
    new Uint8Array(this.registers.buffer).set(bytes, offset);
    if (offset === DMA_COMMAND && ((bytes[0] ?? 0) & DMA_RUN) !== 0) this.run();
    return true;
  }

  /** The engine: it has finished when this returns. */
  private run(): void {
    const command = this.registers.getUint32(DMA_COMMAND, true);
    const write = (command & DMA_TO_MEMORY) !== 0;
    const source = this.registers.getBigUint64(DMA_SOURCE, true);
    const destination = this.registers.getBigUint64(DMA_DESTINATION, true);
    const length = Number(this.registers.getBigUint64(DMA_COUNT, true));
    const inside = Number((write ? source : destination) - BUFFER);
    const iova = write ? destination : source;
    this.registers.setUint32(DMA_COMMAND, command & ~DMA_RUN, true);
    if (inside < 0 || inside + length > BUFFER_SIZE || !this.enabled(COMMAND_MASTER)) return;
    for (let at = 0; at < length; at += BEAT) {
      const bytes = this.buffer.subarray(inside + at, inside + Math.min(at + BEAT, length));
      this.beat(BigInt.asUintN(64, iova + BigInt(at)), bytes, write);
    }
  }

  /** One access. What cannot be read is zero. */
  private beat(iova: bigint, bytes: Uint8Array, write: boolean): void {
    const transaction = { iova, write, pasid: undefined };
    const translation = this.port?.translate(transaction);
    if (translation === undefined || 'reason' in translation) {
      if (!write) bytes.fill(0);
      return;
    }
    const { object, byte } = translation;
    // A beat ends where its page does.
    const beat = bytes.subarray(0, BUFFER_SIZE - (byte % BUFFER_SIZE));
    if (write) object.write(byte, beat);
    else object.read(byte, beat);
  }
}

/** What a program writes to the engine's registers to have it copy. Each is 64 bits wide. */
export function engineWrites(copy: {
  readonly write: boolean;
  readonly iova: bigint;
  readonly length: number;
  readonly bufferOffset: number;
}): readonly { readonly offset: bigint; readonly value: bigint }[] {
  const inside = BUFFER + BigInt(copy.bufferOffset);
  return [
    { offset: BigInt(DMA_SOURCE), value: copy.write ? inside : copy.iova },
    { offset: BigInt(DMA_DESTINATION), value: copy.write ? copy.iova : inside },
    { offset: BigInt(DMA_COUNT), value: BigInt(copy.length) },
    { offset: BigInt(DMA_COMMAND), value: BigInt(DMA_RUN | (copy.write ? DMA_TO_MEMORY : 0)) },
  ];
}
