import { SMMU_CR0, SMMU_GERROR, SMMU_PRIQ_IRQ_CFG2, smmuv3_pri, smmuv3_pri_response } from '@iommufd/uapi';
import { type Encodable, encodeInto } from '@iommufd/uapi/struct';
import { type GuestMemory } from './guest-memory.js';
import { type Shown } from './id-registers.js';
import { type Interrupts } from './interrupts.js';
import { mask32 } from './masks.js';
import { OutputQueue } from './output-queue.js';
import { type Registers } from './registers.js';

/** A page request of a device, by the architecture's names. */
export type PageRequest = Encodable<typeof smmuv3_pri>;

/**
 * What becomes of a page request: `queued`, the guest answers its group by CMD_PRI_RESP; `ignored`, nobody answers; or
 * the code of `smmuv3_pri_response` that the SMMU answers with itself.
 */
export type PageRequestOutcome = 'queued' | 'ignored' | number;

const ON = mask32(SMMU_CR0, 'SMMUEN', 'PRIQEN');
const ABT_ERR = mask32(SMMU_GERROR, 'PRIQ_ABT_ERR');
const LO = mask32(SMMU_PRIQ_IRQ_CFG2, 'LO');

/** The guest's PRI queue. Source: Arm IHI 0070, chapter 8. */
export class PriQueue {
  private readonly queue: OutputQueue;
  private readonly record = new Uint8Array(smmuv3_pri.byteLength);

  constructor(
    private readonly registers: Registers,
    memory: GuestMemory,
    private readonly interrupts: Interrupts,
    { idr1 }: Pick<Shown, 'idr1'>,
  ) {
    this.queue = new OutputQueue(registers, memory, 'PRIQ', idr1.PRIQS, this.record.length);
  }

  /**
   * Queues a page request. Unlike the event queue, once this one has overflowed nothing is queued until the guest has
   * acknowledged that, whether or not there is room: a group must not lose its middle. Of what is not queued the
   * last request of a group is answered with Success, so that the device asks again. Where there is no queue, or it could
   * not be written, every request is answered with ResponseFailure.
   * @throws StructError for a field that does not fit
   */
  add(request: PageRequest): PageRequestOutcome {
    encodeInto(smmuv3_pri, request, this.record);
    // 8.2: without a queue, or with one that could not be written, every request is answered.
    if ((this.registers.SMMU_CR0 & ON) !== ON || this.interrupts.isActive(ABT_ERR))
      return smmuv3_pri_response.ResponseFailure;
    if (this.queue.isOverflowed) return this.overflowed(request);
    const put = this.queue.put(this.record);
    switch (put) {
      case 'full':
        this.queue.overflow();
        return this.overflowed(request);
      case 'aborted':
        this.interrupts.raise('PRIQ_ABT_ERR');
        return smmuv3_pri_response.ResponseFailure;
      default: {
        if (this.isLastOnly ? request.Last === 1 : put === 'first') this.interrupts.send('PRIQ');
        return 'queued';
      }
    }
  }

  /** A request for which there is no room: with LO its group has ended all the same. */
  private overflowed(request: PageRequest): PageRequestOutcome {
    if (this.isLastOnly && request.Last === 1) this.interrupts.send('PRIQ');
    return refused(request, smmuv3_pri_response.Success);
  }

  /** SMMU_PRIQ_IRQ_CFG2.LO: an interrupt for the end of each group, and not when the queue stops being empty. */
  private get isLastOnly(): boolean {
    return (this.registers.SMMU_PRIQ_IRQ_CFG2 & LO) !== 0;
  }
}

/** Only the last request of a group is answered, and the mark that a PASID has stopped is no request. */
function refused({ SSV, Last, R, W }: PageRequest, response: number): PageRequestOutcome {
  const isStopMarker = SSV === 1 && R === 0 && W === 0;
  return Last === 1 && !isStopMarker ? response : 'ignored';
}
