/** The contents of a {@link StructError}, as data. */
export interface StructErrorDetails {
  /** The outermost type: `iommu_hwpt_alloc`. */
  readonly struct: string;
  /** The path of the field within it: `idr[2]`, `mock_domain.out_hwpt_id`; empty for the type as a whole. */
  readonly path: string;
  /** Byte offset in the buffer that was read or written. */
  readonly offset: number;
  /** The expected value, in words. */
  readonly expected: string;
  /** The value found. */
  readonly found: string;
}

/**
 * The error of the codecs: a value or buffer does not match its declaration. When it is thrown, nothing has been written.
 */
export class StructError extends Error implements StructErrorDetails {
  override readonly name = 'StructError';
  readonly struct: string;
  readonly path: string;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(details: StructErrorDetails) {
    const { struct, path, offset, expected, found } = details;
    const where = path === '' ? struct : path.startsWith('[') ? struct + path : `${struct}.${path}`;
    super(`${where} at offset ${offset}: expected ${expected}, found ${found}`);
    this.struct = struct;
    this.path = path;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}

/**
 * A mismatch thrown by a nested type, before the whole path is known: each level adds its own key, and the outermost one
 * makes a {@link StructError} of it. It is not an `Error`, so that it costs no stack trace.
 */
export class Mismatch {
  readonly keys: (string | number)[] = [];

  constructor(
    readonly offset: number,
    readonly expected: string,
    readonly found: string,
  ) {}

  /** Prepends `key`, the name of the failing part in the level around it. */
  under(key: string | number): this {
    if (key !== '') this.keys.unshift(key);
    return this;
  }

  /** A copy of the mismatch with `by` added to its offset: the failing part was handled at 0 and belongs at `by`. */
  movedBy(by: number): Mismatch {
    const mismatch = new Mismatch(this.offset + by, this.expected, this.found);
    mismatch.keys.push(...this.keys);
    return mismatch;
  }

  get path(): string {
    return joinPath(this.keys);
  }
}

/** Joins keys as C writes them: `['a', 2, 'b']` is `a[2].b`. */
export function joinPath(keys: readonly (string | number)[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

/** Runs `work` and turns a {@link Mismatch} that it throws into a {@link StructError} of type `struct`. */
export function reporting<T>(struct: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Mismatch)) throw cause;
    const { path, offset, expected, found } = cause;
    throw new StructError({ struct, path, offset, expected, found });
  }
}

/** Runs `work`, adding `key` to the path of a mismatch inside it. */
export function inside<T>(key: string | number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof Mismatch ? cause.under(key) : cause;
  }
}

/** Runs `work` for each index below `count`, adding the index to the path of a mismatch inside it. */
export function atEach(count: number, work: (index: number) => void): void {
  let i = 0;
  try {
    for (; i < count; i++) work(i);
  } catch (cause) {
    throw cause instanceof Mismatch ? cause.under(i) : cause;
  }
}

/** A value as error messages show it: short, and different for `1`, `1n` and `'1'`. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'bigint':
      return `${value}n`;
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'number':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      // An object that only inherits from Uint8Array.prototype has no length.
      if (ArrayBuffer.isView(value) && value instanceof Uint8Array) return `${value.length} bytes`;
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}
