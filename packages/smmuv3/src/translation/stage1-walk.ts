import { smmuv3_event_class } from '@iommufd/uapi';
import { type Access, AT_STAGE_1, type FaultName, type FaultPlace, walkAbort } from '../events.js';
import { type Failure, fault, type FaultFlags, reject } from '../failure.js';
import { Features } from '../registers/features.js';
import type { Cd } from '../structures.js';
import type { FirstTables } from './first-tables.js';
import { type Mark, type StageMapping, stageMapping } from './dirty-state.js';
import {
  AP_READ_ONLY,
  EXECUTE,
  NO_HIERARCHY,
  READ,
  restrict,
  type Rights,
  rightsOf,
  WRITE,
} from './rights.js';
import type { StructureReader } from './structure-reader.js';
import {
  ACCESS_FLAG,
  descriptorBytes,
  type DescriptorReader,
  DIRTY_BIT_MODIFIER,
  isAccessed,
  isWide,
  type Leaf,
  startLevelOf,
  type Tables,
  walkTables,
} from './table-walk.js';

const { TT } = smmuv3_event_class;
/** The place of a failed read of a stage 1 descriptor. */
const AT_TABLE: FaultPlace = { stage2: false, class: TT, ipa: undefined };

/** nG: the translation belongs to one ASID. */
const NOT_GLOBAL = 1n << 11n;
/** DBM and AP[2]: the page is writable and clean, if hardware marks pages dirty (Arm IHI 0070, 3.13.3.1). */
const CLEAN = DIRTY_BIT_MODIFIER | AP_READ_ONLY;

/**
 * A context descriptor with the values that are derived from it. They are computed once, when the descriptor is cached, and not for
 * each transaction. It has its first tables if they are cached with it (`FirstTables`).
 */
export interface Context<P> {
  readonly cd: Cd;
  readonly tables: FirstTables<P> | undefined;
  /** The addresses that TTB0 (`low`) and TTB1 (`high`) translate; undefined if the granule is not supported. */
  readonly low: Region | undefined;
  readonly high: Region | undefined;
  /** The fault configuration: CD.R, S and A. */
  readonly flags: FaultFlags;
}

/** A stage 1 translation. */
export interface Stage1Result<P> {
  /** The output address: an IPA if stage 2 is enabled, otherwise physical. */
  readonly address: bigint;
  /** Base 2 logarithm of the size of the page or block. */
  readonly bits: number;
  /** Level of the leaf descriptor; undefined for a {@link TranslationTable}. */
  readonly level: number | undefined;
  /** Base 2 logarithm of the page size of the tables. */
  readonly granule: number | undefined;
  readonly global: boolean;
  readonly rights: Rights;
  /** True if the page is writable and clean, so that a write changes the table. */
  readonly clean: boolean;
  /** The page or block; undefined for a {@link TranslationTable}. */
  readonly leaf: Leaf | undefined;
  /** The place, if the table is an object. There is then no physical address. */
  readonly mapping: StageMapping<P> | undefined;
}

/** The input addresses that one TTB translates. */
interface Region {
  readonly tables: Tables;
  /** True if the permissions of table descriptors apply (HAD = 0). */
  readonly hierarchical: boolean;
}

/** Derives the values of a context descriptor that depend on nothing else. */
export function contextOf<P>(cd: Cd, tables: FirstTables<P> | undefined, features: Features): Context<P> {
  return {
    cd,
    tables,
    low: regionOf(cd, features, {
      ttb: cd.TTB0,
      size: cd.T0SZ,
      granule: features.granule(cd.TG0),
      had: cd.HAD0,
    }),
    high: regionOf(cd, features, {
      ttb: cd.TTB1,
      size: cd.T1SZ,
      granule: features.granuleTtb1(cd.TG1),
      had: cd.HAD1,
    }),
    flags: {
      record: cd.R === 1,
      stall: cd.S === 1,
      abort: cd.A === 1 || features.idr0.TERM_MODEL === 1,
    },
  };
}

/** The fields of a context descriptor that are there for each TTB. */
interface Half {
  readonly ttb: bigint;
  readonly size: number;
  readonly granule: number | undefined;
  readonly had: number;
}

function regionOf(cd: Cd, features: Features, { ttb, size, granule, had }: Half): Region | undefined {
  if (granule === undefined) return undefined;
  const { departures, idr3 } = features;
  const bits = 64 - size;
  return {
    tables: {
      base: ttb,
      bits,
      granule,
      wide: isWide(granule, cd.DS, features),
      start: startLevelOf(bits, granule),
      outputBits: features.effectiveBits(cd.IPS),
      bigEndian: cd.ENDI === 1,
      anyTable: departures.ignoresTableAddressSize,
      anyLeaf: departures.checksOutputSizeLast,
    },
    hierarchical: !(idr3.HAD === 1 && had === 1),
  };
}

/**
 * Stage 1 translation of a transaction, by the tables of its context descriptor (Arm IHI 0070, 3.4 and 5.4; Arm DDI
 * 0487, D8.2 and D8.3). It translates and reports faults of the walk; the caller checks permissions and the TLB.
 */
export class Stage1Walk<P> implements DescriptorReader {
  private readonly cd: Cd;
  /** True if the permissions of table descriptors apply to the walk. */
  private hierarchical = false;

  /** @param el2 true for EL2 tables: only TTB0, without unprivileged accesses */
  constructor(
    private readonly context: Context<P>,
    private readonly el2: boolean,
    private readonly access: Access,
    private readonly reader: StructureReader<P>,
    private readonly features: Features,
  ) {
    this.cd = context.cd;
  }

  /** The address without its tag, if CD.TBI ignores the top byte. */
  get address(): bigint {
    const { address } = this.access;
    const high = !this.el2 && isHigh(address);
    if ((high ? this.cd.TBI1 : this.cd.TBI0) === 0) return address;
    const low = BigInt.asUintN(56, address);
    return high ? low | (0xffn << 56n) : low;
  }

  /** A stage 1 fault, with the fault configuration of the CD. */
  fault(name: FaultName): Failure {
    return fault(name, this.access, AT_STAGE_1, this.context.flags);
  }

  /** Translates the address. The caller checks whether the access is allowed. */
  walk(): Stage1Result<P> | Failure {
    const { address, reader } = this;
    const region = this.regionOf(address);
    if (region === undefined) return this.fault('F_TRANSLATION');
    const table = reader.stage2 === undefined ? reader.memory.table?.(region.tables.base) : undefined;
    if (table === undefined) return this.walkTables(address, region);
    const mapping = table.lookup(address & ~0xfffn);
    return mapping === undefined
      ? this.fault('F_TRANSLATION')
      : resultOf(stageMapping(mapping, this.marksDirty), address);
  }

  /** F_ADDR_SIZE if the output address is too large, and the walk has left the check to the caller: `checksOutputSizeLast`. */
  checkOutput({ leaf, address }: Stage1Result<P>): Failure | undefined {
    const { cd, features } = this;
    if (leaf === undefined || features.departures.checksOutputSizeLast !== true) return undefined;
    return Features.fits(address, features.effectiveBits(cd.IPS)) ? undefined : this.fault('F_ADDR_SIZE');
  }

  /** True if hardware marks pages dirty. HD has no effect without HA (Arm IHI 0070, 5.4). */
  get marksDirty(): boolean {
    return this.cd.HA === 1 && this.cd.HD === 1;
  }

  /**
   * Prepares the update of the table by an allowed access: AF, and AP[2] of a clean page (Arm IHI 0070, 3.13).
   * @returns the update; undefined if nothing changes; a failure if stage 2 does not allow the write to the descriptor
   */
  prepareUpdate({ leaf, mapping, clean }: Stage1Result<P>): Mark | Failure | undefined {
    const dirties = clean && this.access.write;
    if (leaf === undefined) return dirties ? mapping?.mark : undefined;
    const { at, descriptor } = leaf;
    const accessed = this.cd.HA === 1 ? descriptor | ACCESS_FLAG : descriptor;
    const updated = dirties ? accessed & ~AP_READ_ONLY : accessed;
    if (updated === descriptor) return undefined;
    const write = this.reader.updater(at);
    if (typeof write === 'object') return write;
    return () => {
      const outcome = write(descriptorBytes(updated, this.cd.ENDI === 1));
      if (typeof outcome === 'object') return outcome;
      return outcome ? undefined : reject(walkAbort(this.access, AT_TABLE, at));
    };
  }

  /** The half whose TTB translates the address; undefined if none does. */
  private regionOf(address: bigint): Region | undefined {
    const { el2, cd, context } = this;
    const high = !el2 && isHigh(address);
    if (!el2 && (high ? cd.EPD1 : cd.EPD0) === 1) return undefined;
    const region = high ? context.high : context.low;
    return region !== undefined && fitsRegion(address, high, region.tables.bits) ? region : undefined;
  }

  private walkTables(address: bigint, { tables, hierarchical }: Region): Stage1Result<P> | Failure {
    this.hierarchical = hierarchical;
    const leaf = walkTables(tables, address, this);
    if (typeof leaf === 'string') return this.fault(leaf);
    return 'kind' in leaf ? leaf : this.resultOf(leaf, tables.granule, hierarchical);
  }

  private resultOf(leaf: Leaf, granule: number, hierarchical: boolean): Stage1Result<P> | Failure {
    const { cd, features } = this;
    if (!isAccessed(leaf) && cd.HA === 0 && cd.AFFD === 0) return this.fault('F_ACCESS');
    const { descriptor, address, level, bits, tables } = leaf;
    const restricts = hierarchical && features.departures.forgetsTablePermissions !== true;
    const above = restricts ? tables.reduce(restrict, NO_HIERARCHY) : NO_HIERARCHY;
    const clean = this.marksDirty && (descriptor & CLEAN) === CLEAN && !above.readOnly;
    // A clean page is treated as writable in all permission checks (Arm IHI 0070, 3.13.8).
    const rights = rightsOf(clean ? descriptor & ~AP_READ_ONLY : descriptor, above, cd, this.el2, features);
    const global = (descriptor & NOT_GLOBAL) === 0n && features.departures.ignoresGlobalPages !== true;
    return { address, bits, level, granule, global, rights, clean, leaf, mapping: undefined };
  }

  forbids(descriptor: bigint): boolean {
    const { forgetsTablePermissions } = this.features.departures;
    const restricts = forgetsTablePermissions === true && this.hierarchical && this.access.write;
    return restricts && restrict(NO_HIERARCHY, descriptor).readOnly;
  }

  /** @param below true if the descriptor is in a table below the first one */
  descriptorAt(address: bigint, length: number, below: boolean): Uint8Array | Failure {
    const { features, reader } = this;
    const kept = below ? undefined : this.context.tables?.read(address, length);
    const bytes =
      kept ?? reader.read(address, length, TT) ?? reject(walkAbort(this.access, AT_TABLE, address));
    if (bytes instanceof Uint8Array) return bytes;
    const departs = below && features.departures.stage2FaultOfWalkSaysStage1 === true;
    if (!departs || bytes.kind !== 'fault') return bytes;
    const place = { ...bytes.place, stage2: false };
    const name = Features.fits(address, features.oas) ? bytes.name : 'F_ADDR_SIZE';
    return fault(name, this.access, place, this.context.flags);
  }
}

/** True if an address is within the bits that a TTB translates: the bits above are all zeros for TTB0, all ones for TTB1. */
function fitsRegion(address: bigint, high: boolean, bits: number): boolean {
  return high ? BigInt.asUintN(64, ~address) >> BigInt(bits) === 0n : Features.fits(address, bits);
}

/** The lowest address with bit 55. */
const BIT_55 = 1n << 55n;

/** True if bit 55 selects TTB1. Most addresses are below it, and the comparison allocates no bigint. */
const isHigh = (address: bigint): boolean => address >= BIT_55 && ((address >> 55n) & 1n) === 1n;

/** The result for a page of a table object. Its pages are non-global, and privilege affects only execution. */
function resultOf<P>(mapping: StageMapping<P>, address: bigint): Stage1Result<P> {
  const { read, write, mark, execute = 'all' } = mapping;
  const data = (read ? READ : 0) | (write ? WRITE : 0);
  const executable = (by: typeof execute): number => (execute === 'all' || execute === by ? EXECUTE : 0);
  return {
    address,
    bits: 12,
    level: undefined,
    granule: undefined,
    global: false,
    rights: { unprivileged: data | executable('unprivileged'), privileged: data | executable('privileged') },
    clean: mark !== undefined,
    leaf: undefined,
    mapping,
  };
}
