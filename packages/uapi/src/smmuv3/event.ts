import { addressBits, bit, bits, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';
import * as code from './event.generated.js';

/** What the SMMU was translating when a fault came. Source: Arm IHI 0070, sections 7.3.12 to 7.3.16. */
export const smmuv3_event_class = enumeration(
  'smmuv3_event_class',
  'Which address could not be translated; 3 is reserved.',
  {
    CD: [0, 'That of a context descriptor, on its way through stage 2.'],
    TT: [1, 'That of a stage 1 translation table descriptor.'],
    IN: [2, 'That of the transaction itself.'],
  },
);

/** The stage of translation that faulted. Source: Arm IHI 0070, sections 7.3.12 to 7.3.17. */
export const smmuv3_event_stage = enumeration('smmuv3_event_stage', 'Which stage of translation faulted.', {
  STAGE_1: [0, 'Stage 1.'],
  STAGE_2: [1, 'Stage 2.'],
});

const stream = { StreamID: streamBits(63, 32, 'Stream that issued the transaction.') };

const SubstreamID = hexBits(
  31,
  12,
  'Substream (PASID) of the transaction; meaningless if SSV is there and 0.',
);
const substream = { SSV: bit(11, '1 if the transaction had a substream.'), SubstreamID };

const access = {
  PnU: bit(97, '1 for a privileged access, 0 for an unprivileged one.'),
  InD: bit(98, '1 for an instruction fetch, 0 for data; 0 for every write.'),
  RnW: bit(99, '1 for a read, 0 for a write.'),
};

const InputAddr = addressBits(191, 128, 'Address that the transaction brought to the SMMU.');
/** The address of requests that ask about whole pages. */
const inputPage = { InputAddr: addressBits(191, 140, 'Page that the request is about, aligned to 4 KB.') };

const reason = { Reason: hexBits(79, 64, 'Cause, in a coding of the implementation.') };
const wideReason = { Reason: hexBits(95, 64, 'Cause, in a coding of the implementation.') };

const abort = {
  ...reason,
  GPCF: bit(80, '1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL.'),
};
const FetchAddr = addressBits(247, 195, 'Physical address of the structure or descriptor that was accessed.');
/** A structure of the configuration could not be read. */
const fetch = { ...stream, ...substream, ...abort, FetchAddr };

const stage = {
  NSIPA: bit(102, 'NS attribute of the IPA; 0 but for stage 2 faults in the Secure event queue.'),
  S2: bits(103, 103, 'Stage that faulted: 0 for stage 1, 1 for stage 2.', smmuv3_event_stage),
};
const CLASS = bits(105, 104, 'What was being translated.', smmuv3_event_class);
const IPA = addressBits(
  247,
  204,
  'Page of the intermediate physical address, aligned to 4 KB; meaningless unless S2 is 1.',
);

/** What the four faults that can stall share. */
const translation = {
  ...stream,
  ...substream,
  STAG: hexBits(79, 64, 'Token that CMD_RESUME names the transaction with; meaningful if Stall is 1.'),
  Stall: bit(95, '1 if the transaction waits for CMD_RESUME, 0 if it was terminated.'),
  ...access,
  ...stage,
  CLASS,
  IMPL_DEF: hexBits(127, 112, 'Up to the implementation.'),
  InputAddr,
  IPA,
};

/** An event of the range that each implementation defines for itself. */
function implementationDefined<const N extends number>(eventNumber: N) {
  return variant(eventNumber, '7.3.21', 'An event of the implementation; not fatal where it is not known.', {
    IMPLEMENTATION_DEFINED_63_8: wideBits(63, 8, 'Up to the implementation.'),
    IMPLEMENTATION_DEFINED_127_64: wideBits(127, 64, 'Up to the implementation.'),
    IMPLEMENTATION_DEFINED_191_128: wideBits(191, 128, 'Up to the implementation.'),
    IMPLEMENTATION_DEFINED_255_192: wideBits(255, 192, 'Up to the implementation.'),
  });
}

/**
 * A record of the event queue, told apart by `EventNumber`: C_ events report configuration that is not legal,
 * F_ events faults, E_ events are hints. Numbers without a name are reserved. Addresses have the widest form,
 * that of 56-bit physical addresses; on smaller systems their upper bits are zero.
 * Source: Arm IHI 0070, section 7.3.
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
      'A transaction of a kind that the SMMU does not support. PnU and InD are those it came with.',
      { ...stream, ...substream, ...reason, ...access, InputAddr },
    ),
    C_BAD_STREAMID: variant(
      0x02,
      '7.3.3',
      'The StreamID is beyond the stream table, or its first-level descriptor leads nowhere. Recorded only with SMMU_CR2.RECINVSID.',
      { ...stream, ...substream },
    ),
    F_STE_FETCH: variant(
      0x03,
      '7.3.4',
      'Reading the stream table entry or its first-level descriptor failed.',
      fetch,
    ),
    C_BAD_STE: variant(0x04, '7.3.5', 'The stream table entry is not valid or not legal.', {
      ...stream,
      ...substream,
    }),
    F_BAD_ATS_TREQ: variant(
      0x05,
      '7.3.6',
      'An ATS translation request on a stream that may not send any. The permissions are those it asked for.',
      {
        ...stream,
        ...substream,
        Span: bits(67, 64, 'Number of smallest translation units that were asked for.'),
        P: bit(92, '1 if privileged access was asked for.'),
        X: bit(93, '1 if execution was asked for.'),
        W: bit(94, '1 if write access was asked for.'),
        R: bit(95, '1 if read access was asked for, as PCIe always does.'),
        ...inputPage,
      },
    ),
    F_STREAM_DISABLED: variant(
      0x06,
      '7.3.7',
      'A transaction without a substream where S1DSS terminates those, or with substream 0 where S1DSS gives that to the others.',
      stream,
    ),
    F_TRANSL_FORBIDDEN: variant(
      0x07,
      '7.3.8',
      'A transaction that says it is translated, on a stream that may not send any, or that the device permission table refuses.',
      { ...stream, RnW: access.RnW, InputAddr },
    ),
    C_BAD_SUBSTREAMID: variant(
      0x08,
      '7.3.9',
      'A substream where there are none, or one beyond the table of context descriptors. SubstreamID is always meaningful.',
      { ...stream, SubstreamID },
    ),
    F_CD_FETCH: variant(
      0x09,
      '7.3.10',
      'Reading the context descriptor or its first-level descriptor failed.',
      fetch,
    ),
    C_BAD_CD: variant(0x0a, '7.3.11', 'The context descriptor is not valid or not legal.', {
      ...stream,
      ...substream,
    }),
    F_WALK_EABT: variant(
      0x0b,
      '7.3.12',
      'Reading or updating a translation table descriptor failed. RnW is that of the transaction, not of the walk.',
      { ...stream, ...substream, ...abort, ...access, ...stage, CLASS, InputAddr, FetchAddr },
    ),
    F_TRANSLATION: variant(0x10, '7.3.13', 'There is no mapping for the address.', translation),
    F_ADDR_SIZE: variant(
      0x11,
      '7.3.14',
      'A stage of translation gave an address that is larger than it may be.',
      translation,
    ),
    F_ACCESS: variant(
      0x12,
      '7.3.15',
      'The access flag of the page is 0 and the hardware may not set it.',
      translation,
    ),
    F_PERMISSION: variant(0x13, '7.3.16', 'The page does not allow this access.', {
      ...translation,
      // The order of DirtyBit, AssuredOnly and Overlay is that of a figure; no other source confirms it.
      DirtyBit: bit(
        106,
        '1 if the write would have passed had the hardware been allowed to mark the page dirty.',
      ),
      AssuredOnly: bit(107, '1 if nothing but the AssuredOnly check of stage 2 refused the access.'),
      TTRnW: bit(108, 'With CLASS TT: 1 if the walk was reading the descriptor, 0 if it was writing it.'),
      Overlay: bit(109, '1 if the permission overlay of stage 2 refused the access.'),
    }),
    F_TLB_CONFLICT: variant(0x20, '7.3.17', 'The TLB held contradicting entries for the address.', {
      ...stream,
      ...substream,
      ...wideReason,
      ...access,
      ...stage,
      InputAddr,
      IPA,
    }),
    F_CFG_CONFLICT: variant(0x21, '7.3.18', 'The configuration cache held contradicting entries.', {
      ...stream,
      ...substream,
      ...wideReason,
    }),
    E_PAGE_REQUEST: variant(
      0x24,
      '7.3.19',
      'A device is about to access a range of addresses; it waits for no answer.',
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
    F_VMS_FETCH: variant(0x25, '7.3.20', 'Reading the virtual machine structure failed.', fetch),
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

/** Is the meaning of this event up to the implementation? Source: Arm IHI 0070, section 7.3.21. */
export function isImplementationDefined(eventNumber: number): boolean {
  return eventNumber >= 0xe0 && eventNumber <= 0xef;
}
