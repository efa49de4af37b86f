/**
 * Classic BPF, the part that a seccomp filter needs: statements with labels, and their encoding as an array of `struct
 * sock_filter` (`linux/filter.h`). Jumps only go forward.
 */

/** A statement of a filter. Filters have one register of 32 bits. */
export type Statement =
  /** Loads 32 bits of `struct seccomp_data` into the register. */
  | { readonly op: 'load'; readonly offset: number }
  /** Clears all other bits of the register. */
  | { readonly op: 'and'; readonly mask: number }
  /** Jumps to a label if the register equals the value, is at least the value, or has a bit in common with it. */
  | { readonly op: 'equal' | 'atLeast' | 'anyOf'; readonly value: number; readonly goto: string }
  | { readonly op: 'jump'; readonly goto: string }
  /** The target of jumps. It is not encoded. */
  | { readonly op: 'label'; readonly name: string }
  | { readonly op: 'return'; readonly value: number };

/** `sizeof(struct sock_filter)`. */
export const SOCK_FILTER_SIZE = 8;

/** Opcodes, such as `BPF_LD | BPF_W | BPF_ABS`: `linux/bpf_common.h`. */
export const BPF = {
  load: 0x20,
  and: 0x54,
  jump: 0x05,
  equal: 0x15,
  atLeast: 0x35,
  anyOf: 0x45,
  return: 0x06,
} as const;

/** The most statements that a conditional jump can skip: it has 8 bits for their number, an unconditional jump 32. */
const MAX_SKIPPED = 255;

/**
 * Encodes a filter.
 * @throws RangeError if the label of a jump is missing, not behind the jump, or too far away
 */
export function assemble(statements: readonly Statement[]): Uint8Array {
  const labels = new Map<string, number>();
  let count = 0;
  for (const statement of statements) {
    if (statement.op === 'label') labels.set(statement.name, count);
    else count++;
  }
  const bytes = new Uint8Array(count * SOCK_FILTER_SIZE);
  const view = new DataView(bytes.buffer);
  let index = 0;
  const put = (code: number, k: number, ifTrue = 0): void => {
    const offset = index * SOCK_FILTER_SIZE;
    view.setUint16(offset, code, true);
    view.setUint8(offset + 2, ifTrue);
    view.setUint32(offset + 4, k, true);
    index++;
  };
  const skipped = (name: string, max: number): number => {
    const label = labels.get(name);
    const skip = label === undefined ? -1 : label - index - 1;
    if (skip < 0 || skip > max) throw new RangeError(`statement ${index} cannot jump to "${name}"`);
    return skip;
  };
  for (const statement of statements) {
    switch (statement.op) {
      case 'label':
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
        put(BPF[statement.op], statement.value, skipped(statement.goto, MAX_SKIPPED));
    }
  }
  return bytes;
}
