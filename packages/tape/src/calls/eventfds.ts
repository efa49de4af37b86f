import { vfio_irq_set, vfio_irq_set_flags } from '@iommufd/uapi';
import { type AnyType, decode } from '@iommufd/uapi/struct';

const NONE: readonly number[] = [];

/** True for structs in which {@link eventfdsIn} may find eventfds. */
export const mayHaveEventfds = (struct: AnyType): boolean => struct === vfio_irq_set;

/** The eventfds in the data of a `vfio_irq_set` with VFIO_IRQ_SET_DATA_EVENTFD; empty for other flags and other structs. */
export function eventfdsIn(struct: AnyType, bytes: Uint8Array): readonly number[] {
  if (!mayHaveEventfds(struct) || bytes.length < vfio_irq_set.byteLength) return NONE;
  const { flags, count, data } = decode(vfio_irq_set, bytes, { lenient: true });
  if ((flags & vfio_irq_set_flags.VFIO_IRQ_SET_DATA_EVENTFD) === 0) return NONE;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = Math.min(count, Math.floor(data.length / 4));
  return Array.from({ length }, (_, i) => view.getInt32(4 * i, true));
}
