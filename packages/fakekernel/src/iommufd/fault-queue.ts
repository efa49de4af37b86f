/**
 * Fault queues (IOMMU_FAULT_QUEUE_ALLOC): `struct iommufd_fault` of Linux's `drivers/iommu/iommufd/eventq.c`. A domain's fault
 * handler delivers groups of page requests. The user reads them from the queue's file, and answers each group by writing a
 * response with its cookie. When an attachment ends, its groups get the response INVALID.
 */
import {
  IOMMU_FAULT_QUEUE_ALLOC,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommufd_page_response_code,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { Errno, fail } from '../errno.js';
import type { AttachHandle } from '../iommu/group.js';
import type { FaultGroup } from '../iommu/page-fault.js';
import { allocate } from '../process/failure-points.js';
import type { Task } from '../process/task.js';
import { command } from './command.js';
import { ownerOf } from './device.js';
import { type EventFile, type EventQueue, openQueue } from './event-file.js';
import { IommufdObject } from './object.js';

const { IOMMUFD_PAGE_RESP_INVALID, IOMMUFD_PAGE_RESP_SUCCESS } = iommufd_page_response_code;

/** A fault queue: groups that wait to be read, and groups that wait for a response. */
export class FaultQueue extends IommufdObject implements EventQueue {
  readonly kind = 'fault';
  readonly fileName = '[iommufd-pgfault]';
  private readonly waiting: FaultGroup[] = [];
  /** Groups that were read, by cookie. A new group gets the lowest free cookie. */
  private readonly response = new Map<number, FaultGroup>();
  /**
   * The lowest cookie. Cookies start at 1, because slot 0 of their xarray is reserved (`XA_FLAGS_ALLOC1`). A response with cookie
   * 0 fails with EINVAL; but if a group waits for a response then, its `xa_erase()` frees slot 0. From then on 0 is a cookie like
   * the others.
   */
  private lowestCookie = 1;
  file: EventFile | undefined;

  /** Queues a group. */
  deliver(group: FaultGroup): void {
    this.waiting.push(group);
    this.file?.waiters.wake();
  }

  get isReadable(): boolean {
    return this.waiting.length > 0;
  }

  /** Reads whole groups. Each group that was read waits for a response. */
  read(process: Task, address: bigint, length: number): number {
    const size = iommu_hwpt_pgfault.byteLength;
    if (length % size !== 0) throw fail('ESPIPE');
    let done = 0;
    for (let group = this.waiting[0]; group !== undefined; group = this.waiting[0]) {
      if (group.requests.length * size > length - done) {
        // The buffer is too small for the first group.
        if (done === 0) throw fail('EINVAL');
        break;
      }
      const cookie = this.freeCookie();
      try {
        allocate('xa_alloc() of the cookie');
        for (const request of group.requests) {
          const fault = { ...request, dev_id: ownerOf(group.handle).id, length: 0, cookie };
          process.memorySpace.write(address + BigInt(done), encode(iommu_hwpt_pgfault, fault));
          done += size;
        }
      } catch (cause) {
        // A group that could not be copied completely stays queued.
        if (done > 0 && cause instanceof Errno) break;
        throw cause;
      }
      this.waiting.shift();
      this.response.set(cookie, group);
    }
    return done;
  }

  private freeCookie(): number {
    let cookie = this.lowestCookie;
    while (this.response.has(cookie)) cookie++;
    return cookie;
  }

  /** Handles responses in order, up to the first invalid response. */
  write(process: Task, address: bigint, length: number): number {
    const size = iommu_hwpt_page_response.byteLength;
    if (length % size !== 0) throw fail('ESPIPE');
    let done = 0;
    try {
      for (; done < length; done += size) {
        const bytes = process.memorySpace.read(address + BigInt(done), size);
        const { cookie, code } = view(iommu_hwpt_page_response, bytes);
        if (code !== IOMMUFD_PAGE_RESP_SUCCESS && code !== IOMMUFD_PAGE_RESP_INVALID) throw fail('EINVAL');
        const group = this.response.get(cookie);
        if (cookie === 0 && this.response.size > 0) this.lowestCookie = 0;
        if (group === undefined) throw fail('EINVAL');
        this.response.delete(cookie);
        group.respond(code === IOMMUFD_PAGE_RESP_SUCCESS ? 'success' : 'invalid');
      }
    } catch (cause) {
      if (done === 0 || !(cause instanceof Errno)) throw cause;
    }
    return done;
  }

  /** `iommufd_auto_response_faults()`: responds with INVALID to the groups of an attachment that ends. */
  answerAll(handle: AttachHandle | undefined): void {
    if (handle === undefined) return;
    const isMeant = (group: FaultGroup): boolean => group.handle === handle;
    const waiting = this.waiting.filter(isMeant);
    const kept = this.waiting.filter((group) => !isMeant(group));
    this.waiting.splice(0, this.waiting.length, ...kept);
    for (const [cookie, group] of [...this.response]) {
      if (!isMeant(group)) continue;
      this.response.delete(cookie);
      waiting.push(group);
    }
    for (const group of waiting) group.respond('invalid');
  }

  override destroy(): void {
    for (const group of [...this.waiting, ...this.response.values()]) group.respond('invalid');
    this.waiting.length = 0;
    this.response.clear();
  }
}

/** IOMMU_FAULT_QUEUE_ALLOC */
export const faultQueueAlloc = command(IOMMU_FAULT_QUEUE_ALLOC, (cmd, call) => {
  if (cmd.flags !== 0) throw fail('EOPNOTSUPP');
  const queue = call.create(new FaultQueue());
  queue.file = openQueue(call, queue, (fd) => {
    cmd.out_fault_id = queue.id;
    cmd.out_fault_fd = fd;
    call.respond();
  });
});
