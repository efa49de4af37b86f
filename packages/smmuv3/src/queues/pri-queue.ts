import { SMMU_CR0, SMMU_GERROR, SMMU_PRIQ_IRQ_CFG2, smmuv3_pri, smmuv3_pri_response } from '@iommufd/uapi';
import { type Encodable, encodeInto } from '@iommufd/uapi/struct';
import type { SystemMemory } from '../memory.js';
import type { Features } from '../registers/features.js';
import { mask32 } from '../registers/fields.js';
import type { Interrupts } from '../registers/interrupts.js';
import type { Registers } from '../registers/registers.js';
import { OutputQueue } from './output-queue.js';

/** A page request of a device, with the field names of the architecture. */
export type PageRequest = Encodable<typeof smmuv3_pri>;

/** An automatic response to a page request (Arm IHI 0070, 8.1). */
export interface AutomaticResponse {
  /** A value of `smmuv3_pri_response`. */
  readonly response: number;
  /** True if the response carries the PASID of the request. */
  readonly withPasid: boolean;
}

/** The result of a page request: queued; discarded without a response; discarded with an automatic response. */
export type PriOutcome = 'queued' | 'ignored' | AutomaticResponse;

const ON = mask32(SMMU_CR0, 'SMMUEN', 'PRIQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'PRIQ_ABT_ERR');
const LO = mask32(SMMU_PRIQ_IRQ_CFG2, 'LO');

const SUCCESS: AutomaticResponse = { response: smmuv3_pri_response.Success, withPasid: false };
const SUCCESS_WITH_PASID: AutomaticResponse = { response: smmuv3_pri_response.Success, withPasid: true };
const FAILURE: AutomaticResponse = { response: smmuv3_pri_response.ResponseFailure, withPasid: false };

/**
 * The PRI queue. Unlike the event queue, after an overflow it accepts no request until software has acknowledged the
 * overflow, even if it has space: otherwise a page request group could lose requests in the middle. Source: Arm IHI
 * 0070, chapter 8.
 */
export class PriQueue {
  private readonly queue: OutputQueue;
  private readonly bytes = new Uint8Array(smmuv3_pri.byteLength);

  /**
   * @param registers base, indexes and enable bits of the queue
   * @param memory holds the queue
   * @param interrupts signals requests and errors
   * @param features the maximum size, and whether automatic responses carry a PASID
   * @param streams returns STE.PPAR of a stream; undefined if the stream has no valid STE
   */
  constructor(
    private readonly registers: Registers,
    memory: SystemMemory,
    private readonly interrupts: Interrupts,
    private readonly features: Features,
    private readonly streams: { ppar(streamId: number): boolean | undefined },
  ) {
    const { idr1, departures } = features;
    this.queue = new OutputQueue(registers, memory, 'PRIQ', idr1.PRIQS, this.bytes.length, departures);
  }

  /**
   * Queues a page request. While the queue is disabled or in error, every request gets ResponseFailure. If the queue is
   * full or overflowed, the last request of a group gets a response, usually Success, so that the device retries. A
   * stop marker never gets a response.
   * @throws StructError if a field is out of range
   */
  add(request: PageRequest): PriOutcome {
    encodeInto(smmuv3_pri, request, this.bytes);
    // 8.2: a disabled queue, or one in error, responds to every request.
    if ((this.registers.SMMU_CR0 & ON) !== ON || this.interrupts.isActive(ABT_ERR)) return failed(request);
    if (this.queue.isOverflowed) return this.discard(request);
    const put = this.queue.put(this.bytes);
    switch (put) {
      case 'full':
        this.queue.overflow();
        return this.discard(request);
      case 'aborted':
        this.interrupts.raise('PRIQ_ABT_ERR');
        return failed(request);
      default:
        if (this.isLastOnly ? request.Last === 1 : put === 'first') this.interrupts.send('PRIQ');
        return 'queued';
    }
  }

  /** Discards a request because the queue has no space. With LO, the last request of a group still interrupts (6.3.36). */
  private discard(request: PageRequest): PriOutcome {
    if (this.isLastOnly && request.Last === 1) this.interrupts.send('PRIQ');
    return request.Last === 1 && !isStopMarker(request) ? this.responseTo(request) : 'ignored';
  }

  /** Success, with the PASID if SMMU_IDR3.PPS or STE.PPAR is 1 (8.1). */
  private responseTo({ StreamID, SSV }: PageRequest): AutomaticResponse {
    const { idr1, idr3 } = this.features;
    if (SSV === 0 || idr1.SSIDSIZE === 0) return SUCCESS;
    if (idr3.PPS === 1) return SUCCESS_WITH_PASID;
    const ppar = this.streams.ppar(StreamID);
    if (ppar === undefined) return FAILURE;
    return ppar ? SUCCESS_WITH_PASID : SUCCESS;
  }

  /** SMMU_PRIQ_IRQ_CFG2.LO. True if the last request of each group interrupts, instead of the queue becoming non-empty. */
  private get isLastOnly(): boolean {
    return (this.registers.SMMU_PRIQ_IRQ_CFG2 & LO) !== 0;
  }
}

/** True for a stop marker, which ends the requests of a PASID: LWR = 0b100 with a PASID (chapter 8). */
const isStopMarker = ({ SSV, Last, R, W }: PageRequest): boolean =>
  SSV === 1 && Last === 1 && R === 0 && W === 0;

const failed = (request: PageRequest): PriOutcome => (isStopMarker(request) ? 'ignored' : FAILURE);
