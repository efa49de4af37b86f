/**
 * Regions of a VFIO device: BARs, the ROM, configuration space. {@link VfioDevice.region} returns one. Its methods make `pread()` and
 * `pwrite()` calls; `map()` maps it, if the device allows that.
 */
import { VFIO_DEVICE_IOEVENTFD } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import {
  byteCount,
  type Kind,
  oneOfNumbers,
  optional,
  record,
  guarded,
  u32,
  u64,
} from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import { accessMeaning } from '../calls/causes/region.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import type { VfioDevice } from '../objects/vfio-device.js';
import type { Eventfd } from './eventfd.js';
import { eventfdKind } from './eventfd.js';
import { RegionMapping } from './region-mapping.js';
import { registerCalls, Registers, type RegisterSize } from './registers.js';

/** The part of a region to map. */
export interface RegionMapOptions {
  /** The first byte, a multiple of the page size; 0 by default. */
  readonly offset?: number;
  /** Length in bytes; up to the end by default. */
  readonly length?: number;
}

/** A write that the kernel makes when an eventfd is signalled. */
export type SignalledWrite =
  | {
      /** Offset in the region, in bytes. */
      readonly offset: number;
      /** Size of the value, in bytes. */
      readonly size: 1 | 2 | 4;
      /** The value to write. */
      readonly value: number;
    }
  | {
      /** Offset in the region, in bytes. */
      readonly offset: number;
      /** Size of the value, in bytes. */
      readonly size: 8;
      /** The value to write. */
      readonly value: bigint;
    };

/** A write to a register that an eventfd triggers, until it is closed (VFIO_DEVICE_IOEVENTFD). */
export interface Ioeventfd extends Disposable {
  /** Removes it from the kernel. Closing twice does nothing. */
  close(): void;
}

const narrowWrite = record<{ readonly offset: number; readonly size: number; readonly value: number }>({
  offset: byteCount(0),
  size: oneOfNumbers([1, 2, 4, 8]),
  value: u32,
});
const wideWrite = record<{ readonly offset: number; readonly size: number; readonly value: bigint }>({
  offset: byteCount(0),
  size: oneOfNumbers([8]),
  value: u64,
});
/** {@link SignalledWrite}, as an argument: its value is a bigint if its size is 8. */
const signalledWrite: Kind<SignalledWrite> = {
  expected: narrowWrite.expected,
  at: (where) => {
    const [narrow, wide] = [narrowWrite.at(where), wideWrite.at(where)];
    return (value, context) => {
      const isWide = typeof value === 'object' && value !== null && Reflect.get(value, 'size') === 8;
      (isWide ? wide : narrow)(value, context);
    };
  },
};

const calls = {
  bytes: new Call('Region.bytes', { offset: byteCount(0), length: byteCount(1) }),
  setBytes: new Call('Region.setBytes', {
    offset: byteCount(0),
    bytes: guarded('a Uint8Array', (each): each is Uint8Array => each instanceof Uint8Array),
  }),
  map: new Call('Region.map', {
    options: optional(
      record<RegionMapOptions>({ offset: optional(byteCount(0)), length: optional(byteCount(1)) }),
    ),
  }),
  writeOn: new Call('Region.writeOn', {
    eventfd: eventfdKind,
    write: signalledWrite,
  }),
};
const checks = registerCalls('Region');

/** The name and position of a region. */
export interface RegionLayout {
  /** `bar0`. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Offset in the device's file, in bytes. */
  readonly position: bigint;
  /** True if it can be mapped (VFIO_REGION_INFO_FLAG_MMAP). */
  readonly canMap: boolean;
}

/** A region of a device. It can be used while the device is open. */
export class Region extends Registers {
  /** Its name; `region 9` for a region that is specific to the driver. */
  readonly name: string;
  readonly size: number;
  /** True if it can be mapped (VFIO_REGION_INFO_FLAG_MMAP). */
  readonly canMap: boolean;
  private readonly position: bigint;
  protected override readonly checks = checks;

  /** @internal */
  constructor(
    /** Its device. */
    readonly device: VfioDevice,
    { name, size, position, canMap }: RegionLayout,
  ) {
    super();
    this.name = name;
    this.size = size;
    this.canMap = canMap;
    this.position = position;
  }

  /**
   * Reads bytes. The kernel accesses the device in the largest aligned pieces that fit.
   * @throws RangeError if the range exceeds the region
   * @throws IommufdError EIO while memory decoding is off; EINVAL if the region cannot be read; EBADF if the device is closed
   */
  bytes(offset: number, length: number): Uint8Array {
    calls.bytes.check(this, offset, length);
    this.checkPart('Region.bytes', offset, length);
    return this.read(offset, length, (bytes) => bytes.slice());
  }

  /**
   * Writes bytes. The kernel accesses the device in the largest aligned pieces that fit.
   * @throws RangeError if the range exceeds the region
   * @throws IommufdError EIO while memory decoding is off; EINVAL if the region cannot be written; EBADF if the device is closed
   */
  setBytes(offset: number, bytes: Uint8Array): void {
    calls.setBytes.check(this, offset, bytes);
    this.checkPart('Region.setBytes', offset, bytes.length);
    if (bytes.length > 0) this.write(offset, bytes.length, (into) => into.set(bytes));
  }

  /**
   * Maps the region or a part of it: `mmap()`. Accesses to the mapping make no system calls.
   * @throws IommufdError EINVAL if the device does not allow it ({@link canMap} is false)
   * @throws RangeError if the part does not start on a page boundary, or exceeds the region
   */
  map(options: RegionMapOptions = {}): RegionMapping {
    const context = calls.map.check(this, options);
    const { offset = 0, length = this.size - offset } = options;
    this.checkPart('Region.map', offset, length);
    if (!this.canMap) {
      const args = { region: this.name, offset, length };
      throw IommufdError.of(
        'EINVAL',
        'mmap',
        args,
        `${this.describe()} cannot be mapped: use its methods to read and write.`,
      );
    }
    return RegionMapping.map(context, this, this.position + BigInt(offset), offset, length);
  }

  /**
   * Makes the kernel write a value to the region whenever an eventfd is signalled: VFIO_DEVICE_IOEVENTFD. The eventfd must stay open
   * until the returned object is closed.
   * @param eventfd the eventfd, whose counter the kernel resets
   * @param write the value and its offset
   * @returns an object that ends the connection when it is closed
   * @throws IommufdError EEXIST if the same write is already connected; ENOSPC if there are too many; EINVAL if the offset is not in a
   *   BAR, or is in the MSI-X table
   * @throws RangeError if the offset is outside of the region
   */
  writeOn(eventfd: Eventfd, write: SignalledWrite): Ioeventfd {
    const context = calls.writeOn.check(this, eventfd, write);
    const { offset, size } = write;
    this.checkPart('Region.writeOn', offset, size);
    if (size < 4 && write.value >= 2 ** (8 * size))
      throw new RangeError(`Region.writeOn: value: ${write.value} has more than ${size} bytes`);
    const args = { flags: size, offset: this.position + BigInt(offset), data: BigInt(write.value) };
    const tie = (fd: number): void => {
      context.calls.ioctl(this.device.fd, VFIO_DEVICE_IOEVENTFD, { ...args, fd });
    };
    tie(eventfd.fd);
    let isTied = true;
    const close = (): void => {
      // Closing the device has already removed the connection.
      if (isTied && !this.device.isClosed) tie(-1);
      isTied = false;
    };
    return { close, [Symbol.dispose]: close };
  }

  /** The region as text: `bar0 of device 2 (/dev/vfio/devices/vfio0)`. */
  describe(): string {
    return `${this.name} of ${this.device.describe()}`;
  }

  /** @internal */
  override openFor(where: Where): Context {
    return this.device.openFor(where);
  }

  protected override load(offset: number, size: RegisterSize): number | bigint {
    this.checkPart('Region.read', offset, size);
    return this.read(offset, size, (bytes) => valueOf(bytes, size));
  }

  protected override store(offset: number, size: RegisterSize, value: number | bigint): void {
    this.checkPart('Region.write', offset, size);
    this.write(offset, size, (bytes) => putValue(bytes, size, value));
  }

  /** @throws RangeError if a part exceeds the region */
  private checkPart(call: string, offset: number, length: number): void {
    if (offset + length <= this.size) return;
    const has = this.size === 0 ? `the device has no ${this.name}` : `${this.name} has ${this.size} bytes`;
    throw new RangeError(`${call}: ${length} bytes at 0x${offset.toString(16)}: ${has}`);
  }

  private read<T>(offset: number, length: number, take: (bytes: Uint8Array) => T): T {
    return this.device.context.calls.frame((alloc) => {
      const { address, bytes } = alloc(length);
      this.transfer('pread', offset, length, address);
      return take(bytes);
    });
  }

  private write(offset: number, length: number, fill: (bytes: Uint8Array) => void): void {
    this.device.context.calls.frame((alloc) => {
      const { address, bytes } = alloc(length);
      fill(bytes);
      this.transfer('pwrite', offset, length, address);
    });
  }

  private transfer(call: 'pread' | 'pwrite', offset: number, length: number, address: bigint): void {
    const { sys } = this.device.context;
    const position = this.position + BigInt(offset);
    const done = retry(() => sys[call](this.device.fd, address, length, position));
    if (done === length) return;
    const args = { fd: this.device.fd, region: this.name, offset, length };
    if (done >= 0)
      throw IommufdError.of('EIO', call, args, `Of the ${length} bytes ${done} were transferred.`);
    const meaning = accessMeaning(this, call, done);
    throw new IommufdError({ call, args, errno: -done }, { meaning });
  }
}

function valueOf(bytes: Uint8Array, size: RegisterSize): number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (size === 1) return view.getUint8(0);
  if (size === 2) return view.getUint16(0, true);
  return size === 4 ? view.getUint32(0, true) : view.getBigUint64(0, true);
}

function putValue(bytes: Uint8Array, size: RegisterSize, value: number | bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (size === 1) view.setUint8(0, Number(value));
  else if (size === 2) view.setUint16(0, Number(value), true);
  else if (size === 4) view.setUint32(0, Number(value), true);
  else view.setBigUint64(0, BigInt(value), true);
}
