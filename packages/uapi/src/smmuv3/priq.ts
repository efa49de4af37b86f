import { addressBits, bit, bits, bitStruct, hexBits, streamBits } from '../struct/bits.js';
import * as code from './priq.generated.js';

/** An entry of the PRI queue. Source: Arm IHI 0070, chapter 8. */
export const smmuv3_pri = bitStruct(
  'smmuv3_pri',
  'A page request of a PCIe device. One with SSV and Last, but neither R nor W, is no request: it marks the end of a PASID.',
  16,
  {
    StreamID: streamBits(31, 0, 'Stream of the device; its lower 16 bits are the PCIe requester ID.'),
    SubstreamID: hexBits(51, 32, 'Substream (PASID) of the request; meaningless if SSV is 0.'),
    Priv: bit(58, '1 if privileged access is wanted; 0 if SSV is 0.'),
    X: bit(59, '1 if the page is to be executed; 0 if SSV is 0.'),
    R: bit(60, '1 if the page is to be read.'),
    W: bit(61, '1 if the page is to be written.'),
    Last: bit(62, '1 for the last request of its group.'),
    SSV: bit(63, '1 if the request came with a PASID.'),
    PRGIndex: bits(72, 64, 'Index of the page request group, which CMD_PRI_RESP answers.'),
    PageAddress: addressBits(127, 76, 'Page that is wanted, aligned to 4 KB.'),
  },
  { code: code.smmuv3_pri },
);
