/**
 * VFIO container compatibility: the requests of a type 1 VFIO container on `/dev/iommu` and `/dev/vfio/vfio`. They act on the
 * IOAS that IOMMU_VFIO_IOAS selects. Linux's `drivers/iommu/iommufd/vfio_compat.c`.
 */
import {
  VFIO_API_VERSION,
  VFIO_CHECK_EXTENSION,
  VFIO_GET_API_VERSION,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
  VFIO_SET_IOMMU,
  vfio_extension,
  vfio_iommu_type1_dma_map,
  vfio_iommu_type1_dma_map_flags,
  vfio_iommu_type1_dma_unmap,
  vfio_iommu_type1_dma_unmap_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { Unmapped } from '../ioas/io-page-table.js';
import type { IommufdContext } from './context.js';
import { mapUser } from './ioas-map.js';
import { compatIoas } from './vfio-ioas.js';
import type { Task } from '../process/task.js';
import { getInfo } from './vfio-compat-info.js';

const { VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_DMA_CC_IOMMU, VFIO_NOIOMMU_IOMMU, VFIO_UNMAP_ALL } =
  vfio_extension;
const { VFIO_DMA_MAP_FLAG_READ, VFIO_DMA_MAP_FLAG_WRITE } = vfio_iommu_type1_dma_map_flags;
const { VFIO_DMA_UNMAP_FLAG_ALL } = vfio_iommu_type1_dma_unmap_flags;

/** `offsetofend(..., size)` of the two structs: this many bytes are copied, whatever `argsz` is. */
const MAP_SIZE = 32;
const UNMAP_SIZE = 24;

/** `iommufd_vfio_ioctl()`. @throws ENOTTY if the request is unknown; ENODEV without a compatibility IOAS */
export function vfioIoctl(context: IommufdContext, process: Task, request: number, arg: bigint): number {
  switch (request) {
    case VFIO_GET_API_VERSION.request:
      return VFIO_API_VERSION;
    case VFIO_SET_IOMMU.request:
      return setIommu(context, arg);
    case VFIO_CHECK_EXTENSION.request:
      return checkExtension(context, arg);
    case VFIO_IOMMU_GET_INFO.request:
      return getInfo(context, process, arg);
    case VFIO_IOMMU_MAP_DMA.request:
      return mapDma(context, process, arg);
    case VFIO_IOMMU_UNMAP_DMA.request:
      return unmapDma(context, process, arg);
    default:
      throw fail('ENOTTY');
  }
}

/** VFIO_SET_IOMMU. Type 1 allows partial unmaps of mappings, so large pages are disabled for it. */
function setIommu(context: IommufdContext, type: bigint): number {
  if (type !== BigInt(VFIO_TYPE1_IOMMU) && type !== BigInt(VFIO_TYPE1v2_IOMMU)) throw fail('EINVAL');
  const { table } = compatIoas(context);
  if (type === BigInt(VFIO_TYPE1_IOMMU)) table.disableLargePages();
  return 0;
}

function checkExtension(context: IommufdContext, extension: bigint): number {
  switch (extension) {
    case BigInt(VFIO_TYPE1_IOMMU):
    case BigInt(VFIO_TYPE1v2_IOMMU):
    case BigInt(VFIO_UNMAP_ALL):
    case BigInt(VFIO_NOIOMMU_IOMMU):
      // VFIO_NOIOMMU_IOMMU means that the kernel was built with noiommu, not that this container supports it.
      return 1;
    case BigInt(VFIO_DMA_CC_IOMMU):
      return compatIoas(context).hwpts.every(({ enforcesCoherency }) => enforcesCoherency) ? 1 : 0;
    default:
      return 0;
  }
}

function mapDma(context: IommufdContext, process: Task, arg: bigint): number {
  const cmd = view(vfio_iommu_type1_dma_map, process.memorySpace.read(arg, MAP_SIZE));
  const known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
  if (cmd.argsz < MAP_SIZE || (cmd.flags & ~known) !== 0) throw fail('EINVAL');
  const protection = {
    read: (cmd.flags & VFIO_DMA_MAP_FLAG_READ) !== 0,
    write: (cmd.flags & VFIO_DMA_MAP_FLAG_WRITE) !== 0,
  };
  const { table } = compatIoas(context);
  mapUser({ context, process }, table, cmd.iova, cmd.vaddr, cmd.size, protection);
  return 0;
}

function unmapDma(context: IommufdContext, process: Task, arg: bigint): number {
  const bytes = process.memorySpace.read(arg, UNMAP_SIZE);
  const cmd = view(vfio_iommu_type1_dma_unmap, bytes);
  if (cmd.argsz < UNMAP_SIZE || (cmd.flags & ~VFIO_DMA_UNMAP_FLAG_ALL) !== 0) throw fail('EINVAL');
  const { table } = compatIoas(context);
  let unmapped: Unmapped;
  if ((cmd.flags & VFIO_DMA_UNMAP_FLAG_ALL) !== 0) {
    if (cmd.iova !== 0n || cmd.size !== 0n) throw fail('EINVAL');
    unmapped = table.unmapAll();
  } else {
    const { iova, size } = cmd;
    if (!table.largePages) {
      const end = BigInt.asUintN(64, iova + size - 1n);
      table.cut(iova === 0n ? [end] : [end, iova - 1n]);
    }
    unmapped = table.unmap(iova, size);
  }
  // The unmapped size is written back even if the unmap stopped early.
  cmd.size = unmapped.bytes;
  process.memorySpace.write(arg, bytes);
  if (unmapped.failure !== undefined) throw unmapped.failure;
  return 0;
}
