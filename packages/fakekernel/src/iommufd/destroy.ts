import { IOMMU_DESTROY } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { command } from './command.js';
import { Ioas } from './ioas.js';

/** IOMMU_DESTROY */
export const destroy = command(IOMMU_DESTROY, (cmd, { context }) => {
  const object = context.objects.find(cmd.id);
  // Returned, not thrown: a throw costs more than the rest of the ioctl, and a cleanup probes ids that may no longer exist.
  if (object === undefined) return fail('ENOENT').result;
  context.objects.destroy(cmd.id);
  if (object instanceof Ioas && context.vfioIoas === object) context.vfioIoas = undefined;
  return 0;
});
