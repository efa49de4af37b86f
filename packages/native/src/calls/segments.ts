import { fail, type UserMemory } from '@iommufd/fakekernel/task';
import { UIO_MAXIOV } from '../linux/constants.js';

/** `MAX_RW_COUNT`. */
const MOST_BYTES = 0x7fff_f000;

/** A segment of a vectored call (`struct iovec`), in the program's memory. */
export interface Segment {
  readonly address: bigint;
  readonly length: number;
}

/** `import_iovec()`. The total length is limited to MAX_RW_COUNT. @throws EINVAL; EFAULT */
export function segmentsOf(memory: UserMemory, address: bigint, count: number): Segment[] {
  if (count < 0 || count > UIO_MAXIOV) throw fail('EINVAL');
  const bytes = memory.read(address, count * 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let room = MOST_BYTES;
  return Array.from({ length: count }, (_, index) => {
    const base = view.getBigUint64(index * 16, true);
    const asked = view.getBigInt64(index * 16 + 8, true);
    if (asked < 0n) throw fail('EINVAL');
    if (!memory.isUserRange(base, Number(asked))) throw fail('EFAULT');
    const length = Math.min(room, Number(asked));
    room -= length;
    return { address: base, length };
  });
}
