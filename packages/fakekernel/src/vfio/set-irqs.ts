/** The argument of VFIO_DEVICE_SET_IRQS: `vfio_set_irqs_validate_and_prepare()` of Linux's `vfio_main.c`. */
import {
  vfio_irq_set,
  VFIO_IRQ_SET_ACTION_TYPE_MASK,
  VFIO_IRQ_SET_DATA_TYPE_MASK,
  vfio_irq_set_flags,
} from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { UserMemory } from '../process/user-memory.js';

const { VFIO_IRQ_SET_DATA_BOOL, VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_NONE } = vfio_irq_set_flags;
const U32_MAX = 0xffff_ffff;

/** The data of each interrupt: none, a boolean that selects it, or a file descriptor. */
export type IrqData =
  | { readonly kind: 'none' }
  | { readonly kind: 'bool'; readonly values: readonly boolean[] }
  | { readonly kind: 'eventfd'; readonly fds: readonly number[] };

/** A request that was validated. */
export interface IrqRequest {
  readonly index: number;
  readonly start: number;
  readonly count: number;
  /** The bits of VFIO_IRQ_SET_ACTION_TYPE_MASK; zero or more of them may be set. */
  readonly action: number;
  readonly data: IrqData;
}

/**
 * Copies a request in.
 * @param indexes the number of indexes
 * @param countOf returns the number of interrupts of an index
 * @throws EFAULT | EINVAL
 */
export function copyIrqRequest(
  memory: UserMemory,
  arg: bigint,
  indexes: number,
  countOf: (index: number) => number,
): IrqRequest {
  const size = vfio_irq_set.byteLength;
  const { argsz, flags, index, start, count } = decode(vfio_irq_set, memory.read(arg, size));
  if (argsz < size || index >= indexes || count >= U32_MAX - start) throw fail('EINVAL');
  if ((flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK)) !== 0) throw fail('EINVAL');
  const most = countOf(index);
  if (start >= most || start + count > most) throw fail('EINVAL');
  const width = elementSize(flags & VFIO_IRQ_SET_DATA_TYPE_MASK);
  if (argsz - size < count * width) throw fail('EINVAL');
  const bytes = memory.read(arg + BigInt(size), count * width);
  const action = flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
  return { index, start, count, action, data: dataOf(width, bytes) };
}

/** @throws EINVAL for no data type, or for two */
function elementSize(type: number): 0 | 1 | 4 {
  switch (type) {
    case VFIO_IRQ_SET_DATA_NONE:
      return 0;
    case VFIO_IRQ_SET_DATA_BOOL:
      return 1;
    case VFIO_IRQ_SET_DATA_EVENTFD:
      return 4;
    default:
      throw fail('EINVAL');
  }
}

function dataOf(width: 0 | 1 | 4, bytes: Uint8Array): IrqData {
  if (width === 0) return { kind: 'none' };
  if (width === 1) return { kind: 'bool', values: [...bytes].map((value) => value !== 0) };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const fds = Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
  return { kind: 'eventfd', fds };
}
