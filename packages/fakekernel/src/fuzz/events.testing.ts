/**
 * Checks that reports of devices reach their queue. {@link Reported} reads the state of the queues before a call that makes a
 * device report, and {@link Reported.check} after it.
 */

import { iommu_test_cmd, IOMMU_TEST_CMD, iommu_test_op, iommu_veventq_type } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { MockHardware } from '../drivers/mock/mock-hardware.js';
import { NO_PASID } from '../iommu/group.js';
import { IommufdContext } from '../iommufd/context.js';
import { IommufdDevice } from '../iommufd/device.js';
import { FaultQueue } from '../iommufd/fault-queue.js';
import type { Veventq } from '../iommufd/veventq.js';
import { Viommu } from '../iommufd/viommu.js';
import type { Asked } from './asked.testing.js';
import type { Step } from './step.testing.js';
import type { World } from './world.testing.js';

const { IOMMU_TEST_OP_TRIGGER_IOPF, IOMMU_TEST_OP_TRIGGER_VEVENT } = iommu_test_op;

/** Size of a header in bytes, and the offset of its sequence number. */
const HEADER = 8;
const SEQUENCE = 4;

export class Reported {
  private readonly checks: (() => void)[] = [];

  constructor(world: World, { process, call }: Step, asked: Asked | undefined) {
    if (call.name !== 'ioctl' || asked?.ioctl.name !== IOMMU_TEST_CMD.name) return;
    const context = world.process(process).files.find(call.fd);
    if (!(context instanceof IommufdContext)) return;
    const { op, trigger_iopf: fault, trigger_vevent: event } = view(iommu_test_cmd, asked.bytes);
    const deviceOf = (id: number): IommufdDevice['device'] | undefined => {
      const object = context.objects.find(id);
      return object instanceof IommufdDevice ? object.device : undefined;
    };
    if (op === IOMMU_TEST_OP_TRIGGER_IOPF) {
      const pasid = fault.pasid === NO_PASID ? undefined : fault.pasid;
      this.fault(world, deviceOf(fault.dev_id)?.['handleFor'](pasid)?.domain.faultHandler !== undefined);
    } else if (op === IOMMU_TEST_OP_TRIGGER_VEVENT) {
      const device = deviceOf(event.dev_id);
      const viommu = device instanceof MockHardware ? device.viommu : undefined;
      const queue =
        viommu instanceof Viommu
          ? viommu.veventqs.get(iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST)
          : undefined;
      if (queue !== undefined) this.event(queue);
    }
  }

  /** Checks that a page request is in a queue, if the device has one. */
  private fault(world: World, isTaken: boolean): void {
    const before = faultsOf(world);
    this.checks.push(() => {
      const now = faultsOf(world);
      if (now !== before + (isTaken ? 1 : 0))
        throw new Error(
          `${now} page requests wait, and ${before} waited before one that is taken: ${isTaken}`,
        );
    });
  }

  /** Checks that an event, or a mark instead of it, is the last record of its queue and has the next number. */
  private event(queue: Veventq): void {
    const due = queue['next'];
    this.checks.push(() => {
      const last = lastOf(queue);
      if (last !== due) throw new Error(`event ${due} is reported, and the last one is ${last}`);
    });
  }

  /** @throws Error if the report is missing */
  check(result: number | bigint): void {
    if (result === 0) for (const check of this.checks) check();
  }
}

function faultsOf({ kernel }: World): number {
  let count = 0;
  for (const { objects } of kernel.contexts)
    for (const object of objects) if (object instanceof FaultQueue) count += object['waiting'].length;
  return count;
}

/** The sequence number of the last record. */
function lastOf(queue: Veventq): number | undefined {
  const records = queue['records'];
  const bytes = records.front(records.length);
  if (bytes.length === 0) return undefined;
  const start = bytes.length - (queue['hasMark'] ? HEADER : queue['recordLength']);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(start + SEQUENCE, true);
}
