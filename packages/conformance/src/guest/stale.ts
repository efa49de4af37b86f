/**
 * Checks the cached translations after an invalidation: in its scope, none may differ from the guest's tables. The
 * reference is a walk of the tables in guest memory, by a `Translator` without caches.
 */
import {
  type CachedTranslation,
  Features,
  type IdRegisters,
  mask32,
  physicalPlaces,
  resetRegisters,
  type SystemMemory,
  Translator,
} from '@iommufd/smmuv3';
import { SMMU_CR0, smmuv3_cd, smmuv3_command, smmuv3_register } from '@iommufd/uapi';
import { decode, type Decoded } from '@iommufd/uapi/struct';
import type { GuestMachine } from './guest-machine.js';

const { cases } = smmuv3_command;
const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');

/** Base 2 logarithm of the page size, by the values of `smmuv3_tlbi_granule`. */
const GRANULE_BITS = [12, 12, 14, 16];

/** The scope of an invalidation; pages in units of 4 KiB. */
interface Scope {
  readonly asid?: number;
  readonly from?: number;
  readonly pages?: number;
}

/** The translations of a device by the guest's tables. */
interface Stage1 {
  readonly asid: number;
  /** @returns undefined if there is none */
  translate(address: bigint): bigint | undefined;
}

/** Compares the cached translations of the hardware with the guest's tables. */
export class StaleCheck {
  constructor(private readonly machine: GuestMachine) {}

  /** The stale translations after a command, as text. @param command its bytes */
  after(command: Uint8Array): string[] {
    const scope = scopeOf(decode(smmuv3_command, command.slice(), { lenient: true }));
    if (scope === undefined) return [];
    const stale: string[] = [];
    let devices: Stage1[] | undefined;
    for (const cached of this.machine.host.hardware.cachedTranslations()) {
      if (!isIn(scope, cached)) continue;
      devices ??= this.devices();
      const { asid, page, ipa, global } = cached;
      const address = BigInt(page) << 12n;
      const isTrue = devices.some(
        (device) => (global || device.asid === asid) && device.translate(address) === ipa,
      );
      if (!isTrue)
        stale.push(`0x${address.toString(16)} of ASID ${asid} still leads to 0x${ipa.toString(16)}`);
    }
    return stale;
  }

  /** The stage 1 of every device that has it. */
  private devices(): Stage1[] {
    const { smmu, memory, streams, departures } = this.machine;
    const read = (offset: number): number => smmu.read(offset, 4);
    const { SMMU_IDR0, SMMU_IIDR, SMMU_AIDR, SMMU_STRTAB_BASE, SMMU_STRTAB_BASE_CFG } = smmuv3_register;
    const [idr0, idr1, idr2, idr3, idr4, idr5] = [0, 4, 8, 12, 16, 20].map((at) => read(SMMU_IDR0 + at)) as [
      ...IdRegisters['idr'],
    ];
    const ids = {
      idr: [idr0, idr1, idr2, idr3, idr4, idr5] as const,
      iidr: read(SMMU_IIDR),
      aidr: read(SMMU_AIDR),
    };
    const features = new Features(ids, { ...departures.guest, ...departures.hardware });
    const registers = {
      ...resetRegisters(),
      SMMU_CR0: SMMUEN,
      SMMU_STRTAB_BASE: smmu.read(SMMU_STRTAB_BASE, 8),
      SMMU_STRTAB_BASE_CFG: read(SMMU_STRTAB_BASE_CFG),
    };
    const translator = new Translator(registers, physicalPlaces(memory), features);
    return [...streams].flatMap((streamId) => {
      const at = (address: bigint) => ({ streamId, substreamId: undefined, address, write: false });
      const found = translator.find(at(0n));
      const asid = 'kind' in found ? undefined : asidAt(memory, found.ste.S1ContextPtr);
      if (asid === undefined) return [];
      const translate = (address: bigint): bigint | undefined => {
        const transaction = translator.find(at(address));
        const result = 'kind' in transaction ? transaction : translator.translate(transaction);
        return result.kind === 'place' ? result.place : undefined;
      };
      return [{ asid, translate }];
    });
  }
}

function asidAt(memory: SystemMemory, address: bigint): number | undefined {
  const bytes = memory.read(address, smmuv3_cd.byteLength);
  return bytes && decode(smmuv3_cd, bytes.slice(), { lenient: true }).ASID;
}

/** @returns undefined for a command that invalidates no translations */
function scopeOf(command: Decoded<typeof smmuv3_command>): Scope | undefined {
  switch (command.Opcode) {
    case cases.CMD_TLBI_NSNH_ALL.tag:
    case cases.CMD_TLBI_NH_ALL.tag:
      return {};
    case cases.CMD_TLBI_NH_ASID.tag:
      return { asid: command.ASID };
    case cases.CMD_TLBI_NH_VA.tag:
      return { asid: command.ASID, ...pagesOf(command) };
    case cases.CMD_TLBI_NH_VAA.tag:
      return pagesOf(command);
    default:
      return undefined;
  }
}

function pagesOf({
  Address,
  NUM,
  SCALE,
  TG,
}: {
  readonly Address: bigint;
  readonly NUM: number;
  readonly SCALE: number;
  readonly TG: number;
}): Scope {
  const bits = (GRANULE_BITS[TG] ?? 12) - 12;
  const pages = TG === 0 ? 1 : (NUM + 1) * 2 ** (SCALE + bits);
  return { from: Number(Address >> 12n), pages };
}

/**
 * True if a stage 1 translation is in a scope. An invalidation by ASID alone does not include global translations.
 * Source: Arm IHI 0070, 4.4.2.
 */
function isIn(
  { asid, from, pages = 0 }: Scope,
  { regime, asid: of, global, page }: CachedTranslation,
): boolean {
  if (regime !== 'EL1') return false;
  if (asid !== undefined && (global ? from === undefined : asid !== of)) return false;
  return from === undefined || (page >= from && page < from + pages);
}
