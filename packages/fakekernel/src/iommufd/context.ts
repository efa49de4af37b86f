/**
 * The file of `/dev/iommu`: `struct iommufd_ctx`. It owns the object table, the groups of bound devices, the IOAS of VFIO
 * compatibility and the mmap offsets. `ioctl()` calls `dispatch.ts` or `vfio-compat.ts`. Releasing the last reference destroys
 * all objects.
 */
import { fail } from '../errno.js';
import type { AccountMode } from '../ioas/pin-account.js';
import type { Group } from '../iommu/group.js';
import type { Vma } from '../process/address-space.js';
import { File } from '../process/file.js';
import type { Task } from '../process/task.js';
import { detachAll } from './attach.js';
import { closing } from './closing.js';
import type { ContextKernel } from './context-kernel.js';
import { DeviceGroup, IommufdDevice } from './device.js';
import { dispatch } from './dispatch.js';
import type { Ioas } from './ioas.js';
import { MmapTable } from './mmap-table.js';
import { type IommufdObject, ObjectTable } from './object.js';
import { SwMsiMaps } from './sw-msi.js';
import { vfioIoctl } from './vfio-compat.js';

/** The class of an object, as a lookup key. */
export type Kind<O extends IommufdObject> = Function & { readonly prototype: O };

function isKind<O extends IommufdObject>(object: IommufdObject | undefined, kind: Kind<O>): object is O {
  return object instanceof kind;
}

/** An open `/dev/iommu` with its objects: `struct iommufd_ctx`. */
export class IommufdContext extends File {
  readonly objects = new ObjectTable();
  /** The regions that `mmap()` of this file can map. */
  readonly mmaps = new MmapTable(this);
  /** The doorbells of interrupt messages. */
  readonly swMsiMaps = new SwMsiMaps();
  /** The IOAS on which VFIO container requests act. */
  vfioIoas: Ioas | undefined;

  override readonly canMap: boolean;

  private readonly groups = new Map<Group, { readonly group: DeviceGroup; devices: number }>();

  constructor(
    readonly kernel: ContextKernel,
    /** The count that mapped memory is charged to, unless CAP_IPC_LOCK exempts it. */
    public accountMode: Exclude<AccountMode, 'none'> = 'user',
  ) {
    super();
    kernel.contexts.add(this);
    this.canMap = kernel.features.mmapOfIommufd;
  }

  /** `iommufd_get_group()`: the attachments of a group in this context. Released with {@link dropGroup}. */
  groupOf(group: Group): DeviceGroup {
    const known = this.groups.get(group) ?? { group: new DeviceGroup(group), devices: 0 };
    known.devices++;
    this.groups.set(group, known);
    return known.group;
  }

  /** `iommufd_ctx_has_group()`: true if a device of the group is bound to this context. */
  hasGroup(group: Group): boolean {
    return this.groups.has(group);
  }

  dropGroup({ group }: DeviceGroup): void {
    const known = this.groups.get(group);
    if (known !== undefined && --known.devices === 0) this.groups.delete(group);
  }

  /** `iommufd_get_object()`: the caller must put the reference. @throws ENOENT if the id is not an object of this kind */
  take<O extends IommufdObject>(id: number, kind: Kind<O>): O {
    const object = this.objects.find(id);
    if (!isKind(object, kind)) throw fail('ENOENT');
    object.get();
    return object;
  }

  override ioctl(process: Task, request: number, arg: bigint): number {
    // A number outside iommufd's own range may be a VFIO container request.
    if (this.kernel.commands.isBeyond(request)) return vfioIoctl(this, process, request, arg);
    return dispatch(this, process, request, arg);
  }

  override mmap(length: number, prot: number, shared: boolean, offset: bigint): Vma {
    return this.mmaps.map(length, prot, shared, offset);
  }

  protected override release(): void {
    closing(this.kernel, this.objects);
    // Attached PASIDs still hold their device and page table, and no other code detaches them.
    for (const object of [...this.objects]) if (object instanceof IommufdDevice) detachAll(object);
    this.objects.destroyAll();
    this.kernel.contexts.delete(this);
  }
}
