/**
 * The departures of QEMU's SMMUv3 from the architecture that a guest observes. Most are departures of
 * `@iommufd/smmuv3`, set for the guest's SMMU and for the hardware below it. The others are here: {@link QemuRegisters}
 * for register accesses, {@link ignoringReservedFields} for commands, {@link transactionBytes} for split accesses.
 */
import type { Smmuv3Departures } from '@iommufd/fakekernel';
import type { InvalidationCommand, VirtualSmmuv3, VsmmuBackend } from '@iommufd/sdk';
import { SMMU_STRTAB_BASE_CFG, smmuv3_command, smmuv3_register, smmuv3_strtab_format } from '@iommufd/uapi';
import { decode, encode } from '@iommufd/uapi/struct';
import { field32 } from '@iommufd/smmuv3';

/** Base 2 logarithm of the maximum queue size: SMMU_IDR1.CMDQS and EVENTQS. */
export const QUEUE_LOG2 = 19;

/** Departures that only this replay implements. */
export interface ReplayDepartures {
  /**
   * A register of page 0 is also at the same offset of page 1, and vice versa. The architecture permits that, and
   * RAZ/WI, which the virtual SMMU implements (Arm IHI 0070, 6.2).
   */
  readonly aliasesPages?: boolean | undefined;
  /**
   * An 8-byte access to two 32-bit registers is RAZ/WI. The architecture permits that, and two accesses of 4 bytes, which the
   * virtual SMMU implements (Arm IHI 0070, 6.2).
   */
  readonly refusesWideAccessToPairs?: boolean | undefined;
  /**
   * LOG2SIZE has its maximum value after reset. Architecture: the reset value is unknown (Arm IHI 0070, 6.3.26 and
   * 6.3.29).
   */
  readonly resetsQueuesToLargest?: boolean | undefined;
  /**
   * SMMU_STRTAB_BASE_CFG.FMT and SPLIT keep the effect of the last write with a two-level FMT. Architecture: that of
   * the last write (Arm IHI 0070, 6.3.25).
   */
  readonly keepsTwoLevelFormat?: boolean | undefined;
  /**
   * RES0 fields of commands are ignored, and so are reserved combinations of NUM, SCALE, TTL and TG. Architecture: the
   * former may cause CERROR_ILL, the latter do (Arm IHI 0070, 4.1.2, 4.4.1.1). Linux refuses both.
   */
  readonly ignoresReservedCommandFields?: boolean | undefined;
  /** A refused access is retried for its remaining bytes, in pieces that are aligned to their size. */
  readonly retriesRefusedPieces?: boolean | undefined;
}

/** The departures of the reference, by the part of the machine that implements them. */
export interface GuestDepartures {
  /** Those of the guest's SMMU: registers, queues and stream table. */
  readonly guest: Smmuv3Departures;
  /** Those of the hardware: context descriptors, translation and caches. */
  readonly hardware: Smmuv3Departures;
  /** Those that the replay implements. */
  readonly replay: ReplayDepartures;
}

/** The departures of QEMU 11.1.3's SMMUv3. */
export const QEMU_FOR_GUESTS: GuestDepartures = {
  guest: {
    checksUnusedS1CDMax: true,
    keepsReservedBits: true,
    ignoresGuards: true,
    doublesSpan: true,
    ignoresQueueAlignment: true,
    acceptsForeignCommands: true,
    reportsOverflowAsAbort: true,
    interruptsForEveryEvent: true,
    cachesLegalStructuresOnly: true,
  },
  hardware: {
    ignoresPrivilegedOnly: true,
    forgetsTablePermissions: true,
    ignoresInvalidationHints: true,
    ignoresTableAddressSize: true,
    ignoresGlobalPages: true,
    // An address that bypasses the SMMU is not checked, and above OAS there is no memory.
    silentLargeBypass: true,
    checksOutputSizeLast: true,
    cachesLegalStructuresOnly: true,
  },
  replay: {
    aliasesPages: true,
    refusesWideAccessToPairs: true,
    resetsQueuesToLargest: true,
    keepsTwoLevelFormat: true,
    ignoresReservedCommandFields: true,
    retriesRefusedPieces: true,
  },
};

const PAGE = 0x1_0000;

/** Offsets of the registers of page 1, without the page. */
const IN_PAGE_1: ReadonlySet<number> = new Set(
  Object.values(smmuv3_register)
    .filter((offset) => offset >= PAGE)
    .map((offset) => offset - PAGE),
);

const { SMMU_CMDQ_BASE, SMMU_EVENTQ_BASE } = smmuv3_register;
const WIDE: ReadonlySet<number> = new Set([
  SMMU_CMDQ_BASE,
  SMMU_EVENTQ_BASE,
  smmuv3_register.SMMU_STRTAB_BASE,
  smmuv3_register.SMMU_GERROR_IRQ_CFG0,
  smmuv3_register.SMMU_EVENTQ_IRQ_CFG0,
]);
const FMT = field32(SMMU_STRTAB_BASE_CFG, 'FMT');
const SPLIT = field32(SMMU_STRTAB_BASE_CFG, 'SPLIT');

/** The registers of a guest's SMMU, with the behaviour of the reference. */
export class QemuRegisters {
  /** Queue bases that were not written since reset. */
  private fresh = new Set<number>([SMMU_CMDQ_BASE, SMMU_EVENTQ_BASE]);
  /** The last written value of SMMU_STRTAB_BASE_CFG, if another value is in effect. */
  private writtenConfig: number | undefined;

  constructor(
    private readonly smmu: VirtualSmmuv3,
    private readonly departures: ReplayDepartures,
  ) {}

  /** Resets this state, together with the SMMU. */
  reset(): void {
    this.fresh = new Set([SMMU_CMDQ_BASE, SMMU_EVENTQ_BASE]);
    this.writtenConfig = undefined;
  }

  read(at: number, size: 4 | 8): number | bigint {
    const offset = this.placeOf(at);
    if (this.isRefused(offset, size)) return 0;
    if (offset === smmuv3_register.SMMU_STRTAB_BASE_CFG && this.writtenConfig !== undefined)
      return this.writtenConfig;
    const value = this.smmu.read(offset, size);
    const isFresh = this.departures.resetsQueuesToLargest === true && this.fresh.has(offset);
    return isFresh ? QUEUE_LOG2 : value;
  }

  write(at: number, size: 4 | 8, value: bigint): void {
    const offset = this.placeOf(at);
    if (this.isRefused(offset, size)) return;
    this.fresh.delete(offset);
    this.smmu.write(offset, size, this.acting(offset, value));
  }

  /** The offset of the register for an access. */
  placeOf(offset: number): number {
    if (this.departures.aliasesPages !== true) return offset;
    const low = offset % PAGE;
    return IN_PAGE_1.has(low) ? low + PAGE : low;
  }

  private isRefused(offset: number, size: 4 | 8): boolean {
    return size === 8 && this.departures.refusesWideAccessToPairs === true && !WIDE.has(offset);
  }

  /** The effective value of a write to SMMU_STRTAB_BASE_CFG. */
  private acting(offset: number, value: bigint): bigint {
    if (offset !== smmuv3_register.SMMU_STRTAB_BASE_CFG || this.departures.keepsTwoLevelFormat !== true)
      return value;
    const written = Number(BigInt.asUintN(32, value));
    const old = this.smmu.read(offset, 4);
    const { TWO_LEVEL } = smmuv3_strtab_format;
    const keeps = FMT.get(written) !== TWO_LEVEL && FMT.get(old) === TWO_LEVEL;
    this.writtenConfig = keeps ? written : undefined;
    const kept = FMT.mask | SPLIT.mask;
    return keeps ? BigInt((written & ~kept) | (old & kept)) : value;
  }
}

/** Wraps a backend to accept commands as the reference does. */
export function ignoringReservedFields(backend: VsmmuBackend): VsmmuBackend {
  return {
    streams: backend.streams,
    invalidate: (commands) => backend.invalidate(commands.map(withoutReserved)),
    setStream: (streamId, config) => backend.setStream(streamId, config),
  };
}

/** The command without RES0 bits. A range without a granule becomes one page; a range of one page needs a level. */
function withoutReserved({ cmd }: InvalidationCommand): InvalidationCommand {
  const bytes = new Uint8Array(new BigUint64Array([cmd[0] ?? 0n, cmd[1] ?? 0n]).buffer);
  const command = decode(smmuv3_command, bytes, { lenient: true });
  const clean = encode(smmuv3_command, 'NUM' in command ? { ...command, ...rangeOf(command) } : command);
  const [word0 = 0n, word1 = 0n] = new BigUint64Array(clean.buffer);
  return { cmd: [word0, word1] };
}

const LEAF_LEVEL = 3;

/** TTL128 belongs to VMSAv9-128, and bit 5 of SCALE to 52-bit addresses. The host has neither. */
function rangeOf({ NUM, SCALE, TG }: { readonly NUM: number; readonly SCALE: number; readonly TG: number }) {
  if (TG === 0) return { NUM: 0, SCALE: 0, TTL: 0, TTL128: 0 };
  const scale = SCALE % 32;
  return { NUM, SCALE: scale, TTL: NUM === 0 && scale === 0 ? LEAF_LEVEL : 0, TTL128: 0 };
}

const BEAT = 4;

/**
 * The length of the next transaction of an access. It ends at a page boundary. If it was refused, the reference
 * continues after as many bytes as its address is aligned to: `memory_access_size()`.
 */
export function transactionBytes(address: bigint, left: number, wasRefused: boolean): number {
  const inPage = 4096 - Number(address % 4096n);
  if (!wasRefused) return Math.min(left, inPage);
  const most = Math.min(left, Number(address & -address & 0xfffn) || BEAT, BEAT);
  return 2 ** Math.floor(Math.log2(most));
}
