/**
 * Records of the event queue (Arm IHI 0070, section 7.3), created from the transaction that failed. There is one function for
 * each event that this model can record. The layouts are those of `smmuv3_event` in `@iommufd/uapi`; `EventQueue.record`
 * encodes them.
 */
import { smmuv3_event, smmuv3_event_class, smmuv3_event_stage } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';

const { cases } = smmuv3_event;
const { STAGE_1, STAGE_2 } = smmuv3_event_stage;

/** A record of the event queue. */
export type SmmuEvent = Encodable<typeof smmuv3_event>;

/** A transaction as events report it: with the overrides of its STE, if the STE is known. */
export interface Access {
  /** Its StreamID, of 32 bits. */
  readonly streamId: number;
  /** Its SubstreamID; undefined for a transaction without one. */
  readonly substreamId: number | undefined;
  /** The input address. */
  readonly address: bigint;
  /** True for a write, false for a read. */
  readonly write: boolean;
  /** True for an instruction fetch; false for every write. */
  readonly instruction: boolean;
  /** True for a privileged access. */
  readonly privileged: boolean;
}

/** The four faults that translation tables cause, and that can stall (Arm IHI 0070, 5.5). */
export type FaultName = 'F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_ACCESS' | 'F_PERMISSION';

/** The stage of a fault, and the kind of address that it was translating. */
export interface FaultPlace {
  /** True for stage 2, false for stage 1. */
  readonly stage2: boolean;
  /** A value of `smmuv3_event_class`. */
  readonly class: number;
  /** The IPA that stage 2 could not translate; undefined at stage 1. */
  readonly ipa: bigint | undefined;
  /** With class TT: true if the descriptor was to be written, false if it was to be read. Default: false. */
  readonly updates?: boolean | undefined;
}

/** A stage 1 fault of the transaction's own address: the class of all stage 1 faults except F_WALK_EABT. */
export const AT_STAGE_1: FaultPlace = { stage2: false, class: smmuv3_event_class.IN, ipa: undefined };

const yes = (flag: boolean): number => (flag ? 1 : 0);

const streamOf = ({ streamId, substreamId }: Access) => ({
  StreamID: streamId,
  SSV: yes(substreamId !== undefined),
  SubstreamID: substreamId ?? 0,
});

const accessOf = ({ write, instruction, privileged }: Access) => ({
  PnU: yes(privileged),
  InD: yes(instruction),
  RnW: yes(!write),
});

const placeOf = ({ stage2, class: CLASS }: FaultPlace) => ({
  NSIPA: 0,
  S2: stage2 ? STAGE_2 : STAGE_1,
  CLASS,
});

/** The fields of a failed read of the structure or descriptor at `address`. */
const fetchOf = (address: bigint) => ({ Reason: 0, GPCF: 0, FetchAddr: address & 0x00ff_ffff_ffff_fff8n });

/** C_BAD_STREAMID. Source: Arm IHI 0070, 7.3.3. */
export const badStreamId = (access: Access): SmmuEvent => ({
  EventNumber: cases.C_BAD_STREAMID.tag,
  ...streamOf(access),
});

/** F_STE_FETCH. Source: Arm IHI 0070, 7.3.4. */
export const steFetch = (access: Access, address: bigint): SmmuEvent => ({
  EventNumber: cases.F_STE_FETCH.tag,
  ...streamOf(access),
  ...fetchOf(address),
});

/** C_BAD_STE. Source: Arm IHI 0070, 7.3.5. */
export const badSte = (access: Access): SmmuEvent => ({
  EventNumber: cases.C_BAD_STE.tag,
  ...streamOf(access),
});

/** F_BAD_ATS_TREQ, with the permissions that were requested. Source: Arm IHI 0070, 7.3.6. */
export const badAtsRequest = (access: Access): SmmuEvent => ({
  EventNumber: cases.F_BAD_ATS_TREQ.tag,
  ...streamOf(access),
  Span: 1,
  P: yes(access.privileged),
  X: yes(access.instruction),
  W: yes(access.write),
  R: 1,
  InputAddr: access.address & ~0xfffn,
});

/** F_STREAM_DISABLED. Source: Arm IHI 0070, 7.3.7. */
export const streamDisabled = ({ streamId }: Access): SmmuEvent => ({
  EventNumber: cases.F_STREAM_DISABLED.tag,
  StreamID: streamId,
});

/** C_BAD_SUBSTREAMID. Source: Arm IHI 0070, 7.3.9. */
export const badSubstreamId = ({ streamId, substreamId }: Access): SmmuEvent => ({
  EventNumber: cases.C_BAD_SUBSTREAMID.tag,
  StreamID: streamId,
  SubstreamID: substreamId ?? 0,
});

/** F_CD_FETCH. Source: Arm IHI 0070, 7.3.10. */
export const cdFetch = (access: Access, address: bigint): SmmuEvent => ({
  EventNumber: cases.F_CD_FETCH.tag,
  ...streamOf(access),
  ...fetchOf(address),
});

/** C_BAD_CD. Source: Arm IHI 0070, 7.3.11. */
export const badCd = (access: Access): SmmuEvent => ({
  EventNumber: cases.C_BAD_CD.tag,
  ...streamOf(access),
});

/** F_WALK_EABT. Source: Arm IHI 0070, 7.3.12. */
export const walkAbort = (access: Access, place: FaultPlace, address: bigint): SmmuEvent => ({
  EventNumber: cases.F_WALK_EABT.tag,
  ...streamOf(access),
  ...accessOf(access),
  ...placeOf(place),
  ...fetchOf(address),
  InputAddr: access.address,
});

/**
 * The event of one of the four faults. Source: Arm IHI 0070, 7.3.13 to 7.3.16.
 * @param stag the STAG of the transaction; undefined if it is not stalled
 */
export function faultEvent(
  name: FaultName,
  access: Access,
  place: FaultPlace,
  stag: number | undefined,
): SmmuEvent {
  const event = translationEvent(name === 'F_PERMISSION' ? 'F_TRANSLATION' : name, access, place, stag);
  if (name !== 'F_PERMISSION') return event;
  const TTRnW = yes(place.class === smmuv3_event_class.TT && place.updates !== true);
  return { ...event, EventNumber: cases.F_PERMISSION.tag, DirtyBit: 0, AssuredOnly: 0, TTRnW, Overlay: 0 };
}

/** One literal instead of spread parts, for speed: a device can fault on every access. */
function translationEvent(
  name: Exclude<FaultName, 'F_PERMISSION'>,
  { streamId, substreamId, address, write, instruction, privileged }: Access,
  { stage2, class: CLASS, ipa }: FaultPlace,
  stag: number | undefined,
) {
  return {
    EventNumber: cases[name].tag,
    StreamID: streamId,
    SSV: yes(substreamId !== undefined),
    SubstreamID: substreamId ?? 0,
    STAG: stag ?? 0,
    Stall: yes(stag !== undefined),
    PnU: yes(privileged),
    InD: yes(instruction),
    RnW: yes(!write),
    NSIPA: 0,
    S2: stage2 ? STAGE_2 : STAGE_1,
    CLASS,
    IMPL_DEF: 0,
    InputAddr: address,
    IPA: ipa === undefined ? 0n : ipa & 0x00ff_ffff_ffff_f000n,
  };
}
