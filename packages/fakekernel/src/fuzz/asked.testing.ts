/** Identifies an ioctl of a random program: its declaration, and its argument before the call. */

import {
  type Ioctl,
  type IoctlFile,
  IOMMU_TEST_CMD,
  iommu_test_cmd,
  iommu_test_op,
  mock_access_rw,
} from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { type AnyType, view } from '@iommufd/uapi/struct';
import type { Process } from '../index.js';
import { IommufdContext } from '../iommufd/context.js';
import type { File } from '../process/file.js';
import { VfioDeviceFile } from '../vfio/cdev.js';
import type { CallOf } from './step.testing.js';

/** The declaration of a request on a file of this kernel; undefined if the file does not support it. */
export function declaredFor(file: File | undefined, request: number): Ioctl | undefined {
  const kinds: readonly IoctlFile[] =
    file instanceof IommufdContext
      ? ['iommufd', 'vfio-container']
      : file instanceof VfioDeviceFile
        ? ['vfio-device']
        : [];
  return ioctlsByRequest(request).find(({ files }) => files.some((kind) => kinds.includes(kind)));
}

/** A struct ioctl, and its argument before the call. */
export interface Asked {
  readonly ioctl: Ioctl<AnyType>;
  /** The struct, in the size that the kernel knows. Bytes that cannot be read are zero. */
  readonly bytes: Uint8Array;
}

/** Undefined if the file does not support the request, or if the size of its struct cannot be read. */
export function askedBy(process: Process, { fd, request, arg }: CallOf<'ioctl'>): Asked | undefined {
  const declared = declaredFor(process.files.find(fd), request);
  if (declared?.struct === undefined) return undefined;
  const { struct } = declared;
  const bytes = peek(process, arg, struct.byteLength);
  if (bytes === undefined) return undefined;
  // The kernel uses zeros beyond the caller's size.
  bytes.fill(0, Math.max(4, new DataView(bytes.buffer).getUint32(0, true)));
  return { ioctl: { ...declared, struct }, bytes };
}

/** The readable bytes at the start of a range; undefined if there are fewer than four. */
export function peek({ memorySpace }: Process, at: bigint, length: number): Uint8Array | undefined {
  const whole = memorySpace.visible(at, length);
  if (whole !== undefined) return whole.slice();
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const byte = memorySpace.visible(at + BigInt(i), 1);
    if (byte === undefined) return i < 4 ? undefined : bytes;
    bytes.set(byte, i);
  }
  return bytes;
}

/** True if an access copies to memory that is mapped in an IOAS. */
export function copiesToMapped({ ioctl, bytes }: Asked): boolean {
  if (ioctl.name !== IOMMU_TEST_CMD.name) return false;
  const { op, access_rw } = view(iommu_test_cmd, bytes);
  return (
    op === iommu_test_op.IOMMU_TEST_OP_ACCESS_RW &&
    (access_rw.flags & mock_access_rw.MOCK_ACCESS_RW_WRITE) !== 0
  );
}
