/**
 * What an error says when the kernel is too old for a call: which of its names came with which release of Linux. The kernel
 * itself is never asked for its number: distributions carry features to older ones.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { sinceOf } from '@iommufd/uapi/history';
import { type Fields, Integer, namesOf, type Struct } from '@iommufd/uapi/struct';

/** Errnos of a kernel that does not know an ioctl, a flag or a value, or a part of the struct. */
const OF_OLDER_KERNELS: readonly (ErrnoName | undefined)[] = ['ENOTTY', 'EOPNOTSUPP', 'E2BIG'];

/** The names in a call that not all kernels have: the ioctl, the flags and the values of its arguments, its later fields. */
function namesIn(
  call: string,
  struct: Pick<Struct<Fields, Fields>, 'name' | 'members'>,
  args: Readonly<Record<string, unknown>>,
): string[] {
  const names = [call];
  for (const { name, type, added } of struct.members) {
    const value = args[name];
    if (!(type instanceof Integer) || (typeof value !== 'number' && typeof value !== 'bigint')) continue;
    names.push(...namesOf(type.role, value));
    if (added && BigInt(value) !== 0n) names.push(`${struct.name}.${name}`);
  }
  return names;
}

/**
 * A sentence for an error, if the kernel may be too old.
 * @returns undefined for other errnos, and if every kernel has what the call uses
 */
export function sinceDetail(
  code: ErrnoName | undefined,
  call: string,
  struct: Pick<Struct<Fields, Fields>, 'name' | 'members'>,
  args: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!OF_OLDER_KERNELS.includes(code)) return undefined;
  const known = namesIn(call, struct, args).flatMap((name) => {
    const since = sinceOf(name);
    // Without the ioctl nothing else of the call matters.
    return since === undefined || (code === 'ENOTTY' && name !== call) ? [] : [`${name} since ${since}`];
  });
  return known.length === 0 ? undefined : `Linux has ${known.join(', ')}.`;
}
