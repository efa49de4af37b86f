import type { ErrnoName } from './errno.js';
import type { AnyType } from './struct/type.js';

/** The kind of file that a request is for: the same number means different things on different files. */
export type IoctlFile = 'iommufd' | 'vfio-container' | 'vfio-group' | 'vfio-device' | 'vfio-migration';

/** The meanings of errnos of a request. */
export type ErrnoMeanings = Readonly<Partial<Record<ErrnoName, string>>>;

/** A declared ioctl. */
export interface Ioctl<S extends AnyType | undefined = AnyType | undefined> {
  readonly kind: 'ioctl';
  /** `IOMMU_HWPT_ALLOC` */
  readonly name: string;
  /** The request number for `ioctl()`. */
  readonly request: number;
  /** The kinds of file that support it. */
  readonly files: readonly IoctlFile[];
  /** The struct that the argument points to; undefined if it is a plain value or unused. */
  readonly struct: S;
  readonly doc: string;
  /** The meanings of its errnos, from the kernel's headers and documentation. */
  readonly errors: ErrnoMeanings;
}

/**
 * Declares an ioctl.
 * @param struct the struct that its argument points to; undefined if it is not a pointer
 */
export function ioctl<S extends AnyType | undefined>(
  name: string,
  request: number,
  files: readonly IoctlFile[],
  struct: S,
  doc: string,
  errors: ErrnoMeanings = {},
): Ioctl<S> {
  return Object.freeze({ kind: 'ioctl', name, request, files, struct, doc, errors });
}
