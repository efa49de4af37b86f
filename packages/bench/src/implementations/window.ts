/**
 * A buffer of one record through which the records of a longer one pass. In libraries whose objects are views of a
 * buffer, creating a view takes longer than using it. A fast program therefore creates one view and copies each record into its buffer.
 */
export class RecordWindow {
  readonly buffer: ArrayBuffer;
  private readonly to: Uint32Array;
  private readonly from: Uint32Array;

  /** @param all aligned to 4 bytes, as its records are */
  constructor(all: Uint8Array<ArrayBuffer>, recordBytes: number) {
    this.buffer = new ArrayBuffer(recordBytes);
    this.to = new Uint32Array(this.buffer);
    this.from = new Uint32Array(all.buffer, all.byteOffset, all.byteLength / 4);
  }

  /** Has the window show the record at `at` bytes. For so few words a loop is faster than `set()` of a subarray. */
  load(at: number): void {
    const { to, from } = this;
    const first = at / 4;
    for (let i = 0; i < to.length; i++) to[i] = from[first + i] ?? 0;
  }

  /** Writes what the window holds to `at` bytes. */
  store(at: number): void {
    const { to, from } = this;
    const first = at / 4;
    for (let i = 0; i < to.length; i++) from[first + i] = to[i] ?? 0;
  }
}
