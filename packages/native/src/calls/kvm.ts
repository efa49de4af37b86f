/** `KVM_SET_DEVICE_ATTR` on a device of the host's KVM, with a file of the fake kernel. */

import { fail } from '@iommufd/fakekernel/task';
import { isKvmVfio } from '../files/kvm-vfio.js';
import type { Answer } from '../listener.js';
import type { SystemCall } from './call.js';

/** `linux/kvm.h`. */
const KVM_DEV_VFIO_FILE = 1;
const KVM_DEV_VFIO_FILE_ADD = 1n;
const KVM_DEV_VFIO_FILE_DEL = 2n;
/** `struct kvm_device_attr`. */
const ATTR = { size: 24, group: 4, attr: 8, addr: 16 };

/** `kvm_vfio_set_file()` for files of the fake kernel. The host's KVM answers for all others. */
export function setDeviceAttribute(call: SystemCall): Answer {
  const { world } = call.host;
  const { pid, memorySpace: memory } = call.task;
  const [kvm, at] = [call.int(0), call.word(2)];
  if (!isKvmVfio(pid, kvm)) return 'continue';
  // If the struct cannot be read, the host's KVM fails with EFAULT.
  const bytes = memory.tryRead(at, ATTR.size);
  if (bytes.length < ATTR.size) return 'continue';
  const attribute = new DataView(bytes.buffer, bytes.byteOffset);
  if (attribute.getUint32(ATTR.group, true) !== KVM_DEV_VFIO_FILE) return 'continue';
  const what = attribute.getBigUint64(ATTR.attr, true);
  if (what !== KVM_DEV_VFIO_FILE_ADD && what !== KVM_DEV_VFIO_FILE_DEL) return 'continue';
  const number = memory.tryRead(attribute.getBigUint64(ATTR.addr, true), 4);
  if (number.length < 4) return 'continue';
  const fd = new DataView(number.buffer, number.byteOffset).getInt32(0, true);
  const file = call.own(fd);
  if (file === undefined) return 'continue';
  if (what === KVM_DEV_VFIO_FILE_DEL) world.kvm.remove(pid, kvm, file);
  else if (world.isVfio(file)) world.kvm.add(pid, kvm, file, () => call.take(fd));
  else throw fail('EINVAL');
  return 0;
}
