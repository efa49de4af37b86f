/**
 * Saving and restoring the registers of a function: `pci_save_state()` and `pci_restore_state()` of Linux's `drivers/pci/pci.c`.
 * It saves the header, and the registers of capabilities that have a `pci_save_*_state()` function of their own.
 */
import type { ConfigAccessSize } from '../hardware/pci/config-space.js';
import {
  PCI_BASE_ADDRESS_0,
  PCI_CAP_ID,
  PCI_ERR_CAP,
  PCI_ERR_COR_MASK,
  PCI_ERR_UNCOR_MASK,
  PCI_ERR_UNCOR_SEVER,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL2,
  PCI_EXP_LNKCTL,
  PCI_EXP_LNKCTL2,
  PCI_EXT_CAP_ID,
  PCI_STD_HEADER_SIZEOF,
} from '../hardware/pci/registers.js';
import type { PciDev } from './pci-dev.js';

/** A register and its value. */
interface SavedRegister {
  readonly at: number;
  readonly size: ConfigAccessSize;
  readonly value: number;
}

/** `struct pci_saved_state`. */
export interface SavedState {
  /** In the order in which they are restored. */
  readonly capabilities: readonly SavedRegister[];
  readonly header: readonly SavedRegister[];
}

/** The registers that are saved, by capability. */
const EXPRESS = [PCI_EXP_DEVCTL, PCI_EXP_LNKCTL, PCI_EXP_DEVCTL2, PCI_EXP_LNKCTL2];
const EXTENDED: readonly (readonly [id: number, size: ConfigAccessSize, registers: readonly number[]])[] = [
  [PCI_EXT_CAP_ID.PASID, 2, [6]],
  [PCI_EXT_CAP_ID.PRI, 4, [4, 12]],
  [PCI_EXT_CAP_ID.ATS, 2, [6]],
  [PCI_EXT_CAP_ID.ERR, 4, [PCI_ERR_UNCOR_MASK, PCI_ERR_UNCOR_SEVER, PCI_ERR_COR_MASK, PCI_ERR_CAP]],
  // The PCI core stores this register, and restores it with the state: `pci_restore_iov_state()`.
  [PCI_EXT_CAP_ID.SRIOV, 2, [0x10, 0x08]],
];

export function saveState(pdev: PciDev): SavedState {
  const capabilities: SavedRegister[] = [];
  const save = (at: number, size: ConfigAccessSize): SavedRegister => ({
    at,
    size,
    value: pdev.readConfig(at, size),
  });
  const express = pdev.findCapability(PCI_CAP_ID.EXP);
  if (express !== undefined) for (const at of EXPRESS) capabilities.push(save(express + at, 2));
  for (const [id, size, registers] of EXTENDED) {
    const found = pdev.hardware.findExtended(id);
    if (found !== undefined) for (const at of registers) capabilities.push(save(found + at, size));
  }
  const dwords = Array.from({ length: PCI_STD_HEADER_SIZEOF / 4 }, (_, i) => 4 * i);
  // `pci_restore_config_space()`: first the registers after the BARs, then the BARs, then the registers before them.
  const order = [
    ...dwords.filter((at) => at >= 0x28).reverse(),
    ...dwords.filter((at) => at >= PCI_BASE_ADDRESS_0 && at < 0x28).reverse(),
    ...dwords.filter((at) => at < PCI_BASE_ADDRESS_0).reverse(),
  ];
  return { capabilities, header: order.map((at) => save(at, 4)) };
}

export function restoreState(pdev: PciDev, { capabilities, header }: SavedState): void {
  for (const { at, size, value } of capabilities) pdev.writeConfig(at, size, value);
  for (const { at, size, value } of header)
    if (pdev.readConfig(at, size) !== value) pdev.writeConfig(at, size, value);
}
