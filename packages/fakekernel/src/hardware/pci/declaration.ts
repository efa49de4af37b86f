/** The declaration of a PCI function: what {@link createDevice} takes. `docs/fake-pci-devices.md` describes it with examples. */
import type { BarDeclaration, Registers, RomDeclaration } from './bar.js';
import type { Capability } from './capability.js';
import type { RegisterBits } from './config-space.js';
import type { FakePciDevice } from './function.js';
import type { Migratable } from './migration.js';

/** Configuration space as bytes, instead of declared capabilities. */
export interface ConfigImage {
  /**
   * Its first bytes, with header and capabilities; all later bytes are zero. A BAR of zero gets an address when the function is
   * plugged in.
   */
  readonly bytes: Uint8Array;
  /** Registers whose bits differ from the specification. */
  readonly registers?: readonly RegisterBits[];
  /** True if bytes that belong to no capability are writable, and keep their values across resets. */
  readonly spareIsMemory?: boolean;
}

/** Memory and ports of a VGA controller that no BAR decodes. */
export interface LegacyVga {
  /** The memory from 0xa0000 to 0xbffff, and the ports from 0x3b0 to 0x3df. The offset is the address. */
  readonly registers: Registers;
  /** The copy of its ROM that the firmware has placed in memory at 0xc0000: up to 128 KiB. */
  readonly rom?: Uint8Array;
}

/** The declaration of a function. */
export interface PciDeviceOptions {
  /** Vendor id, 16 bits. */
  readonly vendor: number;
  /** Device id. */
  readonly device: number;
  /** Subsystem vendor id. */
  readonly subsystemVendor?: number;
  /** Subsystem device id. */
  readonly subsystemDevice?: number;
  /** 24-bit class code. Default: 0x00ff00, unclassified. */
  readonly class?: number;
  /** 8-bit revision id. */
  readonly revision?: number;
  /** The INTx pin: 1 is INTA; 0 is none. Default: 1. */
  readonly interruptPin?: 0 | 1 | 2 | 3 | 4;
  /** BARs by index. The index after a 64-bit BAR must be undefined. */
  readonly bars?: readonly (BarDeclaration | undefined)[];
  /** The expansion ROM. */
  readonly rom?: RomDeclaration;
  /** Capabilities in the order of the chain: {@link pm}, {@link msi}, {@link msix}, {@link express}, {@link aer}, ... */
  readonly capabilities?: readonly Capability[];
  /** Configuration space as bytes, which then contain ids, class, pin and capabilities. */
  readonly config?: ConfigImage;
  /** For a VGA controller: the registers at the legacy addresses. */
  readonly legacyVga?: LegacyVga;
  /** Called when the function is reset, to reset the device's own registers. Configuration space has been reset before. */
  reset?(): void;
  /** The migration support of the device. If present, it also logs its writes to memory. */
  readonly migration?: Migratable;
  /** For a virtual function: its physical function. */
  readonly physicalFunction?: FakePciDevice;
  /**
   * Of a physical function with {@link sriov}: what its virtual functions are made of, which the program creates by `sriov_numvfs`.
   * Without it they have no BARs, and can be reset.
   */
  virtualFunction?(index: number): VirtualFunctionOptions;
}

/** The declaration of a virtual function. The capability of its physical function has its ids. */
export type VirtualFunctionOptions = Omit<
  PciDeviceOptions,
  'vendor' | 'device' | 'interruptPin' | 'physicalFunction' | 'rom' | 'legacyVga'
>;
