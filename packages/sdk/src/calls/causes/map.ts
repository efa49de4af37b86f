/** Causes of failures of IOMMU_IOAS_MAP, IOMMU_IOAS_MAP_FILE and IOMMU_IOAS_COPY. */
import type { Ioas, MapOptions } from '../../objects/ioas.js';
import { Memory } from '../../objects/memory.js';
import { type Cause, either, hex, span, spanOf, spans } from './cause.js';
import { beyond, misaligned, notAllowed, overflow, ULONG_MAX } from './place.js';

/** The requested mapping. */
export interface Wanted extends MapOptions {
  readonly length: bigint;
  /** The start of the memory, an address or a file offset, also in words. Undefined for a copy. */
  readonly memory: { readonly start: bigint; readonly words: string } | undefined;
}

/** The longest mapping. */
const LONGEST = ULONG_MAX - 4096n;

/** What is wrong with the arguments or the IOVA; undefined if neither is. */
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

/** When neither the arguments nor the IOVA are wrong. */
const REFUSED = 'the driver of the IOMMU of an attached device refuses it';

function taken(ioas: Ioas, { iova, length }: Wanted): string | undefined {
  const there = iova === undefined ? [] : ioas.known(iova, length).filter(({ isDoubtful }) => !isDoubtful);
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
  const kept = ioas.kept.map(({ start, last }) => span(start, last));
  return kept.length === 0
    ? `No gap of ${length} bytes is left in ${allowed}.`
    : `No gap of ${length} bytes is left in what allowIovas() keeps, ${spans(kept)}: only a mapping with an iova may be elsewhere.`;
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
    const missing = `The memory ${span(address, address + length - 1n)} is not there`;
    return write
      ? `${missing}, or not writable: what may only be read is mapped with write: false.`
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

const NO_MEMFD = 'fd is no memfd, or ends before start + length';

/** What the SDK knows about the file. */
function noMemory({ context }: Ioas, fd: number, start: bigint, length: bigint): string | undefined {
  if (fd === context.fd) return `fd ${fd} is /dev/iommu itself, and no memfd.`;
  const owner = context.ownerOf(fd);
  if (owner === undefined) return undefined;
  if (!(owner instanceof Memory)) return `fd ${fd} is the file of ${String(owner)}, and no memfd.`;
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
        return misplaced(ioas, wanted) ?? crooked(ioas, from, fromIova) ?? either(UNPINNED, REFUSED);
      case 'EOVERFLOW':
        return overflow('fromIova', fromIova, length) ?? tooLong(wanted);
      case 'ENOENT':
        return missing(from, fromIova, length);
      case 'EPERM':
        return `Devices may only read what ${from.describe()} maps at ${hex(fromIova)}: copy it with write: false.`;
      default:
        return common(ioas, wanted)(code);
    }
  };
}

const UNPINNED =
  'the memory that is mapped there is of a file that is no memfd or ends before, or is not aligned as this IOAS asks';

/** The copied memory does not have the alignment of this IOAS, if its offset is known. */
function crooked(ioas: Ioas, from: Ioas, fromIova: bigint): string | undefined {
  const [mapping] = from.known(fromIova, 1n);
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
    ? `${from.describe()} does not map ${span(start, end - 1n)} of what is to be copied.`
    : undefined;
}
