/** Causes that depend on a device and its IOMMU, shared by attaching and allocating page tables. */
import type { Device } from '../../objects/device.js';
import type { HwInfoType } from '../../objects/hw-info.js';
import type { Ioas } from '../../objects/ioas.js';
import type { User } from '../../objects/object.js';
import { either, span, spans } from './cause.js';
import { mappedIn } from './iova.js';

/** An object that was allocated for a device. */
interface MadeFor extends User {
  /** The device. */
  readonly madeFor: Device;
}

/** `the IOMMU of device 2 (selftest)`. */
export const iommuOf = (device: Device): string =>
  `the IOMMU of ${device.describe()} (${device.hwInfo().type})`;

/** The object belongs to an IOMMU of another type. */
export function otherIommu(device: Device, made: MadeFor): string | undefined {
  const { madeFor } = made;
  if (madeFor === device || madeFor.isClosed) return undefined;
  const types = [madeFor.hwInfo().type, device.hwInfo().type];
  if (types[0] === types[1]) return undefined;
  return `${made.describe()} was allocated for ${iommuOf(madeFor)}, and not for ${iommuOf(device)}.`;
}

/** The object may belong to another IOMMU of the same type. */
export const perhapsOtherIommu = (device: Device, made: MadeFor): string | false =>
  made.madeFor !== device &&
  `${made.describe()} was allocated for ${made.madeFor.describe()}, which is behind another IOMMU`;

/** The IOMMU has another type than required. @param so the consequence */
export function otherMake(device: Device, type: HwInfoType, so: string): string | undefined {
  const { type: make } = device.hwInfo();
  return make === type ? undefined : `The IOMMU of ${device.describe()} is ${make}: ${so}.`;
}

/** What may restrict the IOVAs. */
export interface Restriction {
  /** An attached device: its reserved regions. */
  readonly reserved: boolean;
  /** A new page table: everything outside its aperture. */
  readonly aperture: boolean;
}

/** EADDRINUSE: mappings or allowed ranges of an IOAS conflict with a device, or a page table for it. */
export function iovaConflict(
  ioas: Ioas,
  device: Device,
  { reserved, aperture }: Restriction,
): string | undefined {
  const known = ioas.mappingsIn(0n, 1n << 64n);
  const alignment = known.reduce((least, { iova, length, pageOffset = 0 }) => {
    const lowest = lowestBit(iova | length | BigInt(pageOffset));
    return lowest < least ? lowest : least;
  }, LARGEST_PAGE);
  const kept = ioas.allowedIovas.map(({ start, last }) => span(start, last));
  const inUse = [
    known.length > 0 && `${ioas.describe()} maps ${mappedIn(ioas)}`,
    kept.length > 0 && `allowIovas() of ${ioas.describe()} allows ${spans(kept)}`,
  ].filter((what) => what !== false);
  return either(
    ...inUse.flatMap((what) => [
      reserved && `${what}: ${device.describe()} reserves part of that`,
      aperture && `${what}: part of that is outside of the aperture of the IOMMU of ${device.describe()}`,
    ]),
    aperture &&
      known.length > 0 &&
      alignment < LARGEST_PAGE &&
      `the pages of the IOMMU of ${device.describe()} are larger than ${alignment} bytes, the alignment of the mappings`,
  );
}

/** The largest PAGE_SIZE of Linux, which bounds every required alignment. */
const LARGEST_PAGE = 0x1_0000n;

const lowestBit = (value: bigint): bigint => (value === 0n ? LARGEST_PAGE : value & -value);

/** EFAULT: an IOAS pins its mappings when its first page table is added. */
export const notPinned = (ioas: Ioas): string =>
  `Memory that ${ioas.describe()} maps is no longer mapped in the process, or not writable although devices may write: it is ` +
  'pinned when the first page table is added.';

/** EINVAL: a mapped file without the pages. */
export const noPages = (ioas: Ioas): string | false =>
  ioas.mappingsIn(0n, 1n << 64n).some(({ isFile }) => isFile) &&
  `a file that ${ioas.describe()} maps is not a memfd, or is shorter than the mapping`;
