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
import type { FakePciDevice } from './hardware/pci/function.js';
import type { PciTopology } from './hardware/pci/topology.js';
import { PagesRegistry } from './ioas/pages-registry.js';
import type { AccountMode } from './ioas/pin-account.js';
import type { Device } from './iommu/device.js';
import { iommufdCommands } from './iommufd/commands.js';
import { IommufdContext } from './iommufd/context.js';
import type { ConvertIova } from './iommufd/context-kernel.js';
import { CommandTable } from './iommufd/dispatch.js';
import { Ioas } from './iommufd/ioas.js';
import type { Module } from './iommufd/module.js';
import { describeObject } from './iommufd/object.js';
import type { KernelConfig } from './kernel-config.js';
import { restorable, restorableClass } from './lib/restorable.js';
import { type ModuleParameters, moduleParameters } from './module-parameters.js';
import { type OpenNode, PluggedDevices, type PlugOptions, type Unplug } from './plugged-devices.js';
import { type FailureChoice, FailurePlan, type Removable } from './process/failure-points.js';
import { FaultSettings } from './process/fault-injection.js';
import type { File } from './process/file.js';
import { LockedPages } from './process/locked-pages.js';
import { PAGE_SIZE, TASK_SIZE } from './process/page.js';
import { type Privileges, ROOT } from './process/privileges.js';
import { Process } from './process/process.js';
import type { Task } from './process/task.js';
import { TaskWork } from './process/task-work.js';
import { kernelClasses } from './snapshot/classes.js';
import { copyGraph } from './snapshot/copy-graph.js';
import { SnapshotError } from './snapshot/graph.js';
import { restoreGraph } from './snapshot/restore-graph.js';
import {
  type KernelSnapshot,
  type RestoreOptions,
  SNAPSHOT_VERSION,
  type SnapshotOptions,
} from './snapshot/snapshot.js';
import { machineFiles } from './sysfs/machine.js';
import type { FileTree } from './sysfs/tree.js';
import { type Features, has, kernelVersion, type KernelVersion, NEWEST } from './versions/kernel-version.js';

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

/** Functions that open the device nodes. */
const opensContext = restorable(
  'open /dev/iommu',
  (kernel: FakeKernel, mode: Exclude<AccountMode, 'none'>): OpenNode =>
    () =>
      new IommufdContext(kernel, mode),
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
  private readonly devices: PluggedDevices;
  /** The PCI topology: ports and bridges are added here. */
  readonly pci: PciTopology;
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
  /** {@link KernelConfig.taskSize}. @internal */
  readonly taskSize: number;
  private readonly parameters: ModuleParameters;
  /** @internal */
  readonly commands: CommandTable;
  /** @internal */
  readonly convertIova: ConvertIova;

  /**
   * @param modules drivers to load: without the mock driver there are no mock devices and no IOMMU_TEST_CMD
   * @param config the version and the settings of the kernel
   * @throws RangeError if the version is unknown, or `taskSize` is not a number of pages up to 2^52
   */
  constructor(modules: readonly Module[] = [], config: KernelConfig = {}) {
    // For callers without type checks.
    if (!Array.isArray(modules))
      throw new TypeError('FakeKernel: modules: expected an array. Write new FakeKernel([mockModule]).');
    this.version = kernelVersion(config.version ?? NEWEST);
    const { features } = this.version;
    this.features = features;
    const { mapsRegisters = true, runtimePm = true, dmaBufs = true } = config;
    this.transparentHugePages = config.transparentHugePages === 'always';
    this.taskSize = taskSizeOf(config);
    this.parameters = moduleParameters(config);
    this.devices = new PluggedDevices({
      nodes: this.nodes,
      features,
      settings: { mapsRegisters, runtimePm, dmaBufs },
      enableSriov: this.parameters.vfio_pci.enable_sriov,
    });
    this.pci = this.devices.pci;
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
    return [...this.devices.slots]
      .filter(({ isGoing }) => !isGoing)
      .map((vfio) => ({ path: vfio.path, remove: () => void this.devices.unbind(vfio, true) }));
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
  plug(device: Device | FakePciDevice, options: PlugOptions = {}): string {
    return this.devices.plug(device, options);
  }

  /**
   * Removes a device and its node.
   * @param device a plugged device
   * @throws Error if it is not plugged in, or is still open: Linux would wait until it is closed
   */
  unplug(device: Device | FakePciDevice): void {
    this.devices.unplug(device);
  }

  /**
   * Starts the removal of a device that programs may have open. Its node disappears at once, and VFIO_PCI_REQ_IRQ_INDEX asks
   * programs to close it. Until they do, open files work as before.
   * @param device a plugged device
   * @returns its state: `isDone` becomes true when the device is removed
   * @throws Error if it is not plugged in
   */
  startUnplug(device: Device | FakePciDevice): Unplug {
    return this.devices.startUnplug(device);
  }

  /** The machine's files: `/dev`, and `/sys` for the devices that exist. @internal */
  get files(): FileTree {
    return machineFiles({ ...this.devices.shown, faults: this.faults, parameters: this.parameters });
  }

  /** Makes a device node, or replaces it. @internal */
  addNode(path: string, open: OpenNode): void {
    this.nodes.set(path, open);
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
      const names = [...objects].map(describeObject);
      // If no process is left, a mapping of one of its own files holds the context.
      const held = this.processes.size === 0 ? ', which maps a file of its own,' : '';
      left.push(`an open /dev/iommu${held} with ${names.length === 0 ? 'no objects' : names.join(', ')}`);
    }
    for (const path of this.devices.slots.bound) left.push(`a bound device: ${path}`);
    for (const { count, pinnedCount } of this.pages) {
      left.push(`the pages of a mapping: ${count}, of which ${pinnedCount} are pinned`);
    }
    return left;
  }
}

restorableClass('FakeKernel', FakeKernel, { kept: () => undefined });

/** The end of user space in a configuration. @throws RangeError if it is not a number of pages up to 2^52 */
function taskSizeOf({ taskSize = TASK_SIZE }: KernelConfig): number {
  if (Number.isInteger(taskSize / PAGE_SIZE) && taskSize > 0 && taskSize <= 2 ** 52) return taskSize;
  throw new RangeError(
    `FakeKernel: taskSize: expected a multiple of ${PAGE_SIZE} up to 2^52, found ${taskSize}`,
  );
}
