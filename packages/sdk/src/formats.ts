import { type AnyType, type Encodable, encode } from '@iommufd/uapi/struct';

/** Formats of one kind of data by the SDK's name: the kernel's number for each, and its struct. */
export type Formats = Readonly<Record<string, readonly [value: number, struct: AnyType]>>;

/** Data of one of several formats: its name in `type`, and the fields of its struct by the kernel's names. */
export type Tagged<F extends Formats> = {
  [K in keyof F]: { readonly type: K } & Encodable<F[K][1]>;
}[keyof F];

/** Data as the kernel takes it. @throws StructError for a field that does not fit */
export function encodeTagged<F extends Formats>(
  formats: F,
  data: Tagged<F>,
): { readonly value: number; readonly bytes: Uint8Array } {
  const { type, ...fields }: { readonly type: keyof F } = data;
  const [value, struct] = formatOf(formats, type);
  // The name says which struct's fields these are.
  return { value, bytes: encode(struct, fields as never) };
}

/** The format of a name, which is the value of `field`. @throws RangeError for one that a caller without types made up */
export function formatOf<F extends object, K extends keyof F>(formats: F, name: K, field = 'type'): F[K] {
  if (Object.hasOwn(formats, name)) return formats[name];
  throw new RangeError(`${field}: expected one of ${Object.keys(formats).join(', ')}, found ${String(name)}`);
}
