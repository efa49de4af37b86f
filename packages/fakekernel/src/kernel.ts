import { fail } from './errno.js';
import { PagesRegistry } from './ioas/pages-registry.js';
import { Device } from './iommu/device.js';
import { iommufdCommands } from './iommufd/commands.js';
import { IommufdContext } from './iommufd/context.js';
import type { ConvertIova } from './iommufd/context-kernel.js';
import type { Module } from './iommufd/module.js';
import { CommandTable } from './iommufd/dispatch.js';
import { Ioas } from './iommufd/ioas.js';
import type { File } from './process/file.js';
import { LockedPages } from './process/locked-pages.js';
import { type Privileges, ROOT } from './process/privileges.js';
import { Process } from './process/process.js';
import { TaskWork } from './process/task-work.js';
import { VfioDeviceFile } from './vfio/cdev.js';
import { VfioSlots } from './vfio/slots.js';

/** Lines of the log that are kept; when there are so many, the older half goes. */
const MOST_MESSAGES = 4096;

/** Makes the open file of a device node. */
export type OpenNode = () => File;

/** How a kernel is set up. */
export interface KernelConfig {
  /**
   * `/sys/kernel/mm/transparent_hugepage/enabled`. With `always`, private anonymous memory is in huge pages of 2 MiB
   * wherever a mapping holds an aligned one. A device's write then marks the whole huge page dirty. `never` if it is
   * left out.
   */
  readonly transparentHugePages?: 'always' | 'never';
}

/** A kernel of one's own: device nodes, drivers, and the processes that use them. */
export class FakeKernel {
  private readonly nodes = new Map<string, OpenNode>();
  private readonly processes = new Set<Process>();
  private readonly vfioSlots = new VfioSlots();
  /** Users that processes have had, by their number. */
  private readonly users = new Map<number, LockedPages>();
  private readonly kmsg: string[] = [];
  /** Every `/dev/iommu` that is open. @internal */
  readonly contexts = new Set<IommufdContext>();
  /** The pages of every mapping that there is. @internal */
  readonly pages = new PagesRegistry();
  /** What is left to do when the system call that is being made returns. @internal */
  readonly taskWork = new TaskWork();
  /** Is anonymous memory that fits given huge pages at once? @internal */
  readonly transparentHugePages: boolean;
  /** @internal */
  readonly commands: CommandTable;
  /** @internal */
  readonly convertIova: ConvertIova | undefined;

  /**
   * @param modules drivers to load: without the mock driver there are no mock devices and no IOMMU_TEST_CMD
   * @param config how the kernel is set up
   */
  constructor(modules: readonly Module[] = [], config: KernelConfig = {}) {
    // A caller without types.
    if (!Array.isArray(modules))
      throw new TypeError('FakeKernel: modules: expected an array. Write new FakeKernel([mockModule]).');
    this.transparentHugePages = config.transparentHugePages === 'always';
    this.commands = new CommandTable([
      ...iommufdCommands,
      ...modules.flatMap(({ commands }) => commands ?? []),
    ]);
    this.convertIova = modules.find(({ convertIova }) => convertIova !== undefined)?.convertIova;
    this.addNode('/dev/iommu', () => new IommufdContext(this));
    // Opened as VFIO's container, pinned memory is counted as VFIO counts it.
    this.addNode('/dev/vfio/vfio', () => new IommufdContext(this, 'mm'));
  }

  /** What drivers had to say, the last lines of it. */
  get messages(): readonly string[] {
    return this.kmsg;
  }

  /** A driver says something. @internal */
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
   * Plugs in a device, whose driver is VFIO's.
   * @param device a {@link MockDevice}, with or without {@link mockModule}, or one that was added to a {@link FakeSmmuv3}
   * @returns its node, `/dev/vfio/devices/vfioN` with the lowest N that is free
   * @throws Error if it is plugged in already
   * @throws TypeError for what is no device
   */
  plug(device: Device): string {
    // A caller without types: devices of the SDK have the same name, and are the program's side of it.
    if (!(device instanceof Device))
      throw new TypeError(
        'FakeKernel.plug: device: expected the hardware, not what a program has of it. Write ' +
          'kernel.plug(new MockDevice()) with MockDevice of @iommufd/fakekernel, or plug what ' +
          'FakeSmmuv3.addDevice() returned.',
      );
    const vfio = this.vfioSlots.add(device);
    this.addNode(vfio.path, () => new VfioDeviceFile(vfio));
    return vfio.path;
  }

  /**
   * Removes a device and its node.
   * @param device one that was plugged in
   * @throws Error if it is not plugged in, or still open: Linux would wait until it is closed
   */
  unplug(device: Device): void {
    this.removeNode(this.vfioSlots.remove(device).path);
  }

  /** @throws ENOENT @internal */
  openNode(path: string): File {
    const open = this.nodes.get(path);
    if (open === undefined) throw fail('ENOENT');
    return open();
  }

  /** `alloc_uid()`: the pages that processes of a user have locked, counted together. @internal */
  userOf(uid: number): LockedPages {
    let user = this.users.get(uid);
    if (user === undefined) this.users.set(uid, (user = new LockedPages()));
    return user;
  }

  /**
   * Starts a process.
   * @param privileges what it may do: root's where they are left out
   */
  spawn(privileges: Partial<Privileges> = {}): Process {
    const process = new Process(this, { ...ROOT, ...privileges });
    this.processes.add(process);
    return process;
  }

  /** A process has ended. @internal */
  reap(process: Process): void {
    this.processes.delete(process);
  }

  /**
   * Unmaps files from contexts that no process has open any more. A context that maps its own file, or that of one of
   * its queues, holds itself: Linux never frees it, and {@link leftOver} shows it. @internal
   */
  breakSelfHolds(): void {
    for (const { objects } of this.contexts) {
      for (const object of objects) if (object instanceof Ioas) object.table.unmapFiles();
    }
    this.taskWork.run();
  }

  /**
   * What is still held, in words: open files, objects and who uses them, bound devices, mapped and pinned pages.
   * @returns nothing, once every process has ended
   */
  leftOver(): string[] {
    const left: string[] = [];
    for (const process of this.processes) {
      const open = process.files.openCount;
      if (open > 0) left.push(`a process with open files: ${open}`);
    }
    for (const { objects } of this.contexts) {
      const names = [...objects].map(({ kind, id, userCount }) => `${kind} ${id} (${userCount} users)`);
      // Without a process it is a mapping of one of its own files that keeps it.
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
