/**
 * VFIO_IOMMU_GET_INFO of the compatibility IOAS: page sizes, and the capability chain with the usable IOVA ranges and the number
 * of available mappings. Linux's `iommufd_vfio_iommu_get_info()` in `drivers/iommu/iommufd/vfio_compat.c`.
 */
import {
  vfio_iommu_type1_info,
  vfio_iommu_type1_info_cap,
  vfio_iommu_type1_info_dma_avail,
  vfio_iommu_type1_info_flags,
  vfio_iova_range,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { max } from '../lib/align.js';
import type { IoPageTable } from '../ioas/io-page-table.js';
import type { IommufdContext } from './context.js';
import { compatIoas } from './vfio-ioas.js';
import { PAGE, PAGE_MASK, ULONG_MAX } from '../process/page.js';
import type { Task } from '../process/task.js';

const { VFIO_IOMMU_INFO_CAPS, VFIO_IOMMU_INFO_PGSIZES } = vfio_iommu_type1_info_flags;

/** The minimum size of the struct: up to iova_pgsizes. */
const MIN_SIZE = 16;
const SIZE = vfio_iommu_type1_info.byteLength;
/** `struct vfio_iommu_type1_info_cap_iova_range` without its array. */
const RANGES_HEAD = 16;

/** VFIO_IOMMU_GET_INFO: writes the capabilities that fit into `argsz`, and returns in `argsz` the size that all of them need. */
export function getInfo(context: IommufdContext, process: Task, arg: bigint): number {
  const memory = process.memorySpace;
  const bytes = new Uint8Array(SIZE);
  bytes.set(memory.read(arg, MIN_SIZE));
  const info = view(vfio_iommu_type1_info, bytes);
  const { argsz } = info;
  if (argsz < MIN_SIZE) throw fail('EINVAL');
  const { table } = compatIoas(context);
  info.iova_pgsizes = pageSizes(table);

  let total = SIZE;
  let lastCap: bigint | undefined;
  for (const capability of [dmaAvailable(), iovaRanges(table)]) {
    if (argsz > total) capability.write(process, arg + BigInt(total), argsz - total);
    // `next` of the previous header is the offset of this capability.
    if (lastCap !== undefined && argsz >= total) memory.write(lastCap + 4n, Uint8Array.of(total, 0, 0, 0));
    lastCap = arg + BigInt(total);
    total += (capability.size + 7) & ~7;
  }
  info.cap_offset = argsz >= total ? SIZE : 0;
  info.argsz = total;
  info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
  memory.write(arg, bytes.subarray(0, Math.min(argsz, SIZE)));
  return 0;
}

/** The page sizes common to all domains; sizes below PAGE_SIZE are reported as PAGE_SIZE. */
function pageSizes({ attachedDomains, iovaAlignment }: IoPageTable): bigint {
  let sizes = attachedDomains.reduce((common, domain) => common & domain.pageSizes, ULONG_MAX);
  if ((sizes & (PAGE - 1n)) !== 0n) sizes = (sizes & PAGE_MASK) | PAGE;
  return max(BigInt.asUintN(64, sizes), iovaAlignment);
}

interface Capability {
  readonly size: number;
  write(process: Task, address: bigint, room: number): void;
}

/** VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL. Linux reports U32_MAX, because the number of mappings is not limited. */
function dmaAvailable(): Capability {
  const header = { id: vfio_iommu_type1_info_cap.VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, version: 1, next: 0 };
  const bytes = encode(vfio_iommu_type1_info_dma_avail, { header, avail: 0xffff_ffff });
  return {
    size: bytes.length,
    write: ({ memorySpace }, address, room) => {
      if (room >= bytes.length) memorySpace.write(address, bytes);
    },
  };
}

function iovaRanges({ reserved }: IoPageTable): Capability {
  const ranges = [...reserved.holes(0n, ULONG_MAX)];
  const { byteLength } = vfio_iova_range;
  const size = RANGES_HEAD + ranges.length * byteLength;
  return {
    size,
    write: ({ memorySpace }, address, room) => {
      for (const [i, { start, last }] of ranges.entries()) {
        if (room < RANGES_HEAD + (i + 1) * byteLength) continue;
        const at = address + BigInt(RANGES_HEAD + i * byteLength);
        memorySpace.write(at, encode(vfio_iova_range, { start, end: last }));
      }
      if (room < size) return;
      const head = new DataView(new ArrayBuffer(RANGES_HEAD));
      head.setUint16(0, vfio_iommu_type1_info_cap.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, true);
      head.setUint16(2, 1, true);
      head.setUint32(8, ranges.length, true);
      memorySpace.write(address, new Uint8Array(head.buffer));
    },
  };
}
