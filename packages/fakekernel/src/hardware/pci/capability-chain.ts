/** The chains of capabilities in configuration space, in the order of their pointers, with the number of bytes of each. */
import type { ConfigSpace } from './config-space.js';
import {
  extendedNext,
  PCI_CAP_ID,
  PCI_CAP_LIST_NEXT,
  PCI_CAPABILITY_LIST,
  PCI_CFG_SPACE_SIZE,
  PCI_EXP_FLAGS,
  PCI_EXP_FLAGS_VERS,
  PCI_EXT_CAP_ID,
} from './registers.js';

/** A capability in configuration space. */
export interface PlacedCapability {
  /** One of `PCI_CAP_ID_*`, or in the extended chain of `PCI_EXT_CAP_ID_*`. */
  readonly id: number;
  /** Its offset. */
  readonly at: number;
  /** Its length in bytes. */
  readonly length: number;
}

/** The chain of capabilities. A loop in it ends after 48. */
export function* capabilitiesIn(config: ConfigSpace): Generator<PlacedCapability> {
  for (let at = config.read(PCI_CAPABILITY_LIST, 1), left = 48; at >= 0x40 && left > 0; left--) {
    const id = config.read(at, 1);
    yield { id, at, length: lengthOf(config, id, at) };
    at = config.read(at + PCI_CAP_LIST_NEXT, 1) & ~3;
  }
}

/** The extended chain. A loop in it ends after 480. */
export function* extendedCapabilitiesIn(config: ConfigSpace): Generator<PlacedCapability> {
  if (config.size === PCI_CFG_SPACE_SIZE) return;
  for (let at = PCI_CFG_SPACE_SIZE, left = 480; at >= PCI_CFG_SPACE_SIZE && left > 0; left--) {
    const header = config.read(at, 4);
    if (header === 0) return;
    yield { id: header & 0xffff, at, length: EXTENDED_LENGTHS[header & 0xffff] ?? 4 };
    at = extendedNext(header);
  }
}

/** Lengths in bytes of capabilities that have no length field. */
const LENGTHS: Readonly<Record<number, number>> = {
  [PCI_CAP_ID.PM]: 8,
  [PCI_CAP_ID.VPD]: 8,
  [PCI_CAP_ID.EXP]: 0x3c,
  [PCI_CAP_ID.MSIX]: 12,
  [PCI_CAP_ID.AF]: 6,
};
const EXTENDED_LENGTHS: Readonly<Record<number, number>> = {
  [PCI_EXT_CAP_ID.ERR]: 0x48,
  [PCI_EXT_CAP_ID.DSN]: 12,
  [PCI_EXT_CAP_ID.ACS]: 8,
  [PCI_EXT_CAP_ID.ARI]: 8,
  [PCI_EXT_CAP_ID.ATS]: 8,
  [PCI_EXT_CAP_ID.SRIOV]: 0x40,
  [PCI_EXT_CAP_ID.PRI]: 16,
  [PCI_EXT_CAP_ID.PASID]: 8,
};

function lengthOf(config: ConfigSpace, id: number, at: number): number {
  if (id === PCI_CAP_ID.VNDR) return config.read(at + 2, 1);
  // Version 1 of the capability ends after the link registers.
  if (id === PCI_CAP_ID.EXP && (config.read(at + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_VERS) === 1) return 0x14;
  if (id !== PCI_CAP_ID.MSI) return LENGTHS[id] ?? 4;
  const flags = config.read(at + 2, 2);
  return 10 + ((flags & 0x80) === 0 ? 0 : 4) + ((flags & 0x100) === 0 ? 0 : 10);
}
