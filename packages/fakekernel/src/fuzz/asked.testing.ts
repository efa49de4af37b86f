/** What an ioctl asks for: which of the declared ones it is on that file, and the struct that it gives. */

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

/** The ioctl that a request is on a file of this kernel; undefined if the file does not know it. */
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
  /** As long as the kernel knows the struct; what cannot be read is zero. */
  readonly bytes: Uint8Array;
}

/** Undefined if the file does not know the request, or not even the size of its struct can be read. */
export function askedBy(process: Process, { fd, request, arg }: CallOf<'ioctl'>): Asked | undefined {
  const declared = declaredFor(process.files.find(fd), request);
  if (declared?.struct === undefined) return undefined;
  const { struct } = declared;
  const bytes = peek(process, arg, struct.byteLength);
  if (bytes === undefined) return undefined;
  // Beyond the size that the caller says the kernel has zeros.
  bytes.fill(0, Math.max(4, new DataView(bytes.buffer).getUint32(0, true)));
  return { ioctl: { ...declared, struct }, bytes };
}

/** The first bytes at an address that can be read; undefined if there are less than four. */
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

/** Does an access copy to memory that is mapped somewhere? */
export function copiesToMapped({ ioctl, bytes }: Asked): boolean {
  if (ioctl.name !== IOMMU_TEST_CMD.name) return false;
  const { op, access_rw } = view(iommu_test_cmd, bytes);
  return (
    op === iommu_test_op.IOMMU_TEST_OP_ACCESS_RW &&
    (access_rw.flags & mock_access_rw.MOCK_ACCESS_RW_WRITE) !== 0
  );
}
