/** Causes of failures of IOMMU_IOAS_MAP, IOMMU_IOAS_MAP_FILE and IOMMU_IOAS_COPY. */
import type { Ioas, MapOptions } from '../../objects/ioas.js';
import { Memory } from '../../objects/memory.js';
import { type Cause, either, hex, span, spanOf, spans } from './cause.js';
import { beyond, misaligned, notAllowed, overflow, ULONG_MAX } from './iova.js';

/** The requested mapping. */
export interface Wanted extends MapOptions {
  readonly length: bigint;
  /** The start of the memory, an address or a file offset, as a number and as text. Undefined for a copy. */
  readonly memory: { readonly start: bigint; readonly words: string } | undefined;
}

/** The longest mapping. */
const LONGEST = ULONG_MAX - 4096n;

/** What is invalid about the arguments or the IOVA; undefined if both are valid. */
function misplaced(
  ioas: Ioas,
  { read = true, write = true, iova, length, memory }: Wanted,
): string | undefined {
  if (!read && !write) return 'read and write are both false: devices must be able to do one of them.';
  if (length === 0n) return 'length is 0.';
  if (length > LONGEST) return `length ${length} is more than can be mapped.`;
  const { ranges, alignment } = ioas.iovaRanges();
  return (
    misaligned(`length ${length}`, length, alignment) ??
    (iova === undefined
      ? undefined
      : (misaligned(`iova ${hex(iova)}`, iova, alignment) ?? notAllowed(ranges, iova, length))) ??
    (memory && misaligned(memory.words, memory.start, alignment))
  );
}

/** The remaining cause if the arguments and the IOVA are valid. */
const REFUSED = 'the driver of the IOMMU of an attached device refuses it';

function taken(ioas: Ioas, { iova, length }: Wanted): string | undefined {
  const there =
    iova === undefined ? [] : ioas.mappingsIn(iova, length).filter(({ isDoubtful }) => !isDoubtful);
  if (there.length === 0) return undefined;
  return `${spans(there.map(spanOf))} is mapped already: unmap it first, or choose another iova.`;
}

function tooLong({ iova, length, memory }: Wanted): string | undefined {
  if (iova !== undefined) {
    const sum = overflow('iova', iova, length);
    if (sum !== undefined) return sum;
  }
  if (length === ULONG_MAX) return overflow('length', 0n, length);
  if (memory !== undefined && memory.start + length > ULONG_MAX) return beyond(memory.words, length);
  return iova === undefined && length >= ULONG_MAX / 2n
    ? `length ${length} is more than can be placed.`
    : undefined;
}

function noGap(ioas: Ioas, length: bigint): string {
  const { ranges } = ioas.iovaRanges();
  const allowed = spans(ranges.map(({ start, last }) => span(start, last)));
  if (ranges.every(({ start, last }) => last - start < length - 1n))
    return `length ${length} is longer than every range that is allowed: ${allowed}.`;
  const kept = ioas.allowedIovas.map(({ start, last }) => span(start, last));
  return kept.length === 0
    ? `No gap of ${length} bytes is left in ${allowed}.`
    : `No gap of ${length} bytes is left in the ranges of allowIovas(), ${spans(kept)}: elsewhere, a mapping needs an iova.`;
}

/** Causes common to the three calls. */
const common =
  (ioas: Ioas, wanted: Wanted): Cause =>
  (code) => {
    switch (code) {
      case 'EEXIST':
        return taken(ioas, wanted);
      case 'EOVERFLOW':
        return tooLong(wanted);
      case 'ENOSPC':
        return noGap(ioas, wanted.length);
      default:
        return undefined;
    }
  };

/** IOMMU_IOAS_MAP */
export function mapCause(
  ioas: Ioas,
  options: MapOptions & { readonly address: bigint; readonly length: bigint },
): Cause {
  const { address, length, write = true } = options;
  const memory = { start: address, words: `The memory's address ${hex(address)}` };
  const wanted: Wanted = { ...options, memory };
  return (code) => {
    if (code === 'EINVAL') return misplaced(ioas, wanted) ?? either(REFUSED);
    if (code !== 'EFAULT') return common(ioas, wanted)(code);
    const missing = `The memory ${span(address, address + length - 1n)} is not mapped in this process`;
    return write
      ? `${missing}, or not writable: map read-only memory with write: false.`
      : `${missing}, or not readable.`;
  };
}

/** IOMMU_IOAS_MAP_FILE */
export function mapFileCause(
  ioas: Ioas,
  options: MapOptions & { readonly fd: number; readonly start: bigint; readonly length: bigint },
): Cause {
  const { fd, start, length } = options;
  const wanted: Wanted = { ...options, memory: { start, words: `start ${hex(start)}` } };
  return (code) => {
    if (code !== 'EINVAL') return common(ioas, wanted)(code);
    return misplaced(ioas, wanted) ?? noMemory(ioas, fd, start, length) ?? either(NO_MEMFD, REFUSED);
  };
}

const NO_MEMFD = 'fd is not a memfd, or is shorter than start + length';

/** What the SDK knows about the file. */
function noMemory({ context }: Ioas, fd: number, start: bigint, length: bigint): string | undefined {
  if (fd === context.fd) return `fd ${fd} is /dev/iommu itself, not a memfd.`;
  const owner = context.ownerOf(fd);
  if (owner === undefined) return undefined;
  if (!(owner instanceof Memory)) return `fd ${fd} is the file of ${String(owner)}, not a memfd.`;
  if (start + length <= BigInt(owner.length)) return undefined;
  return `start ${start} and length ${length} go beyond the file, which has ${owner.length} bytes.`;
}

/** IOMMU_IOAS_COPY */
export function copyCause(
  ioas: Ioas,
  options: MapOptions & { readonly from: Ioas; readonly fromIova: bigint; readonly length: bigint },
): Cause {
  const { from, fromIova, length } = options;
  return (code) => {
    const wanted: Wanted = { ...options, memory: undefined };
    switch (code) {
      case 'EINVAL':
        return misplaced(ioas, wanted) ?? misalignedMemory(ioas, from, fromIova) ?? either(UNPINNED, REFUSED);
      case 'EOVERFLOW':
        return overflow('fromIova', fromIova, length) ?? tooLong(wanted);
      case 'ENOENT':
        return missing(from, fromIova, length);
      case 'EPERM':
        return `Devices may only read the memory that ${from.describe()} maps at ${hex(fromIova)}: copy it with write: false.`;
      default:
        return common(ioas, wanted)(code);
    }
  };
}

const UNPINNED =
  'the source maps a file that is not a memfd or is too short, or memory without the alignment of this IOAS';

/** The copied memory does not have the alignment of this IOAS, if its offset is known. */
function misalignedMemory(ioas: Ioas, from: Ioas, fromIova: bigint): string | undefined {
  const [mapping] = from.mappingsIn(fromIova, 1n);
  if (mapping?.pageOffset === undefined) return undefined;
  const { alignment } = ioas.iovaRanges();
  const behind = (BigInt(mapping.pageOffset) + fromIova - mapping.iova) % alignment;
  return behind === 0n
    ? undefined
    : `The memory at fromIova begins ${hex(behind)} past a multiple of ${alignment}, the alignment of this IOAS.`;
}

/** The first unmapped part of a range. */
function missing(from: Ioas, fromIova: bigint, length: bigint): string | undefined {
  const [first, second] = from.mappedWithin(fromIova, length);
  const isMappedAtFirst = first?.iova === fromIova;
  const start = isMappedAtFirst ? fromIova + first.length : fromIova;
  const end = (isMappedAtFirst ? second : first)?.iova ?? fromIova + length;
  return start < end
    ? `${from.describe()} does not map ${span(start, end - 1n)}, which is part of the source range.`
    : undefined;
}
