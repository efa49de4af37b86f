/**
 * Fault queues: page requests and stalls of devices, read in groups and answered by the caller. Linux's
 * IOMMU_FAULT_QUEUE_ALLOC. A page table that was allocated with a queue sends its devices' faults there. Reading and
 * waiting are in `queue.ts`.
 */
import {
  encodeResponses,
  type FaultGroup as RawGroup,
  decodeFaults,
  errno,
  groupFaults,
  IOMMU_FAULT_QUEUE_ALLOC,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_hwpt_pgfault_flags,
  iommu_hwpt_pgfault_perm,
  iommufd_page_response_code,
  type PageFault as RawFault,
} from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { guarded } from '../calls/arguments/kinds.js';
import { labelOf, type Where, within, wrong } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { typeOf } from '../calls/formats.js';
import type { Device } from '../objects/device.js';
import { objectOfKind } from '../objects/object.js';
import { Queue } from './queue.js';

const { IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const {
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
} = iommu_hwpt_pgfault_perm;

/** A page request of a device. */
export interface PageFault {
  /** The faulting address; page-aligned for PCI page requests. */
  readonly address: bigint;
  /** True if read access is requested (IOMMU_PGFAULT_PERM_READ). */
  readonly read: boolean;
  /** True if write access is requested (IOMMU_PGFAULT_PERM_WRITE). */
  readonly write: boolean;
  /** True if execute access is requested (IOMMU_PGFAULT_PERM_EXEC); only with a PASID. */
  readonly execute: boolean;
  /** True for a privileged request (IOMMU_PGFAULT_PERM_PRIV); only with a PASID. */
  readonly privileged: boolean;
  /** A hint for the number of bytes that the device will access; 0 for none. */
  readonly length: number;
}

const codes = {
  success: iommufd_page_response_code.IOMMUFD_PAGE_RESP_SUCCESS,
  invalid: iommufd_page_response_code.IOMMUFD_PAGE_RESP_INVALID,
} as const;

/**
 * The answer to a group: `success` (IOMMUFD_PAGE_RESP_SUCCESS), the pages are mapped now and the device retries; `invalid`
 * (IOMMUFD_PAGE_RESP_INVALID), the access fails.
 * @useDeclaredType
 */
export type FaultResponse = keyof typeof codes;

const responseKind = typeOf(codes);

const calls = {
  respond: new Call('FaultQueue.respond', {
    answers: guarded(
      'an array of pairs [group, response]',
      (value): value is Iterable<unknown> =>
        typeof value === 'object' && value !== null && Symbol.iterator in value,
    ),
  }),
  respondGroup: new Call('FaultGroup.respond', { response: responseKind }),
};

/** Page faults that a device reported together and that are answered together. The device waits for the answer. */
export class FaultGroup {
  /** The device; undefined if this SDK did not bind it. */
  readonly device: Device | undefined;
  /** The device's id on this `/dev/iommu`. */
  readonly deviceId: number;
  /** The PASID; undefined for requests without one. */
  readonly pasid: number | undefined;
  /** The page request group index of the device. */
  readonly groupIndex: number;
  /** The page requests in order; at least one. */
  readonly faults: readonly PageFault[];
  /** The kernel's identifier of the group, valid until it is answered. */
  readonly cookie: number;
  private answer: FaultResponse | undefined;

  /** @internal */
  constructor(
    private readonly queue: FaultQueue,
    { cookie, faults }: RawGroup,
    deviceOf: (id: number) => Device | undefined,
  ) {
    const { dev_id = 0, flags = 0, pasid = 0, grpid = 0 } = faults[0] ?? {};
    this.device = deviceOf(dev_id);
    this.deviceId = dev_id;
    this.pasid = (flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) === 0 ? undefined : pasid;
    this.groupIndex = grpid;
    this.faults = faults.map(pageFault);
    this.cookie = cookie;
  }

  /** The answer; undefined if it is unanswered. */
  get response(): FaultResponse | undefined {
    return this.answer;
  }

  /**
   * Answers the group: `write()` of an `iommu_hwpt_page_response`. {@link FaultQueue.respond} answers many groups in one
   * system call.
   * @param response the answer
   * @throws IommufdError EALREADY if it was answered before; EINVAL if the kernel has answered it as `invalid`, because the
   *   device was detached or moved to another page table; EBADF if the queue is closed
   */
  respond(response: FaultResponse): void {
    calls.respondGroup.checkArguments([response]);
    this.queue.respond([[this, response]]);
  }

  /** @internal */
  isOf(queue: FaultQueue): boolean {
    return this.queue === queue;
  }

  /** @internal */
  setAnswer(response: FaultResponse): void {
    this.answer = response;
  }
}

const pageFault = ({ addr, perm, length }: RawFault): PageFault => ({
  address: addr,
  read: (perm & IOMMU_PGFAULT_PERM_READ) !== 0,
  write: (perm & IOMMU_PGFAULT_PERM_WRITE) !== 0,
  execute: (perm & IOMMU_PGFAULT_PERM_EXEC) !== 0,
  privileged: (perm & IOMMU_PGFAULT_PERM_PRIV) !== 0,
  length,
});

/** A group and its response. */
export type GroupResponse = readonly [group: FaultGroup, response: FaultResponse];

const RESPONSE = iommu_hwpt_page_response.byteLength;
/**
 * Initial buffer size in bytes; the buffer grows if a group is longer. A whole number of records, as Linux fails with ESPIPE
 * otherwise.
 */
const BUFFER = 1024 * iommu_hwpt_pgfault.byteLength;

/**
 * The page faults of devices that are attached to page tables with this queue. The kernel queues unread groups without a
 * limit; read groups wait for their answer. When a device is detached or moved, or the queue is closed, the kernel answers
 * the remaining groups as `invalid`.
 */
export class FaultQueue extends Queue<FaultGroup> {
  readonly kind = 'fault';
  /** Half of the buffer: a longer group may be left for the next `read()`. */
  protected readonly longestRecord = BUFFER / 2;
  protected readonly hasLongRecords = true;
  /** Read and unanswered groups by cookie. */
  private readonly unanswered = new Map<number, FaultGroup>();
  /** Faults of incomplete groups. */
  private open: readonly RawFault[] = [];

  /** @internal */
  static alloc(context: Context): FaultQueue {
    return Queue.withBuffer(context, BUFFER, (buffer) => {
      const { out_fault_id, out_fault_fd } = context.ioctl(IOMMU_FAULT_QUEUE_ALLOC, { flags: 0 });
      return new FaultQueue(context, out_fault_id, [], out_fault_fd, buffer);
    });
  }

  protected override decode(bytes: Uint8Array, items: FaultGroup[]): void {
    const { groups, open } = groupFaults(decodeFaults(bytes, { lenient: true }), this.open);
    this.open = open;
    for (const raw of groups) {
      const group = new FaultGroup(this, raw, this.deviceOf);
      // Linux reuses a cookie only after its group was answered: here by the kernel itself, when the device was moved.
      this.unanswered.get(raw.cookie)?.setAnswer('invalid');
      this.unanswered.set(raw.cookie, group);
      items.push(group);
    }
  }

  private readonly deviceOf = (id: number): Device | undefined => this.context.devices.get(id);

  /**
   * Answers groups, all in one `write()`. If the kernel refuses one, the others are still answered.
   * @param answers groups of this queue with their answers
   * @throws IommufdError EALREADY if a group was answered before or is given twice; nothing is answered then. EINVAL if the
   *   kernel has answered groups itself; the error's `args.groups` lists their cookies. EBADF if the queue is closed
   * @throws RangeError if an answer is unknown, or a group belongs to another queue; nothing is answered then
   */
  respond(answers: Iterable<GroupResponse>): void {
    calls.respond.check(this, answers);
    const list = [...answers];
    this.checkAnswers(list);
    const refused: number[] = [];
    for (let rest: readonly GroupResponse[] = list; rest.length > 0;) {
      const answered = this.writeAnswers(rest, refused);
      for (const [group, response] of rest.slice(0, answered)) this.note(group, response);
      const next = rest[answered];
      // `write()` stops at the first refused answer, and fails only if no answer precedes it.
      if (answered === 0 && next !== undefined) {
        refused.push(next[0].cookie);
        this.note(next[0], 'invalid');
        rest = rest.slice(1);
      } else {
        rest = rest.slice(answered);
      }
    }
    if (refused.length === 0) return;
    const meaning = 'The kernel has already responded invalid, because the device was detached or moved.';
    throw IommufdError.of('EINVAL', 'write', { fd: this.fd, groups: refused }, meaning);
  }

  private note(group: FaultGroup, response: FaultResponse): void {
    group.setAnswer(response);
    this.unanswered.delete(group.cookie);
  }

  private checkAnswers(answers: readonly GroupResponse[]): void {
    const seen = new Set<FaultGroup>();
    for (let i = 0; i < answers.length; i++) {
      const answer: unknown = answers[i];
      if (!isAnswer(answer)) throw noAnswer(answer, i);
      const [group, response] = answer;
      if (!group.isOf(this)) {
        const where = labelOf(within(ANSWERS, i));
        throw new RangeError(
          `${where}: expected a group that was read from ${this.describe()}, found another`,
        );
      }
      if (group.response !== undefined || seen.has(group)) {
        const args = { cookie: group.cookie, answer: group.response ?? response };
        throw IommufdError.of('EALREADY', 'write', args, 'A group of page faults gets one response.');
      }
      seen.add(group);
    }
  }

  /** @returns the number of answers written; 0 if the first was refused @throws IommufdError with the cookies refused before */
  private writeAnswers(answers: readonly GroupResponse[], refused: readonly number[]): number {
    const bytes = encodeResponses(
      answers.map(([{ cookie }, response]) => ({ cookie, code: codes[response] })),
    );
    const { sys } = this.context;
    const status = this.context.with(bytes, (address) =>
      retry(() => sys.write(this.fd, address, bytes.length)),
    );
    if (status >= 0) return status / RESPONSE;
    if (status === -errno.EINVAL) return 0;
    const args = { fd: this.fd, count: bytes.length, groups: refused };
    throw new IommufdError({ call: 'write', args, errno: -status });
  }
}

/** The argument of {@link FaultQueue.respond}. */
const ANSWERS: Where = { call: 'FaultQueue.respond', path: 'answers' };

const isAnswer = (value: unknown): value is GroupResponse =>
  Array.isArray(value) && value[0] instanceof FaultGroup && Object.hasOwn(codes, String(value[1]));

/** The error for an element that is not an answer. */
function noAnswer(value: unknown, index: number): Error {
  const where = within(ANSWERS, index);
  const expected = 'a pair [group, response]';
  if (!Array.isArray(value)) return wrong(where, { expected, value });
  const [group, response]: readonly unknown[] = value;
  if (!(group instanceof FaultGroup))
    return wrong(within(where, 0), { expected: 'a FaultGroup', value: group });
  const names = Object.keys(codes);
  return wrong(within(where, 1), {
    expected: `one of ${names.join(', ')}`,
    value: response,
    isOfType: typeof response === 'string',
  });
}

/** A fault queue, as an argument. */
export const faultQueueKind = objectOfKind<FaultQueue>('fault', 'a FaultQueue', 'Iommufd.allocFaultQueue()');
