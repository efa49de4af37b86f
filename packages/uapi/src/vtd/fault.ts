/**
 * The fault reporting of a VT-d unit: fault recording registers, fault reasons, and the status registers. The names of the
 * reasons are those of the specification's tables: LRT to LGN in legacy mode, RTA to SGN in scalable mode, IR for interrupts.
 */
import { addressBits, bit, bits, bitStruct, hexBits, streamBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';

/** The reasons for faults. Source: VT-d specification 4.1, 7.1.3; interrupts: 5.1.4.1. */
export const vtd_fault_reason = enumeration(
  'vtd_fault_reason',
  'Reason for a VT-d fault; other values are reserved.',
  {
    LRT_2: [0x01, 'The present bit of the root entry is clear.'],
    LCT_2: [0x02, 'The present bit of the context entry is clear.'],
    LCT_4: [0x03, 'The context entry is invalid: its address width or translation type.'],
    LGN_1: [0x04, 'The address is beyond the address width of the page table.'],
    LGN_2: [0x05, 'A write, and a page table entry has no write permission.'],
    LGN_3: [0x06, 'A read, and a page table entry has no read permission.'],
    LSL_1: [0x07, 'A page table entry could not be read.'],
    LRT_1: [0x08, 'The root entry could not be read.'],
    LCT_1: [0x09, 'The context entry could not be read.'],
    LRT_3: [0x0a, 'A reserved field of the root entry is not zero.'],
    LCT_3: [0x0b, 'A reserved field of the context entry is not zero.'],
    LSL_2: [0x0c, 'A reserved field of a page table entry is not zero.'],
    LCT_5: [0x0d, 'A translation request, or a translated request, that the context entry blocks.'],
    LGN_4: [0x0e, 'The address is in the interrupt range.'],
    IR_1: [0x20, 'A reserved field of the interrupt request is not zero.'],
    IR_2: [0x21, 'The index is beyond the interrupt remapping table.'],
    IR_3: [0x22, 'The present bit of the interrupt remapping entry is clear.'],
    IR_4: [0x23, 'The interrupt remapping entry could not be read.'],
    IR_5: [0x24, 'A reserved field of the interrupt remapping entry is not zero.'],
    IR_6: [0x25, 'An interrupt request of compatibility format is blocked.'],
    IR_7: [0x26, 'The source of the interrupt is not one that the entry allows.'],
    IR_8: [0x27, 'The posted interrupt descriptor could not be read.'],
    IR_9: [0x28, 'A reserved field of the posted interrupt descriptor is not zero.'],
    IR_10: [0x29, 'An interrupt request with a PASID, or one that is otherwise invalid.'],
    RTA_1: [0x30, 'The root table address register is invalid: its address or mode.'],
    RTA_2: [0x31, 'A request with a PASID in legacy mode.'],
    RTA_3: [0x32, 'A page group request in legacy mode.'],
    RTA_4: [0x33, 'The root table address register has the mode that aborts all DMA.'],
    SRT_1: [0x38, 'The root entry could not be read.'],
    SRT_2: [0x39, 'The present bit of the root entry is clear.'],
    SRT_3: [0x3a, 'A reserved field of the root entry is not zero.'],
    SCT_1: [0x40, 'The context entry could not be read.'],
    SCT_2: [0x41, 'The present bit of the context entry is clear.'],
    SCT_3: [0x42, 'A reserved field of the context entry is not zero.'],
    SCT_4: [0x43, 'The context entry is invalid.'],
    SCT_5: [0x44, 'A translation request, and the context entry does not enable the Device-TLB.'],
    SCT_6: [0x45, 'A request with a PASID, and the context entry does not enable PASIDs.'],
    SCT_7: [0x46, 'The PASID is larger than the PASID directory.'],
    SCT_8: [0x47, 'A page request, and the context entry does not enable page requests.'],
    SCT_9: [0x48, 'The PASID for requests without PASID is invalid.'],
    SPD_1: [0x50, 'The PASID directory entry could not be read.'],
    SPD_2: [0x51, 'The present bit of the PASID directory entry is clear.'],
    SPD_3: [0x52, 'A reserved field of the PASID directory entry is not zero.'],
    SPT_1: [0x58, 'The PASID table entry could not be read.'],
    SPT_2: [0x59, 'The present bit of the PASID table entry is clear.'],
    SPT_3: [0x5a, 'A reserved field of the PASID table entry is not zero.'],
    SPT_4: [0x5b, 'The PASID table entry is invalid.'],
    SPT_5: [0x5c, 'An execute request, and the PASID table entry does not enable execution.'],
    SPT_6: [0x5d, 'A supervisor request, and the PASID table entry does not enable such requests.'],
    SFL_1: [0x70, 'A first-stage page table entry could not be read.'],
    SFL_2: [0x71, 'The present bit of a first-stage page table entry is clear.'],
    SFL_3: [0x72, 'A reserved field of a first-stage page table entry is not zero.'],
    SFL_4: [0x73, 'The topmost first-stage page table entry could not be read.'],
    SFL_5: [0x74, 'Nested: the address of a first-stage entry is beyond the second stage.'],
    SFL_6: [0x75, 'Nested: no read permission for the topmost first-stage entry.'],
    SFL_7: [0x76, 'Nested: no read permission for a first-stage entry.'],
    SFL_8: [0x77, 'Nested: no write permission for a first-stage entry, to set accessed or dirty.'],
    SSL_1: [0x78, 'A second-stage page table entry could not be read.'],
    SSL_2: [0x79, 'A second-stage page table entry has neither read nor write permission.'],
    SSL_3: [0x7a, 'A reserved field of a second-stage page table entry is not zero.'],
    SSL_4: [0x7b, 'The second-stage page table pointer is invalid.'],
    SSL_5: [0x7c, 'Accessed or dirty must be set in a second-stage entry that is not snooped.'],
    SSL_6: [0x7d, 'A second-stage page table entry could not be written.'],
    SGN_1: [0x80, 'The address is not canonical.'],
    SGN_2: [0x81, 'A user request, and a first-stage entry is for the supervisor.'],
    SGN_3: [0x82, 'An execute request, and a page table entry forbids execution.'],
    SGN_4: [0x83, 'The address is beyond the address width of the hardware.'],
    SGN_5: [0x84, 'The address is beyond the address width of the second stage.'],
    SGN_6: [0x85, 'A write, and a page table entry has no write permission.'],
    SGN_7: [0x86, 'A read, and a page table entry has no read permission.'],
    SGN_8: [0x87, 'The address is in the interrupt range.'],
    SGN_9: [0x88, 'A translated address is in the interrupt range.'],
    SGN_10: [0x89, 'A translated request of a device that may not send such requests.'],
    SFL_9: [0x90, 'Accessed or dirty must be set in a first-stage entry that is not snooped.'],
    SFL_10: [0x91, 'A first-stage page table entry could not be written.'],
  },
);

/** The address type of a request. Source: VT-d specification 4.1, 11.4.7.6. */
export const vtd_address_type = enumeration('vtd_address_type', 'Address type of a request; 3 is reserved.', {
  UNTRANSLATED: [0, 'Untranslated address.'],
  TRANSLATION_REQUEST: [1, 'ATS translation request.'],
  TRANSLATED: [2, 'Translated address.'],
});

/** A fault recording register, FRCD_REG. Source: VT-d specification 4.1, 11.4.7.6. */
export const vtd_fault_record = bitStruct(
  'vtd_fault_record',
  'A fault recording register of a VT-d unit.',
  16,
  {
    FI: addressBits(
      63,
      12,
      'Page of the request; for an interrupt request, bits 63:48 are the index in the remapping table.',
    ),
    SID: streamBits(79, 64, 'Requester ID of the device.'),
    T2: bit(
      92,
      'Type of the request together with T1. T1 and T2 are 0 and 0 for a write, 0 and 1 for a page request, 1 and 0 for a read, 1 and 1 for an AtomicOp.',
    ),
    PRIV: bit(93, '1 if privileged access was requested; valid with PP.'),
    EXE: bit(94, '1 if execution was requested; valid with PP.'),
    PP: bit(95, '1 if the request had a PASID.'),
    FR: bits(103, 96, 'Reason for the fault.', vtd_fault_reason),
    PASID: hexBits(123, 104, 'PASID of the request; valid with PP.'),
    AT: bits(125, 124, 'Address type of the request.', vtd_address_type),
    T1: bit(126, '1 for a read or an AtomicOp, 0 for a write or a page request; see T2.'),
    F: bit(127, '1 if the register has a fault; writing 1 clears it.'),
  },
);

/** Why the invalidation queue stopped. Source: VT-d specification 4.1, 11.4.9.9. */
export const vtd_iqe_info = enumeration(
  'vtd_iqe_info',
  'Why a VT-d unit stopped reading its invalidation queue; other numbers are reserved.',
  {
    NOT_AVAILABLE: [0, 'The hardware does not report the reason.'],
    INVALID_TAIL: [1, 'The tail is beyond the queue.'],
    FETCH_ERROR: [2, 'The descriptor could not be read.'],
    INVALID_TYPE: [3, 'The type of the descriptor is invalid.'],
    RESERVED_FIELD: [4, 'A reserved field of the descriptor is not zero.'],
    INVALID_WIDTH: [5, 'Descriptors of 128 bits in scalable mode.'],
    MISALIGNED_TAIL: [6, 'The tail is not aligned to descriptors of 256 bits.'],
    INVALID_MODE: [7, 'The mode of the root table address register is invalid.'],
  },
);

/** The invalidation queue error record register, IQERCD_REG. Source: VT-d specification 4.1, 11.4.9.9. */
export const vtd_iqe_record = bitStruct(
  'vtd_iqe_record',
  'Why the invalidation queue stopped, and which devices did not complete an invalidation.',
  8,
  {
    IQEI: bits(3, 0, 'Why the queue stopped; valid with IQE of the fault status register.', vtd_iqe_info),
    ITESID: streamBits(47, 32, 'Device whose invalidation timed out; valid with ITE.'),
    ICESID: streamBits(63, 48, 'Device whose completion was invalid; valid with ICE.'),
  },
);

/** The fault status register, FSTS_REG. Source: VT-d specification 4.1, 11.4.7.1. */
export const vtd_fault_status = bitStruct('vtd_fault_status', 'Fault status of a VT-d unit.', 4, {
  PFO: bit(0, '1 if faults were lost, because all recording registers were in use.'),
  PPF: bit(1, '1 if a recording register has a fault.'),
  AFO: bit(2, '1 if faults were lost from the advanced fault log.'),
  APF: bit(3, '1 if the advanced fault log has a fault.'),
  IQE: bit(4, '1 if the invalidation queue has stopped at a descriptor.'),
  ICE: bit(5, '1 if a device completed an invalidation that was not sent.'),
  ITE: bit(6, '1 if a device did not complete an invalidation in time.'),
  PRO: bit(7, '1 if page requests were lost; reserved since revision 3.0.'),
  FRI: bits(15, 8, 'Recording register of the oldest fault; valid with PPF.'),
});
