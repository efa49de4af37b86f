/**
 * The interrupt translation service of a GICv3, as far as devices see it: GITS_TRANSLATER, the doorbell that messages are written
 * to. Which interrupt a message is depends on the number that is written and on the device that writes, so that no device can cause
 * interrupts of another. Source: Arm IHI 0069, 12.19.
 */
import { KernelBug } from '../errno.js';
import { type AccessSize, DeviceMemory } from '../process/device-memory.js';

/** Where QEMU's `virt` machine has the registers. */
const GITS_BASE = 0x0808_0000n;
const GITS_TRANSLATER = 0x1_0040n;
/** The register in its page. */
const OFFSET = 0x40;

/** Receives the number of an event. */
export type EventSink = (event: number) => void;

/** The page with GITS_TRANSLATER. Reads give zeros. */
export class DoorbellPage extends DeviceMemory {
  readonly pageCount = 1;
  readonly isReachable = true;

  /** @param arrived receives the events that are written; none by default, as a write without a device is none */
  constructor(private readonly arrived?: EventSink) {
    super();
  }

  override inPlace(): Uint8Array {
    throw new KernelBug('a doorbell is used like a page of memory');
  }

  override load(): bigint {
    return 0n;
  }

  /** The register takes 16 and 32 bits. */
  override store(byte: number, size: AccessSize, value: bigint): void {
    if (byte === OFFSET && (size === 4 || size === 2)) this.arrived?.(Number(value));
  }
}

/** An interrupt translation service. */
export class Its {
  /** The physical address of GITS_TRANSLATER. */
  readonly address = GITS_BASE + GITS_TRANSLATER;
  /** Its page, as page tables show it. */
  readonly page: DeviceMemory = new DoorbellPage();

  /** The page as one device writes to it. */
  pageFor(arrived: EventSink): DeviceMemory {
    return new DoorbellPage(arrived);
  }
}
