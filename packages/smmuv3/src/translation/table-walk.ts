import type { FaultName } from '../events.js';
import type { Failure } from '../failure.js';
import { Features } from '../registers/features.js';

/**
 * The VMSAv8-64 table walk of both stages, from the start level to a page or block descriptor. The stage interprets the
 * permissions of the descriptor and converts the name of a fault to a {@link Failure}. Source: Arm DDI 0487, D8.2 and D8.3.
 */

const DESCRIPTOR_BITS = 3;
const DESCRIPTOR_BYTES = 1 << DESCRIPTOR_BITS;
/** Base 2 logarithm of the alignment of tables with 52-bit addresses: 64 bytes (Arm IHI 0070, 5.2, S2TTB). */
const WIDE_ALIGNMENT_BITS = 6;
/**
 * A scratch copy of a descriptor. Creating a view of the memory for each descriptor takes longer than the rest of the
 * walk.
 */
const scratch = new Uint8Array(DESCRIPTOR_BYTES);
const scratchView = new DataView(scratch.buffer);

/** Masks that clear low bits, by their number. Computed once. */
const alignments = Array.from({ length: 64 }, (_, bits) => -(1n << BigInt(bits)));

function alignment(bits: number): bigint {
  return alignments[bits] ?? -(1n << BigInt(bits));
}
const ADDRESS_MASK = 0x0000_ffff_ffff_f000n;
/** AF: the page has been accessed. */
export const ACCESS_FLAG = 1n << 10n;
/** DBM: the page may be written. If the descriptor does not allow writes, the page is clean (Arm DDI 0487, D8.5). */
export const DIRTY_BIT_MODIFIER = 1n << 51n;

/** Start and format of a walk. */
export interface Tables {
  /** The base of the first table, or of the concatenated tables. */
  readonly base: bigint;
  /** Width of the input addresses in bits. */
  readonly bits: number;
  /** Base 2 logarithm of the page size. */
  readonly granule: number;
  /** True if descriptors have addresses of 52 bits ({@link isWide}). */
  readonly wide: boolean;
  /** The level of the first table, -1 or higher. */
  readonly start: number;
  /** Maximum width of output and table addresses in bits. */
  readonly outputBits: number;
  /** True if descriptors are big-endian. */
  readonly bigEndian: boolean;
  /** True if addresses of tables are not checked against {@link outputBits}: `Departures.ignoresTableAddressSize`. */
  readonly anyTable?: boolean | undefined;
  /** True if the caller checks the address of the leaf against {@link outputBits}: `Departures.checksOutputSizeLast`. */
  readonly anyLeaf?: boolean | undefined;
}

/** A page or block. */
export interface Leaf {
  /** Its descriptor. */
  readonly descriptor: bigint;
  /** The address of the descriptor: an IPA if stage 2 translates the tables. */
  readonly at: bigint;
  /** The output address. */
  readonly address: bigint;
  /** The level of its table. */
  readonly level: number;
  /** Base 2 logarithm of its size. */
  readonly bits: number;
  /** The table descriptors of the walk, in order. */
  readonly tables: readonly bigint[];
}

/** A stage of translation, which reads descriptors. */
export interface DescriptorReader {
  /**
   * Reads a descriptor.
   * @param length 8
   * @param below true if the descriptor is in a table below the first one
   * @returns 8 bytes, which are used at once
   */
  descriptorAt(address: bigint, length: number, below: boolean): Uint8Array | Failure;
  /** True if a table descriptor forbids the access: `Departures.forgetsTablePermissions`. */
  forbids?(descriptor: bigint): boolean;
}

/**
 * True if descriptors have addresses of 52 bits, and blocks at one more level. For 64 KB pages they have if the SMMU has such
 * addresses (FEAT_LPA), for smaller pages if CD.DS or STE.S2DS is 1 (FEAT_LPA2; Arm DDI 0487, D8.3).
 * @param ds CD.DS or STE.S2DS
 */
export const isWide = (granule: number, ds: number, { oas, idr5 }: Features): boolean =>
  granule === 16 ? oas >= 52 : ds === 1 && idr5.DS === 1;

/** The address in a descriptor, before it is aligned. */
function addressIn(descriptor: bigint, { granule, wide }: Tables): bigint {
  const low = descriptor & ADDRESS_MASK;
  if (granule === 16) return (low & ~0xf000n) | (wide ? (low & 0xf000n) << 36n : 0n);
  return wide ? low | (descriptor & (3n << 48n)) | ((descriptor & (3n << 8n)) << 42n) : low;
}

/** The start level without concatenated tables. */
export const startLevelOf = (bits: number, granule: number): number =>
  4 - Math.ceil((bits - granule) / (granule - 3));

/** Number of bits of an input address that index the first table, or the concatenated tables. */
export const firstIndexBits = ({
  bits,
  granule,
  start,
}: Pick<Tables, 'bits' | 'granule' | 'start'>): number => bits - granule - (3 - start) * (granule - 3);

/** The bytes of a descriptor. */
export function descriptorBytes(descriptor: bigint, bigEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, descriptor, !bigEndian);
  return bytes;
}

/** True if AF is set. */
export const isAccessed = ({ descriptor }: Leaf): boolean => (descriptor & ACCESS_FLAG) !== 0n;

/**
 * Walks the tables.
 * @param address bits beyond the input size are ignored
 * @returns the leaf, the failure of a read, or the name of the fault
 */
export function walkTables(
  tables: Tables,
  address: bigint,
  reader: DescriptorReader,
): Leaf | Failure | (FaultName & ('F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_PERMISSION')) {
  const { granule, start, outputBits, bigEndian, wide } = tables;
  const stride = granule - 3;
  const above: bigint[] = [];
  let indexBits = firstIndexBits(tables);
  const firstBits = indexBits + DESCRIPTOR_BITS;
  let table =
    tables.base & alignment(outputBits >= 52 ? Math.max(firstBits, WIDE_ALIGNMENT_BITS) : firstBits);
  for (let level = start; ; level++) {
    const shift = granule + (3 - level) * stride;
    const index = Number(BigInt.asUintN(indexBits, address >> BigInt(shift)));
    const at = table + BigInt(index * DESCRIPTOR_BYTES);
    const bytes = reader.descriptorAt(at, DESCRIPTOR_BYTES, level > start);
    if (!(bytes instanceof Uint8Array)) return bytes;
    for (let i = 0; i < DESCRIPTOR_BYTES; i++) scratch[i] = bytes[i] ?? 0;
    const type = scratchView.getUint8(bigEndian ? DESCRIPTOR_BYTES - 1 : 0) & 3;
    const isTable = level < 3 && type === 3;
    if (!isTable && !isLeaf(type, level, granule, wide)) return 'F_TRANSLATION';
    const descriptor = scratchView.getBigUint64(0, !bigEndian);
    const output = addressIn(descriptor, tables) & alignment(isTable ? granule : shift);
    const isAnyAllowed = isTable ? tables.anyTable : tables.anyLeaf;
    if (isAnyAllowed !== true && !Features.fits(output, outputBits)) return 'F_ADDR_SIZE';
    if (!isTable) {
      const whole = output | BigInt.asUintN(shift, address);
      return { descriptor, at, address: whole, level, bits: shift, tables: above };
    }
    if (reader.forbids?.(descriptor) === true) return 'F_PERMISSION';
    above.push(descriptor);
    table = output;
    indexBits = stride;
  }
}

/**
 * True if a descriptor is a page, or a block at a level that allows blocks. The caller has excluded tables.
 * @param type its lowest two bits
 */
function isLeaf(type: number, level: number, granule: number, wide: boolean): boolean {
  return level === 3 ? type === 3 : type === 1 && level >= firstBlockLevel(granule, wide);
}

/** The level of the largest blocks. With 52-bit addresses, one more level allows blocks. */
function firstBlockLevel(granule: number, wide: boolean): number {
  const narrow = granule === 12 ? 1 : 2;
  return wide ? narrow - 1 : narrow;
}
