/** The entries of the queues of a VT-d unit: invalidation descriptors, which software writes, and page requests. */
import { addressBits, bit, bits, bitStruct, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';

/** Source: VT-d specification 4.1, 6.5.2.1. */
export const vtd_context_granularity = enumeration(
  'vtd_context_granularity',
  'Granularity of an invalidation of the context cache; 0 is reserved.',
  {
    GLOBAL: [1, 'All entries.'],
    DOMAIN: [2, 'The entries of a domain.'],
    DEVICE: [3, 'The entries of a device in a domain.'],
  },
);

/** Source: VT-d specification 4.1, 6.5.2.2. */
export const vtd_pasid_granularity = enumeration(
  'vtd_pasid_granularity',
  'Granularity of an invalidation of the PASID cache; 2 is reserved.',
  {
    DOMAIN: [0, 'All PASIDs of a domain.'],
    PASID: [1, 'One PASID of a domain.'],
    GLOBAL: [3, 'All entries.'],
  },
);

/** Source: VT-d specification 4.1, 6.5.2.3. */
export const vtd_iotlb_granularity = enumeration(
  'vtd_iotlb_granularity',
  'Granularity of an invalidation of the IOTLB; 0 is reserved.',
  {
    GLOBAL: [1, 'All entries.'],
    DOMAIN: [2, 'The entries of a domain.'],
    PAGE: [3, 'The entries of a range of pages of a domain.'],
  },
);

/** Source: VT-d specification 4.1, 6.5.2.4. */
export const vtd_piotlb_granularity = enumeration(
  'vtd_piotlb_granularity',
  'Granularity of an invalidation of the IOTLB by PASID; 0 and 1 are reserved.',
  {
    PASID: [2, 'All entries of a PASID.'],
    PAGE: [3, 'The entries of a range of pages of a PASID.'],
  },
);

/** The response to a page request group. Source: VT-d specification 4.1, 7.6.1. */
export const vtd_response_code = enumeration(
  'vtd_response_code',
  'The response to a group of page requests; other values are reserved.',
  {
    SUCCESS: [0x0, 'All pages are available.'],
    INVALID_REQUEST: [0x1, 'A page could not be provided.'],
    FAILURE: [0xf, 'The device must not send page requests.'],
  },
);

const DID = hexBits(31, 16, 'Domain.');
const PASID = hexBits(51, 32, 'PASID.');
const pages = {
  AM: bits(69, 64, 'Base 2 logarithm of the number of pages.'),
  IH: bit(70, '1 if only leaf entries have changed.'),
  ADDR: addressBits(127, 76, 'First page, aligned to the number of pages.'),
};
const PFSID_LO = hexBits(15, 12, 'Requester ID of the physical function, bits 3:0.');
const PFSID_HI = hexBits(63, 52, 'Requester ID of the physical function, bits 15:4.');

const cases = {
  QI_CC: variant(0x1, '6.5.2.1', 'Invalidates entries of the context cache.', {
    G: bits(5, 4, 'Granularity.', vtd_context_granularity),
    DID,
    SID: streamBits(47, 32, 'Requester ID of the device.'),
    FM: bits(49, 48, 'Number of low bits of SID that are ignored.'),
  }),
  QI_IOTLB: variant(0x2, '6.5.2.3', 'Invalidates entries of the IOTLB.', {
    G: bits(5, 4, 'Granularity.', vtd_iotlb_granularity),
    DW: bit(6, '1 to drain writes in progress.'),
    DR: bit(7, '1 to drain reads in progress.'),
    DID,
    ...pages,
  }),
  QI_DIOTLB: variant(0x3, '6.5.2.5', 'Makes a device invalidate its own translations (ATS).', {
    PFSID_LO,
    MIP: bits(20, 16, 'Maximum number of pending invalidations of the device.'),
    SID: streamBits(47, 32, 'Requester ID of the device.'),
    PFSID_HI,
    S: bit(64, '1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page.'),
    ADDR: addressBits(127, 76, 'First page, and the number of pages, see S.'),
  }),
  QI_IEC: variant(0x4, '6.5.2.7', 'Invalidates entries of the interrupt entry cache.', {
    G: bit(4, '1 for a range of entries, 0 for all.'),
    IM: bits(31, 27, 'Base 2 logarithm of the number of entries.'),
    IIDX: bits(47, 32, 'Index of the first entry.'),
  }),
  QI_IWD: variant(0x5, '6.5.2.8', 'Waits for the descriptors before it.', {
    IF: bit(4, '1 to raise an interrupt.'),
    SW: bit(5, '1 to write STDATA to STADDR.'),
    FN: bit(6, '1 if later descriptors wait for this one.'),
    PD: bit(7, '1 to drain page requests.'),
    STDATA: hexBits(63, 32, 'Word to write.'),
    STADDR: addressBits(127, 66, 'Address of the write, aligned to 4.'),
  }),
  QI_EIOTLB: variant(0x6, '6.5.2.4', 'Invalidates entries of the IOTLB by PASID.', {
    G: bits(5, 4, 'Granularity.', vtd_piotlb_granularity),
    DID,
    PASID,
    ...pages,
  }),
  QI_PC: variant(0x7, '6.5.2.2', 'Invalidates entries of the PASID cache.', {
    G: bits(5, 4, 'Granularity.', vtd_pasid_granularity),
    DID,
    PASID,
  }),
  QI_DEIOTLB: variant(0x8, '6.5.2.6', 'Makes a device invalidate its own translations of a PASID (ATS).', {
    MIP: bits(8, 4, 'Maximum number of pending invalidations of the device.'),
    PFSID_LO,
    SID: streamBits(31, 16, 'Requester ID of the device.'),
    PASID,
    PFSID_HI,
    G: bit(64, '1 for all PASIDs, 0 for the given one.'),
    S: bit(75, '1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page.'),
    ADDR: addressBits(127, 76, 'First page, and the number of pages, see S.'),
  }),
  QI_PGRP_RESP: variant(0x9, '7.6.1', 'Responds to a group of page requests.', {
    PP: bit(4, '1 if the request had a PASID.'),
    PDP: bit(5, '1 if private data follows; reserved since revision 4.0.'),
    RC: bits(15, 12, 'The response.', vtd_response_code),
    RID: streamBits(31, 16, 'Requester ID of the device.'),
    PASID,
    LPIG: bit(66, '1 if the request was the last of its group; reserved since revision 4.0.'),
    PRGI: bits(75, 67, 'Index of the page request group.'),
  }),
};

/** The forms with 256 bits. Only the response to page requests uses the upper half. */
const wideCases = {
  QI_CC_256: cases.QI_CC,
  QI_IOTLB_256: cases.QI_IOTLB,
  QI_DIOTLB_256: cases.QI_DIOTLB,
  QI_IEC_256: cases.QI_IEC,
  QI_IWD_256: cases.QI_IWD,
  QI_EIOTLB_256: cases.QI_EIOTLB,
  QI_PC_256: cases.QI_PC,
  QI_DEIOTLB_256: cases.QI_DEIOTLB,
  QI_PGRP_RESP_256: variant(0x9, '7.6.1', 'Responds to a group of page requests.', {
    ...cases.QI_PGRP_RESP.fields,
    PRIV_DATA_LO: wideBits(191, 128, 'Private data of the request.'),
    PRIV_DATA_HI: wideBits(255, 192, 'Private data of the request.'),
  }),
};

/** `qi_desc` has the type in its lowest bits. Bits 11:9 are the upper part of the type, which is 0 in all defined types. */
const type = { hi: 3, lo: 0 };

/**
 * A descriptor of the invalidation queue in legacy mode (IQA_REG.DW is 0). `Type` selects its form. The driver's messages
 * `QI HEAD` and `QI PRIOR` show these 128 bits in either mode. Source: VT-d specification 4.1, 6.5.2;
 * `drivers/iommu/intel/iommu.h`.
 */
export const vtd_qi_desc = variants(
  'vtd_qi_desc',
  'A descriptor of the invalidation queue, of 128 bits.',
  16,
  'Type',
  cases,
  { tag: type },
);

/** A descriptor of the invalidation queue in scalable mode (IQA_REG.DW is 1). Source: VT-d specification 4.1, 6.5.2. */
export const vtd_qi_desc_256 = variants(
  'vtd_qi_desc_256',
  'A descriptor of the invalidation queue, of 256 bits.',
  32,
  'Type',
  wideCases,
  { tag: type },
);

/** An entry of the page request queue. Source: VT-d specification 4.1, 7.4.1.1. */
export const vtd_page_request = bitStruct(
  'vtd_page_request',
  'A page request of a device, in the page request queue.',
  32,
  {
    Type: bits(7, 0, '1 for a page request.'),
    PP: bit(8, '1 if the request has a PASID.'),
    PDP: bit(9, '1 if private data follows; reserved since revision 4.0.'),
    RID: streamBits(31, 16, 'Requester ID of the device.'),
    PASID: hexBits(51, 32, 'PASID; valid with PP.'),
    EXE: bit(52, '1 if execution is requested.'),
    PRIV: bit(53, '1 if privileged access is requested.'),
    RD: bit(64, '1 if read access is requested.'),
    WR: bit(65, '1 if write access is requested.'),
    LPIG: bit(66, '1 for the last request of its group.'),
    PRGI: bits(75, 67, 'Index of the page request group.'),
    ADDR: addressBits(127, 76, 'Address of the requested page, aligned to 4 KiB.'),
    PRIV_DATA_LO: wideBits(191, 128, 'Private data, for the response.'),
    PRIV_DATA_HI: wideBits(255, 192, 'Private data, for the response.'),
  },
);
