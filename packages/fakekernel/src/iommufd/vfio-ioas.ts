import { IOMMU_VFIO_IOAS, iommufd_vfio_ioas_op } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { command } from './command.js';
import type { IommufdContext } from './context.js';
import { Ioas } from './ioas.js';

/** IOMMU_VFIO_IOAS */
export const vfioIoas = command(IOMMU_VFIO_IOAS, (cmd, call) => {
  const { context } = call;
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  switch (cmd.op) {
    case iommufd_vfio_ioas_op.IOMMU_VFIO_IOAS_GET:
      cmd.ioas_id = compatIoas(context).id;
      call.respond();
      return;
    case iommufd_vfio_ioas_op.IOMMU_VFIO_IOAS_SET:
      context.vfioIoas = call.hold(cmd.ioas_id, Ioas);
      return;
    case iommufd_vfio_ioas_op.IOMMU_VFIO_IOAS_CLEAR:
      context.vfioIoas = undefined;
      return;
    default:
      throw fail('EOPNOTSUPP');
  }
});

/** `get_compat_ioas()`: the IOAS on which VFIO container requests act. @throws ENODEV if it is not set */
export function compatIoas({ vfioIoas: ioas }: IommufdContext): Ioas {
  if (ioas === undefined) throw fail('ENODEV');
  return ioas;
}

/** `iommufd_vfio_compat_ioas_create()`: creates the compatibility IOAS for a container of a group, unless one is set. */
export function createCompatIoas(context: IommufdContext): void {
  context.vfioIoas ??= context.objects.create(new Ioas(), () => undefined);
}
