/** The directory of a PCI function in sysfs: Linux's `drivers/pci/pci-sysfs.c`, `drivers/pci/iov.c` and `drivers/pci/pcie/aer.c`. */
import { Errno, fail } from '../errno.js';
import {
  PCI_CAP_ID,
  PCI_CLASS_REVISION,
  PCI_EXT_CAP_ID,
  PCI_ROM_RESOURCE,
  PCI_SRIOV_BAR,
  PCI_SRIOV_NUM_VF,
  PCI_SRIOV_TOTAL_VF,
  PCI_SRIOV_VF_DID,
  PCI_SRIOV_VF_OFFSET,
  PCI_SRIOV_VF_STRIDE,
  PCI_SUBSYSTEM_ID,
  PCI_SUBSYSTEM_VENDOR_ID,
} from '../hardware/pci/registers.js';
import { kstrtobool, kstrtou16, kstrtoull } from '../lib/kstrto.js';
import type { FakePciDevice } from '../hardware/pci/function.js';
import type { PciNode } from '../hardware/pci/topology.js';
import { tryResetFunction } from '../pci/reset.js';
import { readRom } from '../pci/rom.js';
import { MsixVectors } from '../pci/msi.js';
import type { PciDev, PciResource } from '../pci/pci-dev.js';
import { type Attribute, command, directory, DONE, type Entry, line, link, type Writing } from './tree.js';
import { hex } from '../lib/hex.js';

/** The other objects that the directory of a function refers to. */
export interface FunctionPlaces {
  /** Paths of other directories. */
  readonly driver: string;
  readonly group: string;
  readonly iommu: string | undefined;
  readonly firmware: string | undefined;
  /** The path of another function. */
  pathOf(node: PciNode): string;
  /** `sriov_configure()` of its driver. @throws Errno if the driver fails */
  configureSriov(count: number): Writing;
  /** Runs work between `pm_runtime_get_sync()` and `pm_runtime_put()`. */
  readonly awake: (work: () => void) => void;
  /** The topology's node of another function. */
  nodeOf(device: FakePciDevice): PciNode | undefined;
  /** The directory `vfio-dev`. */
  readonly vfioDev: Entry;
}

/** A file with binary contents. */
const binary = (size: number, mode: number, read: () => Uint8Array): Attribute => ({
  kind: 'attribute',
  size,
  isBinary: true,
  mode,
  read,
});

/** The two processors of the machine. */
const CPUS = { list: '0-1', mask: '3' };

/** The entries of the directory. */
export function functionEntries(pdev: PciDev, places: FunctionPlaces): [string, Entry][] {
  const { hardware } = pdev;
  const code = pdev.readConfig(PCI_CLASS_REVISION, 4);
  const number = (at: number): string => `0x${hex(pdev.readConfig(at, 2), 4)}`;
  const write = command(() => DONE);
  return [
    ['aer', directory(() => [])],
    ...aerEntries(pdev),
    ['ari_enabled', line(() => 0)],
    ...(pdev.isVga ? [['boot_vga', line(() => 1)] as [string, Entry]] : []),
    ['broken_parity_status', line(() => 0)],
    ['class', line(() => `0x${hex(code >>> 8, 6)}`)],
    [
      'config',
      binary(pdev.configSize, 0o644, () => {
        const bytes = new Uint8Array(pdev.configSize);
        for (let at = 0; at < bytes.length; at++) bytes[at] = pdev.readConfig(at, 1);
        return bytes;
      }),
    ],
    ['consistent_dma_mask_bits', line(() => pdev.dmaBits)],
    ['device', line(() => `0x${hex(pdev.device, 4)}`)],
    ['dma_mask_bits', line(() => pdev.dmaBits)],
    ['driver', link(places.driver)],
    ['driver_override', line(() => 'vfio-pci')],
    ['enable', line(() => pdev.enableCount)],
    ...optional('firmware_node', places.firmware),
    ...optional('iommu', places.iommu),
    ['iommu_group', link(places.group)],
    ['irq', line(() => pdev.irq)],
    ['link', directory(() => [])],
    ...linkEntries(pdev),
    ['local_cpulist', line(() => CPUS.list)],
    ['local_cpus', line(() => CPUS.mask)],
    ['modalias', line(() => modalias(pdev))],
    ['msi_bus', line(() => 1)],
    ...msiEntries(pdev),
    ['numa_node', line(() => -1)],
    ['power_state', line(() => ['D0', 'D1', 'D2', 'D3hot'][pdev.currentState] ?? 'unknown')],
    ['remove', write],
    ['rescan', write],
    ...resetEntries(pdev, places),
    ['resource', line(() => resourceLines(pdev).join('\n'))],
    ...resourceFiles(pdev),
    ['revision', line(() => `0x${hex(code & 0xff, 2)}`)],
    ...(hardware.findExtended(PCI_EXT_CAP_ID.DSN) === undefined
      ? []
      : [['serial_number', line(() => serialNumber(pdev))] as [string, Entry]]),
    ...sriovEntries(pdev, places),
    ['subsystem', link('/sys/bus/pci')],
    ['subsystem_device', line(() => number(PCI_SUBSYSTEM_ID))],
    ['subsystem_vendor', line(() => number(PCI_SUBSYSTEM_VENDOR_ID))],
    ['uevent', line(() => uevent(pdev))],
    ['vendor', line(() => `0x${hex(pdev.vendor, 4)}`)],
    ['vfio-dev', places.vfioDev],
  ];
}

const optional = (name: string, to: string | undefined): [string, Entry][] =>
  to === undefined ? [] : [[name, link(to)]];

/** With AER: the number of errors of each kind. */
function aerEntries({ hardware }: PciDev): [string, Entry][] {
  if (hardware.findExtended(PCI_EXT_CAP_ID.ERR) === undefined) return [];
  const kinds = ['correctable', 'fatal', 'nonfatal'];
  return kinds.map((kind) => [`aer_dev_${kind}`, line(() => totalOf(hardware, kind))]);
}

const totalOf = ({ errorCount }: FakePciDevice, kind: string): string =>
  `TOTAL_ERR_${kind.toUpperCase()} ${kind === 'nonfatal' ? errorCount : 0}`;

/** `pcie_link_speed`. */
const SPEEDS = [
  'Unknown',
  '2.5 GT/s PCIe',
  '5.0 GT/s PCIe',
  '8.0 GT/s PCIe',
  '16.0 GT/s PCIe',
  '32.0 GT/s PCIe',
];

/** A PCI Express function has a link, unless it is integrated in the root complex. */
function linkEntries(pdev: PciDev): [string, Entry][] {
  const at = pdev.findCapability(PCI_CAP_ID.EXP);
  if (at === undefined) return [];
  const hasLink = (pdev.readConfig(at + 2, 2) & 0xf0) >> 4 !== 9;
  const capability = hasLink ? pdev.readConfig(at + 0x0c, 4) : 0;
  const status = hasLink ? pdev.readConfig(at + 0x12, 2) : 0;
  const speed = (value: number): string => SPEEDS[value & 0xf] ?? 'Unknown';
  // Without a link, the maximum width is PCIE_LNK_WIDTH_UNKNOWN.
  const width = hasLink ? (capability >>> 4) & 0x3f : 0xff;
  return [
    ['current_link_speed', line(() => speed(status))],
    ['current_link_width', line(() => (status >>> 4) & 0x3f)],
    ['max_link_speed', line(() => speed(capability))],
    ['max_link_width', line(() => width)],
  ];
}

/** `msi_irqs`: is created with the first vectors, and remains when they are freed. */
function msiEntries({ msi, hasHadMsi }: PciDev): [string, Entry][] {
  if (!hasHadMsi) return [];
  const kind = msi instanceof MsixVectors ? 'msix' : 'msi';
  const numbers = msi?.numbers ?? [];
  return [
    ['msi_irqs', directory(() => numbers.map((number) => [String(number), line(() => kind)] as const))],
  ];
}

/** `reset_store()`: `1` resets the function, even while it is in use. A suspended function is resumed first. */
function resetEntries(pdev: PciDev, { awake }: FunctionPlaces): [string, Entry][] {
  const { resetMethods } = pdev;
  if (resetMethods.length === 0) return [];
  return [
    [
      'reset',
      command((text) => {
        if (parsed(() => kstrtoull(text)) !== 1n) throw fail('EINVAL');
        awake(() => tryResetFunction(pdev));
        return DONE;
      }),
    ],
    ['reset_method', line(() => resetMethods.join(' '))],
  ];
}

/** `IORESOURCE_*` of `linux/ioport.h`. */
const IO = 0x100;
const MEM = 0x200;
const PREFETCH = 0x2000;
const READONLY = 0x4000;
const SIZEALIGN = 0x4_0000;
const MEM_64 = 0x10_0000;
/** `IORESOURCE_ROM_SHADOW | IORESOURCE_PCI_FIXED`. */
const SHADOW = 0x12;

function flagsOf({ bar }: PciResource, index: number, hasShadow: boolean): number {
  if (index === PCI_ROM_RESOURCE) return hasShadow ? MEM | SHADOW : MEM | PREFETCH | READONLY | SIZEALIGN;
  if (bar.isIo) return IO | SIZEALIGN | 1;
  const prefetch = bar.isPrefetchable ? PREFETCH | 8 : 0;
  return MEM | SIZEALIGN | prefetch | (bar.is64 ? MEM_64 | 4 : 0);
}

/** `resource`: six BARs, the ROM, and the six BARs of virtual functions: start, end and flags. */
function resourceLines(pdev: PciDev): string[] {
  const { hardware, resources } = pdev;
  const rows: { readonly start: bigint; readonly length: bigint; readonly flags: number }[] = resources.map(
    (resource, index) =>
      resource === undefined
        ? { start: 0n, length: 0n, flags: 0 }
        : {
            start: resource.start,
            length: BigInt(resource.length),
            flags: flagsOf(resource, index, hardware.shadowRom !== undefined),
          },
  );
  const virtual = hardware.virtualFunctions[0];
  const sriov = hardware.findExtended(PCI_EXT_CAP_ID.SRIOV);
  for (let index = 0; index < PCI_ROM_RESOURCE; index++) {
    const bar = virtual?.bars[index];
    if (bar === undefined || sriov === undefined) rows.push({ start: 0n, length: 0n, flags: 0 });
    else {
      const low = BigInt((hardware.readConfig(sriov + PCI_SRIOV_BAR + 4 * index, 4) & ~15) >>> 0);
      const total = BigInt(hardware.readConfig(sriov + PCI_SRIOV_TOTAL_VF, 2));
      const resource = { bar, start: low, length: bar.size };
      rows.push({ start: low, length: total * BigInt(bar.size), flags: flagsOf(resource, index, false) });
    }
  }
  const wide = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
  return rows.map(({ start, length, flags }) =>
    [start, length === 0n ? 0n : start + length - 1n, BigInt(flags)].map(wide).join(' '),
  );
}

/** `resourceN` of each BAR, and `rom`. BARs cannot be read; they can be mapped, which is not modelled. */
function resourceFiles(pdev: PciDev): [string, Entry][] {
  return pdev.resources.flatMap((resource, index): [string, Entry][] => {
    if (resource === undefined) return [];
    if (index === PCI_ROM_RESOURCE) return [['rom', romFile(pdev, resource.length)]];
    const read = (): never => {
      throw fail('EIO');
    };
    return [[`resource${index}`, binary(resource.length, 0o600, read)]];
  });
}

/** It can be read once `1` was written to it: `pci_write_rom()`. */
const romFile = (pdev: PciDev, size: number): Attribute => ({
  ...binary(size, 0o600, () => readRom(pdev)),
  write: (text) => {
    pdev.isRomEnabled = kstrtobool(text);
    return DONE;
  },
});

function serialNumber(pdev: PciDev): string {
  const at = (pdev.hardware.findExtended(PCI_EXT_CAP_ID.DSN) ?? 0) + 4;
  const bytes = Array.from({ length: 8 }, (_, i) => hex(pdev.readConfig(at + 7 - i, 1), 2));
  return bytes.join('-');
}

function sriovEntries(pdev: PciDev, places: FunctionPlaces): [string, Entry][] {
  const { hardware } = pdev;
  const { nodeOf, pathOf } = places;
  const pf = hardware.physicalFunction;
  const linkTo = (name: string, device: FakePciDevice): [string, Entry][] => {
    const node = nodeOf(device);
    return node === undefined ? [] : [[name, link(pathOf(node))]];
  };
  // `pci_iov_remove_virtfn()` removes both links first.
  if (pf !== undefined) return pf.virtualFunctions.includes(hardware) ? linkTo('physfn', pf) : [];
  const at = hardware.findExtended(PCI_EXT_CAP_ID.SRIOV);
  if (at === undefined) return [];
  const number = (offset: number): Entry => line(() => pdev.readConfig(at + offset, 2));
  return [
    ['sriov_drivers_autoprobe', line(() => 1)],
    [
      'sriov_numvfs',
      { ...line(() => pdev.readConfig(at + PCI_SRIOV_NUM_VF, 2)), write: storeNumVfs(pdev, at, places) },
    ],
    ['sriov_offset', number(PCI_SRIOV_VF_OFFSET)],
    ['sriov_stride', number(PCI_SRIOV_VF_STRIDE)],
    ['sriov_totalvfs', number(PCI_SRIOV_TOTAL_VF)],
    ['sriov_vf_device', line(() => hex(pdev.readConfig(at + PCI_SRIOV_VF_DID, 2), 1))],
    ['sriov_vf_total_msix', line(() => 0)],
    ...hardware.virtualFunctions.flatMap((each) => linkTo(`virtfn${each.virtualIndex}`, each)),
  ];
}

/** The value of a text. As in most of `pci-sysfs.c` and `iov.c`, an invalid one fails with EINVAL, never with ERANGE. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw cause instanceof Errno ? fail('EINVAL') : cause;
  }
}

/** `sriov_numvfs_store()`. @param at offset of the capability */
const storeNumVfs =
  (pdev: PciDev, at: number, places: FunctionPlaces) =>
  (text: string): Writing => {
    const wanted = parsed(() => kstrtou16(text));
    if (wanted > pdev.readConfig(at + PCI_SRIOV_TOTAL_VF, 2)) throw fail('ERANGE');
    const current = pdev.readConfig(at + PCI_SRIOV_NUM_VF, 2);
    if (wanted === current) return DONE;
    if (wanted !== 0 && current !== 0) throw fail('EBUSY');
    return places.configureSriov(wanted);
  };

function modalias(pdev: PciDev): string {
  const upper = (value: number, digits: number): string => hex(value, digits).toUpperCase();
  const code = pdev.readConfig(PCI_CLASS_REVISION, 4) >>> 8;
  const subsystem = `sv${upper(pdev.readConfig(PCI_SUBSYSTEM_VENDOR_ID, 2), 8)}sd${upper(pdev.readConfig(PCI_SUBSYSTEM_ID, 2), 8)}`;
  const [base, sub, interface_] = [code >>> 16, (code >>> 8) & 0xff, code & 0xff].map((byte) =>
    upper(byte, 2),
  );
  return `pci:v${upper(pdev.vendor, 8)}d${upper(pdev.device, 8)}${subsystem}bc${base}sc${sub}i${interface_}`;
}

/** `pci_uevent()`. */
function uevent(pdev: PciDev): string {
  const upper = (value: number, digits: number): string => hex(value, digits).toUpperCase();
  const code = pdev.readConfig(PCI_CLASS_REVISION, 4) >>> 8;
  return [
    'DRIVER=vfio-pci',
    `PCI_CLASS=${upper(code, 4)}`,
    `PCI_ID=${upper(pdev.vendor, 4)}:${upper(pdev.device, 4)}`,
    `PCI_SUBSYS_ID=${upper(pdev.readConfig(PCI_SUBSYSTEM_VENDOR_ID, 2), 4)}:${upper(pdev.readConfig(PCI_SUBSYSTEM_ID, 2), 4)}`,
    `PCI_SLOT_NAME=${pdev.node.name}`,
    `MODALIAS=${modalias(pdev)}`,
  ].join('\n');
}
