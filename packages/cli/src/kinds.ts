import { iommu_hwpt_page_response, iommu_hwpt_pgfault } from '@iommufd/uapi';
import type { AnyType } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';
import { findIoctl, findType } from './lookup.js';
import { eventType } from './queues.js';

/** Options of which one says what data is, to be decoded or encoded. */
export const DATA_KINDS = ['struct', 'ioctl', 'veventq', 'faults', 'responses'] as const;

/** What those options say. */
export interface DataOptions {
  readonly struct?: string;
  readonly ioctl?: string;
  readonly veventq?: string;
  readonly faults?: boolean;
  readonly responses?: boolean;
}

/** What an ioctl's argument points at. @throws Failure where it points at nothing */
function structOf(name: string): AnyType {
  const { struct, name: found } = findIoctl(name);
  if (struct === undefined) throw new Failure(`the argument of ${found} is no struct`);
  return struct;
}

/** The declaration that an option names; of queues that of one record. @throws Failure for an unknown name */
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
