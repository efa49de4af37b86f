/**
 * The bits of a capability that a program may write, and the bits that are virtual: `struct perm_bits` of Linux's
 * `vfio_pci_config.c`. A virtual bit is in VFIO's copy (`vconfig`), all other bits are in the hardware.
 */
import {
  PCI_BASE_ADDRESS_0,
  PCI_BIST,
  PCI_CACHE_LINE_SIZE,
  PCI_CAP_ID,
  PCI_CAP_LIST_NEXT,
  PCI_CAPABILITY_LIST,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_DEVICE_ID,
  PCI_ERR_CAP,
  PCI_ERR_COR_MASK,
  PCI_ERR_COR_STATUS,
  PCI_ERR_UNCOR_MASK,
  PCI_ERR_UNCOR_SEVER,
  PCI_ERR_UNCOR_STATUS,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL2,
  PCI_EXP_DEVCTL2_ARI,
  PCI_EXP_DEVCTL_BCR_FLR,
  PCI_EXP_DEVCTL_PAYLOAD,
  PCI_EXP_DEVCTL_PHANTOM,
  PCI_EXP_DEVCTL_READRQ,
  PCI_EXT_CAP_ID,
  PCI_INTERRUPT_LINE,
  PCI_INTERRUPT_PIN,
  PCI_LATENCY_TIMER,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_MASKBIT,
  PCI_PM_CAP_PME_MASK,
  PCI_PM_CTRL,
  PCI_PM_CTRL_PME_ENABLE,
  PCI_PM_CTRL_PME_STATUS,
  PCI_PM_CTRL_STATE_MASK,
  PCI_PM_PMC,
  PCI_ROM_ADDRESS,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
  PCI_STD_HEADER_SIZEOF,
  PCI_STD_NUM_BARS,
  PCI_VENDOR_ID,
} from '../hardware/pci/registers.js';

/** Masks of all bits and of no bits. */
const ALL = 0xffff_ffff;
const NONE = 0;

/** The permissions of a capability's bits. */
export class PermBits {
  private readonly virt: DataView;
  private readonly write: DataView;

  /** @param size size of the capability in bytes; at first no bit is virtual or writable */
  constructor(size: number) {
    this.virt = new DataView(new ArrayBuffer(size));
    this.write = new DataView(new ArrayBuffer(size));
  }

  /** `p_setb()`. */
  setByte(at: number, virt: number, write: number): this {
    this.virt.setUint8(at, virt);
    this.write.setUint8(at, write);
    return this;
  }

  /** `p_setw()`. */
  setWord(at: number, virt: number, write: number): this {
    this.virt.setUint16(at, virt, true);
    this.write.setUint16(at, write, true);
    return this;
  }

  /** `p_setd()`. */
  setDword(at: number, virt: number, write: number): this {
    this.virt.setUint32(at, virt, true);
    this.write.setUint32(at, write, true);
    return this;
  }

  /** The virtual bits of a register of 1, 2 or 4 bytes. */
  virtual(at: number, size: number): number {
    return bitsOf(this.virt, at, size);
  }

  /** The writable bits of a register of 1, 2 or 4 bytes. */
  writable(at: number, size: number): number {
    return bitsOf(this.write, at, size);
  }
}

function bitsOf(view: DataView, at: number, size: number): number {
  if (size === 4) return view.getUint32(at, true);
  return size === 2 ? view.getUint16(at, true) : view.getUint8(at);
}

/** The next pointer is always virtual, so that capabilities can be removed from the chain. */
const capability = (size: number): PermBits => new PermBits(size).setByte(PCI_CAP_LIST_NEXT, ALL, NONE);
/** The same for the first dword of an extended capability. */
const extended = (size: number): PermBits => new PermBits(size).setDword(0, ALL, NONE);

/** `init_pci_cap_basic_perm()`. */
function basic(): PermBits {
  const perm = new PermBits(PCI_STD_HEADER_SIZEOF)
    // Virtual for virtual functions, whose hardware has ones here.
    .setWord(PCI_VENDOR_ID, ALL, NONE)
    .setWord(PCI_DEVICE_ID, ALL, NONE)
    // VFIO itself uses INTx disable to mask the interrupt.
    .setWord(PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, ALL)
    .setWord(PCI_STATUS, PCI_STATUS_CAP_LIST, NONE)
    .setByte(PCI_CACHE_LINE_SIZE, NONE, ALL)
    .setByte(PCI_LATENCY_TIMER, NONE, ALL)
    .setByte(PCI_BIST, NONE, ALL)
    .setDword(PCI_ROM_ADDRESS, ALL, ALL)
    .setByte(PCI_CAPABILITY_LIST, ALL, NONE)
    .setByte(PCI_INTERRUPT_LINE, ALL, ALL)
    .setByte(PCI_INTERRUPT_PIN, ALL, NONE);
  for (let bar = 0; bar < PCI_STD_NUM_BARS; bar++) perm.setDword(PCI_BASE_ADDRESS_0 + 4 * bar, ALL, ALL);
  return perm;
}

/** `init_pci_cap_pm_perm()`: VFIO sets the power state, and programs cannot access PME. */
function pm(): PermBits {
  const pme = PCI_PM_CTRL_PME_ENABLE | PCI_PM_CTRL_PME_STATUS;
  return capability(8)
    .setWord(PCI_PM_PMC, PCI_PM_CAP_PME_MASK, NONE)
    .setDword(PCI_PM_CTRL, pme, ~(pme | PCI_PM_CTRL_STATE_MASK) >>> 0);
}

/** `init_pci_cap_vpd_perm()`: `PCI_VPD_ADDR` and `PCI_VPD_DATA`. */
const vpd = (): PermBits => capability(8).setWord(2, ALL, ALL).setDword(4, ALL, ALL);

/** `init_pci_cap_pcix_perm()`: `PCI_X_CMD` and `PCI_X_ECC_CSR`. */
const pcix = (): PermBits => capability(24).setWord(2, NONE, ALL).setDword(8, NONE, ALL);

/**
 * `init_pci_cap_exp_perm()`. Phantom functions would confuse the IOMMU, another payload size would affect other functions, and
 * ARI was set at enumeration. FLR and the size of read requests are virtual, and handled by VFIO.
 */
const exp = (): PermBits =>
  capability(0x3c)
    .setWord(
      PCI_EXP_DEVCTL,
      PCI_EXP_DEVCTL_BCR_FLR | PCI_EXP_DEVCTL_PAYLOAD | PCI_EXP_DEVCTL_READRQ,
      ~PCI_EXP_DEVCTL_PHANTOM,
    )
    .setWord(PCI_EXP_DEVCTL2, NONE, ~PCI_EXP_DEVCTL2_ARI);

/** `init_pci_cap_af_perm()`: `PCI_AF_CTRL` with its FLR bit. */
const af = (): PermBits => capability(6).setByte(4, 1, 1);

/** `init_pci_ext_cap_err_perm()`: the errors that Linux supports. */
function err(): PermBits {
  const uncorrectable = 0x03ff_f031;
  const correctable = 0x0000_f1c1;
  return extended(0x2c)
    .setDword(PCI_ERR_UNCOR_STATUS, NONE, uncorrectable)
    .setDword(PCI_ERR_UNCOR_MASK, NONE, uncorrectable)
    .setDword(PCI_ERR_UNCOR_SEVER, NONE, uncorrectable)
    .setDword(PCI_ERR_COR_STATUS, NONE, correctable)
    .setDword(PCI_ERR_COR_MASK, NONE, correctable)
    .setDword(PCI_ERR_CAP, NONE, 0x140);
}

/** `init_pci_ext_cap_pwr_perm()`: `PCI_PWR_DATA`. */
const pwr = (): PermBits => extended(16).setByte(8, NONE, ALL);

/** `init_pci_cap_msi_perm()`. @param flags the control word @param length the size of the capability in bytes */
export function msiPerm(flags: number, length: number): PermBits {
  const perm = capability(length)
    // The upper byte of the control word is reserved.
    .setByte(PCI_MSI_FLAGS, ALL, ALL)
    .setDword(PCI_MSI_ADDRESS_LO, ALL, ALL);
  const is64 = (flags & PCI_MSI_FLAGS_64BIT) !== 0;
  if (is64) perm.setDword(PCI_MSI_ADDRESS_LO + 4, ALL, ALL);
  const data = PCI_MSI_ADDRESS_LO + (is64 ? 8 : 4);
  perm.setWord(data, ALL, ALL);
  if ((flags & PCI_MSI_FLAGS_MASKBIT) !== 0) perm.setDword(data + 4, NONE, ALL).setDword(data + 8, NONE, ALL);
  return perm;
}

/** The permissions of the header. */
export const basicPerm = basic();

/**
 * `cap_perms`: the permissions of capabilities. Capabilities without an entry are read-only; MSI has permissions for each
 * function.
 */
export const capPerms: ReadonlyMap<number, PermBits> = new Map([
  [PCI_CAP_ID.PM, pm()],
  [PCI_CAP_ID.VPD, vpd()],
  [PCI_CAP_ID.PCIX, pcix()],
  [PCI_CAP_ID.EXP, exp()],
  [PCI_CAP_ID.AF, af()],
]);

/** `ecap_perms`. */
export const ecapPerms: ReadonlyMap<number, PermBits> = new Map([
  [PCI_EXT_CAP_ID.ERR, err()],
  [PCI_EXT_CAP_ID.PWR, pwr()],
]);

/** Vendor-specific capabilities, whose meaning VFIO cannot know: writes go to the hardware unchanged. */
export const RAW_WRITES: ReadonlySet<number> = new Set([PCI_CAP_ID.VNDR]);
export const RAW_EXTENDED_WRITES: ReadonlySet<number> = new Set([PCI_EXT_CAP_ID.VNDR, PCI_EXT_CAP_ID.DVSEC]);
