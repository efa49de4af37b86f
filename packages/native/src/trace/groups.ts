/** Filters of calls: `-e GROUP`. */

import { allIoctls, ioctlsByRequest } from '@iommufd/uapi/registry';
import type { Made } from './calls.js';

const GROUPS: Readonly<Record<string, (made: Made) => boolean>> = {
  iommufd: (made) => nameOf(made).startsWith('IOMMU_'),
  vfio: (made) => nameOf(made).startsWith('VFIO_'),
  queues: ({ op }) => op === 'read' || op === 'write',
  regions: ({ op }) => op === 'pread' || op === 'pwrite',
  files: ({ op }) => ['open', 'dup', 'close', 'eventfd', 'mmap'].includes(op),
};

/** The name of a call: the name of its ioctl, or of the system call. */
export function nameOf(made: Made): string {
  if (made.op !== 'ioctl') return made.op;
  return ioctlsByRequest(made.request)[0]?.name ?? `0x${made.request.toString(16)}`;
}

/**
 * Creates a filter of calls.
 * @param expressions groups and names of ioctls, which may end with `*`; one expression may contain several, separated by commas
 * @returns a function that returns true for selected calls; without expressions, for all calls
 * @throws RangeError if an expression matches no group and no ioctl
 */
export function filterOf(expressions: readonly string[]): (made: Made) => boolean {
  const wanted = expressions.flatMap((text) => text.split(',')).map(parse);
  return wanted.length === 0 ? () => true : (made) => wanted.some((each) => each(made));
}

function parse(text: string): (made: Made) => boolean {
  const group = Object.hasOwn(GROUPS, text) ? GROUPS[text] : undefined;
  if (group !== undefined) return group;
  const isPattern = text.endsWith('*');
  const start = isPattern ? text.slice(0, -1) : text;
  const names = [...allIoctls.keys()].filter((name) => (isPattern ? name.startsWith(start) : name === text));
  if (names.length === 0)
    throw new RangeError(
      `-e ${text}: expected the name of an ioctl, or one of ${Object.keys(GROUPS).join(', ')}`,
    );
  const known = new Set(names);
  return (made) => made.op === 'ioctl' && known.has(nameOf(made));
}
