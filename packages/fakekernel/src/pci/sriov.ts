/** Creates and removes virtual functions: `sriov_enable()` and `sriov_disable()` of Linux's `drivers/pci/iov.c`. */
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

/** Adds functions to a machine, and removes them. The kernel is one. */
export interface FunctionHost {
  /** Adds a virtual function behind the IOMMU of its physical function, and binds it to the same driver. */
  addVirtualFunction(physical: PciDev, device: FakePciDevice, at: PciAddress): void;
  /** Removes a function. @returns the removal, which is done when no program has the function open */
  removeFunction(device: FakePciDevice): Completion;
}

/**
 * Creates virtual functions. If one cannot be added, those that were added are removed, and the capability is disabled.
 * @throws EIO if the capability is inconsistent; ENOMEM if their addresses are beyond the bus; Errno of the host
 */
export function enableSriov(pdev: PciDev, count: number, host: FunctionHost): void {
  const at = capabilityOf(pdev);
  const total = pdev.readConfig(at + PCI_SRIOV_TOTAL_VF, 2);
  if (pdev.readConfig(at + PCI_SRIOV_INITIAL_VF, 2) !== total) throw fail('EIO');
  const places = Array.from({ length: count }, (_, index) => placeOf(pdev, at, index));
  // Virtual functions on other buses are not supported: the buses of ports are numbered without room for them.
  if (places.some(({ bus }) => bus !== pdev.node.address.bus)) throw fail('ENOMEM');
  pdev.writeConfig(at + PCI_SRIOV_NUM_VF, 2, count);
  const control = pdev.readConfig(at + PCI_SRIOV_CTRL, 2);
  pdev.writeConfig(at + PCI_SRIOV_CTRL, 2, control | PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
  try {
    for (const [index, place] of places.entries())
      host.addVirtualFunction(pdev, pdev.hardware.makeVirtualFunction(index), place);
  } catch (cause) {
    // `sriov_add_vfs()` removes the last one first. No program can have opened them, so that each removal is done at once.
    const { virtualFunctions } = pdev.hardware;
    for (let added = virtualFunctions.pop(); added !== undefined; added = virtualFunctions.pop())
      host.removeFunction(added);
    disableCapability(pdev);
    throw cause;
  }
}

/** Removes all virtual functions one by one, and waits for each until it is closed. */
export function disableSriov(pdev: PciDev, host: FunctionHost): Completion {
  const done = new Completion();
  removeNext(pdev, host, done);
  return done;
}

function removeNext(pdev: PciDev, host: FunctionHost, done: Completion): void {
  const next = pdev.hardware.virtualFunctions.shift();
  if (next !== undefined) {
    host.removeFunction(next).andThen(goesOn(pdev, host, done));
    return;
  }
  disableCapability(pdev);
  done.finish();
}

function disableCapability(pdev: PciDev): void {
  const at = capabilityOf(pdev);
  const control = pdev.readConfig(at + PCI_SRIOV_CTRL, 2);
  pdev.writeConfig(at + PCI_SRIOV_CTRL, 2, control & ~(PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE));
  pdev.writeConfig(at + PCI_SRIOV_NUM_VF, 2, 0);
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
