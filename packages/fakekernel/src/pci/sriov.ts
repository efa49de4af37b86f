/** Virtual functions that come and go while Linux runs: `sriov_enable()` and `sriov_disable()` of Linux's `drivers/pci/iov.c`. */
import { fail } from '../errno.js';
import { type PciAddress, requesterIdOf } from '../hardware/pci/address.js';
import type { FakePciDevice } from '../hardware/pci/function.js';
import {
  PCI_EXT_CAP_ID,
  PCI_SRIOV_CTRL,
  PCI_SRIOV_CTRL_MSE,
  PCI_SRIOV_CTRL_VFE,
  PCI_SRIOV_INITIAL_VF,
  PCI_SRIOV_NUM_VF,
  PCI_SRIOV_TOTAL_VF,
  PCI_SRIOV_VF_OFFSET,
  PCI_SRIOV_VF_STRIDE,
} from '../hardware/pci/registers.js';
import { Completion } from '../lib/completion.js';
import { restorable } from '../lib/restorable.js';
import type { PciDev } from './pci-dev.js';

/** What adds functions to a machine, and removes them. */
export interface FunctionHost {
  /** Adds a virtual function, behind the IOMMU of its physical one; the driver of that one gets it. */
  addVirtualFunction(physical: PciDev, device: FakePciDevice, at: PciAddress): void;
  /** Removes a function. @returns when no program has it open any more */
  removeFunction(device: FakePciDevice): Completion;
}

/** Makes virtual functions. @throws EIO for a capability that contradicts itself; ENOMEM if the bus has no place for them */
export function enableSriov(pdev: PciDev, count: number, host: FunctionHost): void {
  const at = capabilityOf(pdev);
  const total = pdev.readConfig(at + PCI_SRIOV_TOTAL_VF, 2);
  if (pdev.readConfig(at + PCI_SRIOV_INITIAL_VF, 2) !== total) throw fail('EIO');
  pdev.hardware.config.set(at + PCI_SRIOV_NUM_VF, 2, count);
  const places = Array.from({ length: count }, (_, index) => placeOf(pdev, at, index));
  // The buses of a port end with its secondary one here; a root bus has all numbers, and those of ports among them.
  if (places.some(({ bus }) => bus !== pdev.node.address.bus)) {
    pdev.hardware.config.set(at + PCI_SRIOV_NUM_VF, 2, 0);
    throw fail('ENOMEM');
  }
  const control = pdev.readConfig(at + PCI_SRIOV_CTRL, 2);
  pdev.writeConfig(at + PCI_SRIOV_CTRL, 2, control | PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
  for (const [index, place] of places.entries())
    host.addVirtualFunction(pdev, pdev.hardware.makeVirtualFunction(index), place);
}

/** Removes all virtual functions, one after the other: each is waited for. */
export function disableSriov(pdev: PciDev, host: FunctionHost): Completion {
  const done = new Completion();
  removeNext(pdev, host, done);
  return done;
}

function removeNext(pdev: PciDev, host: FunctionHost, done: Completion): void {
  const next = pdev.hardware.virtualFunctions.shift();
  if (next !== undefined) {
    host.removeFunction(next).whenDone(goesOn(pdev, host, done));
    return;
  }
  const at = capabilityOf(pdev);
  const control = pdev.readConfig(at + PCI_SRIOV_CTRL, 2);
  pdev.writeConfig(at + PCI_SRIOV_CTRL, 2, control & ~(PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE));
  pdev.writeConfig(at + PCI_SRIOV_NUM_VF, 2, 0);
  done.finish();
}

const goesOn = restorable('disableSriov', (pdev: PciDev, host: FunctionHost, done: Completion) => () => {
  removeNext(pdev, host, done);
});

function capabilityOf({ hardware, node }: PciDev): number {
  const at = hardware.findExtended(PCI_EXT_CAP_ID.SRIOV);
  if (at === undefined) throw new Error(`${node.name} has no SR-IOV`);
  return at;
}

/** `pci_iov_virtfn_bus()` and `pci_iov_virtfn_devfn()`. */
function placeOf(pdev: PciDev, at: number, index: number): PciAddress {
  const offset = pdev.readConfig(at + PCI_SRIOV_VF_OFFSET, 2);
  const stride = pdev.readConfig(at + PCI_SRIOV_VF_STRIDE, 2);
  const id = requesterIdOf(pdev.node.address) + offset + stride * index;
  return { bus: id >> 8, slot: (id >> 3) & 0x1f, fn: id & 7 };
}
