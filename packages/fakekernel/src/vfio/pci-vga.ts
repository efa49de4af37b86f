/** The legacy memory and ports of a VGA controller, as vfio-pci exposes them: `vfio_pci_vga_rw()`. */
import type { RegisterAccess } from './pci-rw.js';
import type { VfioPciCore } from './pci-core.js';

/** Size of the VGA region. */
export const VGA_REGION_SIZE = 0xc_0000;

/** A range of the VGA region. */
interface VgaPlace {
  readonly first: number;
  readonly end: number;
  readonly access: RegisterAccess;
}

const RANGES = [
  { first: 0xa_0000, end: 0xc_0000 },
  { first: 0x3b0, end: 0x3bc },
  { first: 0x3c0, end: 0x3e0 },
];

/** The range that contains an offset; undefined outside, or if the function has no VGA. */
export function vgaPlace({ pdev }: VfioPciCore, offset: number): VgaPlace | undefined {
  if (!pdev.isVga) return undefined;
  const range = RANGES.find(({ first, end }) => offset >= first && offset < end);
  if (range === undefined) return undefined;
  const { first } = range;
  const { hardware } = pdev;
  return {
    ...range,
    access: {
      read: (at, size) => hardware.readLegacy(first + at, size),
      write: (at, size, value) => hardware.writeLegacy(first + at, size, value),
    },
  };
}
