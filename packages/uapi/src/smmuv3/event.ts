import { addressBits, bit, bits, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';
import * as code from './event.generated.js';

/** The kind of address whose translation faulted. Source: Arm IHI 0070, sections 7.3.12 to 7.3.16. */
export const smmuv3_event_class = enumeration(
  'smmuv3_event_class',
  'Kind of the address whose translation faulted; 3 is reserved.',
  {
    CD: [0, 'The address of a context descriptor, in stage 2.'],
    TT: [1, 'The address of a stage 1 translation table descriptor.'],
    IN: [2, 'The input address of the transaction.'],
  },
);

/** The stage of translation that faulted. Source: Arm IHI 0070, sections 7.3.12 to 7.3.17. */
export const smmuv3_event_stage = enumeration('smmuv3_event_stage', 'Stage of translation that faulted.', {
  STAGE_1: [0, 'Stage 1.'],
  STAGE_2: [1, 'Stage 2.'],
});

const stream = { StreamID: streamBits(63, 32, 'Stream that issued the transaction.') };

const SubstreamID = hexBits(
  31,
  12,
  'Substream (PASID) of the transaction; not valid if the record has SSV and it is 0.',
);
const substream = { SSV: bit(11, '1 if the transaction had a substream.'), SubstreamID };

const access = {
  PnU: bit(97, '1 for a privileged access, 0 for an unprivileged one.'),
  InD: bit(98, '1 for an instruction fetch, 0 for data; 0 for every write.'),
  RnW: bit(99, '1 for a read, 0 for a write.'),
};

const InputAddr = addressBits(191, 128, 'Input address of the transaction.');
/** The address of requests for whole pages. */
const inputPage = { InputAddr: addressBits(191, 140, 'Page of the request, aligned to 4 KB.') };

const reason = { Reason: hexBits(79, 64, 'Cause; its encoding is IMPLEMENTATION DEFINED.') };
const wideReason = { Reason: hexBits(95, 64, 'Cause; its encoding is IMPLEMENTATION DEFINED.') };

const abort = {
  ...reason,
  GPCF: bit(80, '1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL.'),
};
const FetchAddr = addressBits(247, 195, 'Physical address of the structure or descriptor that was accessed.');
/** The fields of a failed fetch of a configuration structure. */
const fetch = { ...stream, ...substream, ...abort, FetchAddr };

const stage = {
  NSIPA: bit(102, 'NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue.'),
  S2: bits(103, 103, 'Stage that faulted: 0 for stage 1, 1 for stage 2.', smmuv3_event_stage),
};
const CLASS = bits(105, 104, 'Kind of the address whose translation faulted.', smmuv3_event_class);
const IPA = addressBits(
  247,
  204,
  'Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1.',
);

/** The common fields of the four faults that can stall. */
const translation = {
  ...stream,
  ...substream,
  STAG: hexBits(79, 64, 'Token of the transaction for CMD_RESUME; valid if Stall is 1.'),
  Stall: bit(95, '1 if the transaction waits for CMD_RESUME, 0 if it was terminated.'),
  ...access,
  ...stage,
  CLASS,
  IMPL_DEF: hexBits(127, 112, 'IMPLEMENTATION DEFINED.'),
  InputAddr,
  IPA,
};

/** An event of the range that is IMPLEMENTATION DEFINED. */
function implementationDefined<const N extends number>(eventNumber: N) {
  return variant(
    eventNumber,
    '7.3.21',
    'An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal.',
    {
      IMPLEMENTATION_DEFINED_63_8: wideBits(63, 8, 'IMPLEMENTATION DEFINED.'),
      IMPLEMENTATION_DEFINED_127_64: wideBits(127, 64, 'IMPLEMENTATION DEFINED.'),
      IMPLEMENTATION_DEFINED_191_128: wideBits(191, 128, 'IMPLEMENTATION DEFINED.'),
      IMPLEMENTATION_DEFINED_255_192: wideBits(255, 192, 'IMPLEMENTATION DEFINED.'),
    },
  );
}

/**
 * A record of the event queue. `EventNumber` selects its form: C_ events report an invalid configuration, F_ events report
 * faults, E_ events are hints. Numbers without a name are reserved. Address fields have their widest form, for 56-bit
 * physical addresses; on smaller systems their upper bits are zero. Source: Arm IHI 0070, section 7.3.
 */
export const smmuv3_event = variants(
  'smmuv3_event',
  'A record of the event queue.',
  32,
  'EventNumber',
  {
    F_UUT: variant(
      0x01,
      '7.3.2',
      'Unsupported upstream transaction: the SMMU does not support its kind. PnU and InD are the incoming ones.',
      { ...stream, ...substream, ...reason, ...access, InputAddr },
    ),
    C_BAD_STREAMID: variant(
      0x02,
      '7.3.3',
      'The StreamID is beyond the stream table, or its first-level descriptor does not cover it. Recorded only with SMMU_CR2.RECINVSID.',
      { ...stream, ...substream },
    ),
    F_STE_FETCH: variant(
      0x03,
      '7.3.4',
      'The fetch of the stream table entry or of its first-level descriptor failed.',
      fetch,
    ),
    C_BAD_STE: variant(0x04, '7.3.5', 'The stream table entry is not valid or is ILLEGAL.', {
      ...stream,
      ...substream,
    }),
    F_BAD_ATS_TREQ: variant(
      0x05,
      '7.3.6',
      'An ATS translation request on a stream that may not send such requests. P, X, W and R are the requested permissions.',
      {
        ...stream,
        ...substream,
        Span: bits(67, 64, 'Number of smallest translation units that were requested.'),
        P: bit(92, '1 if privileged access was requested.'),
        X: bit(93, '1 if execution was requested.'),
        W: bit(94, '1 if write access was requested.'),
        R: bit(95, '1 if read access was requested, which is always so with PCIe.'),
        ...inputPage,
      },
    ),
    F_STREAM_DISABLED: variant(
      0x06,
      '7.3.7',
      'A transaction without a substream while S1DSS is TERMINATE, or one with substream 0 while S1DSS is SUBSTREAM_0.',
      stream,
    ),
    F_TRANSL_FORBIDDEN: variant(
      0x07,
      '7.3.8',
      'A translated transaction on a stream that may not send such transactions, or one that the device permission table refuses.',
      { ...stream, RnW: access.RnW, InputAddr },
    ),
    C_BAD_SUBSTREAMID: variant(
      0x08,
      '7.3.9',
      'A substream on a stream without substreams, or one beyond the table of context descriptors. SubstreamID is always valid.',
      { ...stream, SubstreamID },
    ),
    F_CD_FETCH: variant(
      0x09,
      '7.3.10',
      'The fetch of the context descriptor or of its first-level descriptor failed.',
      fetch,
    ),
    C_BAD_CD: variant(0x0a, '7.3.11', 'The context descriptor is not valid or is ILLEGAL.', {
      ...stream,
      ...substream,
    }),
    F_WALK_EABT: variant(
      0x0b,
      '7.3.12',
      'An access to a translation table descriptor failed, a read or an update. RnW is that of the transaction, not of the walk.',
      { ...stream, ...substream, ...abort, ...access, ...stage, CLASS, InputAddr, FetchAddr },
    ),
    F_TRANSLATION: variant(0x10, '7.3.13', 'The address is not mapped.', translation),
    F_ADDR_SIZE: variant(
      0x11,
      '7.3.14',
      'The output address of a stage of translation is out of range.',
      translation,
    ),
    F_ACCESS: variant(
      0x12,
      '7.3.15',
      'The access flag of the page is 0, and the hardware may not set it.',
      translation,
    ),
    F_PERMISSION: variant(0x13, '7.3.16', 'The page does not allow this access.', {
      ...translation,
      // The order of DirtyBit, AssuredOnly and Overlay is from a figure. No other source confirms it.
      DirtyBit: bit(
        106,
        '1 if the write would have succeeded if the hardware were allowed to mark the page dirty.',
      ),
      AssuredOnly: bit(107, '1 if only the AssuredOnly check of stage 2 refused the access.'),
      TTRnW: bit(108, 'If CLASS is TT: 1 if the walk read the descriptor, 0 if it wrote it.'),
      Overlay: bit(109, '1 if the permission overlay of stage 2 refused the access.'),
    }),
    F_TLB_CONFLICT: variant(0x20, '7.3.17', 'The TLB had conflicting entries for the address.', {
      ...stream,
      ...substream,
      ...wideReason,
      ...access,
      ...stage,
      InputAddr,
      IPA,
    }),
    F_CFG_CONFLICT: variant(0x21, '7.3.18', 'The configuration cache had conflicting entries.', {
      ...stream,
      ...substream,
      ...wideReason,
    }),
    E_PAGE_REQUEST: variant(
      0x24,
      '7.3.19',
      'A device will access a range of addresses soon. It does not wait for a response.',
      {
        ...stream,
        ...substream,
        uX: bit(97, '1 if unprivileged execution is expected.'),
        uW: bit(98, '1 if unprivileged writes are expected.'),
        uR: bit(99, '1 if unprivileged reads are expected.'),
        pX: bit(101, '1 if privileged execution is expected.'),
        pW: bit(102, '1 if privileged writes are expected.'),
        pR: bit(103, '1 if privileged reads are expected.'),
        Span: bits(115, 108, 'Length of the range, in units of 4 KB.'),
        ...inputPage,
      },
    ),
    F_VMS_FETCH: variant(0x25, '7.3.20', 'The fetch of the virtual machine structure failed.', fetch),
    IMPDEF_EVENT0: implementationDefined(0xe0),
    IMPDEF_EVENT1: implementationDefined(0xe1),
    IMPDEF_EVENT2: implementationDefined(0xe2),
    IMPDEF_EVENT3: implementationDefined(0xe3),
    IMPDEF_EVENT4: implementationDefined(0xe4),
    IMPDEF_EVENT5: implementationDefined(0xe5),
    IMPDEF_EVENT6: implementationDefined(0xe6),
    IMPDEF_EVENT7: implementationDefined(0xe7),
    IMPDEF_EVENT8: implementationDefined(0xe8),
    IMPDEF_EVENT9: implementationDefined(0xe9),
    IMPDEF_EVENT10: implementationDefined(0xea),
    IMPDEF_EVENT11: implementationDefined(0xeb),
    IMPDEF_EVENT12: implementationDefined(0xec),
    IMPDEF_EVENT13: implementationDefined(0xed),
    IMPDEF_EVENT14: implementationDefined(0xee),
    IMPDEF_EVENT15: implementationDefined(0xef),
  },
  { code: code.smmuv3_event },
);

/** True if the event is IMPLEMENTATION DEFINED. Source: Arm IHI 0070, section 7.3.21. */
export function isImplementationDefined(eventNumber: number): boolean {
  return eventNumber >= 0xe0 && eventNumber <= 0xef;
}
