/** References: {@link checkReferences} recounts the users of every object and file, and compares. */

import { Access } from '../iommufd/access.js';
import { IommufdContext } from '../iommufd/context.js';
import { IommufdDevice } from '../iommufd/device.js';
import { FaultQueue } from '../iommufd/fault-queue.js';
import { HwQueue } from '../iommufd/hw-queue.js';
import { Hwpt, HwptNested, HwptPaging } from '../iommufd/hwpt.js';
import type { IommufdObject } from '../iommufd/object.js';
import { Vdevice } from '../iommufd/vdevice.js';
import { Veventq } from '../iommufd/veventq.js';
import { Viommu } from '../iommufd/viommu.js';
import type { Vma } from '../process/address-space.js';
import type { File } from '../process/file.js';
import { PrivateMemory } from '../process/file-memory.js';
import { MockDeviceObject } from '../selftest/mock-device-object.js';
import { VfioDeviceFile } from '../vfio/cdev.js';
import { openFiles } from '../kernel-state.js';
import type { CountedWorld } from './world.testing.js';

/** Numbers of references to objects. */
class Counts<T> {
  private readonly counts = new Map<T, number>();

  add(thing: T | undefined, count = 1): void {
    if (thing !== undefined) this.counts.set(thing, this.of(thing) + count);
  }

  of(thing: T): number {
    return this.counts.get(thing) ?? 0;
  }
}

/** @throws Error if the number of users of an object or a file is not the number of its known users */
export function checkReferences(world: CountedWorld): void {
  const vmas = world.processes.flatMap(({ memorySpace }) =>
    [...memorySpace['vmas']].map(({ value }) => value),
  );
  for (const context of world.kernel.contexts) checkObjects(world, context, vmas);
  checkFiles(world, vmas);
}

function checkObjects(world: CountedWorld, context: IommufdContext, vmas: readonly Vma[]): void {
  const users = new Counts<IommufdObject>();
  const objects = [...context.objects];
  for (const object of objects) {
    // The reference of the table.
    users.add(object);
    countFrom(object, users);
  }
  for (const slot of world.kernel['devices'].slots['slots']) users.add(slot?.['bound']);
  for (const { value } of context.mmaps['regions']) {
    users.add(value.owner, vmas.filter(({ object }) => object === value.memory).length);
  }
  for (const object of objects) {
    const { kind, id, userCount } = object;
    const counted = users.of(object);
    // A queue with a higher index may refer to it, which only the driver knows.
    if (object instanceof HwQueue && userCount === counted + 1) continue;
    if (counted !== userCount) {
      throw new Error(`${kind} ${id} has ${userCount} users, but ${counted} are expected`);
    }
  }
}

/** Counts the objects that an object refers to. */
function countFrom(object: IommufdObject, users: Counts<IommufdObject>): void {
  if (object instanceof Hwpt) users.add(object.faults);
  if (object instanceof HwptPaging) users.add(object.ioas);
  else if (object instanceof HwptNested) users.add(object.viommu ?? object.parent);
  else if (object instanceof Viommu) users.add(object.parent);
  else if (object instanceof Vdevice || object instanceof HwQueue) users.add(object.viommu);
  else if (object instanceof MockDeviceObject) users.add(object.bound);
  else if (object instanceof Access) {
    users.add(object['ioas']);
    // The reference of its creator.
    users.add(object);
  } else if (object instanceof IommufdDevice) {
    for (const { hwpt, devices } of object.group.attachments.values()) {
      if (!devices.has(object)) continue;
      users.add(object);
      users.add(hwpt);
    }
  }
  if (object instanceof Veventq) users.add(object.viommu);
  if (object instanceof Veventq || object instanceof FaultQueue) {
    if (object.file !== undefined && object.file['references'] > 0) users.add(object);
  }
}

function checkFiles(world: CountedWorld, vmas: readonly Vma[]): void {
  const users = new Counts<File>();
  const files = world.files();
  for (const process of world.processes) for (const { file } of openFiles(process)) users.add(file);
  for (const { source } of world.kernel.pages) if (source.kind !== 'user') users.add(source.file);
  const byMemory = new Map<unknown, File>();
  for (const file of files) {
    if (file.memory !== undefined) byMemory.set(file.memory, file);
    if (file instanceof IommufdContext) countOfContext(file, users, byMemory);
    if (file instanceof VfioDeviceFile) users.add(file['context']);
  }
  for (const { object } of vmas) {
    const memory = object instanceof PrivateMemory ? object['source'] : object;
    users.add(byMemory.get(memory));
  }
  for (const file of files) {
    if (file['references'] === users.of(file)) continue;
    throw new Error(
      `a ${file.constructor.name} has ${file['references']} references, and ${users.of(file)} are known`,
    );
  }
}

/** Number of references that keep a context open. */
function countOfContext(context: IommufdContext, users: Counts<File>, byMemory: Map<unknown, File>): void {
  for (const { value } of context.mmaps['regions']) byMemory.set(value.memory, context);
  for (const object of context.objects) {
    if (object instanceof Access && object['ops'] !== undefined) users.add(context);
    if (!(object instanceof Veventq || object instanceof FaultQueue)) continue;
    if (object.file !== undefined && object.file['references'] > 0) users.add(context);
  }
}
