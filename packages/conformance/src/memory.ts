const PAGE = 4096n;

/** The user memory behind a tape's pointers, page by page, as far as the tape shows it. */
export class TapeMemory {
  private readonly pages = new Map<bigint, Uint8Array>();

  /** Fresh zeroed memory. */
  map(address: bigint, length: number): void {
    for (let page = address / PAGE; page * PAGE < address + BigInt(length); page++) {
      this.pages.set(page, new Uint8Array(Number(PAGE)));
    }
  }

  /** Forgets memory. */
  unmap(address: bigint, length: number): void {
    for (let page = address / PAGE; page * PAGE < address + BigInt(length); page++) this.pages.delete(page);
  }

  /** Sets bytes. The tape shows them, so they are there, whether or not their mapping was recorded. */
  write(address: bigint, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      const at = address + BigInt(i);
      let page = this.pages.get(at / PAGE);
      if (page === undefined) this.pages.set(at / PAGE, (page = new Uint8Array(Number(PAGE))));
      page[Number(at % PAGE)] = byte;
    });
  }

  /** A copy of `length` bytes; undefined where the tape shows no memory. */
  read(address: bigint, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const at = address + BigInt(i);
      const byte = this.pages.get(at / PAGE)?.[Number(at % PAGE)];
      if (byte === undefined) return undefined;
      bytes[i] = byte;
    }
    return bytes;
  }
}
