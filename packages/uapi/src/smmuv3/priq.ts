import { addressBits, bit, bits, bitStruct, hexBits, streamBits } from '../struct/bits.js';
import * as code from './priq.generated.js';

/** An entry of the PRI queue. Source: Arm IHI 0070, chapter 8. */
export const smmuv3_pri = bitStruct(
  'smmuv3_pri',
  'A page request of a PCIe device. An entry with SSV and Last, but neither R nor W, is not a request: it is the stop marker of a PASID.',
  16,
  {
    StreamID: streamBits(31, 0, 'Stream of the device; its lower 16 bits are the PCIe requester ID.'),
    SubstreamID: hexBits(51, 32, 'Substream (PASID) of the request; not valid if SSV is 0.'),
    Priv: bit(58, '1 if privileged access is requested; 0 if SSV is 0.'),
    X: bit(59, '1 if execution is requested; 0 if SSV is 0.'),
    R: bit(60, '1 if read access is requested.'),
    W: bit(61, '1 if write access is requested.'),
    Last: bit(62, '1 for the last request of its group.'),
    SSV: bit(63, '1 if the request has a PASID.'),
    PRGIndex: bits(72, 64, 'Index of the page request group, for CMD_PRI_RESP.'),
    PageAddress: addressBits(127, 76, 'Address of the requested page, aligned to 4 KB.'),
  },
  { code: code.smmuv3_pri },
);
