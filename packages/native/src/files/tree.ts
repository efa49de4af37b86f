/**
 * What a program sees of the fake kernel's devices in `/sys` and `/dev/vfio`: real files and links in a directory of their own, so
 * that directories are read by the host's kernel, with the paths that Linux gives them. Links are relative, as in sysfs, and stay
 * inside. What the machine has in the same directories is linked beside it.
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { VFIO_DEVICE_MAJOR } from './nodes.js';

/** A PCI function of the fake kernel in sysfs. */
export interface SysfsDevice {
  /** Its node: `/dev/vfio/devices/vfio0`. */
  readonly node: string;
  /** Its address: `0000:01:00.0`. */
  readonly address: string;
  /** Of its configuration space; 0x1234 and 0x11e8 if they are left out. */
  readonly vendor?: number;
  readonly device?: number;
  /** Class code of 24 bits; 0x00ff00, unclassified, if it is left out. */
  readonly class?: number;
}

const ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const NODE = /^\/dev\/vfio\/devices\/(vfio(\d+))$/;

/** Directories that the machine may have as well. */
const SHARED = [
  '/sys/bus/pci/devices',
  '/sys/bus/pci/drivers',
  '/sys/kernel/iommu_groups',
  '/sys/class/vfio-dev',
];
/** Paths that are looked up in the tree. */
const INSIDE = /^\/(?:sys|dev\/vfio)(?:\/|$)/;

/** @see {@link Tree.make} */
export class Tree {
  private constructor(private readonly root: string) {}

  /**
   * Makes the tree of some devices.
   * @param onlyFake leaves out what the machine has
   * @throws RangeError for what is no address, or no node of a device
   */
  static make(devices: readonly SysfsDevice[], onlyFake: boolean): Tree {
    for (const { node, address } of devices) {
      if (!ADDRESS.test(address))
        throw new RangeError(`sysfs: address: expected one like 0000:01:00.0, and not ${address}`);
      if (!NODE.test(node))
        throw new RangeError(`sysfs: node: expected one like /dev/vfio/devices/vfio0, and not ${node}`);
    }
    const tree = new Tree(mkdtempSync(join(tmpdir(), 'iommufd-')));
    for (const directory of SHARED) tree.directory(directory);
    if (!onlyFake) for (const directory of SHARED) tree.linkReal(directory);
    for (const [group, device] of devices.entries()) tree.add(device, group);
    return tree;
  }

  private add(
    { node, address, vendor = 0x1234, device = 0x11e8, class: code = 0x00ff00 }: SysfsDevice,
    group: number,
  ): void {
    const [, name = '', minor = '0'] = NODE.exec(node) ?? [];
    const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}\n`;
    const home = `/sys/devices/pci${address.slice(0, 7)}/${address}`;
    const vfioHome = `${home}/vfio-dev/${name}`;
    const groupHome = `/sys/kernel/iommu_groups/${group}`;
    this.file(`${home}/vendor`, hex(vendor, 4));
    this.file(`${home}/device`, hex(device, 4));
    this.file(`${home}/subsystem_vendor`, hex(0, 4));
    this.file(`${home}/subsystem_device`, hex(0, 4));
    this.file(`${home}/class`, hex(code, 6));
    this.file(`${home}/revision`, hex(0, 2));
    this.file(`${home}/irq`, '0\n');
    this.file(`${home}/numa_node`, '-1\n');
    this.file(`${home}/uevent`, `DRIVER=vfio-pci\nPCI_SLOT_NAME=${address}\n`);
    this.file(`${vfioHome}/dev`, `${VFIO_DEVICE_MAJOR}:${minor}\n`);
    this.file(`${groupHome}/type`, 'DMA-FQ\n');
    this.directory('/sys/bus/pci/drivers/vfio-pci');
    this.link(`${home}/subsystem`, '/sys/bus/pci');
    this.link(`${home}/driver`, '/sys/bus/pci/drivers/vfio-pci');
    this.link(`${home}/iommu_group`, groupHome);
    this.link(`${vfioHome}/device`, home);
    this.link(`/sys/bus/pci/devices/${address}`, home);
    this.link(`/sys/bus/pci/drivers/vfio-pci/${address}`, home);
    this.link(`${groupHome}/devices/${address}`, home);
    this.link(`/sys/class/vfio-dev/${name}`, vfioHome);
    this.file(node, '');
  }

  /** Where a path of the program's is here. */
  private here(path: string): string {
    return join(this.root, path);
  }

  private directory(path: string): void {
    mkdirSync(this.here(path), { recursive: true });
  }

  private file(path: string, text: string): void {
    this.directory(dirname(path));
    writeFileSync(this.here(path), text);
  }

  /** A link as sysfs has it: relative, to another path of the tree. It takes the place of one of the machine. */
  private link(path: string, to: string): void {
    this.directory(dirname(path));
    rmSync(this.here(path), { force: true });
    symlinkSync(posix.relative(dirname(path), to), this.here(path));
  }

  private linkReal(directory: string): void {
    if (!existsSync(directory)) return;
    for (const name of readdirSync(directory))
      symlinkSync(`${directory}/${name}`, this.here(`${directory}/${name}`));
  }

  /** Where a path of the program's is in this process; undefined if it is not of the tree. */
  find(path: string, follow: boolean): string | undefined {
    if (!INSIDE.test(path)) return undefined;
    const here = this.here(posix.normalize(path));
    return this.statusAt(here, follow) === undefined ? undefined : here;
  }

  private statusAt(here: string, follow: boolean): Stats | undefined {
    return (follow ? statSync : lstatSync)(here, { throwIfNoEntry: false });
  }

  /** What is at a path that {@link find} has found. */
  status(here: string, follow: boolean): Stats | undefined {
    return this.statusAt(here, follow);
  }

  /** What a link says; undefined for what is no link. */
  target(here: string): string | undefined {
    return this.statusAt(here, false)?.isSymbolicLink() === true ? readlinkSync(here) : undefined;
  }

  /** Removes the tree. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
