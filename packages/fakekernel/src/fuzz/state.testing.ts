/**
 * The state of a kernel as text: {@link stateOf} returns a line for every object, mapping, pin and open file. A call that fails
 * must not change it, except as {@link mayChange} and {@link changesOf} allow.
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
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_IOMMU_UNMAP_DMA,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { kernelState, stateChanges } from '../kernel-state.js';
import type { Asked } from './asked.testing.js';
import type { Step } from './step.testing.js';
import type { World } from './world.testing.js';

export function stateOf({ kernel }: World): string[] {
  return kernelState(kernel);
}

/** Requests that create an object, and destroy it again if its id cannot be copied to the caller. */
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

/** Operations of IOMMU_TEST_CMD that do the same. */
const MAKING_OPS = new Set<number>([
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN,
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
  iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS,
  iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES,
  iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH,
]);

/** Requests that unmap: the areas before the one that fails are unmapped. */
const UNMAPS = new Set([IOMMU_IOAS_UNMAP, VFIO_IOMMU_UNMAP_DMA].map(({ request }) => request));

/**
 * True if a call that fails may change the state.
 * @param asked the argument of an ioctl
 * @param isWritable true if the kernel can write the argument back
 */
export function mayChange({ call }: Step, asked: Asked | undefined, isWritable: boolean): boolean {
  // The old mapping is removed even if the driver refuses the new one.
  if (call.name === 'mmap') return true;
  if (call.name !== 'ioctl') return false;
  if (UNMAPS.has(call.request)) return true;
  if (isWritable || MAKERS.has(call.request)) return false;
  // Most structs are written back after all of the work.
  return asked?.ioctl.name !== IOMMU_TEST_CMD.name || !MAKING_OPS.has(view(iommu_test_cmd, asked.bytes).op);
}

/** The changes of the state by a call that fails, except those that Linux makes too. */
export function changesOf({ call }: Step, before: readonly string[], after: readonly string[]): string[] {
  const isAttach = call.name === 'ioctl' && call.request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request;
  const { gone, made } = stateChanges(before, after, isAttach);
  return [...gone.map((line) => `gone: ${line}`), ...made.map((line) => `new: ${line}`)];
}
