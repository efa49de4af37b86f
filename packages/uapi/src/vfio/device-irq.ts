import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexibleBytes } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-irq.generated.js';

/** What can be done with the interrupts of an index. Source: `linux/vfio.h`. */
export const vfio_irq_info_flags = flagSet(
  'vfio_irq_info_flags',
  'What can be done with the interrupts of an index.',
  {
    VFIO_IRQ_INFO_EVENTFD: [1, 'They can signal an eventfd.'],
    VFIO_IRQ_INFO_MASKABLE: [2, 'They can be masked and unmasked.'],
    VFIO_IRQ_INFO_AUTOMASKED: [
      4,
      'Each is masked when it fires, until it is unmasked: level-triggered lines.',
    ],
    VFIO_IRQ_INFO_NORESIZE: [8, 'They are set up together: to add one, disable the whole index first.'],
  },
);

/** The argument of {@link VFIO_DEVICE_GET_IRQ_INFO}. Source: `linux/vfio.h`. */
export const vfio_irq_info = struct(
  'vfio_irq_info',
  'Describes the interrupts of an index.',
  {
    argsz: argsz.in('Bytes allocated; at least 16.'),
    flags: flags(vfio_irq_info_flags).out('What can be done with them.'),
    index: u32.in('Which kind of interrupt; what is where depends on the kind of device.'),
    count: u32.out('How many there are; 0 if the device does not have them.'),
  },
  { code: code.vfio_irq_info },
);

/** Describes the interrupts of an index. */
export const VFIO_DEVICE_GET_IRQ_INFO = ioctl(
  'VFIO_DEVICE_GET_IRQ_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 9),
  ['vfio-device'],
  vfio_irq_info,
  'Tells how many interrupts of a kind there are and what can be done with them.',
  { ...vfioErrors, EINVAL: 'argsz is less than 16, or there is no such index.' },
);

/** What to do with interrupts. Source: `linux/vfio.h`. */
export const vfio_irq_set_flags = flagSet(
  'vfio_irq_set_flags',
  'What to do with interrupts: one DATA flag and one ACTION flag.',
  {
    VFIO_IRQ_SET_DATA_NONE: [1, 'No data: the action is done to all of them, now.'],
    VFIO_IRQ_SET_DATA_BOOL: [2, 'A byte for each: the action is done, now, to those with 1.'],
    VFIO_IRQ_SET_DATA_EVENTFD: [4, 'A file descriptor for each: an eventfd to tie to the action, or -1.'],
    VFIO_IRQ_SET_ACTION_MASK: [8, 'Mask.'],
    VFIO_IRQ_SET_ACTION_UNMASK: [0x10, 'Unmask.'],
    VFIO_IRQ_SET_ACTION_TRIGGER: [0x20, 'Fire; with eventfds, have the device signal them.'],
  },
);

/** The flags of {@link vfio_irq_set} that say what data holds; exactly one is set. Source: `linux/vfio.h`. */
export const VFIO_IRQ_SET_DATA_TYPE_MASK = 0x7;

/** The flags of {@link vfio_irq_set} that say what to do; exactly one is set. Source: `linux/vfio.h`. */
export const VFIO_IRQ_SET_ACTION_TYPE_MASK = 0x38;

/** The argument of {@link VFIO_DEVICE_SET_IRQS}. Source: `linux/vfio.h`. */
export const vfio_irq_set = struct(
  'vfio_irq_set',
  'Sets up, masks, unmasks or fires interrupts.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 20.'),
    flags: flags(vfio_irq_set_flags).in('What to do, and what data holds.'),
    index: u32.in('Which kind of interrupt.'),
    start: u32.in('The first of them.'),
    count: u32.in('How many; 0 with DATA_NONE and ACTION_TRIGGER disables the index.'),
    data: flexibleBytes.in(
      'count bytes, or count file descriptors of 4 bytes, or nothing: the DATA flag tells.',
    ),
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
      'argsz is too small for the data, the flags do not fit together, there are no such interrupts, a file is no eventfd, or interrupts of another kind are on.',
    ENOTTY: 'The interrupts of this kind cannot do what was asked for.',
    EBADF: 'A file descriptor is not open.',
    EBUSY: 'An eventfd for unmasking is tied already.',
    ENOMEM: 'Out of memory.',
  },
);
