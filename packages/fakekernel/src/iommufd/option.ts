import type { iommu_option } from '@iommufd/uapi';
import { IOMMU_OPTION, iommufd_option, iommufd_option_ops } from '@iommufd/uapi';
import type { View } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { type Call, command } from './command.js';
import { Ioas } from './ioas.js';

const { IOMMU_OPTION_OP_GET, IOMMU_OPTION_OP_SET } = iommufd_option_ops;
/** `offsetof(struct iommu_option, val64)` */
const VALUE_OFFSET = 16;

type Cmd = View<typeof iommu_option>;

/** IOMMU_OPTION */
export const option = command(IOMMU_OPTION, (cmd, call) => {
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  switch (cmd.option_id) {
    case iommufd_option.IOMMU_OPTION_RLIMIT_MODE:
      rlimitMode(cmd, call);
      break;
    case iommufd_option.IOMMU_OPTION_HUGE_PAGES:
      hugePages(cmd, call.hold(cmd.object_id, Ioas));
      break;
    default:
      throw fail('EOPNOTSUPP');
  }
  // Only the value is copied back to the caller.
  call.respond(VALUE_OFFSET);
});

function rlimitMode(cmd: Cmd, { context, process }: Call): void {
  if (cmd.object_id !== 0) throw fail('EOPNOTSUPP');
  if (cmd.op === IOMMU_OPTION_OP_GET) {
    cmd.val64 = context.accountMode === 'mm' ? 1n : 0n;
    return;
  }
  if (cmd.op !== IOMMU_OPTION_OP_SET) throw fail('EOPNOTSUPP');
  if (!process.privileges.sysResource) throw fail('EPERM');
  if (!context.objects.isEmpty) throw fail('EBUSY');
  if (cmd.val64 > 1n) throw fail('EINVAL');
  context.accountMode = cmd.val64 === 1n ? 'mm' : 'user';
}

function hugePages(cmd: Cmd, { table }: Ioas): void {
  if (cmd.op === IOMMU_OPTION_OP_GET) {
    cmd.val64 = table.largePages ? 1n : 0n;
    return;
  }
  if (cmd.op !== IOMMU_OPTION_OP_SET) throw fail('EOPNOTSUPP');
  if (cmd.val64 === 0n) table.disableLargePages();
  else if (cmd.val64 === 1n) table.enableLargePages();
  else throw fail('EINVAL');
}
