import { type AnyType, type Encodable, encode, Struct } from '@iommufd/uapi/struct';
import { type Kind, oneOf } from './arguments/kinds.js';
import { fitting } from './arguments/misfit.js';
import { type Where, within, wrong } from './arguments/where.js';

/** Formats of driver-specific data, by the SDK's names: the kernel's number of each, and its struct. */
export type Formats = Readonly<Record<string, readonly [value: number, struct: AnyType]>>;

/** Data in one of several formats: `type` is the name of the format, the other fields are those of its struct. */
export type Tagged<F extends Formats> = {
  [K in keyof F]: { readonly type: K } & Encodable<F[K][1]>;
}[keyof F];

/** The names of formats, as an argument. */
export const typeOf = <F extends object>(formats: F): Kind<Extract<keyof F, string>> =>
  // The declared keys are all of its own keys.
  oneOf(Object.keys(formats) as Extract<keyof F, string>[]);

/** {@link Tagged} data, as an argument. Its fields are checked when it is encoded. */
export function tagged<F extends Formats, T extends object>(formats: F): Kind<T> {
  const expected = 'an object with type and the fields of that type';
  return {
    expected,
    at: (where) => {
      const checkType = typeOf(formats).at(within(where, 'type'));
      return (value, context) => {
        if (typeof value !== 'object' || value === null) throw wrong(where, { expected, value });
        checkType(Reflect.get(value, 'type'), context);
      };
    },
  };
}

/** The names of a struct's fields. */
export const fieldsOf = (struct: AnyType): readonly string[] =>
  struct instanceof Struct ? struct.members.flatMap(({ name, reserved }) => (reserved ? [] : [name])) : [];

/**
 * Encodes data for the kernel.
 * @param where the argument
 * @throws TypeError | RangeError if a field is invalid
 */
export function encodeTagged<F extends Formats>(
  formats: F,
  data: Tagged<F>,
  where: Where,
): { readonly value: number; readonly bytes: Uint8Array } {
  const { type, ...fields }: { readonly type: keyof F } = data;
  const format: F[keyof F] = formats[type];
  const [value, struct] = format;
  // `type` selects the struct, so these are its fields.
  return { value, bytes: fitting(where, fieldsOf(struct), () => encode(struct, fields as never)) };
}
