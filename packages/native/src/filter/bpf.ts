/**
 * Classic BPF, as far as a seccomp filter needs it: statements with named places to jump to, and their encoding as an array of
 * `struct sock_filter` (`linux/filter.h`). Jumps only go forward.
 */

/** A statement of a filter. It works on one register of 32 bits. */
export type Statement =
  /** Loads 32 bits of `struct seccomp_data`. */
  | { readonly op: 'load'; readonly offset: number }
  /** Keeps only these bits. */
  | { readonly op: 'and'; readonly mask: number }
  /** Goes to a place if the register is equal, greater or equal, or has a bit in common; else on to the next statement. */
  | { readonly op: 'equal' | 'atLeast' | 'anyOf'; readonly value: number; readonly goto: string }
  | { readonly op: 'jump'; readonly goto: string }
  /** A place that jumps name. */
  | { readonly op: 'place'; readonly name: string }
  | { readonly op: 'return'; readonly value: number };

/** `sizeof(struct sock_filter)`. */
export const SOCK_FILTER_SIZE = 8;

/** `BPF_LD | BPF_W | BPF_ABS` and so on, of `linux/bpf_common.h`. */
export const BPF = {
  load: 0x20,
  and: 0x54,
  jump: 0x05,
  equal: 0x15,
  atLeast: 0x35,
  anyOf: 0x45,
  return: 0x06,
} as const;

/** A conditional jump says in 8 bits how many statements it leaves out; an unconditional one in 32. */
const MOST_SKIPPED = 255;

/**
 * Encodes a filter.
 * @throws RangeError for a jump to a place that does not come after it, or is too far
 */
export function assemble(statements: readonly Statement[]): Uint8Array {
  const places = new Map<string, number>();
  let count = 0;
  for (const statement of statements) {
    if (statement.op === 'place') places.set(statement.name, count);
    else count++;
  }
  const bytes = new Uint8Array(count * SOCK_FILTER_SIZE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (code: number, k: number, ifTrue = 0): void => {
    const offset = at * SOCK_FILTER_SIZE;
    view.setUint16(offset, code, true);
    view.setUint8(offset + 2, ifTrue);
    view.setUint32(offset + 4, k, true);
    at++;
  };
  const skipped = (name: string, most: number): number => {
    const place = places.get(name);
    const skip = place === undefined ? -1 : place - at - 1;
    if (skip < 0 || skip > most) throw new RangeError(`statement ${at} cannot jump to "${name}"`);
    return skip;
  };
  for (const statement of statements) {
    switch (statement.op) {
      case 'place':
        break;
      case 'load':
        put(BPF.load, statement.offset);
        break;
      case 'and':
        put(BPF.and, statement.mask);
        break;
      case 'jump':
        put(BPF.jump, skipped(statement.goto, 0xffff));
        break;
      case 'return':
        put(BPF.return, statement.value);
        break;
      default:
        put(BPF[statement.op], statement.value, skipped(statement.goto, MOST_SKIPPED));
    }
  }
  return bytes;
}
