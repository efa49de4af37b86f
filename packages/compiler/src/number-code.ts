/** Source text for numbers: masks and offsets in readable form. */

/** `0xff`, unsigned. */
export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** `at`, `at + 4` */
export const offset = (bytes: number): string => (bytes === 0 ? 'at' : `at + ${bytes}`);

/** The largest aligned pieces of 4, 2 and 1 bytes that cover `length` bytes from `from`. */
export function pieces(from: number, length: number): { readonly at: number; readonly size: 1 | 2 | 4 }[] {
  const all: { at: number; size: 1 | 2 | 4 }[] = [];
  for (let at = from; at < from + length;) {
    const left = from + length - at;
    const size = at % 4 === 0 && left >= 4 ? 4 : at % 2 === 0 && left >= 2 ? 2 : 1;
    all.push({ at, size });
    at += size;
  }
  return all;
}

/** Source that reads an unsigned integer of `size` bytes. */
export function load(size: number, at: number): string {
  return size === 1 ? `view.getUint8(${offset(at)})` : `view.getUint${size * 8}(${offset(at)}, true)`;
}

/** Source that writes an unsigned integer of `size` bytes. */
export function store(size: number, at: number, value: string): string {
  return size === 1
    ? `view.setUint8(${offset(at)}, ${value});`
    : `view.setUint${size * 8}(${offset(at)}, ${value}, true);`;
}
