/**
 * Configuration space of a function in its hardware: each bit is read-only, writable, or cleared by writing one. Registers with
 * an action have a watcher, which is called after a write.
 */

/** Size of an access to configuration space, in bytes. */
export type ConfigAccessSize = 1 | 2 | 4;

/** The access rules of a register's bits. Bits in neither mask are read-only. */
export interface RegisterBits {
  /** Its offset. */
  readonly at: number;
  /** Its size in bytes. */
  readonly size: ConfigAccessSize;
  /** Bits that can be written. */
  readonly writable?: number;
  /** Bits that are cleared by writing one. */
  readonly clearable?: number;
}

/** A callback for writes to a range of bytes. */
interface Watcher {
  readonly first: number;
  readonly end: number;
  readonly written: () => void;
}

/** Configuration space of 256 or 4096 bytes. */
export class ConfigSpace {
  private readonly bytes: DataView;
  private readonly writable: DataView;
  private readonly clearable: DataView;
  private readonly watchers: Watcher[] = [];

  /** @param image the first bytes; all later bytes are zero */
  constructor(
    readonly size: number,
    image: Uint8Array,
  ) {
    const view = (): DataView => new DataView(new ArrayBuffer(size));
    this.bytes = view();
    this.writable = view();
    this.clearable = view();
    new Uint8Array(this.bytes.buffer).set(image.subarray(0, size));
  }

  /** Defines the bits of a register, and replaces its earlier definition. */
  define({ at, size, writable = 0, clearable = 0 }: RegisterBits): void {
    put(this.writable, at, size, writable);
    put(this.clearable, at, size, clearable);
  }

  /** Makes all bits of a byte writable. */
  defineMemory(at: number): void {
    this.writable.setUint8(at, 0xff);
    this.clearable.setUint8(at, 0);
  }

  /** Calls `written` after each write to one of the bytes. */
  watch(first: number, length: number, written: () => void): void {
    this.watchers.push({ first, end: first + length, written });
  }

  read(at: number, size: ConfigAccessSize): number {
    return get(this.bytes, at, size);
  }

  /** A copy of a range of bytes. */
  slice(at: number, length: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer.slice(at, at + length));
  }

  /** A write over the bus. */
  write(at: number, size: ConfigAccessSize, value: number): void {
    const writable = get(this.writable, at, size);
    const cleared = get(this.clearable, at, size) & value;
    const old = get(this.bytes, at, size);
    put(this.bytes, at, size, ((old & ~writable) | (value & writable)) & ~cleared);
    for (const { first, end, written } of this.watchers) if (first < at + size && at < end) written();
  }

  /** Sets a register as the function itself does: also its read-only bits, and without calling watchers. */
  set(at: number, size: ConfigAccessSize, value: number): void {
    put(this.bytes, at, size, value);
  }

  /** Clears the bits of a register that software can change, as a reset does. */
  clear(at: number, size: ConfigAccessSize): void {
    const changeable = get(this.writable, at, size) | get(this.clearable, at, size);
    put(this.bytes, at, size, get(this.bytes, at, size) & ~changeable);
  }
}

function get(view: DataView, at: number, size: ConfigAccessSize): number {
  switch (size) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true);
    case 4:
      return view.getUint32(at, true);
  }
}

function put(view: DataView, at: number, size: ConfigAccessSize, value: number): void {
  switch (size) {
    case 1:
      view.setUint8(at, value);
      break;
    case 2:
      view.setUint16(at, value, true);
      break;
    case 4:
      view.setUint32(at, value, true);
  }
}
