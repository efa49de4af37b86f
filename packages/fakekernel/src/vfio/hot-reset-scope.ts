import { fail } from '../errno.js';
import type { PciNode } from '../hardware/pci/topology.js';
import type { IommufdContext } from '../iommufd/context.js';
import type { FileTable } from '../process/file-table.js';
import type { VfioDevice } from './device.js';
import type { HotResetScope } from './pci-hot-reset.js';

/**
 * The devices that a hot reset affects, from the view of a program that has one of them open.
 * @param context the context that the device is bound to
 * @param files the files of the program
 * @param isCdev true if the device was opened by its own node
 */
export function hotResetScope(
  { all }: VfioDevice,
  context: IommufdContext,
  files: FileTable,
  isCdev: boolean,
): HotResetScope {
  return {
    isCdev,
    coreAt: (node) => all.at(node)?.core,
    deviceId: (node) => all.at(node)?.idIn(context),
    groupNumber: ({ group }) => all.numberOf(group),
    ownersByGroup: (fds) => {
      const groups = fds.map((fd) => {
        // `vfio_file_is_group()`
        const group = all.groupOpenedAs(files.get(fd));
        if (group === undefined) throw fail('EINVAL');
        return group;
      });
      return ({ group }: PciNode) => groups.includes(group);
    },
  };
}
