/**
 * Adds a sentence to an error if the kernel may be too old for the call: the release of Linux that added the ioctl, flag or value. The
 * kernel's own version is not queried, because distributions backport features.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { sinceOf } from '@iommufd/uapi/history';
import { type Fields, Integer, namesOf, type Struct } from '@iommufd/uapi/struct';

/** Errnos of a kernel that does not know an ioctl, a flag or a value, or a part of the struct. */
const OF_OLDER_KERNELS: readonly (ErrnoName | undefined)[] = ['ENOTTY', 'EOPNOTSUPP', 'E2BIG'];

/** The names in a call that older kernels may lack: the ioctl, the flags and values of its arguments, and added fields. */
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
 * @returns undefined for other errnos, and if every supported kernel has all names of the call
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
    // If the kernel lacks the ioctl, the other names do not matter.
    return since === undefined || (code === 'ENOTTY' && name !== call) ? [] : [`${name} since ${since}`];
  });
  return known.length === 0 ? undefined : `Linux has ${known.join(', ')}.`;
}
