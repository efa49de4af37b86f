/**
 * Examines what this machine has for iommufd. It does not bind, map or attach anything. Only with `askDevices` it opens the devices
 * that no program uses, which resets them.
 */

import {
  constants,
  accessSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import {
  iommu_hw_info,
  IOMMU_GET_HW_INFO,
  vfio_device_bind_iommufd,
  VFIO_DEVICE_BIND_IOMMUFD,
} from '@iommufd/uapi';
import { annotate, type AnyType } from '@iommufd/uapi/struct';
import { pointersOf, valuesOf } from '@iommufd/tape';
import { sinceOf } from '@iommufd/uapi/history';
import { allIoctls } from '@iommufd/uapi/registry';
import { O_CLOEXEC, O_RDWR } from '../linux/constants.js';
import { errnoText } from '../linux/errno-text.js';
import { addressOf, errno, type Libc } from '../linux/libc.js';

/** Whether a file exists and can be opened. */
export interface FileReport {
  readonly path: string;
  readonly exists: boolean;
  /** Owner, group and mode, such as `root:kvm 0660`; undefined if it does not exist. */
  readonly permissions?: string;
  /** The name of the errno with which opening it fails; undefined if it can be opened. */
  readonly refused?: string;
}

/** An ioctl, and whether this kernel knows it. */
export interface IoctlReport {
  readonly name: string;
  readonly known: boolean;
  /** The release of Linux that added it, if that is later than 6.12. */
  readonly since?: string;
}

/** A device that is bound to VFIO. */
export interface DeviceReport {
  /** Its name in sysfs: `0000:01:00.0` on PCI. */
  readonly name: string;
  readonly driver?: string;
  readonly group?: number;
  /** The name and make of its IOMMU, such as `dmar0 (Intel VT-d)`. */
  readonly iommu?: string;
  /** Its node in /dev/vfio/devices; undefined if the kernel creates no such nodes. */
  readonly node?: FileReport;
  /** The result of IOMMU_GET_HW_INFO: fields by name. */
  readonly hardware?: Readonly<Record<string, string>>;
  /** The call that failed and its errno, if IOMMU_GET_HW_INFO was tried and could not be made. */
  readonly silent?: string;
  /** True if its VT-d unit supports nested translation; undefined behind other IOMMUs. */
  readonly nests?: boolean;
}

/** The result of an examination. */
export interface Report {
  readonly kernel: { readonly release: string; readonly arch: string };
  readonly iommufd: FileReport;
  /** All ioctls of iommufd; empty if /dev/iommu could not be opened. */
  readonly ioctls: readonly IoctlReport[];
  /** Modules that are loaded, or built in with parameters. */
  readonly modules: readonly string[];
  /** IOMMUs that the kernel uses, by their names in sysfs. */
  readonly iommus: readonly string[];
  readonly groups: number;
  readonly devices: readonly DeviceReport[];
  readonly memlock: {
    readonly soft: number | 'unlimited';
    readonly hard: number | 'unlimited';
    readonly privileged: boolean;
  };
}

/** Options of {@link examine}. */
export interface ExamineOptions {
  /** The directory that contains `/dev`, `/sys` and `/proc`. Tests replace it. */
  readonly root?: string;
  /** True to call IOMMU_GET_HW_INFO, for which devices that no program uses are opened. This resets them. */
  readonly askDevices?: boolean;
}

const MODULES = ['iommufd', 'vfio', 'vfio_pci', 'vfio_iommu_type1', 'arm_smmu_v3'];
/** Not listed: only kernels that are built for their selftests have it. */
const SELFTEST = 'IOMMU_TEST_CMD';
/** `ENOTTY`: the kernel does not know a request. */
const ENOTTY = 25;
/** `CAP_IPC_LOCK`, as a bit of `CapEff`. */
const CAP_IPC_LOCK = 1n << 14n;

/** Examines the machine. */
export function examine(libc: Libc, { root = '/', askDevices = false }: ExamineOptions = {}): Report {
  const machine = new Files(root);
  const iommufd = machine.file('/dev/iommu', libc);
  const fd = iommufd.refused === undefined && iommufd.exists ? machine.open('/dev/iommu', libc) : -1;
  try {
    return {
      kernel: { release: machine.text('/proc/sys/kernel/osrelease') ?? release(), arch: process.arch },
      iommufd,
      ioctls: fd < 0 ? [] : ioctlsOf(libc, fd),
      modules: MODULES.filter((name) => machine.has(`/sys/module/${name}`)),
      iommus: machine.list('/sys/class/iommu').map(iommuName),
      groups: machine.list('/sys/kernel/iommu_groups').length,
      devices: devicesOf(machine, libc, askDevices ? fd : -1),
      memlock: memlockOf(machine),
    };
  } finally {
    if (fd >= 0) libc.close(fd);
  }
}

/** Reads files below a root directory. */
class Files {
  constructor(private readonly root: string) {}

  private at(path: string): string {
    return this.root === '/' ? path : join(this.root, path);
  }

  has(path: string): boolean {
    return statSync(this.at(path), { throwIfNoEntry: false }) !== undefined;
  }

  text(path: string): string | undefined {
    try {
      return readFileSync(this.at(path), 'latin1').trim();
    } catch {
      return undefined;
    }
  }

  list(path: string): string[] {
    try {
      return readdirSync(this.at(path)).sort();
    } catch {
      return [];
    }
  }

  /** The last component of a link's target. */
  target(path: string): string | undefined {
    try {
      return basename(readlinkSync(this.at(path)));
    } catch {
      return undefined;
    }
  }

  /** The last component of the resolved path. */
  real(path: string): string | undefined {
    try {
      return basename(realpathSync(this.at(path)));
    } catch {
      return undefined;
    }
  }

  open(path: string, libc: Libc): number {
    return libc.open(this.at(path), O_RDWR | O_CLOEXEC, 0);
  }

  /** Examines a node without opening it. */
  node(path: string): FileReport {
    const found = statSync(this.at(path), { throwIfNoEntry: false });
    if (found === undefined) return { path, exists: false };
    const permissions = `${nameOf('passwd', found.uid)}:${nameOf('group', found.gid)} ${(found.mode & 0o7777).toString(8).padStart(4, '0')}`;
    try {
      accessSync(this.at(path), constants.R_OK | constants.W_OK);
      return { path, exists: true, permissions };
    } catch (error) {
      return {
        path,
        exists: true,
        permissions,
        refused: (error as NodeJS.ErrnoException).code ?? String(error),
      };
    }
  }

  /** Examines a node by opening it. */
  file(path: string, libc: Libc): FileReport {
    const node = this.node(path);
    if (!node.exists) return node;
    const fd = this.open(path, libc);
    if (fd < 0) return { ...node, refused: errnoText(errno()) };
    libc.close(fd);
    return { path, exists: true, ...(node.permissions !== undefined && { permissions: node.permissions }) };
  }
}

/** The name of a user or a group; its number if it has no name. */
function nameOf(table: 'passwd' | 'group', id: number): string {
  try {
    const lines = readFileSync(`/etc/${table}`, 'utf8').split('\n');
    return (
      lines.map((line) => line.split(':')).find(([, , number]) => number === String(id))?.[0] ?? String(id)
    );
  } catch {
    return String(id);
  }
}

/**
 * Finds out which requests of iommufd the kernel knows, with a struct whose size is 0. `iommufd_fops_ioctl()` fails with ENOTTY if it
 * does not know the request, and with EINVAL before the request has an effect, because the size is below the minimum.
 */
function ioctlsOf(libc: Libc, fd: number): IoctlReport[] {
  const nothing = Buffer.alloc(64);
  return [...allIoctls.values()]
    .filter(({ name, files }) => name.startsWith('IOMMU_') && files.includes('iommufd') && name !== SELFTEST)
    .map(({ name, request }) => {
      const result = libc.ioctl(fd, request, nothing);
      const since = sinceOf(name);
      return { name, known: result >= 0 || errno() !== ENOTTY, ...(since !== undefined && { since }) };
    });
}

/** The makes of IOMMUs, by the prefixes of their names in sysfs (`iommu_device_sysfs_add()`). */
const MAKES: readonly (readonly [string, string])[] = [
  ['dmar', 'Intel VT-d'],
  ['ivhd', 'AMD-Vi'],
  ['smmu3', 'Arm SMMUv3'],
  ['smmu', 'Arm SMMU'],
  ['iommufd_selftest', 'the mock driver'],
  ['virtio', 'virtio-iommu'],
];

function iommuName(name: string): string {
  const make = MAKES.find(([start]) => name.startsWith(start))?.[1];
  return make === undefined ? name : `${name} (${make})`;
}

const CDEVS = '/sys/class/vfio-dev';
const PCI = '/sys/bus/pci/devices';

/** Lists devices with a node of VFIO, and PCI functions whose driver is one of VFIO's. */
function devicesOf(machine: Files, libc: Libc, iommufd: number): DeviceReport[] {
  const homes = new Map<string, { readonly home: string; readonly node?: string }>();
  for (const name of machine.list(PCI)) {
    const home = `${PCI}/${name}`;
    if (machine.target(`${home}/driver`)?.includes('vfio') === true) homes.set(name, { home });
  }
  for (const node of machine.list(CDEVS)) {
    const home = `${CDEVS}/${node}/device`;
    homes.set(machine.real(home) ?? node, { home, node: `/dev/vfio/devices/${node}` });
  }
  return [...homes].map(([name, { home, node }]) => deviceOf(machine, libc, iommufd, name, home, node));
}

function deviceOf(
  machine: Files,
  libc: Libc,
  iommufd: number,
  name: string,
  home: string,
  node: string | undefined,
): DeviceReport {
  const driver = machine.target(`${home}/driver`);
  const group = machine.target(`${home}/iommu_group`);
  const iommu = machine.target(`${home}/iommu`);
  const ecap = machine.text(`${home}/iommu/intel-iommu/ecap`);
  return {
    name,
    ...(driver !== undefined && { driver }),
    ...(group !== undefined && { group: Number(group) }),
    ...(iommu !== undefined && { iommu: iommuName(iommu) }),
    ...(ecap !== undefined && { nests: nestsByEcap(BigInt(`0x${ecap}`)) }),
    ...(node !== undefined && { node: machine.node(node) }),
    ...(node !== undefined && iommufd >= 0 && hardwareOf(machine, libc, iommufd, node)),
  };
}

/** True if SMTS (scalable mode) and NEST (nested translation) of VT-d's extended capability register are set. */
const nestsByEcap = (ecap: bigint): boolean => ((ecap >> 43n) & 1n) === 1n && ((ecap >> 26n) & 1n) === 1n;

/** Opens a device, binds it to iommufd and calls IOMMU_GET_HW_INFO. */
function hardwareOf(
  machine: Files,
  libc: Libc,
  iommufd: number,
  node: string,
): Pick<DeviceReport, 'hardware' | 'silent'> {
  const device = machine.open(node, libc);
  if (device < 0) return { silent: `open(): ${errnoText(errno())}` };
  try {
    const bind = Buffer.alloc(64);
    const bound = vfio_device_bind_iommufd.minByteLength;
    bind.writeUInt32LE(bound, 0);
    bind.writeInt32LE(iommufd, 8);
    if (libc.ioctl(device, VFIO_DEVICE_BIND_IOMMUFD.request, bind) < 0)
      return { silent: `VFIO_DEVICE_BIND_IOMMUFD: ${errnoText(errno())}` };
    const data = Buffer.alloc(256);
    const asked = Buffer.alloc(64);
    const size = iommu_hw_info.byteLength;
    asked.writeUInt32LE(size, 0);
    asked.writeUInt32LE(bind.readUInt32LE(12), 8);
    asked.writeUInt32LE(data.length, 12);
    asked.writeBigUInt64LE(addressOf(data), 16);
    if (libc.ioctl(iommufd, IOMMU_GET_HW_INFO.request, asked) < 0)
      return { silent: `IOMMU_GET_HW_INFO: ${errnoText(errno())}` };
    return { hardware: hardwareFields(asked.subarray(0, size), data) };
  } finally {
    libc.close(device);
  }
}

/** The result of IOMMU_GET_HW_INFO: the fields that the kernel has written, and the fields of the data. */
function hardwareFields(bytes: Uint8Array, data: Uint8Array): Record<string, string> {
  const fields: Record<string, string> = {};
  const put = (type: AnyType, from: Uint8Array): void => {
    for (const { kind, path, text } of annotate(type, from)) if (kind === 'field') fields[path] = text;
  };
  const [pointer] = pointersOf(iommu_hw_info, valuesOf(iommu_hw_info, bytes));
  const type = pointer?.to.cases?.[Number(pointer.values[pointer.to.by ?? ''])];
  for (const { kind, direction, path, text } of annotate(iommu_hw_info, bytes))
    if (kind === 'field' && path.startsWith('out_') && direction !== 'in') fields[path] = text;
  if (type !== undefined) fields['data'] = type.name;
  if (type !== undefined) put(type, data.subarray(0, type.byteLength));
  return fields;
}

function memlockOf(machine: Files): Report['memlock'] {
  const [, soft = '0', hard = '0'] =
    /^Max locked memory +(\S+) +(\S+)/m.exec(machine.text('/proc/self/limits') ?? '') ?? [];
  const [, capabilities = '0'] =
    /^CapEff:\s*([0-9a-f]+)/m.exec(machine.text('/proc/self/status') ?? '') ?? [];
  const limit = (text: string): number | 'unlimited' => (text === 'unlimited' ? text : Number(text));
  const privileged = (BigInt(`0x${capabilities}`) & CAP_IPC_LOCK) !== 0n;
  return { soft: limit(soft), hard: limit(hard), privileged };
}
