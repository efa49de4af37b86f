import { smmuv3_event_class } from '@iommufd/uapi';
import type { Cd } from './cd-validity.js';
import type { Context } from './context-table.js';
import { type Access, AT_STAGE_1, type FaultName, walkAbort } from './events.js';
import { type Failure, fault, type FaultFlags, reject } from './failure.js';
import { Features } from './features.js';
import type { KernelMapping, PhysicalMemory } from './physical-memory.js';
import { type Hierarchy, NO_HIERARCHY, READ, restrict, type Rights, rightsOf, WRITE } from './rights.js';
import type { StructureReader } from './structure-reader.js';

const DESCRIPTOR_BYTES = 8;
const ADDRESS_MASK = 0x0000_ffff_ffff_f000n;
/** AF: the page has been accessed. */
const ACCESS_FLAG = 1n << 10n;
/** nG: the translation is for one ASID. */
const NOT_GLOBAL = 1n << 11n;

/** What stage 1 makes of an address. */
export interface Stage1Result {
  /** The output address: an IPA if stage 2 is on, else physical. */
  readonly address: bigint;
  /** Base 2 logarithm of the page or block. */
  readonly bits: number;
  /** Of the table that it is in; undefined if a {@link KernelTable} does not say. */
  readonly level: number | undefined;
  /** Base 2 logarithm of the page size of the tables. */
  readonly granule: number | undefined;
  readonly global: boolean;
  readonly rights: Rights;
  /** Where it leads at once, without a physical address, if the kernel keeps the table as an object. */
  readonly mapping: KernelMapping | undefined;
}

/** The half of the input addresses that one TTB translates. */
interface Region {
  readonly ttb: bigint;
  /** Bits of the addresses. */
  readonly bits: number;
  readonly granule: number;
  /** Do attributes of table descriptors count? */
  readonly hierarchical: boolean;
}

/** Stage 1 of a transaction: its tables in VMSAv8-64 (Arm IHI 0070, 3.4 and 5.4; Arm DDI 0487, D8.2 and D8.3). */
export class Stage1Walk {
  private readonly cd: Cd;
  private readonly flags: FaultFlags;

  /** @param el2 tables of EL2, which are one half and know no unprivileged accesses */
  constructor(
    private readonly context: Context,
    private readonly el2: boolean,
    private readonly access: Access,
    private readonly reader: StructureReader,
    private readonly memory: PhysicalMemory,
    private readonly features: Features,
  ) {
    const { cd } = context;
    this.cd = cd;
    this.flags = {
      record: cd.R === 1,
      stall: cd.S === 1,
      abort: cd.A === 1 || features.idr0.TERM_MODEL === 1,
    };
  }

  /** The address without its tag, where CD.TBI says that the top byte does not count. */
  get address(): bigint {
    const { address } = this.access;
    const high = !this.el2 && isHigh(address);
    if ((high ? this.cd.TBI1 : this.cd.TBI0) === 0) return address;
    const low = BigInt.asUintN(56, address);
    return high ? low | (0xffn << 56n) : low;
  }

  /** A fault of this stage. */
  fault(name: FaultName): Failure {
    return fault(name, this.access, AT_STAGE_1, this.flags);
  }

  /** Translates the address. Whether the access is allowed is left to the caller. */
  walk(): Stage1Result | Failure {
    const { address } = this;
    const region = this.regionOf(address);
    if (region === undefined) return this.fault('F_TRANSLATION');
    const table = this.reader.stage2 === undefined ? this.memory.table(region.ttb) : undefined;
    if (table === undefined) return this.walkTables(address, region);
    const mapping = table.lookup(address & ~0xfffn);
    return mapping === undefined ? this.fault('F_TRANSLATION') : resultOf(mapping, address);
  }

  /** @returns undefined if no TTB translates the address */
  private regionOf(address: bigint): Region | undefined {
    const { cd, el2, features } = this;
    const high = !el2 && isHigh(address);
    if (!el2 && (high ? cd.EPD1 : cd.EPD0) === 1) return undefined;
    const bits = 64 - (high ? cd.T1SZ : cd.T0SZ);
    const expected = high ? (1n << BigInt(64 - bits)) - 1n : 0n;
    if (address >> BigInt(bits) !== expected) return undefined;
    const granule = high ? features.granuleTtb1(cd.TG1) : features.granule(cd.TG0);
    if (granule === undefined) return undefined;
    const had = features.idr3.HAD === 1 && (high ? cd.HAD1 : cd.HAD0) === 1;
    return { ttb: high ? cd.TTB1 : cd.TTB0, bits, granule, hierarchical: !had };
  }

  private walkTables(address: bigint, { ttb, bits, granule, hierarchical }: Region): Stage1Result | Failure {
    const stride = granule - 3;
    const start = 4 - Math.ceil((bits - granule) / stride);
    let indexBits = bits - granule - (3 - start) * stride;
    let table = ttb & -BigInt(2 ** indexBits * DESCRIPTOR_BYTES);
    let above = NO_HIERARCHY;
    for (let level = start; ; level++) {
      const shift = granule + (3 - level) * stride;
      const index = BigInt.asUintN(indexBits, address >> BigInt(shift));
      const descriptor = this.descriptorAt(table + index * BigInt(DESCRIPTOR_BYTES), level > start);
      if (typeof descriptor !== 'bigint') return descriptor;
      const isTable = level < 3 && (descriptor & 3n) === 3n;
      if (!isTable && !isLeaf(descriptor, level, granule)) return this.fault('F_TRANSLATION');
      const output = descriptor & ADDRESS_MASK & -(1n << BigInt(isTable ? granule : shift));
      if (!Features.fits(output, this.features.effectiveBits(this.cd.IPS))) return this.fault('F_ADDR_SIZE');
      if (!isTable) {
        return this.leaf(descriptor, output | BigInt.asUintN(shift, address), level, granule, shift, above);
      }
      if (hierarchical) above = restrict(above, descriptor);
      table = output;
      indexBits = stride;
    }
  }

  private leaf(
    descriptor: bigint,
    address: bigint,
    level: number,
    granule: number,
    bits: number,
    above: Hierarchy,
  ): Stage1Result | Failure {
    if ((descriptor & ACCESS_FLAG) === 0n && this.cd.AFFD === 0) return this.fault('F_ACCESS');
    const rights = rightsOf(descriptor, above, this.cd, this.el2, this.features);
    const global = (descriptor & NOT_GLOBAL) === 0n && this.features.departures.ignoresGlobalPages !== true;
    return { address, bits, level, granule, global, rights, mapping: undefined };
  }

  /** @param below is it in a table below the first one? */
  private descriptorAt(address: bigint, below: boolean): bigint | Failure {
    const place = { stage2: false, class: smmuv3_event_class.TT, ipa: undefined };
    const kept = below ? undefined : this.context.tables?.read(address, DESCRIPTOR_BYTES);
    const bytes =
      kept ??
      this.reader.read(address, DESCRIPTOR_BYTES, place.class) ??
      reject(walkAbort(this.access, place, address));
    if (bytes instanceof Uint8Array) {
      return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, this.cd.ENDI === 0);
    }
    const departs = below && this.features.departures.stage2FaultOfWalkSaysStage1 === true;
    return departs && bytes.kind === 'fault' ? { ...bytes, place: { ...bytes.place, stage2: false } } : bytes;
  }
}

/** Bit 55 chooses between TTB0 and TTB1. */
const isHigh = (address: bigint): boolean => ((address >> 55n) & 1n) === 1n;

/** Is a descriptor that is no table a page, or a block where there may be one? */
function isLeaf(descriptor: bigint, level: number, granule: number): boolean {
  if (level === 3) return (descriptor & 3n) === 3n;
  return (descriptor & 3n) === 1n && (level === 2 || (level === 1 && granule === 12));
}

/** What a table of the kernel says. Its pages are for one ASID, and have no privileges. */
function resultOf(mapping: KernelMapping, address: bigint): Stage1Result {
  const data = (mapping.read ? READ : 0) | (mapping.write ? WRITE : 0);
  return {
    address,
    bits: 12,
    level: undefined,
    granule: undefined,
    global: false,
    rights: { unprivileged: data, privileged: data },
    mapping,
  };
}
