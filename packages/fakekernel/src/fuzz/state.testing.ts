/**
 * What a kernel holds, in words: {@link stateOf} gives a line for every object, mapping, pin and open file. A call that fails
 * must leave it as it was, but for what {@link mayChange} says of it.
 */

import {
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HW_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_UNMAP,
  IOMMU_TEST_CMD,
  iommu_test_cmd,
  iommu_test_op,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  IOMMU_VIOMMU_ALLOC,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_IOMMU_UNMAP_DMA,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { kernelState } from '../kernel-state.js';
import type { Asked } from './asked.testing.js';
import type { Step } from './step.testing.js';
import type { World } from './world.testing.js';

export function stateOf({ kernel }: World): string[] {
  return kernelState(kernel);
}

/** Those of these requests that make something undo it if the caller does not get to know of it. */
const MAKERS = new Set(
  [
    IOMMU_IOAS_ALLOC,
    IOMMU_HWPT_ALLOC,
    IOMMU_FAULT_QUEUE_ALLOC,
    IOMMU_VIOMMU_ALLOC,
    IOMMU_VDEVICE_ALLOC,
    IOMMU_VEVENTQ_ALLOC,
    IOMMU_HW_QUEUE_ALLOC,
    VFIO_DEVICE_BIND_IOMMUFD,
  ].map(({ request }) => request),
);

/** Operations of IOMMU_TEST_CMD that do so as well. */
const MAKING_OPS = new Set<number>([
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN,
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
  iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS,
  iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES,
  iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH,
]);

/** Requests that unmap: what comes before that which is in the way is unmapped. */
const UNMAPS = new Set([IOMMU_IOAS_UNMAP, VFIO_IOMMU_UNMAP_DMA].map(({ request }) => request));

/**
 * May a call that fails change the state?
 * @param asked the argument of an ioctl
 * @param isWritable can the kernel write that back?
 */
export function mayChange({ call }: Step, asked: Asked | undefined, isWritable: boolean): boolean {
  // The mapping that was there has gone when the driver refuses.
  if (call.name === 'mmap') return true;
  if (call.name !== 'ioctl') return false;
  if (UNMAPS.has(call.request)) return true;
  if (isWritable || MAKERS.has(call.request)) return false;
  // Most structs are written back after everything has been done.
  return asked?.ioctl.name !== IOMMU_TEST_CMD.name || !MAKING_OPS.has(view(iommu_test_cmd, asked.bytes).op);
}
