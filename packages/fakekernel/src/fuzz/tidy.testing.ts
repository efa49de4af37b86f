/**
 * Makes fields consistent that the kernel checks together. Each function changes the values that were chosen for each field
 * alone, so that calls pass the first check.
 */

import {
  iommu_hw_info,
  iommu_hw_queue_alloc,
  iommu_hw_queue_type,
  iommu_hwpt_alloc,
  iommu_hwpt_data_type,
  iommu_hwpt_get_dirty_bitmap,
  iommu_hwpt_invalidate,
  iommu_hwpt_invalidate_data_type,
  iommu_hwpt_set_dirty_tracking,
  iommu_ioas_copy,
  iommu_ioas_iova_ranges,
  iommu_ioas_map,
  iommu_ioas_map_file,
  iommu_ioas_unmap,
  iommu_option,
  iommu_vdevice_alloc,
  iommu_veventq_alloc,
  iommu_veventq_type,
  iommu_viommu_alloc,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  MOCK_APERTURE_START,
  vfio_iommu_type1_dma_map,
  vfio_iommu_type1_dma_unmap,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { HwptNested } from '../iommufd/hwpt.js';
import { Ioas } from '../iommufd/ioas.js';
import { Viommu } from '../iommufd/viommu.js';
import { isNestParent, mappedRange, rangeOfHwpt, trackingHwpt } from './ranges.testing.js';
import { tidyTestOp } from './test-ops.testing.js';
import type { Surroundings } from './values.testing.js';
import { PAGE } from './world.testing.js';

type Tidy = (around: Surroundings, bytes: Uint8Array) => void;

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} = iommufd_hwpt_alloc_flags;
const EVERYTHING = (1n << 64n) - 1n;

const mapFlags = ({ random }: Surroundings): number =>
  (random.oneIn(4) ? 0 : IOMMU_IOAS_MAP_FIXED_IOVA) |
  IOMMU_IOAS_MAP_READABLE |
  (random.oneIn(5) ? 0 : IOMMU_IOAS_MAP_WRITEABLE);

const tidies: Readonly<Record<string, Tidy>> = {
  IOMMU_IOAS_MAP: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_ioas_map, bytes);
    cmd.flags = mapFlags(around);
    if (random.oneIn(3)) return;
    cmd.iova = BigInt(MOCK_APERTURE_START + random.below(32) * PAGE);
    cmd.length = BigInt((1 + random.below(4)) * PAGE);
  },

  IOMMU_IOAS_MAP_FILE: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_ioas_map_file, bytes);
    cmd.flags = mapFlags(around);
    cmd.start = BigInt(random.below(4) * random.pick([PAGE, PAGE, 2048]));
    if (random.oneIn(2)) cmd.length = BigInt((1 + random.below(3)) * PAGE);
  },

  IOMMU_IOAS_COPY: (around, bytes) => {
    const cmd = view(iommu_ioas_copy, bytes);
    cmd.flags = mapFlags(around);
    const range = mappedRange(around, cmd.src_ioas_id);
    if (range === undefined) return;
    cmd.src_iova = range.iova;
    cmd.length = range.length;
  },

  IOMMU_IOAS_UNMAP: (around, bytes) => {
    const cmd = view(iommu_ioas_unmap, bytes);
    Object.assign(
      cmd,
      around.random.oneIn(16) ? { iova: 0n, length: EVERYTHING } : mappedRange(around, cmd.ioas_id),
    );
  },

  IOMMU_IOAS_IOVA_RANGES: ({ random }, bytes) => {
    view(iommu_ioas_iova_ranges, bytes).num_iovas = random.below(6);
  },

  IOMMU_OPTION: (around, bytes) => {
    const cmd = view(iommu_option, bytes);
    cmd.object_id = cmd.option_id === 0 ? 0 : around.id('ioas');
    cmd.op = around.random.below(2);
    cmd.val64 = BigInt(around.random.below(2));
  },

  IOMMU_HWPT_ALLOC: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_hwpt_alloc, bytes);
    if (around.object(cmd.pt_id) instanceof Ioas) {
      cmd.flags =
        (random.oneIn(2) ? IOMMU_HWPT_ALLOC_NEST_PARENT : 0) |
        (random.oneIn(2) ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0) |
        (random.oneIn(4) ? IOMMU_HWPT_ALLOC_PASID : 0);
      const hasData = random.oneIn(3);
      cmd.data_type = hasData ? iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST : 0;
      cmd.data_len = hasData ? 8 : 0;
    } else {
      cmd.flags = random.oneIn(4) ? IOMMU_HWPT_ALLOC_PASID : 0;
      const parents = around.idsOf(['hwpt'], isNestParent);
      cmd.pt_id = random.maybe([...parents, ...around.idsOf(['viommu'])]) ?? cmd.pt_id;
      const isMock = around.isMock(cmd.pt_id);
      cmd.data_type = isMock
        ? iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST
        : iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3;
      cmd.data_len = isMock ? random.pick([4, 8, 8]) : 16;
    }
    if (random.oneIn(3)) {
      cmd.flags = (cmd.flags | IOMMU_HWPT_FAULT_ID_VALID) & ~IOMMU_HWPT_ALLOC_NEST_PARENT;
      cmd.fault_id = around.id('fault');
    }
  },

  IOMMU_GET_HW_INFO: ({ random }, bytes) => {
    const cmd = view(iommu_hw_info, bytes);
    cmd.flags = 0;
    cmd.data_len = random.pick([0, 4, 8, 9, 16, 64]);
  },

  IOMMU_HWPT_SET_DIRTY_TRACKING: (around, bytes) => {
    const cmd = view(iommu_hwpt_set_dirty_tracking, bytes);
    cmd.flags = around.random.below(2);
    cmd.hwpt_id = trackingHwpt(around) ?? cmd.hwpt_id;
  },

  IOMMU_HWPT_GET_DIRTY_BITMAP: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_hwpt_get_dirty_bitmap, bytes);
    cmd.flags = random.below(2);
    cmd.hwpt_id = trackingHwpt(around) ?? cmd.hwpt_id;
    Object.assign(cmd, rangeOfHwpt(around, cmd.hwpt_id));
    cmd.page_size = BigInt(random.pick([PAGE, PAGE, PAGE, 2048, 1, 8192]));
  },

  IOMMU_HWPT_INVALIDATE: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_hwpt_invalidate, bytes);
    const nested = around.idsOf(['hwpt'], (hwpt) => hwpt instanceof HwptNested);
    cmd.hwpt_id = random.maybe([...nested, ...around.idsOf(['viommu'])]) ?? cmd.hwpt_id;
    const onViommu = around.object(cmd.hwpt_id) instanceof Viommu;
    const [type, length] = !onViommu
      ? [iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST, 8]
      : around.isMock(cmd.hwpt_id)
        ? [iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST, 12]
        : [iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, 16];
    cmd.data_type = type;
    cmd.entry_len = random.oneIn(5) ? random.pick([4, 16, 24, PAGE]) : length;
    cmd.entry_num = random.oneIn(16) ? 70 : random.below(6);
  },

  IOMMU_VIOMMU_ALLOC: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_viommu_alloc, bytes);
    cmd.flags = 0;
    const parents = around.idsOf(['hwpt'], isNestParent);
    cmd.hwpt_id = random.maybe(parents) ?? cmd.hwpt_id;
    cmd.type = around.isMock(cmd.hwpt_id)
      ? iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST
      : iommu_viommu_type.IOMMU_VIOMMU_TYPE_ARM_SMMUV3;
    cmd.data_len = random.pick([0, 8, 24, 24]);
  },

  IOMMU_VDEVICE_ALLOC: ({ random }, bytes) => {
    view(iommu_vdevice_alloc, bytes).virt_id = BigInt(random.pick([1, 1, 2, 0x99]));
  },

  IOMMU_VEVENTQ_ALLOC: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_veventq_alloc, bytes);
    cmd.flags = 0;
    if (!random.oneIn(5))
      cmd.type = around.isMock(cmd.viommu_id)
        ? iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST
        : iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3;
    cmd.veventq_depth = 1 + random.below(3);
  },

  IOMMU_HW_QUEUE_ALLOC: (around, bytes) => {
    const { random } = around;
    const cmd = view(iommu_hw_queue_alloc, bytes);
    cmd.flags = 0;
    cmd.type = iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_SELFTEST;
    cmd.index = random.below(3);
    const viommu = around.object(cmd.viommu_id);
    const range = viommu instanceof Viommu ? mappedRange(around, viommu.parent.ioas.id) : undefined;
    if (range === undefined) return;
    cmd.nesting_parent_iova = range.iova;
    cmd.length = random.oneIn(3) ? range.length : BigInt(random.pick([1, 16, PAGE]));
  },

  IOMMU_TEST_CMD: tidyTestOp,

  VFIO_IOMMU_MAP_DMA: ({ random }, bytes) => {
    view(vfio_iommu_type1_dma_map, bytes).flags = random.pick([3, 3, 1]);
  },

  VFIO_IOMMU_UNMAP_DMA: (around, bytes) => {
    const cmd = view(vfio_iommu_type1_dma_unmap, bytes);
    const isAll = around.random.oneIn(8);
    cmd.flags = isAll ? 2 : 0;
    const range = mappedRange(around, around.vfioIoas);
    if (isAll) Object.assign(cmd, { iova: 0n, size: 0n });
    else if (range !== undefined) Object.assign(cmd, { iova: range.iova, size: range.length });
  },
};

export function tidy(around: Surroundings, name: string, bytes: Uint8Array): void {
  tidies[name]?.(around, bytes);
}
