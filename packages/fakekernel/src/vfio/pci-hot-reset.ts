/**
 * Resetting all functions of a bus: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO and VFIO_DEVICE_PCI_HOT_RESET of Linux's
 * `vfio_pci_core.c`. The caller must own every function that is reset.
 */
import {
  vfio_pci_dependent_device,
  VFIO_PCI_DEVID_NOT_OWNED,
  VFIO_PCI_DEVID_OWNED,
  vfio_pci_hot_reset,
  vfio_pci_hot_reset_info,
  vfio_pci_hot_reset_info_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { Errno, fail } from '../errno.js';
import type { PciNode } from '../hardware/pci/topology.js';
import type { PciDev } from '../pci/pci-dev.js';
import { PowerState } from '../pci/power.js';
import { canResetBus, resetBus } from '../pci/reset.js';
import type { UserMemory } from '../process/user-memory.js';
import type { VfioPciCore } from './pci-core.js';

const { VFIO_PCI_HOT_RESET_FLAG_DEV_ID, VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED } =
  vfio_pci_hot_reset_info_flags;

/** The VFIO devices that a hot reset affects, and whether the caller owns them. */
export interface HotResetScope {
  /** True if the device was opened by its own node, false if through its group. */
  readonly isCdev: boolean;
  /** vfio-pci's device at a node of the topology; undefined if it has another driver or no driver. */
  coreAt(node: PciNode): VfioPciCore | undefined;
  /** The id of a device in the caller's iommufd; 0 if it is not bound, but its group is the caller's; undefined otherwise. */
  deviceId(node: PciNode): number | undefined;
  /** The number of its IOMMU group. */
  groupNumber(node: PciNode): number;
  /**
   * Returns a function that checks whether one of the caller's groups contains a device.
   * @param fds descriptors of the groups
   * @throws EBADF | EINVAL
   */
  ownersByGroup(fds: readonly number[]): (node: PciNode) => boolean;
}

/** Number of bytes before the list. */
const HEADER = 12;

/** All functions of the bus and of the buses below it: `vfio_pci_for_each_slot_or_bus()`. */
const affected = ({ node }: PciDev): PciNode[] => [...node.bus.walk()];

/** `vfio_find_device_in_devset()`: the functions of a bus form a set; each virtual function is a set of its own. */
function inSet(scope: Pick<HotResetScope, 'coreAt'>, caller: PciDev, node: PciNode): VfioPciCore | undefined {
  const core = scope.coreAt(node);
  if (core === undefined || core.pdev === caller) return core;
  return caller.isVirtual || core.pdev.isVirtual ? undefined : core;
}

/** @throws ENODEV on the root bus; ENOSPC if the list does not fit; EINVAL | EFAULT */
export function getHotResetInfo(
  { pdev }: VfioPciCore,
  scope: HotResetScope,
  memory: UserMemory,
  arg: bigint,
): number {
  const bytes = memory.read(arg, HEADER);
  const info = view(vfio_pci_hot_reset_info, bytes);
  if (info.argsz < HEADER) throw fail('EINVAL');
  info.flags = 0;
  if (!canResetBus(pdev.node.bus)) throw fail('ENODEV');
  const nodes = affected(pdev);
  info.count = nodes.length;
  if (nodes.length > Math.floor((info.argsz - HEADER) / vfio_pci_dependent_device.byteLength)) {
    memory.write(arg, bytes);
    throw fail('ENOSPC');
  }
  const entries = nodes.map((node) => entryOf(pdev, node, scope));
  if (scope.isCdev) {
    const isOwned = entries.every(({ id }) => id !== VFIO_PCI_DEVID_NOT_OWNED);
    info.flags = VFIO_PCI_HOT_RESET_FLAG_DEV_ID | (isOwned ? VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED : 0);
  }
  const list = new DataView(new ArrayBuffer(entries.length * vfio_pci_dependent_device.byteLength));
  for (const [i, { id, node }] of entries.entries()) {
    const at = i * vfio_pci_dependent_device.byteLength;
    list.setUint32(at, id, true);
    list.setUint16(at + 4, 0, true);
    list.setUint8(at + 6, node.address.bus);
    list.setUint8(at + 7, node.devfn);
  }
  memory.write(arg + BigInt(HEADER), new Uint8Array(list.buffer));
  memory.write(arg, bytes);
  return 0;
}

/** `vfio_pci_fill_devs()`. */
function entryOf(
  caller: PciDev,
  node: PciNode,
  scope: HotResetScope,
): { readonly node: PciNode; readonly id: number } {
  if (!scope.isCdev) return { node, id: scope.groupNumber(node) };
  const id = inSet(scope, caller, node) === undefined ? undefined : scope.deviceId(node);
  return { node, id: id === undefined ? VFIO_PCI_DEVID_NOT_OWNED : id === 0 ? VFIO_PCI_DEVID_OWNED : id };
}

/** @throws EINVAL if the caller does not own all functions; ENODEV on the root bus; ENOTTY if the link stays down */
export function hotReset(
  { pdev }: VfioPciCore,
  scope: HotResetScope,
  memory: UserMemory,
  arg: bigint,
): number {
  const header = view(vfio_pci_hot_reset, memory.read(arg, HEADER));
  const { argsz, flags, count } = header;
  if (argsz < HEADER || flags !== 0) throw fail('EINVAL');
  // Devices that were opened through their group require a list of groups. For all other devices it must be empty.
  if ((count !== 0) === scope.isCdev) throw fail('EINVAL');
  if (!canResetBus(pdev.node.bus)) throw fail('ENODEV');
  const nodes = affected(pdev);
  let owns = (node: PciNode): boolean => scope.deviceId(node) !== undefined;
  if (!scope.isCdev) {
    if (count > nodes.length) throw fail('EINVAL');
    const fds = memory.read(arg + BigInt(HEADER), 4 * count);
    const list = new DataView(fds.buffer, fds.byteOffset);
    owns = scope.ownersByGroup(Array.from({ length: count }, (_, i) => list.getInt32(4 * i, true)));
  }
  const cores = resettable(scope, pdev);
  if (cores === undefined) throw fail('EINVAL');
  // `vfio_pci_dev_set_pm_runtime_get()`
  for (const { power } of cores) power.resume();
  const revoked: VfioPciCore[] = [];
  try {
    // The dma-bufs of the functions before one that the caller does not own are revoked, although the reset fails.
    for (const core of cores) {
      if (!owns(core.pdev.node)) throw fail('EINVAL');
      core.dmaBufs?.revoke();
      revoked.push(core);
    }
    for (const core of cores) core.setPowerState(PowerState.D0);
    resetBus(
      pdev.node.bus,
      cores.map((core) => core.pdev),
    );
  } finally {
    for (const core of revoked) if (core.isOpen) core.dmaBufs?.restore();
    for (const { power } of cores) power.rest();
  }
  return 0;
}

/** `vfio_pci_dev_set_resettable()`: the devices of the set, if it contains all functions that the reset affects. */
function resettable(scope: Pick<HotResetScope, 'coreAt'>, pdev: PciDev): VfioPciCore[] | undefined {
  const cores = affected(pdev).map((node) => inSet(scope, pdev, node));
  const found = cores.filter((core) => core !== undefined);
  return found.length === cores.length ? found : undefined;
}

/**
 * `vfio_pci_dev_set_try_reset()`: called when a device was closed that could not be reset alone. If no device of its bus is open,
 * the bus is reset.
 */
export function resetUnusedBus({ pdev }: VfioPciCore, scope: Pick<HotResetScope, 'coreAt'>): void {
  const { bus } = pdev.node;
  const cores = canResetBus(bus) && !pdev.isVirtual ? resettable(scope, pdev) : undefined;
  if (cores === undefined || cores.some(({ isOpen }) => isOpen)) return;
  if (!cores.some(({ needsReset }) => needsReset)) return;
  try {
    resetBus(
      bus,
      cores.map((core) => core.pdev),
    );
    for (const core of cores) core.needsReset = false;
  } catch (cause) {
    // A failure is ignored, because there is no caller to return it to.
    if (!(cause instanceof Errno)) throw cause;
  }
}
