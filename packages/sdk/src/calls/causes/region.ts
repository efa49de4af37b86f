/** Causes of failures of accesses to regions. */
import { errnoName } from '@iommufd/uapi';
import type { Region } from '../../vfio/region.js';

/** `pread()` and `pwrite()` of a region. @param result a negative errno @returns undefined if only its general meaning is known */
export function accessMeaning(region: Region, call: 'pread' | 'pwrite', result: number): string | undefined {
  const { name } = region;
  switch (errnoName(result)) {
    case 'EIO':
      return `${name} cannot be accessed: memory decoding is off (pciCommand({ memory: true }) enables it), or the device is in D3hot.`;
    case 'EINVAL':
      return call === 'pwrite' ? `${name} cannot be written.` : `${name} cannot be read.`;
    case 'ENOMEM':
      return `${name} has no image.`;
    case 'EBUSY':
      return 'Its ports or memory belong to another driver.';
    default:
      return undefined;
  }
}
