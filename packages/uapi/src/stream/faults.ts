import type { OwnBytes } from '../struct/bytes.js';
import { decodeArray, encodeArray } from '../struct/codec.js';
import type { Decoded, Encodable } from '../struct/type.js';
import {
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_hwpt_pgfault_flags,
} from '../iommufd/fault-queue.js';

/** A page fault as read from the queue. */
export type PageFault = Decoded<typeof iommu_hwpt_pgfault>;
/** A response as written to the queue. */
export type PageResponse = Encodable<typeof iommu_hwpt_page_response>;

/** Faults that are answered together. */
export interface FaultGroup {
  /** The cookie for the response. */
  readonly cookie: number;
  /** The faults in order; the last one has IOMMU_PGFAULT_FLAGS_LAST_PAGE. */
  readonly faults: readonly PageFault[];
}

/**
 * Decodes the bytes of one `read()` of a fault queue.
 * @throws StructError if the bytes end within a record, or a reserved field is not zero
 */
export function decodeFaults(bytes: Uint8Array, options: { readonly lenient?: boolean } = {}): PageFault[] {
  return decodeArray(iommu_hwpt_pgfault, bytes, options);
}

/** Encodes faults as `read()` of a page fault queue returns them. @throws StructError if a fault is invalid */
export function encodeFaults(faults: readonly Encodable<typeof iommu_hwpt_pgfault>[]): OwnBytes {
  return encodeArray(iommu_hwpt_pgfault, faults);
}

/**
 * Collects faults into groups: those with the same cookie, up to the one with IOMMU_PGFAULT_FLAGS_LAST_PAGE.
 * @param faults the faults in order
 * @param open faults of incomplete groups from earlier reads
 * @returns the complete groups in order of completion, and the faults of incomplete ones
 */
export function groupFaults(
  faults: readonly PageFault[],
  open: readonly PageFault[] = [],
): { readonly groups: FaultGroup[]; readonly open: PageFault[] } {
  const pending = new Map<number, PageFault[]>();
  const groups: FaultGroup[] = [];
  for (const fault of [...open, ...faults]) {
    const { cookie, flags } = fault;
    const group = pending.get(cookie) ?? [];
    group.push(fault);
    if ((flags & iommu_hwpt_pgfault_flags.IOMMU_PGFAULT_FLAGS_LAST_PAGE) === 0) {
      pending.set(cookie, group);
    } else {
      pending.delete(cookie);
      groups.push({ cookie, faults: group });
    }
  }
  return { groups, open: [...pending.values()].flat() };
}

/** Encodes responses for one `write()`. @throws StructError if a response is invalid */
export function encodeResponses(responses: readonly PageResponse[]): OwnBytes {
  return encodeArray(iommu_hwpt_page_response, responses);
}

/** Decodes the bytes of a `write()` to a page fault queue. @throws StructError if the bytes end within a response */
export function decodeResponses(bytes: Uint8Array): Decoded<typeof iommu_hwpt_page_response>[] {
  return decodeArray(iommu_hwpt_page_response, bytes);
}
