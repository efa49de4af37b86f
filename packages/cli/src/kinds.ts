import { iommu_hwpt_page_response, iommu_hwpt_pgfault } from '@iommufd/uapi';
import type { AnyType } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';
import { findIoctl, findType } from './lookup.js';
import { eventType } from './queues.js';

/** The options that select the type of the data. Exactly one is given. */
export const DATA_KINDS = ['struct', 'ioctl', 'veventq', 'faults', 'responses'] as const;

/** Values of these options. */
export interface DataOptions {
  readonly struct?: string;
  readonly ioctl?: string;
  readonly veventq?: string;
  readonly faults?: boolean;
  readonly responses?: boolean;
}

/** The struct that an ioctl's argument points to. @throws Failure if the ioctl has none */
function structOf(name: string): AnyType {
  const { struct, name: found } = findIoctl(name);
  if (struct === undefined) throw new Failure(`the argument of ${found} is no struct`);
  return struct;
}

/** The declaration that an option selects; for queues, that of one record. @throws Failure if the name is unknown */
export function typeOf(kind: (typeof DATA_KINDS)[number], options: DataOptions): AnyType {
  switch (kind) {
    case 'struct':
      return findType(options.struct ?? '');
    case 'ioctl':
      return structOf(options.ioctl ?? '');
    case 'veventq':
      return eventType(options.veventq ?? '');
    case 'faults':
      return iommu_hwpt_pgfault;
    case 'responses':
      return iommu_hwpt_page_response;
  }
}
