/**
 * Interrupt messages of a device behind an SMMU: writes to the doorbell of an ITS, which the SMMU translates like all others. The
 * function that is plugged in sends them, and receives those that have arrived.
 */
import type { MessageBus } from '../../hardware/dma-device.js';
import { DmaFault } from '../../hardware/dma-fault.js';
import { Dma, type DmaPort } from '../../hardware/dma.js';
import type { EventSink } from '../../hardware/its.js';
import { restorable } from '../../lib/restorable.js';

/** @see {@link MessageBus} */
export class Messages implements MessageBus {
  arrived: EventSink | undefined;
  /** Not the device's own, whose writes are logged. */
  private readonly dma: Dma;

  constructor(port: DmaPort) {
    this.dma = new Dma(port);
  }

  /** A message that is not let through is lost, with the SMMU's event; one that stalls waits. */
  send(address: bigint, data: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, data, true);
    this.dma.write(address, bytes).catch((cause: unknown) => {
      if (!(cause instanceof DmaFault)) throw cause;
    });
  }

  /** What the doorbell calls. */
  static readonly sink = restorable(
    'Messages.sink',
    (messages: Messages): EventSink =>
      (event) =>
        messages.arrived?.(event),
  );
}
