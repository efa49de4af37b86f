import { IOMMU_OPTION, iommufd_option, iommufd_option_ops, type Syscalls } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { arrayOf, byteCount, type Kind, oneOf, optional, record, text } from '../calls/arguments/kinds.js';
import { syscalls } from '../calls/arguments/syscalls.js';
import { type Where, wrong } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { FaultQueue } from '../queues/fault-queue.js';
import { INSPECT } from './inspect.js';
import { Ioas } from './ioas.js';
import { type MemfdMemory, Memory, type MemoryOptions, memoryOptions } from './memory.js';
import { SelftestDevice, type SelftestDeviceOptions, selftestDeviceOptions } from './selftest-device.js';
import { closed, madeByCalls } from './object.js';
import { poll } from '../queues/poll.js';
import { Queue } from '../queues/queue.js';
import { VfioDevice } from './vfio-device.js';
import { type WaitOptions, waitOptions } from '../queues/wait.js';

const { IOMMU_OPTION_RLIMIT_MODE } = iommufd_option;
const { IOMMU_OPTION_OP_GET, IOMMU_OPTION_OP_SET } = iommufd_option_ops;

/** Whose limit of locked memory pinned pages count against. */
export type RlimitMode = 'user' | 'process';

/** How `/dev/iommu` is opened. */
interface OpenOptions {
  readonly path?: string;
}

const rlimitModes = { user: 0n, process: 1n } as const;

const queue: Kind<Queue<unknown>> = {
  expected: 'a Veventq or a FaultQueue',
  at: (where) => (value, context) => {
    if (!(value instanceof Queue)) throw wrong(where, { expected: 'a Veventq or a FaultQueue', value });
    value.useBy(context?.sys, where);
  },
};

const calls = {
  open: new Call('Iommufd.open', {
    sys: syscalls,
    options: optional(record<OpenOptions>({ path: optional(text('a path, such as "/dev/iommu"')) })),
  }),
  allocIoas: new Call('Iommufd.allocIoas'),
  openDevice: new Call('Iommufd.openDevice', { path: text('a path, such as "/dev/vfio/devices/vfio0"') }),
  createSelftestDevice: new Call('Iommufd.createSelftestDevice', { options: selftestDeviceOptions }),
  allocFaultQueue: new Call('Iommufd.allocFaultQueue'),
  allocMemory: new Call('Iommufd.allocMemory', { length: byteCount(1), options: optional(memoryOptions) }),
  poll: new Call('Iommufd.poll', {
    queues: arrayOf('an array of queues', queue),
    options: optional(waitOptions),
  }),
  rlimitMode: new Call('Iommufd.rlimitMode'),
  setRlimitMode: new Call('Iommufd.rlimitMode', { '': oneOf(['user', 'process']) }),
};

/**
 * An open `/dev/iommu`. What is allocated on it lives until it is closed, or the whole is. Of one that is closed every
 * method throws {@link IommufdError} EBADF, but {@link close}.
 *
 * Every call of this SDK looks at its arguments before the kernel is asked, also for a caller without types. An argument of the
 * wrong type, one that is missing and an option that is misspelt are a `TypeError`; a value out of range and an object of
 * another `/dev/iommu` are a `RangeError`. The message names the call, the argument, and what was found.
 */
export class Iommufd implements Disposable, Owner {
  private isOpen = true;

  private constructor(private readonly context: Context) {
    if (!(context instanceof Context)) throw madeByCalls('Iommufd');
  }

  /**
   * Opens `/dev/iommu`: `open()`.
   * @param sys the system calls: of the fake kernel a process, or a binding to a real one
   * @param options how it is opened
   * @param options.path the device node, if it is another
   * @throws IommufdError ENOENT or ENODEV without iommufd; EACCES without permission; EMFILE without a file
   *   descriptor; ENOMEM without memory for arguments of ioctls
   */
  static open(sys: Syscalls, options: { readonly path?: string } = {}): Iommufd {
    calls.open.checkArguments([sys, options]);
    const { path = '/dev/iommu' } = options;
    const fd = retry(() => sys.open(path));
    if (fd < 0) throw new IommufdError({ call: 'open', args: { path }, errno: -fd });
    try {
      return new Iommufd(new Context(sys, fd));
    } catch (cause) {
      sys.close(fd);
      throw cause;
    }
  }

  /** The file descriptor, for what this SDK has no call for. */
  get fd(): number {
    return this.context.fd;
  }

  /** What `console.log` shows. @internal */
  [INSPECT](): string {
    return this.isOpen ? `iommufd (fd ${this.fd})` : 'iommufd, closed';
  }

  /**
   * Allocates an empty IO address space: IOMMU_IOAS_ALLOC.
   * @throws IommufdError ENOMEM; EBADF if this is closed
   */
  allocIoas(): Ioas {
    return Ioas.alloc(calls.allocIoas.check(this));
  }

  /**
   * Opens a device by its file, and binds it: VFIO_DEVICE_BIND_IOMMUFD. Nothing is attached then, so all its accesses
   * are blocked.
   * @param path `/dev/vfio/devices/vfio0`
   * @throws IommufdError ENOENT without the file; EACCES without permission; EINVAL if the device is bound already, or is not coherent with the
   *   caches; EBUSY if its group is in use
   */
  openDevice(path: string): VfioDevice {
    return VfioDevice.open(calls.openDevice.check(this, path), path);
  }

  /**
   * Makes a device of the kernel's selftest: IOMMU_TEST_CMD.
   * @param options what it is like, and what it is attached to from its birth
   * @throws IommufdError ENOTTY without CONFIG_IOMMUFD_TEST; EINVAL if it cannot use what it is to be attached to
   */
  createSelftestDevice(options: SelftestDeviceOptions): SelftestDevice {
    return SelftestDevice.create(calls.createSelftestDevice.check(this, options), options);
  }

  /**
   * Allocates a queue of page faults: IOMMU_FAULT_QUEUE_ALLOC. Which faults go to it the page tables say that are
   * allocated with it.
   * @throws IommufdError EMFILE without a file descriptor left
   */
  allocFaultQueue(): FaultQueue {
    return FaultQueue.alloc(calls.allocFaultQueue.check(this));
  }

  /**
   * Allocates memory that can be mapped for devices: page-aligned, zero, not touched.
   * @param length bytes; what is mapped of it for devices must be a multiple of {@link IovaRanges.alignment}
   * @param options where it comes from: anonymous memory if it is left out
   * @throws IommufdError ENOMEM, from `mmap()` or `memfd_create()`
   * @throws RangeError for no bytes, and for huge pages of a memfd
   */
  allocMemory(length: number, options: MemoryOptions & { readonly memfd: true }): MemfdMemory;
  allocMemory(length: number, options?: MemoryOptions): Memory;
  allocMemory(length: number, options?: MemoryOptions): Memory {
    return Memory.alloc(calls.allocMemory.check(this, length, options), length, options);
  }

  /**
   * Waits until one of several queues has something: `poll()` for POLLIN.
   * @param queues vEVENTQs and queues of page faults, of this `/dev/iommu`
   * @param options how long: forever if `timeout`, in milliseconds, is left out. The wait keeps the process running unless
   *   `ref` is false
   * @returns the queues that have, in the order in which they were given; none if the time is over, the signal was
   *   aborted, or one of them was closed
   * @throws IommufdError EBADF if one is closed already; EIO if the file of one is in error
   * @throws RangeError for a timeout below 0
   */
  async poll<Q extends Queue<unknown>>(queues: readonly Q[], options: WaitOptions = {}): Promise<Q[]> {
    return poll(calls.poll.check(this, queues, options).sys, queues, options);
  }

  /** Whose limit of locked memory pinned pages count against: IOMMU_OPTION_RLIMIT_MODE, the user's at first. */
  get rlimitMode(): RlimitMode {
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_GET, object_id: 0, val64: 0n };
    return calls.rlimitMode.check(this).ioctl(IOMMU_OPTION, args).val64 === 0n ? 'user' : 'process';
  }

  /** @throws IommufdError EPERM without CAP_SYS_RESOURCE; EBUSY once anything has been allocated */
  set rlimitMode(mode: RlimitMode) {
    const context = calls.setRlimitMode.check(this, mode);
    const val64 = rlimitModes[mode];
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, object_id: 0, val64 };
    context.ioctl(IOMMU_OPTION, args);
  }

  /** Has it been closed? */
  get isClosed(): boolean {
    return !this.isOpen;
  }

  /**
   * Closes it, with everything that was allocated on it: objects, files of queues and devices, memory. Whatever waits
   * on a queue ends. Closing twice does nothing.
   */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.context.close();
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  openFor(where: Where): Context {
    if (this.isOpen) return this.context;
    throw closed('/dev/iommu', where);
  }
}
