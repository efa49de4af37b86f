import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexibleBytes } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-irq.generated.js';

/** The capabilities of the interrupts of an index. Source: `linux/vfio.h`. */
export const vfio_irq_info_flags = flagSet(
  'vfio_irq_info_flags',
  'Capabilities of the interrupts of an index.',
  {
    VFIO_IRQ_INFO_EVENTFD: [1, 'They can signal an eventfd.'],
    VFIO_IRQ_INFO_MASKABLE: [2, 'They can be masked and unmasked.'],
    VFIO_IRQ_INFO_AUTOMASKED: [
      4,
      'Each interrupt is masked when it fires, until it is unmasked: level-triggered lines.',
    ],
    VFIO_IRQ_INFO_NORESIZE: [8, 'They are set up together. To add one, disable the whole index first.'],
  },
);

/** The argument of {@link VFIO_DEVICE_GET_IRQ_INFO}. Source: `linux/vfio.h`. */
export const vfio_irq_info = struct(
  'vfio_irq_info',
  'Describes the interrupts of an index.',
  {
    argsz: argsz.in('Bytes allocated; at least 16.'),
    flags: flags(vfio_irq_info_flags).out('Their capabilities.'),
    index: u32.in('Kind of interrupt. Its meaning depends on the kind of device.'),
    count: u32.out('Number of interrupts; 0 if the device does not have this kind.'),
  },
  { code: code.vfio_irq_info },
);

/** Describes the interrupts of an index. */
export const VFIO_DEVICE_GET_IRQ_INFO = ioctl(
  'VFIO_DEVICE_GET_IRQ_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 9),
  ['vfio-device'],
  vfio_irq_info,
  'Returns the number of interrupts of a kind and their capabilities.',
  { ...vfioErrors, EINVAL: 'argsz is less than 16, or index is out of range.' },
);

/** The operations on interrupts. Source: `linux/vfio.h`. */
export const vfio_irq_set_flags = flagSet(
  'vfio_irq_set_flags',
  'Operation on interrupts: one DATA flag and one ACTION flag.',
  {
    VFIO_IRQ_SET_DATA_NONE: [1, 'No data: apply the action to all of them, now.'],
    VFIO_IRQ_SET_DATA_BOOL: [2, 'A byte for each: apply the action, now, to those with 1.'],
    VFIO_IRQ_SET_DATA_EVENTFD: [4, 'A file descriptor for each: an eventfd for the action, or -1.'],
    VFIO_IRQ_SET_ACTION_MASK: [8, 'Mask.'],
    VFIO_IRQ_SET_ACTION_UNMASK: [0x10, 'Unmask.'],
    VFIO_IRQ_SET_ACTION_TRIGGER: [0x20, 'Fire; with eventfds, the device signals them.'],
  },
);

/** The mask of the flags of {@link vfio_irq_set} for the kind of data; exactly one is set. Source: `linux/vfio.h`. */
export const VFIO_IRQ_SET_DATA_TYPE_MASK = 0x7;

/** The mask of the flags of {@link vfio_irq_set} for the action; exactly one is set. Source: `linux/vfio.h`. */
export const VFIO_IRQ_SET_ACTION_TYPE_MASK = 0x38;

/** The argument of {@link VFIO_DEVICE_SET_IRQS}. Source: `linux/vfio.h`. */
export const vfio_irq_set = struct(
  'vfio_irq_set',
  'Sets up, masks, unmasks or fires interrupts.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 20.'),
    flags: flags(vfio_irq_set_flags).in('The action, and the kind of data.'),
    index: u32.in('Kind of interrupt.'),
    start: u32.in('First interrupt of the kind.'),
    count: u32.in('Number of interrupts; 0 with DATA_NONE and ACTION_TRIGGER disables the index.'),
    data: flexibleBytes.in('By the DATA flag: count bytes, count file descriptors of 4 bytes, or nothing.'),
  },
  { code: code.vfio_irq_set },
);

/** Sets up interrupts. */
export const VFIO_DEVICE_SET_IRQS = ioctl(
  'VFIO_DEVICE_SET_IRQS',
  _IO(VFIO_TYPE, VFIO_BASE + 10),
  ['vfio-device'],
  vfio_irq_set,
  'Sets up, masks, unmasks or fires interrupts of a device.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small for the data, the combination of flags is invalid, the interrupts are out of range, a file is not an eventfd, or interrupts of another kind are enabled.',
    ENOTTY: 'The interrupts of this kind do not support the action.',
    EBADF: 'A file descriptor is not open.',
    EBUSY: 'An eventfd for unmasking is set already.',
    ENOSPC: 'No vector can be allocated. If some can, their number is returned, and none is allocated.',
    ENOMEM: 'Out of memory.',
  },
);
