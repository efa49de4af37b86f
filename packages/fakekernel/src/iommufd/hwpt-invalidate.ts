import { IOMMU_HWPT_INVALIDATE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { UserArray } from '../iommu/user-data.js';
import { PAGE_SIZE } from '../process/page.js';
import { command } from './command.js';
import { HwptNested } from './hwpt.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

/** The largest number of entries in an array. An entry has at most PAGE_SIZE bytes. */
const MOST_ENTRIES = 1 << 19;

/** IOMMU_HWPT_INVALIDATE: writes the number of handled entries back, also on failure. */
export const hwptInvalidate = command(IOMMU_HWPT_INVALIDATE, (cmd, call) => {
  const array = new UserArray(call.process, cmd.data_type, cmd.data_uptr, cmd.entry_len, cmd.entry_num);
  try {
    if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
    // If there are no entries, their length and address are not checked, and the driver is still called.
    if (cmd.entry_num !== 0) {
      if (cmd.data_uptr === 0n || cmd.entry_len === 0) throw fail('EINVAL');
      if (cmd.entry_num > MOST_ENTRIES || cmd.entry_len > PAGE_SIZE) throw fail('EINVAL');
    }
    const target = call.hold(cmd.hwpt_id, IommufdObject);
    if (target instanceof HwptNested) {
      if (target.domain.invalidate === undefined) throw fail('EOPNOTSUPP');
      target.domain.invalidate(array);
    } else if (target instanceof Viommu) {
      if (target.ops.invalidate === undefined) throw fail('EOPNOTSUPP');
      target.ops.invalidate(array);
    } else {
      throw fail(call.context.kernel.features.invalidateOfOtherObject ? 'EINVAL' : 'ENOENT');
    }
  } finally {
    cmd.entry_num = array.done;
    call.respond();
  }
});
