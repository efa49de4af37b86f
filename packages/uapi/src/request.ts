/**
 * Request numbers as `asm-generic/ioctl.h` builds them: from bit 0 up an 8-bit number, an 8-bit type, a 14-bit
 * size and a 2-bit direction.
 */

/** The direction of a request's argument; `_IOWR` is both. */
export type RequestDirection = 'none' | 'write' | 'read' | 'both';

const DIRECTIONS = ['none', 'write', 'read', 'both'] as const;
const MACROS = { none: '_IO', write: '_IOW', read: '_IOR', both: '_IOWR' } as const;
const MAX_SIZE = 0x3fff;

/** The parts of a request number. */
export interface RequestParts {
  readonly direction: RequestDirection;
  /** The subsystem's letter, 0 to 255. */
  readonly type: number;
  /** The command within it, 0 to 255. */
  readonly nr: number;
  /** Size of the argument in bytes, 0 to 16383. */
  readonly size: number;
}

/**
 * Builds a request number.
 * @throws RangeError if a part is out of range
 */
export function buildRequest({ direction, type, nr, size }: RequestParts): number {
  const part = (name: string, value: number, max: number): number => {
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw new RangeError(`request number: ${name} must be from 0 to ${max}, not ${value}`);
  };
  const low = part('nr', nr, 0xff) | (part('type', type, 0xff) << 8) | (part('size', size, MAX_SIZE) << 16);
  return (low | (part('direction', DIRECTIONS.indexOf(direction), 3) << 30)) >>> 0;
}

/** Splits a request number into its parts. @throws RangeError if it is not an unsigned 32-bit integer */
export function splitRequest(request: number): RequestParts {
  if (!Number.isInteger(request) || request < 0 || request > 0xffff_ffff) {
    throw new RangeError(`request number: ${request} is not an unsigned 32-bit integer`);
  }
  const direction = DIRECTIONS[request >>> 30] ?? 'none';
  return { direction, type: (request >>> 8) & 0xff, nr: request & 0xff, size: (request >>> 16) & MAX_SIZE };
}

/** `_IO(type, nr)`: no argument, or one whose size is not encoded, as in iommufd and VFIO. */
export function _IO(type: number, nr: number): number {
  return buildRequest({ direction: 'none', type, nr, size: 0 });
}

/** `_IOR(type, nr, size)`: the kernel writes the argument. */
export function _IOR(type: number, nr: number, size: number): number {
  return buildRequest({ direction: 'read', type, nr, size });
}

/** `_IOW(type, nr, size)`: the kernel reads the argument. */
export function _IOW(type: number, nr: number, size: number): number {
  return buildRequest({ direction: 'write', type, nr, size });
}

/** `_IOWR(type, nr, size)`: the kernel reads and writes the argument. */
export function _IOWR(type: number, nr: number, size: number): number {
  return buildRequest({ direction: 'both', type, nr, size });
}

/** A request number as C would write it: `_IO(';', 0x80)`, `_IOWR('V', 0x3, 32)`. */
export function formatRequest(request: number): string {
  const { direction, type, nr, size } = splitRequest(request);
  const letter = type > 0x20 && type < 0x7f ? `'${String.fromCharCode(type)}'` : `0x${type.toString(16)}`;
  const tail = direction === 'none' && size === 0 ? '' : `, ${size}`;
  return `${MACROS[direction]}(${letter}, 0x${nr.toString(16)}${tail})`;
}
