import type { ErrnoName } from './errno.js';
import type { AnyType } from './struct/type.js';

/** The kind of file that a request is for: the same number means different things on different files. */
export type IoctlFile = 'iommufd' | 'vfio-container' | 'vfio-group' | 'vfio-device';

/** What an errno means when one particular request gives it. */
export type ErrnoMeanings = Readonly<Partial<Record<ErrnoName, string>>>;

/** One ioctl, declared in one place. */
export interface Ioctl<S extends AnyType | undefined = AnyType | undefined> {
  readonly kind: 'ioctl';
  /** `IOMMU_HWPT_ALLOC` */
  readonly name: string;
  /** The number that is passed to `ioctl()`. */
  readonly request: number;
  /** The files that know it. */
  readonly files: readonly IoctlFile[];
  /** What the argument points at; undefined where it is a plain value or is not looked at. */
  readonly struct: S;
  readonly doc: string;
  /** What its own errnos mean, where the header or the documents of the kernel say so. */
  readonly errors: ErrnoMeanings;
}

/**
 * Declares an ioctl.
 * @param struct what its argument points at, if it is a pointer
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
