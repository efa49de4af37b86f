/**
 * Invalidations of the TLB and of ATCs for paging domains. Ranges are split into commands exactly as Linux splits them, because
 * recordings of a driver contain every command: `__arm_smmu_tlb_inv_range()` and `arm_smmu_atc_inv_to_cmd()`.
 */
import { lowestBit } from '../../lib/align.js';
import {
  atcInv,
  type CommandBytes,
  tlbiNhAll,
  tlbiNhAsid,
  tlbiNhVa,
  type TlbiRange,
  tlbiS12Vmall,
  tlbiS2Ipa,
} from './command.js';
import type { SmmuDomain } from './paging-domain.js';

/** `CMDQ_TLBI_RANGE_NUM_MAX` */
const RANGE_NUM_MAX = 31n;

/** Invalidates all translations with the tag of a domain that lost its last device. */
export function flushTag({ commands, isStage1, tag }: SmmuDomain): void {
  commands.submit([isStage1 ? tlbiNhAsid(tag) : tlbiS12Vmall(tag)]);
}

/** `arm_smmu_domain_inv_range()`: invalidates a range that has changed in a domain. */
export function invalidateRange(domain: SmmuDomain, iova: bigint, length: bigint): void {
  const { commands, isStage1, isNestParent, tag, masters } = domain;
  // The hardware caches no translations of an unattached domain.
  if (masters.length === 0) return;
  const ranges = rangesOf(domain, iova, length);
  const all = ranges === undefined;
  if (isStage1) commands.submit(ranges?.map((range) => tlbiNhVa(tag, range)) ?? [tlbiNhAsid(tag)]);
  else commands.submit(ranges?.map((range) => tlbiS2Ipa(tag, range)) ?? [tlbiS12Vmall(tag)]);
  // Combined translations of both stages are tagged by virtual address, so an IPA range cannot select them.
  if (isNestParent && !all) commands.submit([tlbiNhAll(tag)]);
  const ats: CommandBytes[] = [];
  for (const { device, pasid, usesAts } of masters) {
    if (!usesAts) continue;
    for (const streamId of device.ownStreams)
      ats.push(isNestParent ? atcInv(streamId, 0) : atcInvRange(streamId, pasid, iova, length));
  }
  commands.submit(ats);
}

/** The TLB invalidations of a range; undefined if the whole tag must be invalidated. */
function rangesOf(
  { hasRanges, pageSizes }: SmmuDomain,
  iova: bigint,
  length: bigint,
): TlbiRange[] | undefined {
  const page = lowestBit(pageSizes);
  if (hasRanges) return rangesOfPages(iova, length / page, page);
  // `arm_smmu_inv_range_too_big()`, with the limit of CPU TLB invalidation.
  const most = page / 8n;
  if (length >= most * page) return undefined;
  const ranges: TlbiRange[] = [];
  for (let at = iova; at < iova + length; at += page) ranges.push({ Address: at, NUM: 0, SCALE: 0, TG: 0 });
  return ranges;
}

/**
 * Splits a range into commands of NUM * 2^SCALE pages, with NUM up to 31, starting with the lowest set bits of the page count.
 */
function rangesOfPages(iova: bigint, count: bigint, page: bigint): TlbiRange[] {
  const tg = (page.toString(2).length - 1 - 10) / 2;
  const ranges: TlbiRange[] = [];
  // A range of one page without a level hint is reserved, so the range is extended by a page.
  let left = (count & RANGE_NUM_MAX) === 1n ? count + 1n : count;
  let at = iova;
  while (left > 0n) {
    const unit = lowestBit(left);
    const num = (left / unit) & RANGE_NUM_MAX;
    ranges.push({ Address: at, NUM: Number(num) - 1, SCALE: unit.toString(2).length - 1, TG: tg });
    left -= num * unit;
    at += num * unit * page;
  }
  return ranges;
}

/** `arm_smmu_atc_inv_to_cmd()`: the smallest naturally aligned power of two of pages that covers a range. */
function atcInvRange(streamId: number, pasid: number, iova: bigint, length: bigint): CommandBytes {
  const first = iova >> 12n;
  const last = (iova + length - 1n) >> 12n;
  const differing = first ^ last;
  const span = differing === 0n ? 0 : differing.toString(2).length;
  const start = (first >> BigInt(span)) << BigInt(span);
  return atcInv(streamId, pasid, start << 12n, span);
}
