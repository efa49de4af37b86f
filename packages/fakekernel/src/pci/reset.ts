/**
 * Resetting a function or a whole bus: `pci_reset_fn_methods` and `pci_reset_bus()` of Linux's `drivers/pci/pci.c`. The available
 * methods are determined when a function is enumerated, and each is checked again when it is used.
 */
import { Errno, fail } from '../errno.js';
import {
  PCI_CAP_ID,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_EXP_DEVCAP,
  PCI_EXP_DEVCAP_FLR,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL_BCR_FLR,
  PCI_PM_CTRL,
  PCI_PM_CTRL_STATE_MASK,
} from '../hardware/pci/registers.js';
import type { PciBus } from '../hardware/pci/topology.js';
import type { PciDev } from './pci-dev.js';
import { PowerState } from './power.js';

/** A way to reset a function, named as in `reset_method` of sysfs. */
export type ResetMethod = 'device_specific' | 'flr' | 'pm' | 'bus';

/** The methods in the order in which they are tried. @returns true if the function has the method @throws ENOTTY if it fails */
const METHODS: readonly {
  readonly name: ResetMethod;
  readonly probe: (pdev: PciDev) => boolean;
  readonly run: (pdev: PciDev) => void;
}[] = [
  {
    name: 'device_specific',
    probe: ({ hardware }) => hardware.hasOwnReset,
    run: ({ hardware }) => hardware.reset(),
  },
  { name: 'flr', probe: hasFlr, run: flr },
  { name: 'pm', probe: ({ losesStateInD3 }) => losesStateInD3, run: pmReset },
  { name: 'bus', probe: hasBusOfItsOwn, run: ({ node }) => resetSecondaryBus(node.bus) },
];

/** `pci_init_reset_methods()`: functions that are enumerated later do not exist yet. */
export function probeResetMethods(pdev: PciDev): ResetMethod[] {
  return METHODS.filter(({ probe }) => probe(pdev)).map(({ name }) => name);
}

/** `pci_try_reset_function()`: resets a function and restores its registers. @throws ENOTTY if no method works */
export function tryResetFunction(pdev: PciDev): void {
  if (pdev.resetMethods.length === 0) throw fail('ENOTTY');
  saveAndDisable(pdev);
  try {
    resetFunctionLocked(pdev);
  } finally {
    pdev.restoreState();
  }
}

/** `__pci_reset_function_locked()`. @throws ENOTTY */
export function resetFunctionLocked(pdev: PciDev): void {
  for (const { name, probe, run } of METHODS) {
    if (!pdev.resetMethods.includes(name) || !probe(pdev)) continue;
    run(pdev);
    return;
  }
  throw fail('ENOTTY');
}

/** `pci_dev_save_and_disable()`. */
function saveAndDisable(pdev: PciDev): void {
  pdev.setPowerState(PowerState.D0);
  pdev.saveState();
  pdev.writeConfig(PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
}

function hasFlr(pdev: PciDev): boolean {
  const express = pdev.findCapability(PCI_CAP_ID.EXP);
  return express !== undefined && (pdev.readConfig(express + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR) !== 0;
}

/** `pcie_flr()`. */
function flr(pdev: PciDev): void {
  const at = (pdev.findCapability(PCI_CAP_ID.EXP) ?? 0) + PCI_EXP_DEVCTL;
  pdev.writeConfig(at, 2, pdev.readConfig(at, 2) | PCI_EXP_DEVCTL_BCR_FLR);
}

/** `pci_pm_reset()`: switches to D3hot and back to D0. */
function pmReset(pdev: PciDev): void {
  const at = (pdev.findCapability(PCI_CAP_ID.PM) ?? 0) + PCI_PM_CTRL;
  const control = pdev.readConfig(at, 2) & ~PCI_PM_CTRL_STATE_MASK;
  pdev.writeConfig(at, 2, control | PowerState.D3hot);
  pdev.writeConfig(at, 2, control);
}

/** `pci_parent_bus_reset()`: only for a function that is alone on a bus behind a bridge. */
function hasBusOfItsOwn({ node }: PciDev): boolean {
  return node.bus.bridge !== undefined && node.bus.nodes.every((other) => other === node);
}

/** `pci_bridge_secondary_bus_reset()`. @throws ENOTTY if the link stays down */
function resetSecondaryBus(bus: PciBus): void {
  for (const { device } of bus.walk()) if (device?.physicalFunction === undefined) device?.reset();
  if (bus.bridge?.linkStaysDown === true) throw fail('ENOTTY');
}

/** `pci_probe_reset_bus()`. */
export function canResetBus({ bridge }: PciBus): boolean {
  return bridge !== undefined;
}

/** `pci_reset_bus()`: resets all functions of a bus, and restores their registers. @throws ENOTTY */
export function resetBus(bus: PciBus, functions: readonly PciDev[]): void {
  for (const pdev of functions) saveAndDisable(pdev);
  let failure: Errno | undefined;
  try {
    resetSecondaryBus(bus);
  } catch (cause) {
    if (!(cause instanceof Errno)) throw cause;
    failure = cause;
  }
  for (const pdev of functions) pdev.restoreState();
  if (failure !== undefined) throw failure;
}
