/**
 * The view of devices: {@link checkShown} compares every page table with the IOAS that it maps, and checks the rules that the
 * areas of an IOAS follow.
 */

import type { MockDirty } from '../drivers/mock/mock-dirty.js';
import { SmmuDomain } from '../drivers/arm-smmu-v3/paging-domain.js';
import { MockDomain } from '../drivers/mock/mock-domain.js';
import type { Area } from '../ioas/area.js';
import { lowestBit } from '../lib/align.js';
import type { IoPageTable } from '../ioas/io-page-table.js';
import { TEST_OWNER } from '../ioas/reserved.js';
import type { PagingDomain } from '../iommu/domain.js';
import { NO_PASID } from '../iommu/group.js';
import type { IommufdContext } from '../iommufd/context.js';
import { IommufdDevice, ownerOf } from '../iommufd/device.js';
import { FaultQueue } from '../iommufd/fault-queue.js';
import { HwptPaging } from '../iommufd/hwpt.js';
import { Ioas } from '../iommufd/ioas.js';
import type { MemoryObject } from '../process/memory-object.js';
import { PAGE, type CountedWorld } from './world.testing.js';

/** @throws Error if a page table differs from its IOAS, or if an IOAS breaks its own rules */
export function checkShown({ kernel }: CountedWorld): void {
  for (const context of kernel.contexts) {
    for (const object of context.objects) {
      if (object instanceof Ioas) checkIoas(context, object);
      else if (object instanceof IommufdDevice) checkDevice(object);
      else if (object instanceof FaultQueue) checkFaults(object);
    }
  }
}

function checkIoas(context: IommufdContext, ioas: Ioas): void {
  const { table, hwpts, id } = ioas;
  const paging = [...context.objects].filter((each) => each instanceof HwptPaging && each.ioas === ioas);
  const domains = new Set<PagingDomain>(table.attachedDomains);
  const areSame =
    domains.size === hwpts.length &&
    paging.length === hwpts.length &&
    hwpts.every((hwpt) => domains.has(hwpt.domain) && paging.includes(hwpt));
  if (!areSame) throw new Error(`IOAS ${id} has other domains than its HWPTs`);
  const areas = table.allAreas();
  checkAreas(table, areas);
  checkAlignment(table);
  checkReserved(context, ioas);
  const wanted = areas.flatMap(piecesOf);
  for (const domain of domains) checkDomain(domain, wanted);
}

/** A range of IOVAs, with the object and the byte that its first IOVA maps. */
interface Piece {
  readonly start: bigint;
  readonly last: bigint;
  readonly object: MemoryObject;
  readonly byte: number;
  readonly read: boolean;
  readonly write: boolean;
}

function piecesOf({
  pages,
  start,
  last,
  firstPage,
  pageCount,
  pageOffset,
  protection,
  filled,
}: Area): Piece[] {
  if (!filled || pages.isRevoked) return [];
  let at = start - BigInt(pageOffset);
  return pages.extents(firstPage, pageCount).map(({ object, index, count }) => {
    const skip = at < start ? pageOffset : 0;
    const end = at + BigInt(count * PAGE) - 1n;
    const piece = {
      start: at + BigInt(skip),
      last: end < last ? end : last,
      object,
      byte: index * PAGE + skip,
    };
    at = end + 1n;
    return { ...piece, read: protection.read, write: protection.write };
  });
}

/** Joins contiguous pieces. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const before = all.at(-1);
    const follows =
      before !== undefined &&
      before.last + 1n === piece.start &&
      before.object === piece.object &&
      before.byte + Number(piece.start - before.start) === piece.byte &&
      before.read === piece.read &&
      before.write === piece.write;
    if (follows) all[all.length - 1] = { ...before, last: piece.last };
    else all.push(piece);
  }
  return all;
}

function checkDomain(domain: PagingDomain, pieces: readonly Piece[]): void {
  const entries =
    domain instanceof MockDomain
      ? domain['shown']['entries']
      : domain instanceof SmmuDomain
        ? domain['table']['shown']['entries']
        : undefined;
  if (entries === undefined) throw new Error('a page table of an unknown driver');
  const shown = [...entries].map(({ start, last, value }): Piece => {
    const { object, byte, protection } = value;
    return { start, last, object, byte, read: protection.read, write: protection.write };
  });
  // In stage 1 of an SMMU, a writable page can also be read.
  const readsAll = domain instanceof SmmuDomain && domain.isStage1;
  const wanted = pieces.map((piece) => ({ ...piece, read: piece.read || readsAll }));
  const expected = joined(wanted);
  const found = joined(shown);
  const isSame = (a: Piece | undefined, b: Piece): boolean =>
    a !== undefined &&
    a.start === b.start &&
    a.last === b.last &&
    a.object === b.object &&
    a.byte === b.byte &&
    a.read === b.read &&
    a.write === b.write;
  if (found.length !== expected.length || !found.every((piece, i) => isSame(expected[i], piece))) {
    const range = ({ start, last }: Piece): string => `0x${start.toString(16)}-0x${last.toString(16)}`;
    throw new Error(
      `a page table maps ${found.map(range).join()}, but its IOAS maps ${expected.map(range).join()}`,
    );
  }
  const { start: first, last } = domain.aperture;
  if (shown.some((piece) => piece.start < first || piece.last > last))
    throw new Error('a page table maps IOVAs outside its aperture');
  if (domain instanceof MockDomain && domain.dirty !== undefined) checkDirty(domain.dirty, found);
}

/** Checks that all dirty IOVAs are mapped. */
function checkDirty(dirty: MockDirty, shown: readonly Piece[]): void {
  dirty.read(0n, 1n << 64n, false, (iova, length) => {
    const isShown = shown.some(({ start, last }) => start <= iova && iova + length - 1n <= last);
    if (!isShown) throw new Error(`0x${iova.toString(16)} is dirty, but not mapped`);
  });
}

function checkAreas(table: IoPageTable, areas: readonly Area[]): void {
  const mask = table.iovaAlignment - 1n;
  let end = 0n;
  for (const { start, last, length, pageOffset, filled, closing, pages, protection } of areas) {
    const name = `the area at 0x${start.toString(16)}`;
    if (start < end) throw new Error(`${name} overlaps the one before`);
    end = last + 1n;
    if (((start | length | BigInt(pageOffset)) & mask) !== 0n)
      throw new Error(`${name} is not aligned to ${table.iovaAlignment}`);
    if (table.reserved.intersects(start, last)) throw new Error(`${name} is reserved`);
    if (filled !== table.attachedDomains.length > 0) throw new Error(`${name} is filled: ${filled}`);
    if (closing) throw new Error(`${name} is being unmapped between calls`);
    if (protection.write && !pages.writable) throw new Error(`${name} allows writes to a read-only mapping`);
  }
}

/** Checks that the alignment is the largest that a page table or an access requires. */
function checkAlignment(table: IoPageTable): void {
  const needs = [
    table.largePages ? 1n : BigInt(PAGE),
    ...table.attachedDomains.map(({ pageSizes }) => lowestBit(pageSizes)),
    ...[...table['accesses']].map(({ iovaAlignment }) => iovaAlignment),
  ];
  const most = needs.reduce((a, b) => (a > b ? a : b));
  if (table.iovaAlignment !== most)
    throw new Error(`an IOAS aligns to ${table.iovaAlignment}, but ${most} is required`);
}

/** Checks that only page tables of the IOAS, attached devices and tests have reserved ranges. */
function checkReserved(context: IommufdContext, { table, id }: Ioas): void {
  const owners = new Set<unknown>([TEST_OWNER, ...table.attachedDomains]);
  for (const object of context.objects) {
    if (!(object instanceof IommufdDevice)) continue;
    const attached = object.group.attachments.get(NO_PASID)?.hwpt;
    if (attached !== undefined) owners.add(object.device);
  }
  if (table.reserved['ranges'].some(({ owner }) => !owners.has(owner)))
    throw new Error(`IOAS ${id} has ranges reserved by an object that does not use it`);
}

/** Checks that page faults wait only for attachments that still exist: the others must have been answered. */
function checkFaults(queue: FaultQueue): void {
  const groups = [...queue['waiting'], ...queue['response'].values()];
  if (new Set(groups).size < groups.length) throw new Error(`fault queue ${queue.id} has a fault twice`);
  for (const { handle } of groups) {
    const { group } = ownerOf(handle).group;
    const isAttached = [...group['handles'].values()].includes(handle);
    if (!isAttached) throw new Error(`fault queue ${queue.id} has a fault of an attachment that has ended`);
  }
}

/** Checks that the IOMMU and the context agree about the attachments of a device. */
function checkDevice({ id, device, group: { attachments, group } }: IommufdDevice): void {
  const whole = attachments.get(NO_PASID);
  if (device.domain !== whole?.hwpt.domain)
    throw new Error(`device ${id} is not in the domain that it is attached to`);
  for (const [pasid, { hwpt, devices }] of attachments) {
    if (devices.size === 0) throw new Error(`PASID ${pasid} of device ${id} is attached without a device`);
    if (group.handle(pasid)?.domain !== hwpt.domain)
      throw new Error(`PASID ${pasid} of device ${id} is not in the domain that it is attached to`);
  }
}
