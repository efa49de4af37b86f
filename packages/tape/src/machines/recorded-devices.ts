/**
 * The PCI functions of the machines that the VFIO tapes were recorded on. Their configuration space is what sysfs showed
 * (`recorded-functions.ts`). Of the registers in the BARs, only those that the tapes read are modelled.
 */
import {
  type BarDeclaration,
  type ConfigImage,
  createDevice,
  edu,
  type FakePciDevice,
  type FirmwareNode,
  type LegacyVga,
  ioPorts,
  nvme,
  ram,
  type RegisterBits,
  type Registers,
  registers,
  restorable,
  testdev,
} from '@iommufd/fakekernel';
import { fromHex } from '@iommufd/uapi/struct';
import { RECORDED_FUNCTIONS, type RecordedFunction } from './recorded-functions.js';

/** A function and its PCI address. */
export interface PlacedDevice {
  readonly at: string;
  readonly device: FakePciDevice;
  readonly firmware?: FirmwareNode | undefined;
  /** Set if the function's own driver was bound before vfio-pci. `dmaBits`: the width of its DMA mask. */
  readonly usedBefore?: { readonly dmaBits: number } | undefined;
}

/** Schedules work after a number of milliseconds. */
type Later = (milliseconds: number, work: () => void) => void;

/** Read-only registers. @param known values by offset; all other registers read as zero */
const values = restorable('tapes.values', (known: Readonly<Record<number, number>> = {}): Registers => ({
  read: (offset, size) => {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) {
      const word = known[(offset + i) & ~3] ?? 0;
      value = (value << 8n) | BigInt((word >>> (8 * ((offset + i) & 3))) & 0xff);
    }
    return value;
  },
  write: () => undefined,
}));

function recorded(machine: string, name: string): RecordedFunction {
  const found = RECORDED_FUNCTIONS[machine]?.[name];
  if (found === undefined) throw new Error(`no function ${name} was recorded on ${machine}`);
  return found;
}

/** The recorded configuration space of a function. QEMU's functions keep values that are written to bytes outside every capability. */
function configOf(machine: string, name: string, bits: readonly RegisterBits[] = []): ConfigImage {
  const { configSize, config } = recorded(machine, name);
  const bytes = new Uint8Array(configSize);
  for (const [offset, hex] of config) bytes.set(fromHex(hex), offset);
  return { bytes, registers: bits, spareIsMemory: true };
}

/** The PCI address of a function and its ACPI node. All functions have a node; for most, the recorder read which one. */
function placeOf(machine: string, name: string): Omit<PlacedDevice, 'device'> {
  const unknown = { directory: '/sys/devices/LNXSYSTM:00', path: '' };
  const { bdf: at, firmware = unknown } = recorded(machine, name);
  // The recorded kernel has drivers for virtio, and for none of the other devices.
  const usedBefore = name.startsWith('virtio') ? { dmaBits: 64 } : undefined;
  return { at, usedBefore, firmware };
}

/** The BARs of a function, with the sizes that sysfs showed. */
type Bars = readonly (BarDeclaration | undefined)[];

/** A ROM with one image: only its signatures and its length are valid. */
function romImage(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xaa55, true);
  view.setUint16(0x18, 0x1c, true);
  view.setUint32(0x1c, 0x5249_4350, true);
  view.setUint16(0x1c + 0x10, length / 512, true);
  view.setUint8(0x1c + 0x15, 0x80);
  return bytes;
}

/** A recorded function with these BARs. */
function described(
  machine: string,
  name: string,
  bars: Bars,
  more: {
    readonly bits?: readonly RegisterBits[];
    readonly rom?: { readonly bytes: Uint8Array; readonly size: number };
    readonly legacyVga?: LegacyVga;
  } = {},
): PlacedDevice {
  const { bits, ...rest } = more;
  const config = configOf(machine, name, bits);
  return {
    ...placeOf(machine, name),
    device: createDevice({ vendor: 0, device: 0, config, bars, ...rest }),
  };
}

function made(
  machine: string,
  name: string,
  make: (config: ConfigImage) => FakePciDevice,
  bits: readonly RegisterBits[] = [],
): PlacedDevice {
  return { ...placeOf(machine, name), device: make(configOf(machine, name, bits)) };
}

/** The offset of the STATUS register of Intel's network functions. */
const INTEL_STATUS = 0x8;

const E1000E_BARS: Bars = [
  registers(128 << 10, values({ 0: 0x0014_0241, [INTEL_STATUS]: 0x0008_0283 })),
  registers(128 << 10, values()),
  // IOADDR, with the value that the firmware left in it.
  ioPorts(32, values({ 0: 0x5b50 })),
  registers(16 << 10, values()),
];
const E1000E_ROM = { bytes: romImage(128 << 10), size: 256 << 10 };

/**
 * The bits of an Express capability that QEMU lets software write: error reporting, if the function has it; FLR; and in version 2 of
 * the capability, the bit for TLP prefixes. Link control is read-only.
 */
function expressBits(
  at: number,
  has: { readonly errors: boolean; readonly flr?: boolean; readonly second: boolean },
): RegisterBits[] {
  return [
    { at: at + 0x08, size: 2, writable: (has.errors ? 0x000f : 0) | (has.flr === true ? 0x8000 : 0) },
    { at: at + 0x10, size: 2 },
    ...(has.second ? [{ at: at + 0x28, size: 2 as const, writable: 0x8000 }] : []),
    // The header of the first extended capability is read-only, even if the function has no extended capability.
    { at: 0x100, size: 4 },
  ];
}

/** The power management capability of e1000e and of igb has a writable Data_Select field. */
const E1000E_BITS: readonly RegisterBits[] = [
  ...expressBits(0xe0, { errors: false, second: false }),
  { at: 0xcc, size: 2, writable: 0x1e03 },
];

/** The fields of virtio's PCI configuration access capability: BAR, offset, length and data. */
const virtioBits = (at: number): RegisterBits[] => [
  { at: at + 4, size: 1, writable: 0xff },
  ...[8, 12, 16].map((offset) => ({ at: at + offset, size: 4 as const, writable: 0xffff_ffff })),
];

/** The devices of the machines `sm`, `fs` and `leg`, which differ only in their IOMMU. */
export function standardDevices(later: Later): PlacedDevice[] {
  const sm = 'sm';
  const eduAt = (name: string): PlacedDevice => made(sm, name, (config) => edu({ config, later }));
  return [
    eduAt('edu'),
    described(sm, 'e1000e', E1000E_BARS, { rom: E1000E_ROM, bits: E1000E_BITS }),
    made(sm, 'testdev', (config) => testdev({ config })),
    described(
      sm,
      'virtio',
      [undefined, registers(4096, values()), undefined, undefined, registers(16 << 10, values(), HIGH)],
      { rom: E1000E_ROM, bits: virtioBits(0x84) },
    ),
    eduAt('edu-mf0'),
    { at: '00:07.1', device: edu({ config: secondEdu(), later }) },
    made(sm, 'nvme', (config) => nvme({ config, serial: 'tape', model: 'QEMU NVMe Ctrl' }), [
      ...expressBits(0x80, { errors: true, flr: true, second: true }),
      { at: 0x64, size: 2, writable: 3 },
    ]),
    described(sm, 'e1000e-mf', E1000E_BARS, { rom: E1000E_ROM, bits: E1000E_BITS }),
    eduAt('edu-mf1'),
    ...igbWithFunctions(),
  ];
}

const HIGH = { is64: true, prefetchable: true };

/** The second function of slot 7: a copy of the first, with the next address range as its BAR. */
function secondEdu(): ConfigImage {
  const image = configOf('sm', 'edu-mf0');
  const view = new DataView(image.bytes.buffer);
  view.setUint32(0x10, 0xfe20_0000, true);
  view.setUint8(0x0e, 0);
  return image;
}

/** An igb with two of its virtual functions. */
function igbWithFunctions(): PlacedDevice[] {
  const pf = described(
    'sm',
    'igb',
    [
      registers(128 << 10, values()),
      registers(128 << 10, values()),
      ioPorts(32, values()),
      registers(16 << 10, values(), { is64: true }),
    ],
    {
      bits: [
        ...expressBits(0xa0, { errors: true, flr: true, second: true }),
        { at: 0x44, size: 2, writable: 0x1e03 },
      ],
    },
  );
  const virtual = (at: string): PlacedDevice => ({
    at,
    device: createDevice({
      vendor: 0xffff,
      device: 0xffff,
      physicalFunction: pf.device,
      config: {
        bytes: virtualImage(),
        registers: expressBits(0xa0, { errors: true, flr: true, second: true }),
        spareIsMemory: true,
      },
      bars: [registers(16 << 10, values(), HIGH), undefined, undefined, registers(16 << 10, values(), HIGH)],
    }),
  });
  return [pf, virtual('03:10.0'), virtual('03:10.2')];
}

/**
 * Configuration space of a virtual function of igb, as the tape `vf-info` shows it: ids of ones, MSI-X at 0x70, Express at 0xa0,
 * AER at 0x100, ARI at 0x150.
 */
function virtualImage(): Uint8Array {
  const bytes = new Uint8Array(4096);
  const parts: readonly (readonly [at: number, hex: string])[] = [
    [0x00, 'ffffffff000010000100000200000000'],
    [0x2c, 'f41a001100000000a0'],
    [0x70, '110002000300000003200000'],
    [0xa0, '107002002080001000000000110400000000110000000000000000000000000000000000000030'],
    [0x100, '0100011500000000000040023020460000000000' + '00c00000a0'],
    [0x150, '0e0001'],
  ];
  for (const [at, hex] of parts) bytes.set(fromHex(hex), at);
  return bytes;
}

/** The legacy VGA ports. Only the index of the sequencer keeps the value that is written. */
const vgaPorts = restorable('tapes.vgaPorts', (state: { index: number }): Registers => {
  const SEQUENCER_INDEX = 0x3c4;
  return {
    read: (address) => (address === SEQUENCER_INDEX ? state.index : 0),
    write: (address, _size, value) => {
      if (address === SEQUENCER_INDEX) state.index = Number(value & 0xffn);
    },
  };
});

/** The devices of the machine `extra`. */
export function extraDevices(later: Later): PlacedDevice[] {
  const extra = 'extra';
  return [
    described(extra, 'xhci', [registers(16 << 10, values(), { is64: true })], {
      bits: expressBits(0xa0, { errors: true, second: true }),
    }),
    described(extra, 'vga', [ram(16 << 20, { prefetchable: true }), undefined, registers(4096, values())], {
      legacyVga: { registers: vgaPorts({ index: 0 }), rom: romImage(36 << 10) },
    }),
    described(extra, 'ivshmem', [registers(256, values()), undefined, ram(4 << 20, HIGH)]),
    described(
      extra,
      'virtio-express',
      [undefined, registers(4096, values()), undefined, undefined, registers(16 << 10, values(), HIGH)],
      {
        rom: E1000E_ROM,
        bits: [...virtioBits(0xc8), ...expressBits(0x40, { errors: true, flr: true, second: true })],
      },
    ),
    made(extra, 'edu-bridge', (config) => edu({ config, later })),
    described(extra, 'e1000-bridge', [registers(128 << 10, values()), ioPorts(64, values())], {
      rom: E1000E_ROM,
    }),
  ];
}
