/** Sets the bits `from` to `end - 1`. Bit 0 is the lowest bit of the first byte. */
export function setBits(bytes: Uint8Array, from: number, end: number): void {
  for (let bit = from; bit < end;) {
    const index = bit >>> 3;
    if (bit % 8 === 0 && end - bit >= 8) {
      bytes.fill(0xff, index, end >>> 3);
      bit = (end >>> 3) * 8;
    } else {
      bytes[index] = (bytes[index] ?? 0) | (1 << (bit % 8));
      bit++;
    }
  }
}
