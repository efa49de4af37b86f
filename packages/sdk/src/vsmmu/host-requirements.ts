/**
 * What the hardware must have for each feature in a guest's ID registers, and what happens without it. `guestIdRegisters()` refuses
 * features that the host lacks. `SdkBackend` checks ID registers that were saved on another host or written by hand, because otherwise
 * the guest would fail later, for example by a command queue that stops. For a new guest, limits (SSIDSIZE, OAS) are the smaller of both
 * and are never refused.
 */
import { Features, type IdRegisters } from '@iommufd/smmuv3';
import { smmuv3_stall_model } from '@iommufd/uapi';

/** The identification registers of hardware, as IOMMU_GET_HW_INFO returns them. */
export interface HostIdRegisters {
  /** SMMU_IDR0 to SMMU_IDR5. */
  readonly idr: readonly number[];
  /** SMMU_AIDR; not needed here. */
  readonly aidr?: number | undefined;
}

/** A requirement. */
export interface HostRequirement {
  /** The feature of the guest, by its field. */
  readonly feature: string;
  /** Returns true if a guest has the feature. */
  readonly isShown: (guest: Features) => boolean;
  /** Returns true if the hardware meets the requirement. */
  readonly isMet: (host: Features, guest: Features) => boolean;
  /** What the hardware must have. */
  readonly needs: string;
  /** What happens without it. */
  readonly otherwise: string;
}

const always = (): boolean => true;

/** All requirements. */
export const hostRequirements: readonly HostRequirement[] = [
  {
    feature: 'IDR0.S1P',
    isShown: always,
    isMet: ({ stage1, stage2 }) => stage1 && stage2,
    needs: 'IDR0.S1P and IDR0.S2P = 1',
    otherwise: 'the kernel refuses the virtual IOMMU with EOPNOTSUPP',
  },
  {
    feature: 'IDR0.TTF',
    isShown: always,
    isMet: ({ aarch64 }) => aarch64,
    needs: 'IDR0.TTF with AArch64 tables',
    otherwise: 'every context descriptor of the guest is illegal',
  },
  {
    feature: 'IDR0.COHACC',
    isShown: ({ idr0 }) => idr0.COHACC === 1,
    isMet: ({ idr0 }) => idr0.COHACC === 1,
    needs: 'IDR0.COHACC = 1',
    otherwise: 'the hardware reads stale tables, as the guest does not clean its caches',
  },
  {
    feature: 'IDR0.STALL_MODEL',
    isShown: ({ idr0 }) => idr0.STALL_MODEL === smmuv3_stall_model.TERMINATE,
    isMet: ({ idr0 }) => idr0.STALL_MODEL !== smmuv3_stall_model.FORCE,
    needs: 'IDR0.STALL_MODEL other than 2, by which everything stalls',
    otherwise: 'transactions stall, and the guest cannot resume them',
  },
  {
    feature: 'IDR0.ATS',
    isShown: ({ idr0 }) => idr0.ATS === 1,
    isMet: ({ idr0 }) => idr0.ATS === 1,
    needs: 'IDR0.ATS = 1',
    otherwise: 'the kernel refuses CMD_ATC_INV, and the queue of the guest stops with CERROR_ILL',
  },
  {
    feature: 'IDR0.ASID16',
    isShown: ({ idr0 }) => idr0.ASID16 === 1,
    isMet: ({ idr0 }) => idr0.ASID16 === 1,
    needs: 'IDR0.ASID16 of 1',
    otherwise:
      'context descriptors with an ASID above 255 are illegal, and the kernel refuses to invalidate them',
  },
  {
    feature: 'IDR0.CD2L',
    isShown: ({ idr0 }) => idr0.CD2L === 1,
    isMet: ({ idr0 }) => idr0.CD2L === 1,
    needs: 'IDR0.CD2L = 1',
    otherwise: 'stream table entries with two levels of context descriptors are illegal',
  },
  {
    feature: 'IDR3.RIL',
    isShown: ({ idr3 }) => idr3.RIL === 1,
    isMet: ({ idr3 }) => idr3.RIL === 1,
    needs: 'IDR3.RIL = 1',
    otherwise: 'the kernel refuses TLBIs of ranges, and the queue of the guest stops with CERROR_ILL',
  },
  {
    feature: 'IDR3.BBML',
    isShown: ({ idr3 }) => idr3.BBML > 0,
    isMet: (host, guest) => host.idr3.BBML >= guest.idr3.BBML,
    needs: 'an IDR3.BBML of at least the same level',
    otherwise: 'changing the size of a block causes TLB conflicts',
  },
  {
    feature: 'IDR1.SSIDSIZE',
    isShown: ({ idr1 }) => idr1.SSIDSIZE > 0,
    isMet: (host, guest) => host.idr1.SSIDSIZE >= guest.idr1.SSIDSIZE,
    needs: 'an IDR1.SSIDSIZE of at least as many bits',
    otherwise: 'stream table entries with a larger S1CDMax are illegal',
  },
  {
    feature: 'IDR5.OAS',
    isShown: always,
    isMet: (host, guest) => host.oas >= guest.oas,
    needs: 'an IDR5.OAS of at least as many bits',
    otherwise: 'context descriptors with a larger IPS fault',
  },
  ...(['GRAN4K', 'GRAN16K', 'GRAN64K'] as const).map((field): HostRequirement => ({
    feature: `IDR5.${field}`,
    isShown: ({ idr5 }) => idr5[field] === 1,
    isMet: ({ idr5 }) => idr5[field] === 1,
    needs: `IDR5.${field} = 1`,
    otherwise: 'context descriptors with this page size are illegal',
  })),
];

/**
 * Checks that hardware has what the features in a guest's ID registers need.
 * @throws RangeError that names the feature, its requirement, and the consequence
 */
export function checkHost(ids: IdRegisters, { idr }: HostIdRegisters): void {
  const guest = new Features(ids);
  const [idr0 = 0, idr1 = 0, idr2 = 0, idr3 = 0, idr4 = 0, idr5 = 0] = idr;
  const host = new Features({ idr: [idr0, idr1, idr2, idr3, idr4, idr5], iidr: 0, aidr: 0 });
  for (const { feature, isShown, isMet, needs, otherwise } of hostRequirements) {
    if (isShown(guest) && !isMet(host, guest))
      throw new RangeError(`hardware: ${feature} of the guest needs ${needs}: without it ${otherwise}`);
  }
}
