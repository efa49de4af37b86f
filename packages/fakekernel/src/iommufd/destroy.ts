import { IOMMU_DESTROY } from '@iommufd/uapi';
import { command } from './command.js';
import { Ioas } from './ioas.js';

/** IOMMU_DESTROY */
export const destroy = command(IOMMU_DESTROY, (cmd, { context }) => {
  const object = context.objects.find(cmd.id);
  context.objects.destroy(cmd.id);
  if (object instanceof Ioas && context.vfioIoas === object) context.vfioIoas = undefined;
});
