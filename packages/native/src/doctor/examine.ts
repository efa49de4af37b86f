/**
 * What this machine has for iommufd: asked without harm. Nothing is bound, mapped or attached; only with `askDevices` the devices
 * that no program uses are opened, which resets them.
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
  errnoName,
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
import { addressOf, errno, type Libc } from '../linux/libc.js';

/** How a file can be used. */
export interface FileReport {
  readonly path: string;
  readonly exists: boolean;
  /** `root:kvm 0660`; undefined if it is not there. */
  readonly permissions?: string;
  /** Why it cannot be opened: the name of an errno. */
  readonly refused?: string;
}

/** An ioctl, and whether this kernel knows it. */
export interface IoctlReport {
  readonly name: string;
  readonly known: boolean;
  /** The release of Linux that it came with, if that is later than 6.12. */
  readonly since?: string;
}

/** A device that VFIO has, or could have. */
export interface DeviceReport {
  /** `0000:01:00.0`, or the name of one that is not on PCI. */
  readonly name: string;
  readonly driver?: string;
  readonly group?: number;
  /** `dmar0 (Intel VT-d)`. */
  readonly iommu?: string;
  /** Its node; undefined if it has none. */
  readonly node?: FileReport;
  /** What IOMMU_GET_HW_INFO says: fields by name. */
  readonly hardware?: Readonly<Record<string, string>>;
  /** Why that could not be asked. */
  readonly silent?: string;
  /** Of VT-d: whether its IOMMU can nest. */
  readonly nests?: boolean;
}

/** All that was found. */
export interface Report {
  readonly kernel: { readonly release: string; readonly arch: string };
  readonly iommufd: FileReport;
  /** What this kernel knows; empty where it could not be asked. */
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

/** How to look. */
export interface ExamineOptions {
  /** Where `/dev`, `/sys` and `/proc` are: another directory in tests. */
  readonly root?: string;
  /** Opens devices that no program uses, for IOMMU_GET_HW_INFO: it resets them. */
  readonly askDevices?: boolean;
}

const MODULES = ['iommufd', 'vfio', 'vfio_pci', 'vfio_iommu_type1', 'arm_smmu_v3'];
/** Of kernels that are built for their own selftests alone. */
const SELFTEST = 'IOMMU_TEST_CMD';
/** `ENOTTY`, which a kernel answers to a request that it does not know. */
const ENOTTY = 25;
/** `CAP_IPC_LOCK`, as a bit of `CapEff`. */
const CAP_IPC_LOCK = 1n << 14n;

/** Looks at the machine. */
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

/** Files of the machine. */
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

  /** The last part of what a link leads to. */
  target(path: string): string | undefined {
    try {
      return basename(readlinkSync(this.at(path)));
    } catch {
      return undefined;
    }
  }

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

  /** A node, which is not opened. */
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

  /** A node that does no harm when it is opened. */
  file(path: string, libc: Libc): FileReport {
    const node = this.node(path);
    if (!node.exists) return node;
    const fd = this.open(path, libc);
    if (fd < 0) return { ...node, refused: errnoText() };
    libc.close(fd);
    return { path, exists: true, ...(node.permissions !== undefined && { permissions: node.permissions }) };
  }
}

/** The name of a user or a group; its number without one. */
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
 * Which requests of iommufd the kernel knows. A struct whose size is 0 is shorter than any: `iommufd_fops_ioctl()` refuses it with
 * EINVAL before it looks at the request any further, and says ENOTTY for a request that it does not have.
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

/** What the names of IOMMUs in sysfs begin with: `iommu_device_sysfs_add()`. */
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

/** Devices that VFIO has, and PCI functions whose driver is one of VFIO's. */
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

/** SMTS and NEST of VT-d's extended capability register: scalable mode, and nested translation. */
const nestsByEcap = (ecap: bigint): boolean => ((ecap >> 43n) & 1n) === 1n && ((ecap >> 26n) & 1n) === 1n;

/** Asks a device. */
function hardwareOf(
  machine: Files,
  libc: Libc,
  iommufd: number,
  node: string,
): Pick<DeviceReport, 'hardware' | 'silent'> {
  const device = machine.open(node, libc);
  if (device < 0) return { silent: `open(): ${errnoText()}` };
  try {
    const bind = Buffer.alloc(64);
    const bound = vfio_device_bind_iommufd.minByteLength;
    bind.writeUInt32LE(bound, 0);
    bind.writeInt32LE(iommufd, 8);
    if (libc.ioctl(device, VFIO_DEVICE_BIND_IOMMUFD.request, bind) < 0)
      return { silent: `VFIO_DEVICE_BIND_IOMMUFD: ${errnoText()}` };
    const data = Buffer.alloc(256);
    const asked = Buffer.alloc(64);
    const size = iommu_hw_info.byteLength;
    asked.writeUInt32LE(size, 0);
    asked.writeUInt32LE(bind.readUInt32LE(12), 8);
    asked.writeUInt32LE(data.length, 12);
    asked.writeBigUInt64LE(addressOf(data), 16);
    if (libc.ioctl(iommufd, IOMMU_GET_HW_INFO.request, asked) < 0)
      return { silent: `IOMMU_GET_HW_INFO: ${errnoText()}` };
    return { hardware: hardwareFields(asked.subarray(0, size), data) };
  } finally {
    libc.close(device);
  }
}

/** What has just failed. */
function errnoText(): string {
  const number = errno();
  return errnoName(number) ?? `errno ${number}`;
}

/** What the kernel says of an IOMMU: the fields that it has written, and those of the data. */
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
