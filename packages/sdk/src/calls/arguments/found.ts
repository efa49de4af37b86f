/** The most characters of a string in a message. */
const LONGEST_STRING = 40;
/** The most fields of an object in a message. */
const MOST_FIELDS = 4;

/** Describes a value for an error message, so that `1`, `1n` and `'1'` differ. */
export function found(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(value.length > LONGEST_STRING ? `${value.slice(0, LONGEST_STRING)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return isClass(value) ? `the class ${value.name}` : 'a function';
    case 'object':
      return value === null ? 'null' : foundObject(value);
    default:
      return String(value);
  }
}

function foundObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Promise) return 'a promise';
  const { constructor: maker }: { readonly constructor?: unknown } = value;
  if (typeof maker === 'function' && maker !== Object && maker.name !== '') return withArticle(maker.name);
  const fields = Object.keys(value);
  if (fields.length === 0) return 'an object without fields';
  const more = fields.length > MOST_FIELDS ? ', ...' : '';
  return `an object with ${fields.slice(0, MOST_FIELDS).join(', ')}${more}`;
}

/** `an Ioas`, `a Hwpt`. */
export const withArticle = (name: string): string => `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;

/** True if it is a class, passed instead of an instance. */
export const isClass = (value: object): boolean =>
  typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class');
