/**
 * The kernel of a test: it owns device nodes, loaded modules, processes, plugged devices and the log. A test makes a
 * {@link FakeKernel}, plugs devices in, spawns a process and makes system calls through it; at the end `leftOver()` names
 * every resource that is still held.
 */
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { fail } from './errno.js';
import { mockIommu } from './drivers/mock/mock-iommu.js';
import { DmaDevice } from './hardware/dma-device.js';
import { formatAddress, type PciAddress, requesterIdOf } from './hardware/pci/address.js';
import { express } from './hardware/pci/capability.js';
import { createDevice, FakePciDevice } from './hardware/pci/function.js';
import { GivenFunction } from './hardware/pci/given-function.js';
import type { PciIommu } from './hardware/pci/pci-iommu.js';
import { type PciNode, PciTopology } from './hardware/pci/topology.js';
import { Completion } from './lib/completion.js';
import { Unbinding } from './vfio/unbinding.js';
import { restorable, restorableClass } from './lib/restorable.js';
import { PagesRegistry } from './ioas/pages-registry.js';
import type { AccountMode } from './ioas/pin-account.js';
import { Device } from './iommu/device.js';
import { iommufdCommands } from './iommufd/commands.js';
import { IommufdContext } from './iommufd/context.js';
import type { ConvertIova } from './iommufd/context-kernel.js';
import type { Module } from './iommufd/module.js';
import { CommandTable } from './iommufd/dispatch.js';
import { Ioas } from './iommufd/ioas.js';
import { Interrupts } from './pci/interrupts.js';
import { type ModuleParameters, moduleParameters } from './module-parameters.js';
import { PciDev } from './pci/pci-dev.js';
import { PowerState } from './pci/power.js';
import { disableSriov, enableSriov } from './pci/sriov.js';
import type { File } from './process/file.js';
import { LockedPages } from './process/locked-pages.js';
import { type Privileges, ROOT } from './process/privileges.js';
import { Process } from './process/process.js';
import type { Task } from './process/task.js';
import { TaskWork } from './process/task-work.js';
import { FaultSettings } from './process/fault-injection.js';
import { type FailureChoice, FailurePlan, type Removable } from './process/failure-points.js';
import { kernelClasses } from './snapshot/classes.js';
import { copyGraph, restoreGraph, SnapshotError } from './snapshot/graph.js';
import {
  type KernelSnapshot,
  type RestoreOptions,
  SNAPSHOT_VERSION,
  type SnapshotOptions,
} from './snapshot/snapshot.js';
import { machineFiles } from './sysfs/machine.js';
import type { FirmwareNode } from './sysfs/shown.js';
import type { FileTree } from './sysfs/tree.js';
import { type Features, has, kernelVersion, type KernelVersion, NEWEST } from './versions/kernel-version.js';
import { VfioDeviceFile } from './vfio/cdev.js';
import type { VfioDevice } from './vfio/device.js';
import type { VfioPciCore } from './vfio/pci-core.js';
import type { VfioGroup } from './vfio/group.js';
import { VfioSlots } from './vfio/slots.js';

/** The longest log, in lines; at this length the older half is dropped. */
const MOST_MESSAGES = 4096;

/** Names of system calls, for fault injection. */
const SYSTEM_CALLS: ReadonlySet<string> = new Set(['open', 'read', 'write', 'pread', 'pwrite', 'mmap']);

/** Ioctls of VFIO devices, for fault injection. */
const VFIO_NAMES: ReadonlyMap<number, string> = new Map(
  [VFIO_DEVICE_BIND_IOMMUFD, VFIO_DEVICE_ATTACH_IOMMUFD_PT, VFIO_DEVICE_DETACH_IOMMUFD_PT].map(
    ({ request, name }) => [request, name],
  ),
);

/** Opens a device node. */
export type OpenNode = () => File;

/** The configuration of a kernel. */
export interface KernelConfig {
  /**
   * The emulated version of Linux: `6.12` to `7.3`. Default: the newest. The number of a stable release may follow
   * (`6.12.107`); it changes nothing. {@link FakeKernel.version} reports whether recordings of the version exist.
   */
  readonly version?: string;
  /**
   * `/sys/kernel/mm/transparent_hugepage/enabled`: `never` by default. With `always`, private anonymous memory uses huge
   * pages of 2 MiB wherever a mapping contains an aligned one. A device's write then marks the whole huge page dirty.
   */
  readonly transparentHugePages?: 'always' | 'never';
  /**
   * True if programs may map BARs that are made of registers. Default: true. A native program never can, because its loads and
   * stores are not seen. False refuses such mappings to all processes, so that a tape of a native program replays.
   */
  readonly mapsRegisters?: boolean;
  /**
   * Runtime power management (CONFIG_PM). Default: true. A function that a program has put into low power is suspended, and the next
   * call on it resumes it. If false, it stays awake.
   */
  readonly runtimePm?: boolean;
  /**
   * Export of BARs as dma-bufs (CONFIG_VFIO_PCI_DMABUF), by which other devices can access them. Default: true. If false,
   * VFIO_DEVICE_FEATURE_DMA_BUF fails with ENOTTY.
   */
  readonly dmaBufs?: boolean;
  /**
   * `iommufd.allow_unsafe_interrupts`. Default: false. If true, a device whose interrupt messages are not isolated can be bound
   * too, for example one behind a {@link FakeVtd} without interrupt remapping.
   */
  readonly allowUnsafeInterrupts?: boolean;
  /**
   * `vfio_pci.enable_sriov`. Default: false. If true, a program can create the virtual functions of a physical function that is bound to
   * vfio-pci, through `sriov_numvfs` in sysfs. Root can change it in `/sys/module/vfio_pci/parameters`.
   */
  readonly enableSriov?: boolean;
}

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

/** Functions that open the device nodes. */
const opensContext = restorable(
  'open /dev/iommu',
  (kernel: FakeKernel, mode: Exclude<AccountMode, 'none'>): OpenNode =>
    () =>
      new IommufdContext(kernel, mode),
);
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

/** The table of ioctls for the given modules. */
const commandsOf = restorable('ioctls', (modules: readonly Module[], features: Features) => {
  const commands = [...iommufdCommands, ...modules.flatMap((module) => module.commands ?? [])];
  return new CommandTable(commands.filter(({ name }) => has(features, name)));
});

/** The `convertIova` hook of the first module that has one. */
const convertIovaOf = restorable('convertIova', (modules: readonly Module[]): ConvertIova => {
  const found = modules.find(({ convertIova }) => convertIova !== undefined)?.convertIova;
  return found ?? (() => undefined);
});

/** A kernel that was restored from a snapshot. */
export type RestoredKernel<K> = FakeKernel & {
  /** The objects of `keep`, as copies in the restored kernel, by the same names. */
  readonly kept: K;
};

/** A fake Linux kernel: device nodes, drivers, and the processes that use them. */
export class FakeKernel {
  private readonly nodes = new Map<string, OpenNode>();
  private readonly processes = new Set<Task>();
  private readonly vfioSlots: VfioSlots;
  private readonly functions = new Map<PciNode, PluggedFunction>();
  /** The PCI topology: ports and bridges are added here. */
  readonly pci: PciTopology = new PciTopology();
  private readonly interrupts = new Interrupts(this.pci);
  /** Users of processes, by uid. */
  private readonly users = new Map<number, LockedPages>();
  private readonly kmsg: string[] = [];
  private failurePlan: FailurePlan | undefined = undefined;
  private faultSettings: FaultSettings | undefined = undefined;
  /** All open files of `/dev/iommu`. @internal */
  readonly contexts = new Set<IommufdContext>();
  /** The pages of all mappings. @internal */
  readonly pages = new PagesRegistry();
  /** Work that is deferred until the current system call returns. @internal */
  readonly taskWork = new TaskWork();
  /** The emulated version of Linux. */
  readonly version: KernelVersion;
  /** The facts of its version. @internal */
  readonly features: Features;
  /** True if {@link KernelConfig.transparentHugePages} is `always`. @internal */
  readonly transparentHugePages: boolean;
  private readonly parameters: ModuleParameters;
  /** @internal */
  readonly commands: CommandTable;
  /** @internal */
  readonly convertIova: ConvertIova;

  /**
   * @param modules drivers to load: without the mock driver there are no mock devices and no IOMMU_TEST_CMD
   * @param config the version and the settings of the kernel
   * @throws RangeError if the version is unknown
   */
  constructor(modules: readonly Module[] = [], config: KernelConfig = {}) {
    // For callers without type checks.
    if (!Array.isArray(modules))
      throw new TypeError('FakeKernel: modules: expected an array. Write new FakeKernel([mockModule]).');
    this.version = kernelVersion(config.version ?? NEWEST);
    const { features } = this.version;
    this.features = features;
    const { mapsRegisters = true, runtimePm = true, dmaBufs = true } = config;
    const settings = { mapsRegisters, runtimePm, dmaBufs };
    this.vfioSlots = new VfioSlots(this.pci, this.interrupts, settings, features);
    this.transparentHugePages = config.transparentHugePages === 'always';
    this.parameters = moduleParameters(config);
    this.commands = commandsOf(modules, features);
    this.convertIova = convertIovaOf(modules);
    this.addNode('/dev/iommu', opensContext(this, 'user'));
    // A file opened as VFIO's container charges pinned memory as VFIO does.
    this.addNode('/dev/vfio/vfio', opensContext(this, 'mm'));
  }

  /** The plan of failures in its system calls. @internal */
  get failures(): FailurePlan | undefined {
    return this.failurePlan;
  }

  /** The devices that can be unplugged, in the order of their nodes. @internal */
  get removable(): readonly Removable[] {
    return [...this.vfioSlots]
      .filter(({ isGoing }) => !isGoing)
      .map((vfio) => ({ path: vfio.path, remove: () => void this.unbindVfio(vfio, true) }));
  }

  /** The settings that programs have written to `/sys/kernel/debug/fail*`. @internal */
  get faults(): FaultSettings {
    return (this.faultSettings ??= new FaultSettings());
  }

  /** The name of an ioctl, or its number in hex if the name is unknown. @internal */
  nameOfIoctl(request: number): string {
    return this.commands.find(request)?.name ?? VFIO_NAMES.get(request) ?? `0x${request.toString(16)}`;
  }

  /**
   * Makes allocations of Linux fail with ENOMEM, from the next system call on.
   *
   * ```ts
   * kernel.failAllocation(3); // the third from now on
   * kernel.failAllocation({ every: 2, in: 'IOMMU_IOAS_MAP' });
   * ```
   * @param choice the n-th allocation, counted from 1, or {@link FailureChoice}, which may also name other failures
   * @returns the plan, which counts the allocations, lists the failures and ends with `stop()`. A kernel has one plan at a time:
   *   a new plan replaces it
   * @throws RangeError if a number is invalid; TypeError if `in` names an unknown ioctl or system call
   */
  failAllocation(choice: number | FailureChoice): FailurePlan {
    const chosen = typeof choice === 'number' ? { nth: choice } : choice;
    const { in: name } = chosen;
    if (name !== undefined && !SYSTEM_CALLS.has(name) && ![...this.ioctlNames()].includes(name))
      throw new TypeError(
        `FakeKernel.failAllocation: in: ${JSON.stringify(name)} is no ioctl of this kernel, nor one of ${[...SYSTEM_CALLS].join(', ')}`,
      );
    return this.failAs(new FailurePlan(chosen));
  }

  /** @internal */
  failAs<P extends FailurePlan>(plan: P): P {
    this.failurePlan = plan;
    plan.machine = this;
    return plan;
  }

  private *ioctlNames(): Generator<string> {
    yield* this.commands.names();
    yield* VFIO_NAMES.values();
  }

  /** The log of the drivers: at most its last 4,096 lines. */
  get messages(): readonly string[] {
    return this.kmsg;
  }

  /** Adds a line to the log: {@link messages}. */
  log(message: string): void {
    if (this.kmsg.length === MOST_MESSAGES) this.kmsg.splice(0, MOST_MESSAGES / 2);
    this.kmsg.push(message);
  }

  /** Makes a device node, or replaces it. @internal */
  addNode(path: string, open: OpenNode): void {
    this.nodes.set(path, open);
  }

  /** @internal */
  removeNode(path: string): void {
    this.nodes.delete(path);
  }

  /**
   * Plugs in a device and binds it to VFIO.
   * @param device a {@link MockDevice}, with or without {@link mockModule}, a device added to a {@link FakeSmmuv3}, or a PCI
   *   function of {@link createDevice}
   * @param options where it is plugged in
   * @param options.at its PCI address: the lowest free slot of a root bus by default
   * @param options.firmware the firmware's description of it, which sysfs shows
   * @param options.usedBefore the state that an earlier driver has left in it
   * @param options.iommu the IOMMU of a function of {@link createDevice}: a {@link FakeVtd}; the mock driver's by default
   * @returns its node, `/dev/vfio/devices/vfioN` with the lowest free N
   * @throws Error if it is already plugged in
   * @throws TypeError if it is not a device
   */
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
    return this.bindVfio(device, pdev);
  }

  /** @internal */
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

  /** @internal */
  removeFunction(device: FakePciDevice): Completion {
    const known = this.pluggedIn(device);
    if (known !== undefined) return this.unbindVfio(known, true);
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
    const core = this.vfioSlots.at(node)?.core;
    if (core === undefined || !this.parameters.vfio_pci.enable_sriov.value) throw fail('ENOENT');
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
      FakeKernel.sriovEnds(core)();
      throw cause;
    }
    return Completion.done();
  }

  private removeVirtualFunctions(core: VfioPciCore): Completion {
    if (core.sriovRemoval !== undefined) return core.sriovRemoval;
    const done = (core.sriovRemoval = disableSriov(core.pdev, this));
    done.andThen(FakeKernel.sriovEnds(core));
    return done;
  }

  private static readonly sriovEnds = restorable('FakeKernel.sriovEnds', (core: VfioPciCore) => () => {
    core.isSriovActive = false;
    core.sriovRemoval = undefined;
    // `pm_runtime_put()`
    core.power.rest();
  });

  private bindVfio(device: Device, pdev: PciDev): VfioDevice {
    const vfio = this.vfioSlots.add(device, pdev);
    this.addNode(vfio.path, opensDevice(vfio, this.features));
    this.addNode(vfio.group.path, opensGroup(vfio.group, this.features));
    return vfio;
  }

  /**
   * `vfio_unregister_group_dev()`: removes the node at once, and the device when no program has it open. A device is unbound once:
   * `device_lock()` makes a later caller wait for the first.
   */
  private unbindVfio(vfio: VfioDevice, isRemoved: boolean): Unbinding {
    const { unbinding: current } = vfio;
    if (current !== undefined) {
      current.isRemoved ||= isRemoved;
      return current;
    }
    const unbinding = (vfio.unbinding = new Unbinding(isRemoved));
    // `vfio_pci_core_unregister_device()`: its virtual functions go first.
    const { core } = vfio;
    if (core.isSriovActive || core.pdev.virtualFunctionCount > 0)
      this.removeVirtualFunctions(core).andThen(FakeKernel.unregisters(this, vfio, unbinding));
    else this.unregister(vfio, unbinding);
    return unbinding;
  }

  private static readonly unregisters = restorable(
    'FakeKernel.unregister',
    (kernel: FakeKernel, vfio: VfioDevice, unbinding: Unbinding) => () => kernel.unregister(vfio, unbinding),
  );

  private unregister(vfio: VfioDevice, unbinding: Unbinding): void {
    vfio.group.unregister(vfio);
    this.removeNode(vfio.path);
    vfio.isGoing = true;
    if (vfio.openCount === 0) this.finishUnbinding(vfio, unbinding);
    else {
      vfio.closed = FakeKernel.unbinds(this, vfio, unbinding);
      // VFIO_PCI_REQ_IRQ_INDEX asks programs to close it. Linux repeats the request every ten seconds.
      vfio.core.irqs.requestDevice();
    }
  }

  private static readonly unbinds = restorable(
    'FakeKernel.unbindVfio',
    (kernel: FakeKernel, vfio: VfioDevice, unbinding: Unbinding) => () =>
      kernel.finishUnbinding(vfio, unbinding),
  );

  /** Completes the unbinding, when no program has the device open. */
  private finishUnbinding(vfio: VfioDevice, unbinding: Unbinding): void {
    this.vfioSlots.remove(vfio);
    if (vfio.group.driverCount === 0) this.removeNode(vfio.group.path);
    if (unbinding.isRemoved) {
      this.forget(vfio.core.pdev.node);
    }
    unbinding.finish();
  }

  private pluggedIn(device: Device | FakePciDevice): VfioDevice | undefined {
    return this.vfioSlots.find((vfio) => vfio.device === device || vfio.core.pdev.hardware === device);
  }

  /**
   * Removes a device and its node.
   * @param device a plugged device
   * @throws Error if it is not plugged in, or is still open: Linux would wait until it is closed
   */
  unplug(device: Device | FakePciDevice): void {
    const known = this.pluggedInAs(device);
    if (known.openCount > 0) {
      const use = known.isBound ? 'open and bound to an iommufd' : 'open';
      throw new Error(`${known.path} is still ${use}: close it before the device is unplugged`);
    }
    this.startUnplug(device);
  }

  /**
   * Starts the removal of a device that programs may have open. Its node disappears at once, and VFIO_PCI_REQ_IRQ_INDEX asks
   * programs to close it. Until they do, open files work as before.
   * @param device a plugged device
   * @returns its state: `isDone` becomes true when the device is removed
   * @throws Error if it is not plugged in
   */
  startUnplug(device: Device | FakePciDevice): Unplug {
    return this.unbindVfio(this.pluggedInAs(device), true);
  }

  private pluggedInAs(device: Device | FakePciDevice): VfioDevice {
    const known = this.pluggedIn(device);
    if (known === undefined) throw new Error('the device is not plugged in');
    return known;
  }

  /** The machine's files: `/dev`, and `/sys` for the devices that exist. @internal */
  get files(): FileTree {
    // A node without a plugged device, for example a bridge, is shown behind the IOMMU of the others.
    const unit = [...this.functions.values()].find(({ iommu }) => iommu?.shown !== undefined)?.iommu?.shown;
    const functionAt = (node: PciNode): PluggedFunction | undefined => this.functions.get(node);
    return machineFiles({
      pci: this.pci,
      vfio: this.vfioSlots,
      faults: this.faults,
      parameters: this.parameters,
      configureSriov: (node, count) => this.configureSriov(node, count),
      iommuOf: (node) => functionAt(node)?.iommu?.shown ?? unit,
      firmwareOf: (node) => functionAt(node)?.firmware,
      unbind: (node) => {
        const vfio = this.vfioSlots.at(node);
        if (vfio === undefined) throw fail('ENODEV');
        return this.unbindVfio(vfio, false);
      },
      bind: (node) => {
        // A bridge has a driver of its own; vfio-pci binds only functions with a type 0 header.
        if (node.bridge !== undefined) throw fail('EINVAL');
        const found = functionAt(node);
        if (found === undefined || this.vfioSlots.at(node) !== undefined) throw fail('ENODEV');
        // `vfio_pci_core_register_device()`: it cannot take over virtual functions that another driver has created.
        if (found.pdev.virtualFunctionCount > 0) throw fail('EBUSY');
        this.bindVfio(found.device, found.pdev);
      },
    });
  }

  /** @internal */
  hasNode(path: string): boolean {
    return this.nodes.has(path);
  }

  /** @throws ENOENT @internal */
  openNode(path: string): File {
    const open = this.nodes.get(path);
    if (open === undefined) throw fail('ENOENT');
    return open();
  }

  /** `alloc_uid()`: the pages that all processes of a user have locked, counted together. @internal */
  userOf(uid: number): LockedPages {
    let user = this.users.get(uid);
    if (user === undefined) this.users.set(uid, (user = new LockedPages()));
    return user;
  }

  /**
   * Starts a process.
   * @param privileges its capabilities and limits; root's by default
   */
  spawn(privileges: Partial<Privileges> = {}): Process {
    return this.adopt(new Process(this, { ...ROOT, ...privileges }));
  }

  /** `iommufd.allow_unsafe_interrupts` @internal */
  get allowUnsafeInterrupts(): boolean {
    return this.parameters.iommufd.allow_unsafe_interrupts.value;
  }

  /** Adds a process to the kernel's, until it is reaped. @internal */
  adopt<T extends Task>(process: T): T {
    this.processes.add(process);
    return process;
  }

  /** Called when a process has exited. @internal */
  reap(process: Task): void {
    this.processes.delete(process);
  }

  /**
   * Unmaps files from all contexts. A context that maps its own file, or the file of one of its queues, holds a reference to
   * itself: Linux never frees it, and {@link leftOver} reports it. @hidden
   */
  breakSelfHolds(): void {
    for (const { objects } of this.contexts) {
      for (const object of objects) if (object instanceof Ioas) object.table.unmapFiles();
    }
    this.taskWork.run();
  }

  /**
   * Copies everything that the kernel, its processes and its devices hold. A test can start from such a copy, or return to it.
   *
   * ```ts
   * const snapshot = kernel.snapshot({ keep: { program, device } });
   * const { kept } = FakeKernel.restore(snapshot);
   * kept.program.ioctl(fd, request, argument);
   * ```
   * Waiting callers are not part of it: a pending `wait()`, or DMA that waits for a page. The page request itself is part of it;
   * in the restored kernel, its response completes no DMA.
   * @param options objects to find again, and objects not to copy
   * @throws SnapshotError with the place of what cannot be copied: a function without a name, a process of the host; also if it
   *   is called during a system call
   */
  snapshot<K extends object = object>({ keep, given = {} }: SnapshotOptions<K> = {}): KernelSnapshot<K> {
    if (!this.taskWork.isEmpty) throw new SnapshotError('kernel', 'a system call is running');
    const names = new Map(Object.entries(given).map(([name, value]) => [value, name]));
    const graph = copyGraph({ kernel: this, kept: keep ?? {} }, kernelClasses(), names);
    return { version: SNAPSHOT_VERSION, linux: this.version.name, graph };
  }

  /**
   * Restores a kernel from a snapshot. The snapshot stays unchanged: any number of kernels can be restored from it.
   * @param snapshot what `kernel.snapshot()` returned in this version of the package, or a structured clone of it
   * @param options the objects that the snapshot does not contain
   * @returns the kernel; its `kept` has the objects of `keep`
   * @throws RangeError if the snapshot has another version; TypeError if a name is missing in `given`
   */
  static restore<K extends object>(
    snapshot: KernelSnapshot<K>,
    { given = {} }: RestoreOptions = {},
  ): RestoredKernel<K> {
    const { version, graph } = snapshot;
    if (version !== SNAPSHOT_VERSION)
      throw new RangeError(
        `FakeKernel.restore: snapshot.version: expected ${SNAPSHOT_VERSION}, found ${String(version)}`,
      );
    // The root that `snapshot` made.
    const { kernel, kept } = restoreGraph(graph, kernelClasses(), given) as { kernel: FakeKernel; kept: K };
    return Object.assign(kernel, { kept });
  }

  /**
   * Describes what is still held: open files, objects and their references, bound devices, mapped and pinned pages.
   * @returns an empty array if all processes have exited and nothing leaked
   */
  leftOver(): string[] {
    const left: string[] = [];
    for (const process of this.processes) {
      const open = process.files.openCount;
      if (open > 0) left.push(`a process with open files: ${open}`);
    }
    for (const { objects } of this.contexts) {
      const names = [...objects].map(({ kind, id, userCount, origin }) => {
        const by = origin === undefined ? '' : `, made by ${origin()}`;
        return `${kind} ${id} (${userCount} users${by})`;
      });
      // If no process is left, a mapping of one of its own files holds the context.
      const held = this.processes.size === 0 ? ', which maps a file of its own,' : '';
      left.push(`an open /dev/iommu${held} with ${names.length === 0 ? 'no objects' : names.join(', ')}`);
    }
    for (const path of this.vfioSlots.bound) left.push(`a bound device: ${path}`);
    for (const { count, pinnedCount } of this.pages) {
      left.push(`the pages of a mapping: ${count}, of which ${pinnedCount} are pinned`);
    }
    return left;
  }
}

restorableClass('FakeKernel', FakeKernel, { kept: () => undefined });
