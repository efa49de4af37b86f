/**
 * The map of configuration space: the capability of each byte, and the virtual copy of it. `vfio_config_init()` of Linux's
 * `vfio_pci_config.c`. Capabilities that VFIO does not support are removed from the chain.
 */
import {
  extendedNext,
  PCI_BASE_ADDRESS_0,
  PCI_CAP_FLAGS,
  PCI_CAP_ID,
  PCI_CAP_LIST_NEXT,
  PCI_CAPABILITY_LIST,
  PCI_CFG_SPACE_SIZE,
  PCI_COMMAND,
  PCI_COMMAND_MEMORY,
  PCI_DEVICE_ID,
  PCI_EXP_FLAGS,
  PCI_EXP_FLAGS_TYPE,
  PCI_EXP_FLAGS_VERS,
  PCI_EXP_TYPE,
  PCI_EXT_CAP_ID,
  PCI_INTERRUPT_PIN,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_MASKBIT,
  PCI_PM_CAP_PME_MASK,
  PCI_PM_CTRL,
  PCI_PM_CTRL_PME_ENABLE,
  PCI_PM_CTRL_PME_STATUS,
  PCI_PM_PMC,
  PCI_ROM_ADDRESS,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
  PCI_STD_HEADER_SIZEOF,
  PCI_VENDOR_ID,
} from '../hardware/pci/registers.js';
import type { PciDev } from '../pci/pci-dev.js';
import { msiPerm, type PermBits } from './pci-config-perm.js';

/** `PCI_CAP_ID_BASIC`: the header. A capability with this id is hidden. */
export const PCI_CAP_ID_BASIC = 0;
/** `PCI_CAP_ID_INVALID`: bytes that belong to no capability. */
export const PCI_CAP_ID_INVALID = 0xff;

/**
 * `pci_cap_length` and `pci_ext_cap_length`: a capability without a length is hidden. 'own' means that its registers determine
 * the length.
 */
const LENGTHS: Readonly<Record<number, number | 'own'>> = {
  [PCI_CAP_ID.PM]: 8,
  2: 12,
  [PCI_CAP_ID.VPD]: 8,
  4: 4,
  [PCI_CAP_ID.MSI]: 'own',
  6: 4,
  [PCI_CAP_ID.PCIX]: 'own',
  [PCI_CAP_ID.HT]: 'own',
  [PCI_CAP_ID.VNDR]: 'own',
  [PCI_CAP_ID.EXP]: 'own',
  [PCI_CAP_ID.MSIX]: 12,
  [PCI_CAP_ID.SATA]: 'own',
  [PCI_CAP_ID.AF]: 6,
};
const EXTENDED_LENGTHS: Readonly<Record<number, number | 'own'>> = {
  [PCI_EXT_CAP_ID.ERR]: 0x2c,
  [PCI_EXT_CAP_ID.VC]: 'own',
  [PCI_EXT_CAP_ID.DSN]: 12,
  [PCI_EXT_CAP_ID.PWR]: 16,
  [PCI_EXT_CAP_ID.MFVC]: 'own',
  [PCI_EXT_CAP_ID.VC9]: 'own',
  [PCI_EXT_CAP_ID.VNDR]: 'own',
  [PCI_EXT_CAP_ID.ACS]: 'own',
  [PCI_EXT_CAP_ID.ARI]: 8,
  [PCI_EXT_CAP_ID.ATS]: 8,
  [PCI_EXT_CAP_ID.SRIOV]: 0x40,
  [PCI_EXT_CAP_ID.MCAST]: 0x2c,
  [PCI_EXT_CAP_ID.PRI]: 16,
  [PCI_EXT_CAP_ID.REBAR]: 'own',
  [PCI_EXT_CAP_ID.DPA]: 'own',
  [PCI_EXT_CAP_ID.TPH]: 'own',
  [PCI_EXT_CAP_ID.LTR]: 8,
  [PCI_EXT_CAP_ID.DVSEC]: 'own',
};

/** Configuration space as a program sees it. */
export class ConfigMap {
  /** `pci_config_map`: the capability of each byte. */
  readonly owner: Uint8Array;
  /** `vconfig`: the virtual copy. */
  readonly vconfig: DataView;
  /** `rbar`: the values of the BARs and of the ROM's register when the device was opened. */
  readonly barsAtOpen: readonly number[];
  /** `msi_perm`: depends on the capability of the function. */
  msi: PermBits | undefined;
  private hasExtended = false;

  constructor(
    private readonly pdev: PciDev,
    /** True if INTx cannot be used: the interrupt pin reads as 0. */
    hasNoIntx: boolean,
  ) {
    this.owner = new Uint8Array(pdev.configSize).fill(PCI_CAP_ID_INVALID);
    this.owner.fill(PCI_CAP_ID_BASIC, 0, PCI_STD_HEADER_SIZEOF);
    const vconfig = new DataView(new ArrayBuffer(pdev.configSize));
    this.vconfig = vconfig;
    this.fill(0, PCI_STD_HEADER_SIZEOF);
    const registers = [0, 1, 2, 3, 4, 5].map((bar) => PCI_BASE_ADDRESS_0 + 4 * bar);
    this.barsAtOpen = [...registers, PCI_ROM_ADDRESS].map((at) => vconfig.getUint32(at, true));
    if (pdev.isVirtual) {
      // The hardware of a virtual function has ones there, and it has no INTx, whatever its interrupt pin is.
      vconfig.setUint16(PCI_VENDOR_ID, pdev.vendor, true);
      vconfig.setUint16(PCI_DEVICE_ID, pdev.device, true);
      vconfig.setUint8(PCI_INTERRUPT_PIN, 0);
    }
    if (pdev.hasNoMemoryBit)
      vconfig.setUint16(PCI_COMMAND, vconfig.getUint16(PCI_COMMAND, true) | PCI_COMMAND_MEMORY, true);
    if (hasNoIntx) vconfig.setUint8(PCI_INTERRUPT_PIN, 0);
    this.initCapabilities();
    this.initExtended();
  }

  /** `vfio_fill_vconfig_bytes()`. */
  private fill(at: number, length: number): void {
    for (let i = at; i < Math.min(at + length, this.pdev.configSize); i++)
      this.vconfig.setUint8(i, this.pdev.readConfig(i, 1));
  }

  private own(id: number, at: number, length: number): void {
    this.owner.fill(id, at, at + length);
    this.fill(at, length);
  }

  /** `vfio_cap_init()`. */
  private initCapabilities(): void {
    const { pdev, vconfig } = this;
    if ((pdev.readConfig(PCI_STATUS, 2) & PCI_STATUS_CAP_LIST) === 0) return;
    let previous = PCI_CAPABILITY_LIST;
    let found = 0;
    let at = pdev.readConfig(PCI_CAPABILITY_LIST, 1);
    for (let loops = (PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF) / 4; at !== 0 && loops > 0; loops--) {
      const id = pdev.readConfig(at, 1);
      const next = pdev.readConfig(at + PCI_CAP_LIST_NEXT, 1);
      const length = this.lengthOf(id, at);
      if (length === 0) vconfig.setUint8(previous, next);
      else {
        this.own(id, at, length);
        if (id === PCI_CAP_ID.PM) this.clearPme(at);
        previous = at + PCI_CAP_LIST_NEXT;
        found++;
      }
      at = next;
    }
    if (found === 0)
      vconfig.setUint16(PCI_STATUS, vconfig.getUint16(PCI_STATUS, true) & ~PCI_STATUS_CAP_LIST, true);
  }

  /** `vfio_update_pm_vconfig_bytes()`. */
  private clearPme(at: number): void {
    const { vconfig } = this;
    const pme = PCI_PM_CTRL_PME_ENABLE | PCI_PM_CTRL_PME_STATUS;
    vconfig.setUint16(at + PCI_PM_PMC, vconfig.getUint16(at + PCI_PM_PMC, true) & ~PCI_PM_CAP_PME_MASK, true);
    vconfig.setUint16(at + PCI_PM_CTRL, vconfig.getUint16(at + PCI_PM_CTRL, true) & ~pme, true);
  }

  /** The length of a capability in bytes; 0 if it is hidden. */
  private lengthOf(id: number, at: number): number {
    const length = LENGTHS[id] ?? 0;
    return length === 'own' ? this.ownLength(id, at) : length;
  }

  /** `vfio_cap_len()`. */
  private ownLength(id: number, at: number): number {
    const { pdev } = this;
    switch (id) {
      case PCI_CAP_ID.MSI:
        return this.msiLength(at);
      case PCI_CAP_ID.PCIX: {
        const hasVersion = (pdev.readConfig(at + 2, 2) & 0x3000) !== 0;
        if (hasVersion) this.testExtended();
        return hasVersion ? 24 : 8;
      }
      case PCI_CAP_ID.VNDR:
        return pdev.readConfig(at + PCI_CAP_FLAGS, 1);
      case PCI_CAP_ID.EXP:
        this.testExtended();
        return this.expressLength(pdev.readConfig(at + PCI_EXP_FLAGS, 2));
      case PCI_CAP_ID.HT:
        // HT_3BIT_CAP_MASK: the capability of a host or slave interface is short.
        return (pdev.readConfig(at + 3, 1) & 0xe0) === 0 ? 8 : 28;
      case PCI_CAP_ID.SATA:
        // PCI_SATA_REGS_INLINE.
        return (pdev.readConfig(at + 4, 1) & 0x0f) === 0x0f ? 16 : 8;
      default:
        return 0;
    }
  }

  /** `vfio_msi_cap_len()`. */
  private msiLength(at: number): number {
    const flags = this.pdev.readConfig(at + PCI_MSI_FLAGS, 2);
    const length =
      10 + ((flags & PCI_MSI_FLAGS_64BIT) === 0 ? 0 : 4) + ((flags & PCI_MSI_FLAGS_MASKBIT) === 0 ? 0 : 10);
    this.msi ??= msiPerm(flags, length);
    return length;
  }

  /** Root complex endpoints have no link. */
  private expressLength(flags: number): number {
    const hasLink = (flags & PCI_EXP_FLAGS_TYPE) >> 4 !== PCI_EXP_TYPE.RC_END;
    if ((flags & PCI_EXP_FLAGS_VERS) === 1) return hasLink ? 0x14 : 0x0c;
    return hasLink ? 0x3c : 0x2c;
  }

  private testExtended(): void {
    const { pdev } = this;
    if (pdev.configSize > PCI_CFG_SPACE_SIZE) this.hasExtended = pdev.readConfig(PCI_CFG_SPACE_SIZE, 4) !== 0;
  }

  /** `vfio_ecap_init()`. */
  private initExtended(): void {
    if (!this.hasExtended) return;
    const { pdev, vconfig } = this;
    let previous: number | undefined;
    let found = 0;
    let at = PCI_CFG_SPACE_SIZE;
    for (
      let loops = (pdev.configSize - PCI_CFG_SPACE_SIZE) / 4;
      at >= PCI_CFG_SPACE_SIZE && loops > 0;
      loops--
    ) {
      const header = pdev.readConfig(at, 4);
      const id = header & 0xffff;
      const next = extendedNext(header);
      const length = this.extendedLengthOf(id, at);
      if (length === 0 && previous !== undefined) {
        const before = vconfig.getUint32(previous, true);
        vconfig.setUint32(previous, ((before & 0x000f_ffff) | (next << 20)) >>> 0, true);
        at = next;
        continue;
      }
      // The first capability of the chain cannot be removed: its id is hidden, and its next pointer stays.
      this.own(id, at, length === 0 ? 4 : length);
      if (length === 0) vconfig.setUint32(at, (vconfig.getUint32(at, true) & 0xffc0_0000) >>> 0, true);
      else found++;
      previous = at;
      at = next;
    }
    if (found === 0) vconfig.setUint32(PCI_CFG_SPACE_SIZE, 0, true);
  }

  private extendedLengthOf(id: number, at: number): number {
    const length = EXTENDED_LENGTHS[id] ?? 0;
    return length === 'own' ? this.ownExtendedLength(id, at) : length;
  }

  /** `vfio_ext_cap_len()`. */
  private ownExtendedLength(id: number, at: number): number {
    const { pdev } = this;
    switch (id) {
      case PCI_EXT_CAP_ID.VNDR:
      case PCI_EXT_CAP_ID.DVSEC:
        return pdev.readConfig(at + 4, 4) >>> 20;
      case PCI_EXT_CAP_ID.ACS: {
        // With egress control, a bit vector follows: PCI_ACS_EC.
        if ((pdev.readConfig(at + 4, 1) & 0x20) === 0) return 8;
        const bits = pdev.readConfig(at + 5, 1);
        return 8 + (bits === 0 ? 256 : Math.ceil(bits / 32) * 32) / 8;
      }
      case PCI_EXT_CAP_ID.REBAR:
        return 4 + ((pdev.readConfig(at + 8, 1) & 0xe0) >> 5) * 8;
      case PCI_EXT_CAP_ID.DPA:
        return 16 + (pdev.readConfig(at + 4, 1) & 0x1f) + 1;
      case PCI_EXT_CAP_ID.TPH: {
        const capability = pdev.readConfig(at + 4, 4);
        // PCI_TPH_LOC_CAP: the steering table is in the capability.
        if ((capability & 0x600) !== 0x200) return 12;
        return 12 + Math.ceil((((capability & 0x07ff_0000) >>> 16) * 2 + 2) / 4) * 4;
      }
      case PCI_EXT_CAP_ID.VC:
      case PCI_EXT_CAP_ID.VC9:
      case PCI_EXT_CAP_ID.MFVC:
        return this.vcLength(at);
      default:
        return 0;
    }
  }

  /** `vfio_vc_cap_len()`: the channels, and an arbitration table with four bits for each phase. */
  private vcLength(at: number): number {
    const { pdev } = this;
    const more = pdev.readConfig(at + 4, 4) & 7;
    const supported = pdev.readConfig(at + 8, 4);
    const length = 0x10 + (1 + more) * 0x0c;
    const phases = [128, 64, 32].find((_, i) => (supported & (8 >> i)) !== 0) ?? 0;
    return phases === 0 ? length : Math.ceil(length / 16) * 16 + (phases * 4) / 8;
  }

  /** `vfio_find_cap_start()`. */
  startOf(at: number): number {
    const id = this.owner[at];
    const first = at < PCI_CFG_SPACE_SIZE ? PCI_STD_HEADER_SIZEOF : PCI_CFG_SPACE_SIZE;
    let start = at;
    // Adjacent capabilities with the same id are treated as one.
    while (start > first && this.owner[start - 1] === id) start--;
    return start;
  }
}
