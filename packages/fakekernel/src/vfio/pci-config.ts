/**
 * Access of a program to configuration space: `vfio_pci_config_rw()` of Linux's `vfio_pci_config.c`. An access is split into
 * aligned pieces of 4, 2 or 1 bytes, each within one capability. The capability determines how a piece is read and written.
 */
import { Errno, fail } from '../errno.js';
import type { ConfigAccessSize } from '../hardware/pci/config-space.js';
import {
  PCI_BASE_ADDRESS_0,
  PCI_CAP_ID,
  PCI_CAP_LIST_NEXT,
  PCI_CFG_SPACE_SIZE,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MEMORY,
  PCI_EXP_DEVCAP,
  PCI_EXP_DEVCAP_FLR,
  PCI_EXP_DEVCTL,
  PCI_EXP_DEVCTL_BCR_FLR,
  PCI_EXP_DEVCTL_PAYLOAD,
  PCI_EXP_DEVCTL_READRQ,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_ENABLE,
  PCI_MSI_FLAGS_QSIZE,
  PCI_PM_CTRL,
  PCI_PM_CTRL_STATE_MASK,
  PCI_ROM_ADDRESS,
  PCI_ROM_ADDRESS_ENABLE,
  PCI_ROM_RESOURCE,
  PCI_STD_NUM_BARS,
} from '../hardware/pci/registers.js';
import { PowerState } from '../pci/power.js';
import { tryResetFunction } from '../pci/reset.js';
import type { UserMemory } from '../process/user-memory.js';
import type { VfioPciCore } from './pci-core.js';
import { ConfigMap, PCI_CAP_ID_BASIC, PCI_CAP_ID_INVALID } from './pci-config-map.js';
import {
  basicPerm,
  capPerms,
  ecapPerms,
  type PermBits,
  RAW_EXTENDED_WRITES,
  RAW_WRITES,
} from './pci-config-perm.js';

/** A piece of an access. */
interface Piece {
  readonly at: number;
  readonly size: ConfigAccessSize;
  /** Offset from the start of its capability. */
  readonly offset: number;
}

/** End of the BARs, and offset of the ROM's register. */
const BARS_END = PCI_BASE_ADDRESS_0 + 4 * PCI_STD_NUM_BARS;

/** Configuration space of an open device. */
export class VfioPciConfig {
  private readonly map: ConfigMap;
  /** True if a BAR was written, and is not yet masked to its size. */
  private barDirty = true;

  constructor(private readonly core: VfioPciCore) {
    this.map = new ConfigMap(core.pdev, core.hasNoIntx);
  }

  /** The virtual command register. */
  get command(): number {
    return this.map.vconfig.getUint16(PCI_COMMAND, true);
  }

  /** The virtual interrupt pin: 0 if INTx cannot be used. */
  get interruptPin(): number {
    return this.map.vconfig.getUint8(0x3d);
  }

  /** Reads into a program's memory. @returns the number of bytes @throws EFAULT */
  read(memory: UserMemory, address: bigint, count: number, position: number): number {
    return this.pieces(count, position, (piece, done) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, this.readPiece(piece), true);
      memory.write(address + BigInt(done), bytes.subarray(0, piece.size));
    });
  }

  /** Writes from a program's memory. @returns the number of bytes @throws EFAULT; the bytes before have been written then */
  write(memory: UserMemory, address: bigint, count: number, position: number): number {
    return this.pieces(count, position, (piece, done) => {
      if (!this.canWrite(piece)) return;
      const bytes = new Uint8Array(4);
      bytes.set(memory.read(address + BigInt(done), piece.size));
      this.writePiece(piece, new DataView(bytes.buffer).getUint32(0, true));
    });
  }

  private pieces(count: number, position: number, each: (piece: Piece, done: number) => void): number {
    const { configSize } = this.core.pdev;
    for (let done = 0; done < count;) {
      const at = position + done;
      // Before each piece, the whole remaining range is checked.
      if (at >= configSize || position + count > configSize) throw fail('EFAULT');
      const left = Math.min(count - done, this.remaining(at));
      const size = left >= 4 && at % 4 === 0 ? 4 : left >= 2 && at % 2 === 0 ? 2 : 1;
      const id = this.map.owner[at] ?? PCI_CAP_ID_INVALID;
      const start = id === PCI_CAP_ID_BASIC ? 0 : id === PCI_CAP_ID_INVALID ? at : this.map.startOf(at);
      each({ at, size, offset: at - start }, done);
      done += size;
    }
    return count;
  }

  /** `vfio_pci_cap_remaining_dword()`. */
  private remaining(at: number): number {
    const { owner } = this.map;
    let length = 1;
    while ((at + length) % 4 !== 0 && owner[at + length] === owner[at]) length++;
    return length;
  }

  private ownerOf({ at }: Piece): number {
    return this.map.owner[at] ?? PCI_CAP_ID_INVALID;
  }

  private isExtended({ at }: Piece): boolean {
    return at >= PCI_CFG_SPACE_SIZE;
  }

  /**
   * The permissions of a piece's capability; undefined if it is read from the hardware, and either read-only or written
   * unchanged.
   */
  private permOf(piece: Piece): PermBits | undefined {
    const id = this.ownerOf(piece);
    if (this.isExtended(piece)) return ecapPerms.get(id);
    if (id === PCI_CAP_ID_BASIC) return basicPerm;
    return id === PCI_CAP_ID.MSI ? this.map.msi : capPerms.get(id);
  }

  private isRaw(piece: Piece): boolean {
    const id = this.ownerOf(piece);
    if (id === PCI_CAP_ID_INVALID) return true;
    return (this.isExtended(piece) ? RAW_EXTENDED_WRITES : RAW_WRITES).has(id);
  }

  private canWrite(piece: Piece): boolean {
    return this.isRaw(piece) || this.permOf(piece) !== undefined;
  }

  private readPiece(piece: Piece): number {
    const { at, size, offset } = piece;
    if (this.ownerOf(piece) === PCI_CAP_ID_INVALID) return this.core.pdev.readConfig(at, size);
    const perm = this.permOf(piece);
    if (perm === undefined) return this.readDirectly(piece);
    if (perm === basicPerm && isBar(offset)) this.fixBars();
    return this.readByBits(piece, perm);
  }

  /** `vfio_direct_config_read()`: reads from the hardware, except for the capability chain. */
  private readDirectly(piece: Piece): number {
    const { at, size, offset } = piece;
    let value = this.core.pdev.readConfig(at, size);
    const virtual = this.virtual(at, size);
    if (this.isExtended(piece)) {
      if (offset < 4) value = virtual;
    } else if (offset === 0 && size > 1) value = (value & ~0xffff) | (virtual & 0xffff);
    else if (offset === PCI_CAP_LIST_NEXT) value = (value & ~0xff) | (virtual & 0xff);
    return value >>> 0;
  }

  /** `vfio_default_config_read()`. */
  private readByBits({ at, size, offset }: Piece, perm: PermBits): number {
    const virt = perm.virtual(offset, size);
    const virtual = this.virtual(at, size) & virt;
    const isAll = virt === (size === 4 ? 0xffff_ffff : 2 ** (8 * size) - 1);
    return (isAll ? virtual : (this.core.pdev.readConfig(at, size) & ~virt) | virtual) >>> 0;
  }

  private virtual(at: number, size: ConfigAccessSize): number {
    const { vconfig } = this.map;
    if (size === 4) return vconfig.getUint32(at, true);
    return size === 2 ? vconfig.getUint16(at, true) : vconfig.getUint8(at);
  }

  private writePiece(piece: Piece, value: number): void {
    const perm = this.permOf(piece);
    if (this.isRaw(piece) || perm === undefined) {
      this.core.pdev.writeConfig(piece.at, piece.size, value);
      return;
    }
    if (this.isExtended(piece)) {
      this.writeByBits(piece, perm, value);
      return;
    }
    switch (this.ownerOf(piece)) {
      case PCI_CAP_ID_BASIC:
        this.writeBasic(piece, perm, value);
        break;
      case PCI_CAP_ID.PM:
        this.writePm(piece, perm, value);
        break;
      case PCI_CAP_ID.EXP:
        this.writeExpress(piece, perm, value);
        break;
      case PCI_CAP_ID.MSI:
        this.writeMsi(piece, perm, value);
        break;
      default:
        this.writeByBits(piece, perm, value);
    }
  }

  /** `vfio_default_config_write()`. */
  private writeByBits({ at, size, offset }: Piece, perm: PermBits, value: number): void {
    const write = perm.writable(offset, size);
    const virt = perm.virtual(offset, size);
    const toVirtual = write & virt;
    if (toVirtual !== 0)
      this.setVirtual(at, size, (this.virtual(at, size) & ~toVirtual) | (value & toVirtual));
    const toHardware = write & ~virt;
    if (toHardware === 0) return;
    const { pdev } = this.core;
    pdev.writeConfig(at, size, ((pdev.readConfig(at, size) & ~toHardware) | (value & toHardware)) >>> 0);
  }

  private setVirtual(at: number, size: ConfigAccessSize, value: number): void {
    const { vconfig } = this.map;
    if (size === 4) vconfig.setUint32(at, value >>> 0, true);
    else if (size === 2) vconfig.setUint16(at, value, true);
    else vconfig.setUint8(at, value);
  }

  /** `vfio_basic_config_write()`. */
  private writeBasic(piece: Piece, perm: PermBits, value: number): void {
    const { offset } = piece;
    const spaces = PCI_COMMAND_MEMORY | PCI_COMMAND_IO;
    // Both bits are in the first byte of the register.
    const isCommand = offset === PCI_COMMAND;
    const { dmaBufs } = this.core;
    if (isCommand && (value & PCI_COMMAND_MEMORY) === 0) dmaBufs?.revoke();
    if (isCommand && this.mustRestoreBars(value)) this.restoreBars();
    this.writeByBits(piece, perm, value);
    if (isCommand) {
      // Stored for the next such test, because otherwise the hardware has these bits.
      this.setVirtual(PCI_COMMAND, 2, (this.command & ~spaces) | (value & spaces));
      dmaBufs?.restore();
    }
    if (offset >= PCI_COMMAND && offset <= PCI_COMMAND + 1)
      this.core.setIntxDisabled((this.command & PCI_COMMAND_INTX_DISABLE) !== 0);
    if (isBar(offset)) this.barDirty = true;
  }

  /**
   * True if memory or I/O decoding must stay enabled, but the hardware has it disabled or has lost its BARs: the function was
   * reset without VFIO.
   */
  private mustRestoreBars(command: number): boolean {
    const { pdev } = this.core;
    const physical = pdev.readConfig(PCI_COMMAND, 2);
    const lost = (bit: number): boolean =>
      (command & bit) !== 0 && (this.command & bit) !== 0 && (physical & bit) === 0;
    if ((lost(PCI_COMMAND_MEMORY) && !pdev.hasNoMemoryBit) || lost(PCI_COMMAND_IO)) return true;
    // `vfio_need_bar_restore()`
    if (pdev.isVirtual) return false;
    return this.map.barsAtOpen
      .slice(0, PCI_STD_NUM_BARS)
      .some((bar, index) => bar !== 0 && pdev.readConfig(PCI_BASE_ADDRESS_0 + 4 * index, 4) !== bar);
  }

  /** `vfio_bar_restore()`. */
  private restoreBars(): void {
    const { pdev } = this.core;
    if (pdev.isVirtual) return;
    for (const [index, bar] of this.map.barsAtOpen.entries())
      pdev.writeConfig(index === PCI_ROM_RESOURCE ? PCI_ROM_ADDRESS : PCI_BASE_ADDRESS_0 + 4 * index, 4, bar);
  }

  /** `vfio_bar_fixup()`: masks the written BARs to their size, and sets their type bits. */
  private fixBars(): void {
    if (!this.barDirty) return;
    const { resources } = this.core.pdev;
    const { vconfig } = this.map;
    for (let index = 0; index < PCI_STD_NUM_BARS; index++) {
      const at = PCI_BASE_ADDRESS_0 + 4 * index;
      const resource = resources[index];
      if (resource === undefined || resource.start === 0n) {
        vconfig.setUint32(at, 0, true);
        continue;
      }
      const { bar, length } = resource;
      const mask = ~(BigInt(length) - 1n);
      const type = bar.isIo ? 1 : (bar.is64 ? 4 : 0) | (bar.isPrefetchable ? 8 : 0);
      vconfig.setUint32(
        at,
        (Number(BigInt(vconfig.getUint32(at, true)) & mask & 0xffff_ffffn) | type) >>> 0,
        true,
      );
      if (!bar.is64) continue;
      index++;
      const high = BigInt(vconfig.getUint32(at + 4, true)) & (mask >> 32n) & 0xffff_ffffn;
      vconfig.setUint32(at + 4, Number(high), true);
    }
    const rom = resources[PCI_ROM_RESOURCE];
    const size = rom !== undefined && rom.start !== 0n ? rom.length : 0;
    const mask = size === 0 ? 0 : ~(size - 1) | PCI_ROM_ADDRESS_ENABLE;
    vconfig.setUint32(PCI_ROM_ADDRESS, (vconfig.getUint32(PCI_ROM_ADDRESS, true) & mask) >>> 0, true);
    this.barDirty = false;
  }

  /** `vfio_pm_config_write()`: VFIO sets the power state. */
  private writePm(piece: Piece, perm: PermBits, value: number): void {
    this.writeByBits(piece, perm, value);
    if (piece.offset !== PCI_PM_CTRL) return;
    // `vfio_lock_and_set_power_state()`
    const state = (value & PCI_PM_CTRL_STATE_MASK) as PowerState;
    if (state >= PowerState.D3hot) this.core.dmaBufs?.revoke();
    this.core.setPowerState(state);
    this.core.dmaBufs?.restore();
  }

  /** `vfio_exp_config_write()`: handles FLR, and read requests, which must not be smaller than the hardware's payload. */
  private writeExpress(piece: Piece, perm: PermBits, value: number): void {
    const { pdev } = this.core;
    const at = piece.at - piece.offset;
    const control = (): number => this.virtual(at + PCI_EXP_DEVCTL, 2);
    const readRequest = control() & PCI_EXP_DEVCTL_READRQ;
    this.writeByBits(piece, perm, value);
    if ((control() & PCI_EXP_DEVCTL_BCR_FLR) !== 0) {
      this.setVirtual(at + PCI_EXP_DEVCTL, 2, control() & ~PCI_EXP_DEVCTL_BCR_FLR);
      if ((pdev.readConfig(at + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR) !== 0)
        ignoring(() => this.core.resetUnreached(() => tryResetFunction(pdev)));
    }
    const wanted = control() & PCI_EXP_DEVCTL_READRQ;
    if (wanted === readRequest) return;
    const physical = pdev.readConfig(at + PCI_EXP_DEVCTL, 2);
    const payload = (physical & PCI_EXP_DEVCTL_PAYLOAD) >> 5;
    const set = Math.max(wanted >> 12, payload) << 12;
    // `pcie_set_readrq()` supports 128 to 4096 bytes.
    if (set >> 12 <= 5) pdev.writeConfig(at + PCI_EXP_DEVCTL, 2, (physical & ~PCI_EXP_DEVCTL_READRQ) | set);
  }

  /** `vfio_msi_config_write()`: enable and queue size reach the hardware only as far as SET_IRQS has enabled MSI. */
  private writeMsi(piece: Piece, perm: PermBits, value: number): void {
    const { offset, size } = piece;
    this.writeByBits(piece, perm, value);
    if (offset > PCI_MSI_FLAGS || offset + size < PCI_MSI_FLAGS) return;
    const at = piece.at - offset + PCI_MSI_FLAGS;
    let flags = this.virtual(at, 2);
    if (this.core.irqType !== 'msi') flags &= ~PCI_MSI_FLAGS_ENABLE;
    if ((flags & PCI_MSI_FLAGS_QSIZE) >> 4 > this.core.msiQmax)
      flags = (flags & ~PCI_MSI_FLAGS_QSIZE) | (this.core.msiQmax << 4);
    this.setVirtual(at, 2, flags);
    this.core.pdev.writeConfig(at, 2, flags);
  }
}

function isBar(offset: number): boolean {
  return (
    (offset >= PCI_BASE_ADDRESS_0 && offset < BARS_END) ||
    (offset >= PCI_ROM_ADDRESS && offset < PCI_ROM_ADDRESS + 4)
  );
}

/** Runs work whose failure the program does not see. */
function ignoring(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof Errno)) throw cause;
  }
}
