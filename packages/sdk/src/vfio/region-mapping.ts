/** A mapped region, or a mapped part of one: {@link Region.map} creates it. */
import { MAP_SHARED } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { byteCount, optional } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { Context, type Owned } from '../calls/context.js';
import { map } from '../calls/map.js';
import { closed, madeByCalls } from '../objects/object.js';
import type { Region } from './region.js';
import { registerCalls, Registers, type RegisterSize } from './registers.js';

const PAGE = 4096;

const calls = {
  bytes: new Call('RegionMapping.bytes', { offset: optional(byteCount(0)), length: optional(byteCount(1)) }),
};
const checks = registerCalls('RegionMapping');

/** Typed arrays over the mapping, whose accesses are single loads and stores. */
interface Views {
  readonly 1: Uint8Array;
  readonly 2: Uint16Array;
  readonly 4: Uint32Array;
  readonly 8: BigUint64Array;
}

/**
 * A mapped region. An access is one load or store of the program, without a system call. While memory decoding is off, in D3hot and
 * in low power an access raises SIGBUS, which ends a program; on the fake kernel it throws a `MemoryFault`.
 */
export class RegionMapping extends Registers implements Disposable, Owned {
  private isOpen = true;
  private views: Views | undefined;
  protected override readonly checks = checks;

  private constructor(
    private readonly context: Context,
    /** The region. */
    readonly region: Region,
    /** Its address in this process. */
    readonly address: bigint,
    /** Offset of the mapping in the region, in bytes. */
    readonly offset: number,
    readonly size: number,
  ) {
    super();
    if (!(context instanceof Context)) throw madeByCalls('RegionMapping');
    context.own(this);
  }

  /** @throws RangeError if it does not start on a page boundary @internal */
  static map(
    context: Context,
    region: Region,
    position: bigint,
    offset: number,
    size: number,
  ): RegionMapping {
    if (offset % PAGE !== 0)
      throw new RangeError(`Region.map: offset: expected a multiple of ${PAGE}, found ${offset}`);
    const length = Math.ceil(size / PAGE) * PAGE;
    const address = map(context.sys, length, MAP_SHARED, region.device.fd, position);
    return new RegionMapping(context, region, address, offset, size);
  }

  /**
   * The bytes in place, for memory of a device. For registers use {@link read32} and similar methods. Must not be used after
   * {@link close}.
   * @param offset of the first byte; 0 by default
   * @param length in bytes; up to the end by default
   * @throws RangeError if the part exceeds the mapping, or on the fake kernel contains registers
   */
  bytes(offset = 0, length: number = this.size - offset): Uint8Array {
    const { sys } = calls.bytes.check(this, offset, length);
    this.place('RegionMapping.bytes', offset, length);
    return sys.memory(this.address + BigInt(offset), length);
  }

  protected override load(offset: number, size: RegisterSize): number | bigint {
    const at = this.place('RegionMapping.read', offset, size, true);
    const { sys } = this.context;
    if (sys.load !== undefined) return sys.load(at, size);
    return this.arrays()[size][offset / size] ?? 0;
  }

  protected override store(offset: number, size: RegisterSize, value: number | bigint): void {
    const at = this.place('RegionMapping.write', offset, size, true);
    const { sys } = this.context;
    if (sys.store !== undefined) return sys.store(at, size, BigInt(value));
    const views = this.arrays();
    if (size === 8) views[8][offset / 8] = BigInt(value);
    else views[size][offset / size] = Number(value);
  }

  private arrays(): Views {
    if (this.views !== undefined) return this.views;
    const whole = Math.ceil(this.size / PAGE) * PAGE;
    const { buffer, byteOffset } = this.context.sys.memory(this.address, whole);
    this.views = {
      1: new Uint8Array(buffer, byteOffset, whole),
      2: new Uint16Array(buffer, byteOffset, whole / 2),
      4: new Uint32Array(buffer, byteOffset, whole / 4),
      8: new BigUint64Array(buffer, byteOffset, whole / 8),
    };
    return this.views;
  }

  /** The address of a part. @throws RangeError if it exceeds the mapping, or an access is not aligned */
  private place(call: string, offset: number, length: number, isAccess = false): bigint {
    if (offset + length > this.size)
      throw new RangeError(
        `${call}: ${length} bytes at 0x${offset.toString(16)}: ${this.size} bytes are mapped`,
      );
    if (isAccess && offset % length !== 0)
      throw new RangeError(
        `${call}: 0x${offset.toString(16)} is not a multiple of ${length}, and an access is one load or store`,
      );
    return this.address + BigInt(offset);
  }

  /** True if it has been closed. */
  get isClosed(): boolean {
    return !this.isOpen;
  }

  /** Unmaps it. The device stays bound as long as a region of it is mapped. Closing twice does nothing. */
  close(): void {
    if (!this.isOpen) return;
    this.abandon();
    this.context.disown(this);
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  abandon(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.views = undefined;
    this.context.sys.munmap(this.address, Math.ceil(this.size / PAGE) * PAGE);
  }

  /** @internal */
  override openFor(where: Where): Context {
    if (this.isOpen) return this.context;
    throw closed(`a mapping of ${this.region.describe()}`, where);
  }
}
