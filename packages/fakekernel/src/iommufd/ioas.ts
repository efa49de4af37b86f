/**
 * The IOAS object, and its ioctls that do not map memory: IOMMU_IOAS_ALLOC, IOMMU_IOAS_IOVA_RANGES, IOMMU_IOAS_ALLOW_IOVAS,
 * IOMMU_IOAS_CHANGE_PROCESS. Linux's `drivers/iommu/iommufd/ioas.c`; mapping is in `ioas-map.ts`.
 */
import {
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_CHANGE_PROCESS,
  IOMMU_IOAS_IOVA_RANGES,
  iommu_iova_range,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { IoPageTable } from '../ioas/io-page-table.js';
import { moveAccounts } from '../ioas/pin-account.js';
import { RangeMap } from '../lib/range-map.js';
import { allocate } from '../process/failure-points.js';
import { ULONG_MAX } from '../process/page.js';
import { command } from './command.js';
import type { HwptPaging } from './hwpt.js';
import { IommufdObject } from './object.js';

/** An IO address space: a page table in software, and the HWPTs that map it. */
export class Ioas extends IommufdObject {
  readonly kind = 'ioas';
  readonly table = new IoPageTable();
  /** In order of creation. */
  readonly hwpts: HwptPaging[] = [];

  override destroy(): void {
    this.table.unmapAll();
    this.table.destroy();
  }
}

/** IOMMU_IOAS_ALLOC */
export const ioasAlloc = command(IOMMU_IOAS_ALLOC, (cmd, call) => {
  if (cmd.flags !== 0) throw fail('EOPNOTSUPP');
  cmd.out_ioas_id = call.create(new Ioas()).id;
  call.respond();
});

/** IOMMU_IOAS_IOVA_RANGES: returns as many unreserved ranges as fit into the caller's array, and their total number. */
export const ioasIovaRanges = command(IOMMU_IOAS_IOVA_RANGES, (cmd, call) => {
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  const { table } = call.hold(cmd.ioas_id, Ioas);
  const room = cmd.num_iovas;
  const { byteLength } = iommu_iova_range;
  const bytes = new Uint8Array(byteLength);
  const range = view(iommu_iova_range, bytes);
  let count = 0;
  for (const { start, last } of table.reserved.holes(0n, ULONG_MAX)) {
    if (count < room) {
      range.start = start;
      range.last = last;
      const address = BigInt.asUintN(64, cmd.allowed_iovas + BigInt(count * byteLength));
      call.process.memorySpace.write(address, bytes);
    }
    count++;
  }
  cmd.num_iovas = count;
  cmd.out_iova_alignment = table.iovaAlignment;
  // The struct is written back before the check, so that with EMSGSIZE the caller learns how large the array must be.
  call.respond();
  if (count > room) throw fail('EMSGSIZE');
});

/** IOMMU_IOAS_ALLOW_IOVAS: replaces the list of allowed ranges. On failure the old list stays. */
export const ioasAllowIovas = command(IOMMU_IOAS_ALLOW_IOVAS, (cmd, call) => {
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  const { table } = call.hold(cmd.ioas_id, Ioas);
  const allowed = new RangeMap<true>();
  const { byteLength } = iommu_iova_range;
  for (let i = 0; i < cmd.num_iovas; i++) {
    const address = BigInt.asUintN(64, cmd.allowed_iovas + BigInt(i) * BigInt(byteLength));
    const { start, last } = view(iommu_iova_range, call.process.memorySpace.read(address, byteLength));
    if (start >= last || allowed.first(start, last) !== undefined) throw fail('EINVAL');
    allocate('kzalloc() of the allowed range');
    allowed.insert(start, last, true);
  }
  table.setAllowed(allowed);
});

/**
 * IOMMU_IOAS_CHANGE_PROCESS: charges the mapped memory of files to the calling process.
 * @throws EINVAL for other memory; ENOMEM
 */
export const ioasChangeProcess = command(IOMMU_IOAS_CHANGE_PROCESS, (cmd, { context, process }) => {
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  const areas = [...context.objects].flatMap((object) =>
    object instanceof Ioas ? object.table.allAreas() : [],
  );
  if (areas.some(({ pages }) => pages.source.kind !== 'file')) throw fail('EINVAL');
  moveAccounts(
    areas.map(({ pages }) => pages.account),
    process,
  );
});
