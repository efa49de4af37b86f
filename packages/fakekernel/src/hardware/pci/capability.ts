/**
 * Capabilities of a function, as `createDevice` takes them: a capability is declared by its bytes. The functions here create the
 * usual ones; {@link capabilityBits} has the bits that software can change. Actions on writes are in `function.ts` and
 * `interrupts.ts`.
 */
import type { RegisterBits } from './config-space.js';
import {
  PCI_CAP_ID,
  PCI_ERR_CAP,
  PCI_ERR_COR_MASK,
  PCI_ERR_COR_STATUS,
  PCI_ERR_UNCOR_MASK,
  PCI_ERR_UNCOR_SEVER,
  PCI_ERR_UNCOR_STATUS,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL2,
  PCI_EXP_FLAGS,
  PCI_EXP_FLAGS_VERS,
  PCI_EXP_LNKCTL,
  PCI_EXT_CAP_ID,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_ENABLE,
  PCI_MSI_FLAGS_MASKBIT,
  PCI_MSI_FLAGS_QMASK,
  PCI_MSI_FLAGS_QSIZE,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_MASKALL,
  PCI_PM_CTRL,
  PCI_PM_CTRL_PME_ENABLE,
  PCI_PM_CTRL_PME_STATUS,
  PCI_PM_CTRL_STATE_MASK,
  PCI_SRIOV_CTRL,
  PCI_SRIOV_NUM_VF,
} from './registers.js';

/** The declaration of a capability. */
export interface Capability {
  /** `PCI_CAP_ID_*`, or `PCI_EXT_CAP_ID_*` if it is extended. */
  readonly id: number;
  /** True if it is in the extended chain, from 0x100 on. */
  readonly isExtended: boolean;
  /** Version of an extended capability. */
  readonly version: number;
  /** All of its bytes. Id and next pointer are filled in later. */
  readonly bytes: Uint8Array;
}

function capability(id: number, length: number, fill: (view: DataView) => void): Capability {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return { id, isExtended: false, version: 0, bytes };
}

function extended(
  id: number,
  version: number,
  length: number,
  fill: (view: DataView) => void = () => undefined,
): Capability {
  return { ...capability(id, length, fill), isExtended: true, version };
}

/** Power management with D0 and D3hot. Leaving D3hot does not reset the function, unless `softReset` is set. */
export function pm(
  options: { readonly softReset?: boolean; readonly d1?: boolean; readonly d2?: boolean } = {},
): Capability {
  return capability(PCI_CAP_ID.PM, 8, (view) => {
    view.setUint16(2, 0x0003 | (options.d1 === true ? 0x200 : 0) | (options.d2 === true ? 0x400 : 0), true);
    view.setUint16(4, options.softReset === true ? 0 : 0x0008, true);
  });
}

/**
 * Message-signalled interrupts.
 * @param options `vectors`: a power of two up to 32; `maskable`: true for a mask bit for each vector
 */
export function msi(options: { readonly vectors?: number; readonly maskable?: boolean } = {}): Capability {
  const { vectors = 1, maskable = false } = options;
  const log2 = Math.log2(vectors);
  if (!Number.isInteger(log2) || log2 < 0 || log2 > 5)
    throw new RangeError(`${vectors} MSI vectors: expected a power of two up to 32`);
  return capability(PCI_CAP_ID.MSI, maskable ? 24 : 14, (view) =>
    view.setUint16(
      PCI_MSI_FLAGS,
      PCI_MSI_FLAGS_64BIT | (maskable ? PCI_MSI_FLAGS_MASKBIT : 0) | (log2 << 1),
      true,
    ),
  );
}

/** The number of MSI-X vectors, and the places of the table and the pending bits. */
export interface MsixOptions {
  /** Number of vectors, 1 to 2048. */
  readonly vectors: number;
  /** Index of the BAR that contains both. */
  readonly bar: number;
  /** Offset of the table in the BAR. Default: 0. */
  readonly table?: number;
  /** Offset of the pending bits. Default: after the table. */
  readonly pending?: number;
}

/** Message-signalled interrupts with a table. The function places the table and the pending bits over its BAR. */
export function msix({ vectors, bar, table = 0, pending }: MsixOptions): Capability {
  if (!Number.isInteger(vectors) || vectors < 1 || vectors > 2048)
    throw new RangeError(`${vectors} MSI-X vectors: expected 1 to 2048`);
  const behind = pending ?? Math.ceil((table + vectors * 16) / 8) * 8;
  if (table % 8 !== 0 || behind % 8 !== 0)
    throw new RangeError('MSI-X: table and pending bits begin at a multiple of 8');
  return capability(PCI_CAP_ID.MSIX, 12, (view) => {
    view.setUint16(PCI_MSIX_FLAGS, vectors - 1, true);
    view.setUint32(4, table | bar, true);
    view.setUint32(8, behind | bar, true);
  });
}

/**
 * PCI Express.
 * @param options `flr`: true if it supports function level reset; `type`: one of `PCI_EXP_TYPE`, an endpoint by default
 */
export function express(options: { readonly flr?: boolean; readonly type?: number } = {}): Capability {
  const { flr = false, type = 0 } = options;
  return capability(PCI_CAP_ID.EXP, 0x3c, (view) => {
    view.setUint16(2, 2 | (type << 4), true);
    view.setUint32(4, 0x8020 + (flr ? 0x1000_0000 : 0), true);
    view.setUint32(0x0c, 0x411, true);
    view.setUint16(0x12, 0x11, true);
  });
}

/** Vendor-specific data. @param bytes the bytes after the length */
export function vendorSpecific(bytes: Uint8Array): Capability {
  return capability(PCI_CAP_ID.VNDR, 3 + bytes.length, (view) => {
    view.setUint8(2, 3 + bytes.length);
    new Uint8Array(view.buffer).set(bytes, 3);
  });
}

/** Advanced error reporting. */
export const aer = (): Capability => extended(PCI_EXT_CAP_ID.ERR, 2, 0x48);

/** A 64-bit serial number. */
export const serialNumber = (number: bigint): Capability =>
  extended(PCI_EXT_CAP_ID.DSN, 1, 12, (view) => view.setBigUint64(4, number, true));

/** Address translation services. @param queueDepth number of invalidations that it can queue, 1 to 32 */
export const ats = (queueDepth = 32): Capability =>
  extended(PCI_EXT_CAP_ID.ATS, 1, 8, (view) => view.setUint16(4, (queueDepth & 0x1f) | 0x20, true));

/** Page requests. @param capacity largest number of outstanding requests */
export const pri = (capacity = 512): Capability =>
  extended(PCI_EXT_CAP_ID.PRI, 1, 16, (view) => {
    view.setUint16(6, 0x0100, true);
    view.setUint32(8, capacity, true);
  });

/** Process address space ids. @param bits their width, 1 to 20 */
export const pasid = (bits = 20): Capability =>
  extended(PCI_EXT_CAP_ID.PASID, 1, 8, (view) => view.setUint16(4, (bits << 8) | 0x6, true));

/** Access control: requests between its functions are sent up to the IOMMU. */
export const acs = (): Capability =>
  extended(PCI_EXT_CAP_ID.ACS, 1, 8, (view) => {
    view.setUint16(4, 0x1d, true);
    view.setUint16(6, 0x1d, true);
  });

/** Options of {@link sriov}. */
export interface SriovOptions {
  /** Largest number of virtual functions. */
  readonly totalVfs: number;
  /** Device id of a virtual function. */
  readonly vfDevice: number;
  /** Routing id of the first virtual function, relative to the physical one. Default: 0x80. */
  readonly firstOffset?: number;
  /** Distance between the routing ids of virtual functions. Default: 2. */
  readonly stride?: number;
}

/** Single-root I/O virtualization. */
export const sriov = ({ totalVfs, vfDevice, firstOffset = 0x80, stride = 2 }: SriovOptions): Capability =>
  extended(PCI_EXT_CAP_ID.SRIOV, 1, 0x40, (view) => {
    view.setUint16(0x0c, totalVfs, true);
    view.setUint16(0x0e, totalVfs, true);
    view.setUint16(0x14, firstOffset, true);
    view.setUint16(0x16, stride, true);
    view.setUint16(0x1a, vfDevice, true);
    view.setUint32(0x1c, 0x553, true);
    view.setUint32(0x20, 1, true);
  });

/** Errors that AER can mask and report. Source: `linux/pci_regs.h`, `PCI_ERR_UNC_*` and `PCI_ERR_COR_*`. */
const UNCORRECTABLE = 0x03ff_f030;
const CORRECTABLE = 0x0000_f1c1;
const ECRC_ENABLES = 0x140;

/** The bits of a capability that software can change, according to the PCI specifications. @param at offset of the capability */
export function capabilityBits(id: number, at: number, read16: (offset: number) => number): RegisterBits[] {
  switch (id) {
    case PCI_CAP_ID.PM:
      return [
        {
          at: at + PCI_PM_CTRL,
          size: 2,
          writable: PCI_PM_CTRL_STATE_MASK | PCI_PM_CTRL_PME_ENABLE,
          clearable: PCI_PM_CTRL_PME_STATUS,
        },
      ];
    case PCI_CAP_ID.MSI:
      return msiBits(at, read16(at + PCI_MSI_FLAGS));
    case PCI_CAP_ID.MSIX:
      return [{ at: at + PCI_MSIX_FLAGS, size: 2, writable: PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL }];
    case PCI_CAP_ID.EXP:
      return [
        // Error reporting, payload, no snoop, read requests. FLR is a command, and reads as zero.
        { at: at + PCI_EXP_DEVCTL, size: 2, writable: 0xf8ff },
        { at: at + PCI_EXP_DEVCTL + 2, size: 2, clearable: 0x000f },
        { at: at + PCI_EXP_LNKCTL, size: 2, writable: 0x00c3 },
        ...((read16(at + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_VERS) === 1
          ? []
          : [{ at: at + PCI_EXP_DEVCTL2, size: 2 as const, writable: 0x001f }]),
      ];
    default:
      return [];
  }
}

function msiBits(at: number, flags: number): RegisterBits[] {
  const is64 = (flags & PCI_MSI_FLAGS_64BIT) !== 0;
  const data = at + PCI_MSI_ADDRESS_LO + (is64 ? 8 : 4);
  return [
    { at: at + PCI_MSI_FLAGS, size: 2, writable: PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE },
    { at: at + PCI_MSI_ADDRESS_LO, size: 4, writable: 0xffff_fffc },
    ...(is64 ? [{ at: at + PCI_MSI_ADDRESS_LO + 4, size: 4 as const, writable: 0xffff_ffff }] : []),
    { at: data, size: 2, writable: 0xffff },
    ...((flags & PCI_MSI_FLAGS_MASKBIT) === 0
      ? []
      : [{ at: data + 4, size: 4 as const, writable: 2 ** (1 << ((flags & PCI_MSI_FLAGS_QMASK) >> 1)) - 1 }]),
  ];
}

/** The bits of an extended capability that software can change. @param at offset of the capability */
export function extendedBits(id: number, at: number): RegisterBits[] {
  switch (id) {
    case PCI_EXT_CAP_ID.ERR:
      return [
        { at: at + PCI_ERR_UNCOR_STATUS, size: 4, clearable: UNCORRECTABLE },
        { at: at + PCI_ERR_UNCOR_MASK, size: 4, writable: UNCORRECTABLE },
        { at: at + PCI_ERR_UNCOR_SEVER, size: 4, writable: UNCORRECTABLE },
        { at: at + PCI_ERR_COR_STATUS, size: 4, clearable: CORRECTABLE },
        { at: at + PCI_ERR_COR_MASK, size: 4, writable: CORRECTABLE },
        { at: at + PCI_ERR_CAP, size: 4, writable: ECRC_ENABLES },
      ];
    case PCI_EXT_CAP_ID.ATS:
      return [{ at: at + 6, size: 2, writable: 0x801f }];
    case PCI_EXT_CAP_ID.PRI:
      return [
        { at: at + 4, size: 2, writable: 0x0003 },
        { at: at + 12, size: 4, writable: 0xffff_ffff },
      ];
    case PCI_EXT_CAP_ID.PASID:
      return [{ at: at + 6, size: 2, writable: 0x0007 }];
    case PCI_EXT_CAP_ID.SRIOV:
      return [
        { at: at + PCI_SRIOV_CTRL, size: 2, writable: 0x0019 },
        { at: at + PCI_SRIOV_NUM_VF, size: 2, writable: 0xffff },
      ];
    default:
      return [];
  }
}
