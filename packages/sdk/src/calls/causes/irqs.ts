/** Causes of failures of VFIO_DEVICE_SET_IRQS. */
import type { VfioDevice } from '../../objects/vfio-device.js';
import { type InterruptKind, irqIndexes } from '../../vfio/indexes.js';
import { type Cause, either } from './cause.js';

/** Kinds of which only one can be enabled at a time. */
const EXCLUSIVE: readonly InterruptKind[] = ['intx', 'msi', 'msix'];

/** @param end the index after the last requested vector */
export const irqCause =
  (device: VfioDevice, kind: InterruptKind, end: number): Cause =>
  (code) => {
    if (code !== 'EINVAL') return undefined;
    const { count, noResize } = device.irqInfo(irqIndexes[kind]);
    if (count === 0) return `${device.describe()} has no ${kind}.`;
    if (end > count)
      return `${device.describe()} has ${count} vectors of ${kind}, and ${end} were requested.`;
    const others = EXCLUSIVE.includes(kind) ? EXCLUSIVE.filter((each) => device.interruptsOn(each)) : [];
    const [other] = others.filter((each) => each !== kind);
    if (other !== undefined)
      return `${other} is enabled, and only one of ${EXCLUSIVE.join(', ')} can be: close it first.`;
    if (others.includes(kind) && noResize)
      return `${kind} is enabled, and the number of its vectors cannot change: close it first.`;
    return either(
      `${kind} is not enabled`,
      EXCLUSIVE.includes(kind) && `one of ${EXCLUSIVE.join(', ')} is enabled through another file`,
    );
  };
