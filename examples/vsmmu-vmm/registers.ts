import { type BitFields, type BitStruct, type BitValues, decode, view } from '@iommufd/uapi/struct';

/** The register pages, which the guest's loads and stores access. */
export interface RegisterPages {
  read(offset: number, size: 4): number;
  write(offset: number, size: 4, value: number): void;
  write(offset: number, size: 8, value: bigint): void;
}

/** Accesses registers and their fields. */
export class Registers {
  constructor(private readonly pages: RegisterPages) {}

  read(offset: number): number {
    return this.pages.read(offset, 4);
  }

  write(offset: number, value: number): void {
    this.pages.write(offset, 4, value);
  }

  readFields<B extends BitFields>(offset: number, form: BitStruct<B>): BitValues<B> {
    return decode(form, new Uint8Array(Uint32Array.of(this.read(offset)).buffer), { lenient: true });
  }

  /** Writes a register of 4 or 8 bytes. @param fields some of its fields; the others are zero */
  writeFields<B extends BitFields>(
    offset: number,
    form: BitStruct<B>,
    fields: Readonly<Partial<BitValues<B>>>,
  ): void {
    const bytes = new Uint8Array(form.byteLength);
    Object.assign(view(form, bytes), fields);
    const data = new DataView(bytes.buffer);
    if (form.byteLength === 8) this.pages.write(offset, 8, data.getBigUint64(0, true));
    else this.pages.write(offset, 4, data.getUint32(0, true));
  }
}
