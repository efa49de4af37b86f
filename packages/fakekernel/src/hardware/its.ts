/**
 * The interrupt translation service of a GICv3, as devices see it: GITS_TRANSLATER, the doorbell to which messages are written.
 * The interrupt of a message depends on the written number and on the writing device, so that a device cannot cause interrupts of
 * another. Source: Arm IHI 0069, 12.19.
 */
import { KernelBug } from '../errno.js';
import { type AccessSize, DeviceMemory } from '../process/device-memory.js';

/** Address of the registers on QEMU's `virt` machine. */
const GITS_BASE = 0x0808_0000n;
const GITS_TRANSLATER = 0x1_0040n;
/** Offset of the register in its page. */
const OFFSET = 0x40;

/** Receives the number of an event. */
export type EventSink = (event: number) => void;

/** The page with GITS_TRANSLATER. It reads as zero. */
export class DoorbellPage extends DeviceMemory {
  readonly pageCount = 1;
  readonly isReachable = true;

  /** @param arrived receives the written event numbers. Without it, writes are ignored, because no device is known */
  constructor(private readonly arrived?: EventSink) {
    super();
  }

  override inPlace(): Uint8Array {
    throw new KernelBug('a doorbell is used like a page of memory');
  }

  override load(): bigint {
    return 0n;
  }

  /** The register accepts writes of 16 and 32 bits. */
  override store(byte: number, size: AccessSize, value: bigint): void {
    if (byte === OFFSET && (size === 4 || size === 2)) this.arrived?.(Number(value));
  }
}

/** An interrupt translation service. */
export class Its {
  /** The physical address of GITS_TRANSLATER. */
  readonly address = GITS_BASE + GITS_TRANSLATER;
  /** The page of the register, as page tables map it. */
  readonly page: DeviceMemory = new DoorbellPage();

  /** The page of the register for writes of one device. */
  pageFor(arrived: EventSink): DeviceMemory {
    return new DoorbellPage(arrived);
  }
}
