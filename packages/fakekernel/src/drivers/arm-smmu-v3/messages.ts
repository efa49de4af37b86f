/**
 * Interrupt messages of a device behind an SMMU: writes to the doorbell of an ITS, which the SMMU translates like all other
 * writes. The plugged function sends messages, and receives those that have arrived.
 */
import type { MessageBus } from '../../hardware/dma-device.js';
import { DmaFault } from '../../hardware/dma-fault.js';
import { Dma, type DmaPort } from '../../hardware/dma.js';
import type { EventSink } from '../../hardware/its.js';
import { restorable } from '../../lib/restorable.js';

/** @see {@link MessageBus} */
export class Messages implements MessageBus {
  arrived: EventSink | undefined;
  /** A DMA engine for messages only, because writes of the device's own engine are logged. */
  private readonly dma: Dma;

  constructor(port: DmaPort) {
    this.dma = new Dma(port);
  }

  /** Sends a message. If the SMMU refuses it, it is lost, and the SMMU records an event. If it stalls, it waits. */
  send(address: bigint, data: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, data, true);
    this.dma.write(address, bytes).catch((cause: unknown) => {
      if (!(cause instanceof DmaFault)) throw cause;
    });
  }

  /** The callback of the doorbell. */
  static readonly sink = restorable(
    'Messages.sink',
    (messages: Messages): EventSink =>
      (event) =>
        messages.arrived?.(event),
  );
}
