/**
 * The devices of a machine: the PCI functions that are plugged in, the IOMMUs that they are behind, and their drivers. Every function is
 * bound to vfio-pci when it is plugged in; programs can unbind it, bind it again, and create its virtual functions, through sysfs.
 * {@link FakeKernel} has one.
 */
import { mockIommu } from './drivers/mock/mock-iommu.js';
import { fail } from './errno.js';
import { DmaDevice } from './hardware/dma-device.js';
import { formatAddress, type PciAddress, requesterIdOf } from './hardware/pci/address.js';
import { express } from './hardware/pci/capability.js';
import { createDevice, FakePciDevice } from './hardware/pci/function.js';
import { GivenFunction } from './hardware/pci/given-function.js';
import type { PciIommu } from './hardware/pci/pci-iommu.js';
import { type PciNode, PciTopology } from './hardware/pci/topology.js';
import { Device } from './iommu/device.js';
import { Completion } from './lib/completion.js';
import { restorable, restorableClass } from './lib/restorable.js';
import type { Parameter } from './module-parameters.js';
import { Interrupts } from './pci/interrupts.js';
import { PciDev } from './pci/pci-dev.js';
import { PowerState } from './pci/power.js';
import { disableSriov, enableSriov, type FunctionHost } from './pci/sriov.js';
import type { File } from './process/file.js';
import type { FirmwareNode, ShownMachine } from './sysfs/shown.js';
import type { Features } from './versions/kernel-version.js';
import { VfioDeviceFile } from './vfio/cdev.js';
import type { VfioDevice } from './vfio/device.js';
import type { VfioGroup } from './vfio/group.js';
import type { VfioPciCore, VfioPciSettings } from './vfio/pci-core.js';
import { VfioSlots } from './vfio/slots.js';
import { Unbinding } from './vfio/unbinding.js';

/** Opens a device node. */
export type OpenNode = () => File;

/** The state that an earlier driver has left in a function. */
export interface UsedBefore {
  /** Width of its DMA mask, in bits. */
  readonly dmaBits: number;
}

/** A device that is being removed. */
export interface Unplug {
  /** True once no program has the device open and it is removed. */
  readonly isDone: boolean;
}

/** Where and how a device is plugged in. */
export interface PlugOptions {
  /** Its PCI address, as `01:00.0`. */
  readonly at?: string | undefined;
  /** The IOMMU that translates its DMA. */
  readonly iommu?: PciIommu;
  /** The firmware's description of it, for sysfs. */
  readonly firmware?: FirmwareNode | undefined;
  /** If another driver has used it since the machine booted: its interrupt line is routed, and its DMA mask is set. */
  readonly usedBefore?: UsedBefore | undefined;
}

/** A function that is plugged in. */
interface PluggedFunction {
  readonly pdev: PciDev;
  /** The device as its IOMMU sees it. */
  readonly device: Device;
  /** The IOMMU that it is behind, which can also add its virtual functions; undefined if it is behind none. */
  readonly iommu: PciIommu | undefined;
  /** True if the IOMMU has created the device for the function, and removes it with it. A device that was plugged in is its owner's. */
  readonly isIommus: boolean;
  readonly firmware: FirmwareNode | undefined;
}

/** The PCI function of a device. Without one of its own, it gets one that can be reset and has no BARs. */
function functionOf({ pci }: Device): FakePciDevice {
  if (pci === undefined)
    return createDevice({
      vendor: 0x1234,
      device: 0x11e8,
      interruptPin: 0,
      capabilities: [express({ flr: true })],
    });
  if (pci instanceof FakePciDevice) return pci;
  // A PciEndpoint that is not a FakePciDevice was not made by createDevice().
  if ('connect' in pci) throw new TypeError('FakeKernel.plug: pci: expected a function of createDevice()');
  return new GivenFunction(pci);
}

const siblingsOf = (device: Device): PciIommu | undefined =>
  device instanceof DmaDevice ? device.siblings : undefined;

/** Functions that open the nodes of devices and groups. */
const opensDevice = restorable(
  'open /dev/vfio/devices',
  (vfio: VfioDevice, features: Features): OpenNode =>
    () =>
      new VfioDeviceFile(vfio, features),
);
const opensGroup = restorable(
  'open /dev/vfio',
  (group: VfioGroup, features: Features): OpenNode =>
    () =>
      group.open(features),
);

/** The part of a kernel that its devices use. */
interface PluggedDevicesOptions {
  /** The device nodes, to which those of devices and groups are added. */
  readonly nodes: Map<string, OpenNode>;
  readonly features: Features;
  readonly settings: VfioPciSettings;
  /** `vfio_pci.enable_sriov` */
  readonly enableSriov: Parameter;
}

/** @see the head of this file */
export class PluggedDevices implements FunctionHost {
  readonly pci: PciTopology = new PciTopology();
  private readonly interrupts = new Interrupts(this.pci);
  private readonly functions = new Map<PciNode, PluggedFunction>();
  private readonly nodes: Map<string, OpenNode>;
  private readonly features: Features;
  private readonly enableSriov: Parameter;
  /** The devices that are bound to vfio-pci. */
  readonly slots: VfioSlots;

  constructor({ nodes, features, settings, enableSriov: parameter }: PluggedDevicesOptions) {
    this.nodes = nodes;
    this.features = features;
    this.enableSriov = parameter;
    this.slots = new VfioSlots(this.pci, this.interrupts, settings, features);
  }

  /** {@link FakeKernel.plug} */
  plug(
    device: Device | FakePciDevice,
    { at, iommu = mockIommu, firmware, usedBefore }: PlugOptions = {},
  ): string {
    // For callers without type checks: the SDK's device objects have similar names, and are not hardware.
    if (!(device instanceof Device || device instanceof FakePciDevice))
      throw new TypeError(
        'FakeKernel.plug: device: expected the hardware, not what a program has of it. Write ' +
          'kernel.plug(new MockDevice()) with MockDevice of @iommufd/fakekernel, or plug what ' +
          'FakeSmmuv3.addDevice() returned.',
      );
    const known = this.pluggedIn(device);
    if (known !== undefined) throw new Error(`the device is plugged in already, as ${known.path}`);
    const pci = device instanceof FakePciDevice ? device : functionOf(device);
    const node = this.pci.add(pci, at, device instanceof Device ? device.group : undefined);
    const { group, address } = node;
    const behind =
      device instanceof Device
        ? device
        : iommu.addFunction({ pci, group, requesterId: requesterIdOf(address) });
    const isIommus = !(device instanceof Device);
    const added = { iommu: isIommus ? iommu : siblingsOf(device), isIommus, firmware, usedBefore };
    return this.addFunction(node, pci, behind, added).path;
  }

  private addFunction(
    node: PciNode,
    pci: FakePciDevice,
    device: Device,
    {
      usedBefore,
      ...others
    }: Omit<PlugOptions, 'at' | 'iommu'> & Pick<PluggedFunction, 'iommu' | 'isIommus'>,
  ): VfioDevice {
    pci.connect(device);
    device.name = node.name;
    const pdev = new PciDev(pci, node, this.interrupts, device);
    if (usedBefore !== undefined) pdev.setUsedBefore(usedBefore.dmaBits);
    this.functions.set(node, { pdev, device, firmware: undefined, ...others });
    return this.bind(device, pdev);
  }

  addVirtualFunction(physical: PciDev, pci: FakePciDevice, address: PciAddress): void {
    const iommu = this.iommuForSiblings(physical.node);
    const node = this.pci.add(pci, formatAddress(address));
    const device = iommu.addFunction({
      pci,
      group: node.group,
      requesterId: requesterIdOf(address),
      physicalRequesterId: requesterIdOf(physical.node.address),
    });
    this.addFunction(node, pci, device, { iommu, isIommus: true });
  }

  /** The IOMMU that can add virtual functions of a function. @throws ENOMEM if its IOMMU cannot add any */
  private iommuForSiblings(node: PciNode): PciIommu {
    const iommu = this.functions.get(node)?.iommu;
    if (iommu === undefined) throw fail('ENOMEM');
    return iommu;
  }

  removeFunction(device: FakePciDevice): Completion {
    const known = this.pluggedIn(device);
    if (known !== undefined) return this.unbind(known, true);
    const node = this.pci.find(device);
    if (node !== undefined) this.forget(node);
    return Completion.done();
  }

  /** Removes a function that is no longer bound. */
  private forget(node: PciNode): void {
    const { device, iommu, isIommus } = this.functions.get(node) ?? {};
    if (device !== undefined) device.name = undefined;
    if (device !== undefined && isIommus === true) iommu?.removeFunction?.(device);
    this.pci.remove(node);
    this.functions.delete(node);
  }

  /** `vfio_pci_sriov_configure()` @throws ENOENT without the module's parameter `enable_sriov`; Errno of {@link enableSriov} */
  private configureSriov(node: PciNode, count: number): Completion {
    const core = this.slots.at(node)?.core;
    if (core === undefined || !this.enableSriov.value) throw fail('ENOENT');
    if (count === 0) return this.removeVirtualFunctions(core);
    // While they are being removed.
    if (core.isSriovActive) throw fail('EINVAL');
    // `pm_runtime_resume_and_get()`: it stays awake until the virtual functions are removed.
    core.power.resume();
    core.isSriovActive = true;
    core.setPowerState(PowerState.D0);
    try {
      this.iommuForSiblings(node);
      enableSriov(core.pdev, count, this);
    } catch (cause) {
      PluggedDevices.sriovEnds(core)();
      throw cause;
    }
    return Completion.done();
  }

  private removeVirtualFunctions(core: VfioPciCore): Completion {
    if (core.sriovRemoval !== undefined) return core.sriovRemoval;
    const done = (core.sriovRemoval = disableSriov(core.pdev, this));
    done.andThen(PluggedDevices.sriovEnds(core));
    return done;
  }

  private static readonly sriovEnds = restorable('PluggedDevices.sriovEnds', (core: VfioPciCore) => () => {
    core.isSriovActive = false;
    core.sriovRemoval = undefined;
    // `pm_runtime_put()`
    core.power.rest();
  });

  private bind(device: Device, pdev: PciDev): VfioDevice {
    const vfio = this.slots.add(device, pdev);
    this.nodes.set(vfio.path, opensDevice(vfio, this.features));
    this.nodes.set(vfio.group.path, opensGroup(vfio.group, this.features));
    return vfio;
  }

  /**
   * `vfio_unregister_group_dev()`: removes the node at once, and the device when no program has it open. A device is unbound once:
   * `device_lock()` makes a later caller wait for the first.
   */
  unbind(vfio: VfioDevice, isRemoved: boolean): Unbinding {
    const { unbinding: current } = vfio;
    if (current !== undefined) {
      current.isRemoved ||= isRemoved;
      return current;
    }
    const unbinding = (vfio.unbinding = new Unbinding(isRemoved));
    // `vfio_pci_core_unregister_device()`: its virtual functions go first.
    const { core } = vfio;
    if (core.isSriovActive || core.pdev.virtualFunctionCount > 0)
      this.removeVirtualFunctions(core).andThen(PluggedDevices.unregisters(this, vfio, unbinding));
    else this.unregister(vfio, unbinding);
    return unbinding;
  }

  private static readonly unregisters = restorable(
    'PluggedDevices.unregister',
    (devices: PluggedDevices, vfio: VfioDevice, unbinding: Unbinding) => () =>
      devices.unregister(vfio, unbinding),
  );

  private unregister(vfio: VfioDevice, unbinding: Unbinding): void {
    vfio.group.unregister(vfio);
    this.nodes.delete(vfio.path);
    vfio.isGoing = true;
    if (vfio.openCount === 0) this.finishUnbinding(vfio, unbinding);
    else {
      vfio.closed = PluggedDevices.unbinds(this, vfio, unbinding);
      // VFIO_PCI_REQ_IRQ_INDEX asks programs to close it. Linux repeats the request every ten seconds.
      vfio.core.irqs.requestDevice();
    }
  }

  private static readonly unbinds = restorable(
    'PluggedDevices.unbindVfio',
    (devices: PluggedDevices, vfio: VfioDevice, unbinding: Unbinding) => () =>
      devices.finishUnbinding(vfio, unbinding),
  );

  /** Completes the unbinding, when no program has the device open. */
  private finishUnbinding(vfio: VfioDevice, unbinding: Unbinding): void {
    this.slots.remove(vfio);
    if (vfio.group.driverCount === 0) this.nodes.delete(vfio.group.path);
    if (unbinding.isRemoved) {
      this.forget(vfio.core.pdev.node);
    }
    unbinding.finish();
  }

  private pluggedIn(device: Device | FakePciDevice): VfioDevice | undefined {
    return this.slots.find((vfio) => vfio.device === device || vfio.core.pdev.hardware === device);
  }

  unplug(device: Device | FakePciDevice): void {
    const known = this.pluggedInAs(device);
    if (known.openCount > 0) {
      const use = known.isBound ? 'open and bound to an iommufd' : 'open';
      throw new Error(`${known.path} is still ${use}: close it before the device is unplugged`);
    }
    this.startUnplug(device);
  }

  startUnplug(device: Device | FakePciDevice): Unplug {
    return this.unbind(this.pluggedInAs(device), true);
  }

  private pluggedInAs(device: Device | FakePciDevice): VfioDevice {
    const known = this.pluggedIn(device);
    if (known === undefined) throw new Error('the device is not plugged in');
    return known;
  }

  /** Binds a function to vfio-pci, as a write to `bind` of the driver. @throws ENODEV | EINVAL | EBUSY */
  private rebind(node: PciNode): void {
    // A bridge has a driver of its own; vfio-pci binds only functions with a type 0 header.
    if (node.bridge !== undefined) throw fail('EINVAL');
    const found = this.functions.get(node);
    if (found === undefined || this.slots.at(node) !== undefined) throw fail('ENODEV');
    // `vfio_pci_core_register_device()`: it cannot take over virtual functions that another driver has created.
    if (found.pdev.virtualFunctionCount > 0) throw fail('EBUSY');
    this.bind(found.device, found.pdev);
  }

  /** The part of sysfs that is about devices. */
  get shown(): Omit<ShownMachine, 'faults' | 'parameters'> {
    // A node without a plugged device, for example a bridge, is shown behind the IOMMU of the others.
    const unit = [...this.functions.values()].find(({ iommu }) => iommu?.shown !== undefined)?.iommu?.shown;
    return {
      pci: this.pci,
      vfio: this.slots,
      configureSriov: (node, count) => this.configureSriov(node, count),
      iommuOf: (node) => this.functions.get(node)?.iommu?.shown ?? unit,
      firmwareOf: (node) => this.functions.get(node)?.firmware,
      unbind: (node) => {
        const vfio = this.slots.at(node);
        if (vfio === undefined) throw fail('ENODEV');
        return this.unbind(vfio, false);
      },
      bind: (node) => this.rebind(node),
    };
  }
}

restorableClass('PluggedDevices', PluggedDevices);
