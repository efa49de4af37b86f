import { smmuv3_pri, smmuv3_pri_response, smmuv3_register } from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { Features } from './features.js';
import { globalError, type GlobalErrors } from './global-errors.js';
import type { Lines } from './lines.js';
import { OutputQueue } from './output-queue.js';
import type { PhysicalMemory } from './physical-memory.js';
import type { Registers } from './registers.js';
import type { PriRequest, PriResponse } from './stream-transaction.js';

const PAGE_MASK = ~0xfffn;

/** What the PRI queue needs of its SMMU. */
export interface PriHost {
  /** Sends a PRG response to a device. */
  respond(response: PriResponse): void;
  /** STE.PPAR of a stream; undefined if it has no valid STE. */
  ppar(streamId: number): boolean | undefined;
}

/**
 * The PRI queue. Unlike the event queue it takes nothing from an overflow on until that is acknowledged, and whoever
 * waits for an answer to what was discarded gets one (Arm IHI 0070, 8.1 and 8.2).
 */
export class PriQueue {
  private readonly queue: OutputQueue;

  constructor(
    private readonly registers: Registers,
    memory: PhysicalMemory,
    private readonly features: Features,
    private readonly errors: GlobalErrors,
    private readonly lines: Lines,
    private readonly host: PriHost,
  ) {
    this.queue = new OutputQueue(registers, memory, registers.priqBase, {
      prod: smmuv3_register.SMMU_PRIQ_PROD,
      cons: smmuv3_register.SMMU_PRIQ_CONS,
      entryBytes: smmuv3_pri.byteLength,
      most: features.idr1.PRIQS,
    });
  }

  /** PRIQEN takes effect only with SMMUEN (Arm IHI 0070, 6.3.9.5). */
  private get isOn(): boolean {
    const { SMMUEN, PRIQEN } = this.registers.cr0;
    const on = this.features.idr0.PRI === 1 && SMMUEN === 1 && PRIQEN === 1;
    return on && !this.errors.isActive(globalError.PRIQ_ABT_ERR);
  }

  /** @returns false if the request was discarded */
  request(request: PriRequest): boolean {
    if (!this.isOn) {
      this.fail(request);
      return false;
    }
    if (this.queue.isOverflowed || this.queue.isFull) {
      this.discard(request);
      return false;
    }
    const wasEmpty = this.queue.isEmpty;
    if (!this.queue.put(encode(smmuv3_pri, recordOf(request)))) {
      this.errors.activate(globalError.PRIQ_ABT_ERR);
      this.fail(request);
      return false;
    }
    const { LO } = this.registers.priqIrqCfg2;
    if (LO === 1 ? request.last : wasEmpty) this.interrupt();
    return true;
  }

  private interrupt(): void {
    if (this.registers.irqCtrl.PRIQ_IRQEN === 1) this.lines.priq();
  }

  /** Page requests do not work at all: each is told so, without a PASID. */
  private fail(request: PriRequest): void {
    if (isStopMarker(request)) return;
    const { streamId, prgIndex } = request;
    this.host.respond({
      streamId,
      prgIndex,
      substreamId: undefined,
      response: smmuv3_pri_response.ResponseFailure,
    });
  }

  /** There is an overflow: the last request of a group is answered, so that the device tries again. */
  private discard(request: PriRequest): void {
    this.queue.overflow();
    if (isStopMarker(request) || !request.last) return;
    if (this.registers.priqIrqCfg2.LO === 1) this.interrupt();
    const { streamId, prgIndex } = request;
    this.host.respond({ streamId, prgIndex, ...this.autoResponse(request) });
  }

  /** Success, and the PASID where SMMU_IDR3.PPS or STE.PPAR wants it (Arm IHI 0070, 8.1). */
  private autoResponse({ streamId, substreamId }: PriRequest): Pick<PriResponse, 'response' | 'substreamId'> {
    const { ResponseFailure, Success } = smmuv3_pri_response;
    const { idr1, idr3 } = this.features;
    if (substreamId === undefined || idr1.SSIDSIZE === 0)
      return { response: Success, substreamId: undefined };
    if (idr3.PPS === 1) return { response: Success, substreamId };
    const ppar = this.host.ppar(streamId);
    if (ppar === undefined) return { response: ResponseFailure, substreamId: undefined };
    return { response: Success, substreamId: ppar ? substreamId : undefined };
  }
}

/** A message that marks the end of a PASID, and that nobody answers (Arm IHI 0070, chapter 8). */
function isStopMarker({ substreamId, last, read, write }: PriRequest): boolean {
  return substreamId !== undefined && last && !read && !write;
}

function recordOf({
  streamId,
  substreamId,
  address,
  read,
  write,
  execute = false,
  privileged = false,
  last,
  prgIndex,
}: PriRequest): Parameters<(typeof smmuv3_pri)['$encodable']>[0] {
  const valid = substreamId !== undefined;
  return {
    StreamID: streamId,
    SubstreamID: substreamId ?? 0,
    Priv: valid && privileged ? 1 : 0,
    X: valid && execute ? 1 : 0,
    R: read ? 1 : 0,
    W: write ? 1 : 0,
    Last: last ? 1 : 0,
    SSV: valid ? 1 : 0,
    PRGIndex: prgIndex,
    PageAddress: address & PAGE_MASK,
  };
}
