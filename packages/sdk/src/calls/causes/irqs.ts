/** Causes of failures of VFIO_DEVICE_SET_IRQS. */
import type { VfioDevice } from '../../objects/vfio-device.js';
import { type InterruptKind, irqIndexes } from '../../vfio/indexes.js';
import { type Cause, either } from './cause.js';

/** Kinds of which one can be on at a time. */
const EXCLUSIVE: readonly InterruptKind[] = ['intx', 'msi', 'msix'];

/** @param end one beyond the last vector that was asked for */
export const irqCause =
  (device: VfioDevice, kind: InterruptKind, end: number): Cause =>
  (code) => {
    if (code !== 'EINVAL') return undefined;
    const { count, noResize } = device.irqInfo(irqIndexes[kind]);
    if (count === 0) return `${device.describe()} has no ${kind}.`;
    if (end > count) return `${device.describe()} has ${count} of ${kind}, and ${end} were asked for.`;
    const others = EXCLUSIVE.includes(kind) ? EXCLUSIVE.filter((each) => device.interruptsOn(each)) : [];
    const [other] = others.filter((each) => each !== kind);
    if (other !== undefined)
      return `${other} is on, and one of ${EXCLUSIVE.join(', ')} can be: close it first.`;
    if (others.includes(kind) && noResize)
      return `${kind} is on, and its vectors are set up together: close it first.`;
    return either(
      `${kind} is not on`,
      EXCLUSIVE.includes(kind) && `one of ${EXCLUSIVE.join(', ')} is on through another file`,
    );
  };
