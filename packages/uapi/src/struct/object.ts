/** True if `value` is an object, so that it has properties. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
