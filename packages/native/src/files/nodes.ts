/** Device nodes of the fake kernel as a program sees them in `/dev`: their numbers. */

import type { File } from '@iommufd/fakekernel/task';
import type { World } from '../world.js';
import { anonymousStatus, type FileStatus, nodeStatus } from './status.js';

/** `MISC_MAJOR`, and the minors that iommufd and VFIO have there: `linux/miscdevice.h`. */
const MISC_MAJOR = 10;
const IOMMU_MINOR = 124;
const VFIO_MINOR = 196;
/** The major number of VFIO's device nodes. Linux gives them the highest that is free. */
export const VFIO_DEVICE_MAJOR = 511;

const VFIO_DEVICE = /^\/dev\/vfio\/devices\/vfio(\d+)$/;

/** What `stat()` says of a node. @returns undefined if the fake kernel has none of this path */
export function statusOfPath(world: World, path: string): FileStatus | undefined {
  return world.hasNode(path) ? statusOf(path) : undefined;
}

/** What `fstat()` says of a file of the fake kernel. */
export function statusOfFile(world: World, file: File): FileStatus {
  const path = world.nodeOf(file);
  return path === undefined ? anonymousStatus : statusOf(path);
}

function statusOf(path: string): FileStatus {
  const [, number] = VFIO_DEVICE.exec(path) ?? [];
  if (number !== undefined) return nodeStatus({ major: VFIO_DEVICE_MAJOR, minor: Number(number) });
  return nodeStatus({ major: MISC_MAJOR, minor: path === '/dev/vfio/vfio' ? VFIO_MINOR : IOMMU_MINOR });
}
