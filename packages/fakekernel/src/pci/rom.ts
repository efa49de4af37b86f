/** The expansion ROM as Linux finds it: `pci_map_rom()` of `drivers/pci/rom.c`. */
import { fail } from '../errno.js';
import { PCI_ROM_RESOURCE } from '../hardware/pci/registers.js';
import type { PciDev } from './pci-dev.js';
import type { AccessSize } from '../process/device-memory.js';

/** A ROM with images. */
export interface FoundRom {
  /** Size in bytes, up to the end of its last image. */
  readonly length: number;
  readonly access: {
    read(offset: number, size: AccessSize): bigint;
    write(): void;
  };
}

/** The signature of an image, and of the data structure that it points to. */
const IMAGE = 0xaa55n;
const DATA = 0x5249_4350n;

/**
 * Finds the images of a ROM.
 * @returns undefined if there is no ROM, if it cannot be read, or if it has no image
 */
export function findRom(pdev: PciDev): FoundRom | undefined {
  const resource = pdev.resources[PCI_ROM_RESOURCE];
  if (resource === undefined) return undefined;
  const read = (offset: number, size: AccessSize): bigint =>
    pdev.hardware.readBar(resource.bar, offset, size);
  const length = romSize(read, resource.length);
  return length === 0 ? undefined : { length, access: { read, write: () => undefined } };
}

/** `pci_read_rom()`: the images. @throws EINVAL unless it was enabled; EIO without images */
export function readRom(pdev: PciDev): Uint8Array {
  if (!pdev.isRomEnabled) throw fail('EINVAL');
  const rom = findRom(pdev);
  if (rom === undefined) throw fail('EIO');
  return Uint8Array.from({ length: rom.length }, (_, offset) => Number(rom.access.read(offset, 1)));
}

/** `pci_get_rom_size()`. */
function romSize(read: (offset: number, size: AccessSize) => bigint, size: number): number {
  let image = 0;
  for (;;) {
    if (image + 0x1a > size || read(image, 2) !== IMAGE) break;
    const data = image + Number(read(image + 0x18, 2));
    if (data + 0x18 > size || read(data, 4) !== DATA) break;
    const isLast = (read(data + 0x15, 1) & 0x80n) !== 0n;
    const length = Number(read(data + 0x10, 2)) * 512;
    if (length === 0) break;
    image += length;
    if (isLast) break;
  }
  return Math.min(image, size);
}
