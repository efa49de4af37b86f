import { SMMU_CR0, SMMU_GERROR, SMMU_PRIQ_IRQ_CFG2, smmuv3_pri, smmuv3_pri_response } from '@iommufd/uapi';
import { type Encodable, encodeInto } from '@iommufd/uapi/struct';
import type { SystemMemory } from '../memory.js';
import type { Features } from '../registers/features.js';
import { mask32 } from '../registers/fields.js';
import type { Interrupts } from '../registers/interrupts.js';
import type { Registers } from '../registers/registers.js';
import { OutputQueue } from './output-queue.js';

/** A page request of a device, by the architecture's names. */
export type PageRequest = Encodable<typeof smmuv3_pri>;

/** The SMMU answers a page request by itself. */
export interface AutomaticResponse {
  /** Of `smmuv3_pri_response`. */
  readonly response: number;
  /** Does the answer have the PASID of the request? */
  readonly withPasid: boolean;
}

/** What becomes of a page request: it is in the queue; it is discarded and nothing is answered; it is discarded and answered. */
export type PriOutcome = 'queued' | 'ignored' | AutomaticResponse;

const ON = mask32(SMMU_CR0, 'SMMUEN', 'PRIQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'PRIQ_ABT_ERR');
const LO = mask32(SMMU_PRIQ_IRQ_CFG2, 'LO');

const SUCCESS: AutomaticResponse = { response: smmuv3_pri_response.Success, withPasid: false };
const SUCCESS_WITH_PASID: AutomaticResponse = { response: smmuv3_pri_response.Success, withPasid: true };
const FAILURE: AutomaticResponse = { response: smmuv3_pri_response.ResponseFailure, withPasid: false };

/**
 * The PRI queue. Unlike the event queue, once it has overflowed nothing is queued until software has acknowledged that,
 * whether or not there is room: a group must not lose its middle. Source: Arm IHI 0070, chapter 8.
 */
export class PriQueue {
  private readonly queue: OutputQueue;
  private readonly bytes = new Uint8Array(smmuv3_pri.byteLength);

  /**
   * @param registers where it is, and whether it is on
   * @param memory what it is in
   * @param interrupts what tells of it
   * @param features how long it may be, and what automatic answers have
   * @param ppar STE.PPAR of a stream; undefined if it has no valid STE
   */
  constructor(
    private readonly registers: Registers,
    memory: SystemMemory,
    private readonly interrupts: Interrupts,
    private readonly features: Features,
    private readonly ppar: (streamId: number) => boolean | undefined,
  ) {
    this.queue = new OutputQueue(registers, memory, 'PRIQ', features.idr1.PRIQS, this.bytes.length);
  }

  /**
   * Queues a page request. Where there is no queue, or it could not be written, every request is answered with
   * ResponseFailure. Of what has no room the last request of a group is answered, so that the device asks again.
   * A marker that ends a PASID is never answered.
   * @throws StructError for a field that does not fit
   */
  add(request: PageRequest): PriOutcome {
    encodeInto(smmuv3_pri, request, this.bytes);
    // 8.2: without a queue, or with one that could not be written, every request is answered.
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

  /** There is no room. With LO an interrupt tells of the end of a group all the same (6.3.36). */
  private discard(request: PageRequest): PriOutcome {
    if (this.isLastOnly && request.Last === 1) this.interrupts.send('PRIQ');
    return request.Last === 1 && !isStopMarker(request) ? this.responseTo(request) : 'ignored';
  }

  /** Success, and the PASID where SMMU_IDR3.PPS or STE.PPAR wants it (8.1). */
  private responseTo({ StreamID, SSV }: PageRequest): AutomaticResponse {
    const { idr1, idr3 } = this.features;
    if (SSV === 0 || idr1.SSIDSIZE === 0) return SUCCESS;
    if (idr3.PPS === 1) return SUCCESS_WITH_PASID;
    const ppar = this.ppar(StreamID);
    if (ppar === undefined) return FAILURE;
    return ppar ? SUCCESS_WITH_PASID : SUCCESS;
  }

  /** SMMU_PRIQ_IRQ_CFG2.LO: an interrupt for the end of each group, and not when the queue stops being empty. */
  private get isLastOnly(): boolean {
    return (this.registers.SMMU_PRIQ_IRQ_CFG2 & LO) !== 0;
  }
}

/** A message that marks the end of a PASID: LWR = 0b100 with a PASID (chapter 8). */
const isStopMarker = ({ SSV, Last, R, W }: PageRequest): boolean =>
  SSV === 1 && Last === 1 && R === 0 && W === 0;

const failed = (request: PageRequest): PriOutcome => (isStopMarker(request) ? 'ignored' : FAILURE);
