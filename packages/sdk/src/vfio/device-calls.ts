/** The arguments of the methods of {@link VfioDevice}: their types, and the checks of each call. */
import { Call } from '../calls/arguments/call.js';
import { arrayOf, byteCount, flag, guarded, oneOf, optional, record, u32 } from '../calls/arguments/kinds.js';
import { dmaLoggingOptions } from './dma-logging.js';
import { type Eventfd, eventfdKind } from './eventfd.js';
import { DEVICE_FEATURE_NAMES } from './feature.js';
import { type InterruptKind, irqIndexes, regionIndexes, type RegionName } from './indexes.js';
import { interruptOptions } from './interrupts.js';

/** Bits of a PCI function's command register. Omitted bits do not change. */
export interface PciCommand {
  /** Enables accesses to I/O port BARs. */
  readonly io?: boolean;
  /** Enables accesses to memory BARs. */
  readonly memory?: boolean;
  /** Enables DMA and interrupt messages. */
  readonly busMaster?: boolean;
}

/** Options of {@link Iommufd.openDevice}. */
export interface OpenDeviceOptions {
  /**
   * The token of a virtual function, or of a physical function whose virtual functions are in use: 16 bytes, or a UUID as text.
   * See {@link VfioDevice.setVfToken}.
   */
  readonly token?: Uint8Array | string;
}

/** A part of a region. */
export interface RegionPart {
  /** Offset of the first byte, a multiple of the page size. */
  readonly offset: number;
  /** Length in bytes, a multiple of the page size. */
  readonly length: number;
}

/** Options of {@link VfioDevice.enterLowPower}. */
interface LowPowerOptions {
  readonly wakeup?: Eventfd;
}

const UUID_SIZE = 16;

/** 16 bytes, or 32 hex digits with dashes between them. */
const token = guarded(
  '16 bytes, or a UUID such as "01234567-89ab-cdef-0123-456789abcdef"',
  (value): value is Uint8Array | string =>
    value instanceof Uint8Array
      ? value.length === UUID_SIZE
      : typeof value === 'string' && /^[0-9a-f]{32}$/i.test(value.replaceAll('-', '')),
);

/** The bytes of a token. */
export function bytesOfToken(value: Uint8Array | string): Uint8Array {
  if (typeof value !== 'string') return value;
  const digits = value.replaceAll('-', '');
  return Uint8Array.from({ length: UUID_SIZE }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** {@link OpenDeviceOptions} */
export const openDeviceOptions = record<OpenDeviceOptions>({ token: optional(token) });

/** The names of regions, by index. */
export const REGION_NAMES = Object.keys(regionIndexes) as readonly RegionName[];
const IRQ_NAMES = Object.keys(irqIndexes) as readonly InterruptKind[];
const part = record<RegionPart>({ offset: byteCount(0), length: byteCount(1) });

/** The name of a region of a PCI device, or the index of a driver-specific region, as an argument. */
const regionIndex = guarded(
  `one of ${REGION_NAMES.join(', ')}, or an index`,
  (value): value is RegionName | number =>
    (typeof value === 'string' && Object.hasOwn(regionIndexes, value)) ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 0),
);

/** The calls, by the names of the methods. */
export const calls = {
  region: new Call('VfioDevice.region', { region: regionIndex }),
  pciCommand: new Call('VfioDevice.pciCommand', {
    command: record<PciCommand>({
      io: optional(flag),
      memory: optional(flag),
      busMaster: optional(flag),
    }),
  }),
  enableMessages: new Call('VfioDevice.enableInterrupts', {
    kind: oneOf(IRQ_NAMES),
    options: interruptOptions,
  }),
  enableInterrupts: new Call('VfioDevice.enableInterrupts', { kind: oneOf(IRQ_NAMES) }),
  hotResetInfo: new Call('VfioDevice.hotResetInfo'),
  hotReset: new Call('VfioDevice.hotReset'),
  supports: new Call('VfioDevice.supports', { feature: oneOf(DEVICE_FEATURE_NAMES) }),
  enterLowPower: new Call('VfioDevice.enterLowPower', {
    options: optional(record<LowPowerOptions>({ wakeup: optional(eventfdKind) })),
  }),
  exitLowPower: new Call('VfioDevice.exitLowPower'),
  setBusMaster: new Call('VfioDevice.setBusMaster', { on: flag }),
  setVfToken: new Call('VfioDevice.setVfToken', { token }),
  dmaBuf: new Call('VfioDevice.dmaBuf', { region: regionIndex, parts: arrayOf('an array of parts', part) }),
  migration: new Call('VfioDevice.migration'),
  startDmaLogging: new Call('VfioDevice.startDmaLogging', { options: dmaLoggingOptions }),
  info: new Call('VfioDevice.info'),
  regionInfo: new Call('VfioDevice.regionInfo', { index: u32 }),
  irqInfo: new Call('VfioDevice.irqInfo', { index: u32 }),
  reset: new Call('VfioDevice.reset'),
};
