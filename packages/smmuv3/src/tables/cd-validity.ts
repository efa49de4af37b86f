import { smmuv3_virtual_address_size } from '@iommufd/uapi';
import { Features } from '../registers/features.js';
import { type Cd, isEl2, type Ste } from '../structures.js';
import { isEndiannessLegal, isStallLegal, mostTxsz, tableBits } from './ste-validity.js';

const { BITS_52, BITS_56 } = smmuv3_virtual_address_size;

/** True if a context descriptor is legal for the streams of this STE. Source: Arm IHI 0070, 5.4.2. */
export function isCdLegal(cd: Cd, ste: Ste, features: Features, e2h: boolean): boolean {
  const { idr0 } = features;
  if (cd.V === 0 || (cd.S === 1 && ste.S1STALLD === 1)) return false;
  if (idr0.TERM_MODEL === 1 && cd.A === 0) return false;
  if (!isStallLegal(cd.S, idr0.STALL_MODEL)) return false;
  if (cd.AA64 === 0 || !features.aarch64) return false;
  if ((cd.HA === 1 && !features.setsAccessFlag) || (cd.HD === 1 && !features.marksDirty)) return false;
  if (cd.HAFT === 1 && cd.HA === 0 && idr0.HTTU === 3) return false;
  const el2 = isEl2(ste, features) && !e2h;
  if (!el2 && idr0.ASID16 === 0 && cd.ASID >= 0x100) return false;
  return areTablesLegal(cd, el2, features);
}

function areTablesLegal(cd: Cd, el2: boolean, features: Features): boolean {
  const low = el2 || cd.EPD0 === 0;
  const high = !el2 && cd.EPD1 === 0;
  if ((low || high) && !isEndiannessLegal(cd.ENDI, features.idr0.TTENDIAN)) return false;
  const legal = (size: number, granule: number | undefined, ttb: bigint): boolean =>
    granule !== undefined &&
    size >= leastTxsz(granule, cd, features) &&
    size <= mostTxsz(granule, features) &&
    Features.fits(ttb, tableBits(granule, cd.DS, cd.IPS, features));
  if (low && !legal(cd.T0SZ, features.granule(cd.TG0), cd.TTB0)) return false;
  return !high || legal(cd.T1SZ, features.granuleTtb1(cd.TG1), cd.TTB1);
}

/** The minimum TxSZ: 12 with 52-bit input addresses, independently of the output size (Arm IHI 0070, 5.4, T0SZ). */
function leastTxsz(granule: number, { DS }: Cd, { idr5 }: Features): number {
  const large = granule === 16 || (DS === 1 && idr5.DS === 1);
  return large && (idr5.VAX === BITS_52 || idr5.VAX === BITS_56) ? 12 : 16;
}
