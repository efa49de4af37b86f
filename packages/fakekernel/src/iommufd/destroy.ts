import { IOMMU_DESTROY } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { command } from './command.js';
import { Ioas } from './ioas.js';

/** IOMMU_DESTROY */
export const destroy = command(IOMMU_DESTROY, (cmd, { context }) => {
  const object = context.objects.find(cmd.id);
  // ENOENT is returned, not thrown: a throw costs more than the rest of the ioctl, and cleanups often try ids that no longer
  // exist.
  if (object === undefined) return fail('ENOENT').result;
  context.objects.destroy(cmd.id);
  if (object instanceof Ioas && context.vfioIoas === object) context.vfioIoas = undefined;
  return 0;
});
