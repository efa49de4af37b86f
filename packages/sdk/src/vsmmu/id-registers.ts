/**
 * The ID registers of a virtual SMMU, composed from the hardware's registers and the VMM's options. A guest gets only stage 1,
 * and only features that the kernel supports for nested page tables. {@link guestIdRegisters} composes them;
 * {@link showIdRegisters} checks registers that were saved or chosen by the VMM.
 */
import { type Departures, Features, fieldsOf, type IdRegisters } from '@iommufd/smmuv3';
import {
  type iommu_hw_info_arm_smmuv3,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR2,
  SMMU_IDR3,
  SMMU_IDR4,
  SMMU_IDR5,
  smmuv3_stall_model,
} from '@iommufd/uapi';
import { checkHost } from './host-requirements.js';
import { type BitFields, type BitStruct, type Decoded, encode } from '@iommufd/uapi/struct';

/** Options of {@link guestIdRegisters}. */
export interface IdRegisterOptions {
  /** Width of a StreamID in bits, 0 to 32; 16 by default. */
  readonly sidBits?: number;
  /** The largest width of a SubstreamID (PASID) in bits, 0 to 20; that of the hardware by default. */
  readonly ssidBits?: number;
  /** Base 2 logarithm of the largest command queue, 0 to 19; 16 by default. */
  readonly commandQueueBits?: number;
  /** Base 2 logarithm of the largest event queue, 0 to 19; 16 by default. */
  readonly eventQueueBits?: number;
  /** Base 2 logarithm of the largest PRI queue, 0 to 19; 12 by default. Ignored without `pri`. */
  readonly priQueueBits?: number;
  /** Supports MSIs; false by default. */
  readonly msi?: boolean;
  /** CMD_SYNC can signal an event (SIG_SEV); false by default. */
  readonly sev?: boolean;
  /** Supports ATS, so that CMD_ATC_INV is forwarded to the kernel; false by default. Requires hardware with ATS. */
  readonly ats?: boolean;
  /** Has a PRI queue; false by default. Requires `ats`. */
  readonly pri?: boolean;
  /** SMMU_IDR5.OAS, of `smmuv3_address_size`, if smaller than the hardware's. */
  readonly oas?: number;
}

/**
 * The source of a field: `host`, the hardware; `option`, {@link IdRegisterOptions}; a number, the only value that this
 * virtual SMMU or the kernel supports.
 */
type Source = 'host' | 'option' | number;
type Sources<B extends BitFields> = { readonly [F in keyof B]: Source };

/**
 * The source of every field. `host` fields are those that `linux/iommufd.h` documents for guests; others would advertise
 * features that the kernel does not support for nested page tables.
 */
const idr0: Sources<typeof SMMU_IDR0.fields> = {
  S2P: 0,
  S1P: 1,
  TTF: 'host',
  COHACC: 1,
  BTM: 0,
  HTTU: 0,
  DORMHINT: 0,
  Hyp: 0,
  ATS: 'option',
  NS1ATS: 0,
  ASID16: 'host',
  MSI: 'option',
  SEV: 'option',
  ATOS: 0,
  PRI: 'option',
  VMW: 0,
  VMID16: 0,
  CD2L: 'host',
  VATOS: 0,
  TTENDIAN: 'host',
  ATSRECERR: 0,
  STALL_MODEL: smmuv3_stall_model.TERMINATE,
  TERM_MODEL: 'host',
  ST_LEVEL: 'option',
  RME_IMPL: 0,
};
const idr1: Sources<typeof SMMU_IDR1.fields> = {
  SIDSIZE: 'option',
  SSIDSIZE: 'option',
  PRIQS: 'option',
  EVENTQS: 'option',
  CMDQS: 'option',
  ATTR_PERMS_OVR: 0,
  ATTR_TYPES_OVR: 0,
  REL: 0,
  QUEUES_PRESET: 0,
  TABLES_PRESET: 0,
  ECMDQ: 0,
};
const idr2: Sources<typeof SMMU_IDR2.fields> = { BA_VATOS: 0 };
const idr3: Sources<typeof SMMU_IDR3.fields> = {
  HAD: 0,
  PBHA: 0,
  XNX: 0,
  PPS: 0,
  MPAM: 0,
  FWB: 0,
  STT: 0,
  RIL: 'host',
  BBML: 'host',
  E0PD: 0,
  PTWNNC: 0,
  DPT: 0,
  PASIDTT: 0,
  EPAN: 0,
  S1PI: 0,
  S2PI: 0,
  S2PO: 0,
  THE: 0,
  MTEPERM: 0,
  AIE: 0,
};
const idr4: Sources<typeof SMMU_IDR4.fields> = { IMPLEMENTATION_DEFINED_31_0: 0 };
const idr5: Sources<typeof SMMU_IDR5.fields> = {
  OAS: 'option',
  GRAN4K: 'host',
  GRAN16K: 'host',
  GRAN64K: 'host',
  DS: 0,
  D128: 0,
  VAX: 'host',
  STALL_MAX: 0,
};

/** The table above, by register. */
export const idFields = { idr0, idr1, idr2, idr3, idr4, idr5 } as const;

/** Composes a register from its sources. */
function compose<B extends BitFields>(
  register: BitStruct<B>,
  sources: Readonly<Record<string, Source>>,
  host: number,
  options: Readonly<Record<string, number>>,
): number {
  const hardware: Readonly<Record<string, unknown>> = fieldsOf(register, host);
  const values: Record<string, unknown> = {};
  for (const [field, source] of Object.entries(sources)) {
    if (typeof source === 'number') values[field] = source;
    else values[field] = source === 'host' ? hardware[field] : (options[field] ?? 0);
  }
  // The table has every field of the register; encode() refuses a value out of range.
  const bytes = encode(register, values as never);
  return new DataView(bytes.buffer).getUint32(0, true);
}

/**
 * The ID registers for a guest, from the hardware information of a device: `device.hwInfo()` of type `arm-smmuv3`.
 * @param hardware the identification registers of the SMMU of the guest's devices
 * @param options the choices of the VMM
 * @throws StructError if an option is out of range
 * @throws RangeError for `pri` without `ats`, or if the hardware lacks a requirement (`host-requirements.ts`)
 */
export function guestIdRegisters(
  hardware: Pick<Decoded<typeof iommu_hw_info_arm_smmuv3>, 'idr' | 'aidr'>,
  options: IdRegisterOptions = {},
): IdRegisters {
  const { sidBits = 16, commandQueueBits = 16, eventQueueBits = 16, priQueueBits = 12 } = options;
  const { msi = false, sev = false, ats = false, pri = false } = options;
  const [host0 = 0, host1 = 0, host2 = 0, host3 = 0, host4 = 0, host5 = 0] = hardware.idr;
  const { SSIDSIZE } = fieldsOf(SMMU_IDR1, host1);
  const { OAS } = fieldsOf(SMMU_IDR5, host5);
  const own = {
    ATS: Number(ats),
    MSI: Number(msi),
    SEV: Number(sev),
    PRI: Number(pri),
    ST_LEVEL: 1,
    SIDSIZE: sidBits,
    SSIDSIZE: Math.min(SSIDSIZE, options.ssidBits ?? SSIDSIZE),
    PRIQS: pri ? priQueueBits : 0,
    EVENTQS: eventQueueBits,
    CMDQS: commandQueueBits,
    OAS: Math.min(OAS, options.oas ?? OAS),
  };
  const ids: IdRegisters = {
    idr: [
      compose(SMMU_IDR0, idr0, host0, own),
      compose(SMMU_IDR1, idr1, host1, own),
      compose(SMMU_IDR2, idr2, host2, own),
      compose(SMMU_IDR3, idr3, host3, own),
      compose(SMMU_IDR4, idr4, host4, own),
      compose(SMMU_IDR5, idr5, host5, own),
    ],
    // No implementer, so that drivers do not apply a vendor's errata workarounds.
    iidr: 0,
    aidr: hardware.aidr & 0xff,
  };
  showIdRegisters(ids);
  checkHost(ids, hardware);
  return ids;
}

/**
 * Checks and decodes the ID registers of a guest.
 * @throws RangeError if they advertise an unsupported feature; the message names the field
 */
export function showIdRegisters(ids: IdRegisters, departures?: Departures): Features {
  const features = new Features(ids, departures);
  const { idr0, idr1, idr3, idr5 } = features;
  const [, , idr2, , idr4] = ids.idr;
  const shown = {
    ...{ idr0, idr1, idr3, idr5 },
    idr2: fieldsOf(SMMU_IDR2, idr2),
    idr4: fieldsOf(SMMU_IDR4, idr4),
  };
  for (const name of ['idr0', 'idr1', 'idr2', 'idr3', 'idr4', 'idr5'] as const) {
    const values = new Map<string, number>(Object.entries(shown[name]));
    for (const [field, source] of Object.entries(idFields[name])) {
      if (typeof source === 'number' && values.get(field) !== source)
        throw new RangeError(`${name}: ${field} must be ${source} for a guest, found ${values.get(field)}`);
    }
  }
  const { CMDQS, EVENTQS, PRIQS, SIDSIZE, SSIDSIZE } = idr1;
  for (const [field, value, most] of [
    ['CMDQS', CMDQS, 19],
    ['EVENTQS', EVENTQS, 19],
    ['PRIQS', PRIQS, 19],
    ['SIDSIZE', SIDSIZE, 32],
    ['SSIDSIZE', SSIDSIZE, 20],
  ] as const) {
    if (value > most) throw new RangeError(`idr1: ${field} is ${value}, of at most ${most}`);
  }
  if (idr0.PRI === 1 && idr0.ATS === 0) throw new RangeError('idr0: PRI needs ATS');
  return features;
}
