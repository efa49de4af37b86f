/**
 * Checks that new ids and file descriptors are the lowest free ones. {@link Numbers} records the numbers in use before a call.
 */

import { MockDeviceObject } from '../selftest/mock-device-object.js';
import type { IommufdContext } from '../iommufd/context.js';
import type { IommufdDevice } from '../iommufd/device.js';
import type { IommufdObject } from '../iommufd/object.js';
import { Vdevice } from '../iommufd/vdevice.js';
import { openFiles } from '../kernel-state.js';
import type { World } from './world.testing.js';

/** Ids of vDEVICEs whose device was unbound before them: they are never reused. */
export type Tombstones = WeakMap<IommufdContext, Set<number>>;

export class Numbers {
  private readonly objects = new Map<IommufdContext, readonly IommufdObject[]>();
  private readonly fds: readonly (readonly number[])[];

  constructor(
    private readonly world: World,
    private readonly tombstones: Tombstones,
  ) {
    for (const context of world.kernel.contexts) this.objects.set(context, [...context.objects]);
    this.fds = fdsOf(world);
  }

  /**
   * Checks the numbers after the call.
   * @param hasOtherFiles true if a process was replaced
   * @throws Error if a free number was skipped
   */
  check(hasOtherFiles: boolean): void {
    if (!hasOtherFiles) {
      for (const [index, now] of fdsOf(this.world).entries())
        checkLowest(`a file of process ${index}`, this.fds[index] ?? [], now, 0);
    }
    for (const context of this.world.kernel.contexts) {
      const before = this.objects.get(context) ?? [];
      const taken = this.tombstones.get(context) ?? new Set<number>();
      const now = [...context.objects];
      const live = now.map(({ id }) => id);
      const buried = live.find((id) => taken.has(id));
      if (buried !== undefined)
        throw new Error(`an object gets number ${buried}, which must never be reused`);
      checkLowest('an object', [...before.map(({ id }) => id), ...taken], live, 1);
      for (const object of before)
        if (object instanceof Vdevice && !now.includes(object) && !isBound(this.world, object['bound'], now))
          taken.add(object.id);
      if (taken.size > 0) this.tombstones.set(context, taken);
    }
  }
}

/** True if the device is still bound, by a mock device of the context or by the file of a device. */
function isBound({ kernel }: World, device: IommufdDevice, objects: readonly IommufdObject[]): boolean {
  return (
    objects.some((object) => object instanceof MockDeviceObject && object.bound === device) ||
    kernel['devices'].slots['slots'].some((slot) => slot?.['bound'] === device)
  );
}

const fdsOf = ({ processes }: World): number[][] =>
  processes.map((process) => openFiles(process).map(({ fd }) => fd));

function checkLowest(what: string, before: readonly number[], now: readonly number[], first: number): void {
  const taken = new Set(before);
  const added = now.filter((number) => !taken.has(number)).sort((a, b) => a - b);
  let free = first;
  for (const number of added) {
    while (taken.has(free)) free++;
    if (number !== free) throw new Error(`${what} gets number ${number}, although ${free} is free`);
    free++;
  }
}
