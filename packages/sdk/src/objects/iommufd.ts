/**
 * `/dev/iommu`: the entry point of the SDK. {@link Iommufd.open} opens it through the system calls of a process, of the
 * fake kernel or a real one; everything else is allocated on it. Closing it closes all of its objects.
 */
import { IOMMU_OPTION, iommufd_option, iommufd_option_ops, type Syscalls } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { arrayOf, byteCount, type Kind, oneOf, optional, record, text } from '../calls/arguments/kinds.js';
import { syscalls } from '../calls/arguments/syscalls.js';
import { type Where, wrong } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { FaultQueue } from '../queues/fault-queue.js';
import { type Feature, FEATURE_NAMES, FEATURES } from './features.js';
import { INSPECT } from './inspect.js';
import { Ioas } from './ioas.js';
import { type MemfdMemory, Memory, type MemoryOptions, memoryOptions } from './memory.js';
import { SelftestDevice, type SelftestDeviceOptions, selftestDeviceOptions } from './selftest-device.js';
import { closed, madeByCalls } from './object.js';
import { poll } from '../queues/poll.js';
import { Queue } from '../queues/queue.js';
import { VfioDevice } from './vfio-device.js';
import { type OpenDeviceOptions, openDeviceOptions } from '../vfio/device-calls.js';
import { Eventfd } from '../vfio/eventfd.js';
import { type WaitOptions, waitOptions } from '../queues/wait.js';

const { IOMMU_OPTION_RLIMIT_MODE } = iommufd_option;
const { IOMMU_OPTION_OP_GET, IOMMU_OPTION_OP_SET } = iommufd_option_ops;

/** Whether pinned pages are charged to the user's or the process's limit of locked memory. */
export type RlimitMode = 'user' | 'process';

/** Options of {@link Iommufd.open}. */
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
  openDevice: new Call('Iommufd.openDevice', {
    path: text('a path, such as "/dev/vfio/devices/vfio0"'),
    options: optional(openDeviceOptions),
  }),
  allocEventfd: new Call('Iommufd.allocEventfd'),
  createSelftestDevice: new Call('Iommufd.createSelftestDevice', { options: selftestDeviceOptions }),
  allocFaultQueue: new Call('Iommufd.allocFaultQueue'),
  allocMemory: new Call('Iommufd.allocMemory', { length: byteCount(1), options: optional(memoryOptions) }),
  poll: new Call('Iommufd.poll', {
    queues: arrayOf('an array of queues', queue),
    options: optional(waitOptions),
  }),
  supports: new Call('Iommufd.supports', { feature: oneOf(FEATURE_NAMES) }),
  rlimitMode: new Call('Iommufd.rlimitMode'),
  setRlimitMode: new Call('Iommufd.rlimitMode', { '': oneOf(['user', 'process']) }),
};

/**
 * An open `/dev/iommu`. Objects allocated on it live until they are closed, or this is. Once closed, every method except
 * {@link close} throws {@link IommufdError} EBADF.
 *
 * Every method checks its arguments before it makes a system call, also for callers without type checks. An argument of the
 * wrong type, a missing argument and an unknown option are a `TypeError`; a value out of range and an object of another
 * `/dev/iommu` are a `RangeError`. The message names the call, the argument, and what was found.
 */
export class Iommufd implements Disposable, Owner {
  private isOpen = true;

  private constructor(private readonly context: Context) {
    if (!(context instanceof Context)) throw madeByCalls('Iommufd');
  }

  /**
   * Opens `/dev/iommu`: `open()`.
   * @param sys the system calls: a process of the fake kernel, or a binding to a real kernel
   * @param options how to open it
   * @param options.path the device node; `/dev/iommu` by default
   * @throws IommufdError ENOENT or ENODEV without iommufd; EACCES without permission; EMFILE if no file descriptor is free;
   *   ENOMEM if there is no memory for ioctl arguments
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

  /** The file descriptor, for system calls that this SDK does not have. */
  get fd(): number {
    return this.context.fd;
  }

  /** The text that `console.log` shows. @internal */
  [INSPECT](): string {
    return this.isOpen ? `iommufd (fd ${this.fd})` : 'iommufd, closed';
  }

  /**
   * Tests whether the kernel has a feature, with an ioctl that has no effect. The kernel's version is less reliable, because
   * distributions backport features. A device's IOMMU may lack a feature that the kernel has: then the feature's calls fail.
   * @param feature `viommu`, `veventq`, `faultQueue`, ...
   * @returns true if the kernel has it
   * @throws IommufdError EBADF if this is closed
   */
  supports(feature: Feature): boolean {
    const { calls: sys, fd } = calls.supports.check(this, feature);
    return sys.knows(fd, FEATURES[feature]);
  }

  /**
   * Allocates an empty IO address space: IOMMU_IOAS_ALLOC.
   * @throws IommufdError ENOMEM; EBADF if this is closed
   */
  allocIoas(): Ioas {
    return Ioas.alloc(calls.allocIoas.check(this));
  }

  /**
   * Opens a VFIO device node and binds the device: VFIO_DEVICE_BIND_IOMMUFD. Until it is attached, its DMA is blocked.
   * @param path `/dev/vfio/devices/vfio0`
   * @param options how to open it
   * @param options.token the token of a virtual function
   * @throws IommufdError ENOENT if there is no such node; EACCES without permission, or without a required token; EINVAL if the device
   *   is already bound, or its DMA is not cache-coherent; EBUSY if its group is in use
   */
  openDevice(path: string, options: OpenDeviceOptions = {}): VfioDevice {
    return VfioDevice.open(calls.openDevice.check(this, path, options), path, options);
  }

  /**
   * Allocates an eventfd, for {@link Region.writeOn} and similar methods: `eventfd2()`. {@link Interrupts} have their own eventfds.
   * @throws IommufdError EMFILE if no file descriptor is free; EBADF if this is closed
   */
  allocEventfd(): Eventfd {
    return Eventfd.alloc(calls.allocEventfd.check(this));
  }

  /**
   * Creates a device of the kernel's selftest: IOMMU_TEST_CMD.
   * @param options its capabilities, and its initial attachment
   * @throws IommufdError ENOTTY without CONFIG_IOMMUFD_TEST; EINVAL if it cannot be attached to `attachTo`
   */
  createSelftestDevice(options: SelftestDeviceOptions): SelftestDevice {
    return SelftestDevice.create(calls.createSelftestDevice.check(this, options), options);
  }

  /**
   * Allocates a fault queue: IOMMU_FAULT_QUEUE_ALLOC. It receives the page faults of page tables that are allocated with it.
   * @throws IommufdError EMFILE if no file descriptor is free
   */
  allocFaultQueue(): FaultQueue {
    return FaultQueue.alloc(calls.allocFaultQueue.check(this));
  }

  /**
   * Allocates memory that can be mapped for devices: page-aligned, zeroed, and not populated.
   * @param length in bytes; parts that are mapped for devices must have the alignment {@link IovaRanges.alignment}
   * @param options the kind of memory; anonymous by default
   * @throws IommufdError ENOMEM, from `mmap()` or `memfd_create()`
   * @throws RangeError if `length` is 0, or `memfd` and `hugePages` are both set
   */
  allocMemory(length: number, options: MemoryOptions & { readonly memfd: true }): MemfdMemory;
  allocMemory(length: number, options?: MemoryOptions): Memory;
  allocMemory(length: number, options?: MemoryOptions): Memory {
    return Memory.alloc(calls.allocMemory.check(this, length, options), length, options);
  }

  /**
   * Waits until at least one queue is readable: `poll()` for POLLIN.
   * @param queues vEVENTQs and fault queues of this `/dev/iommu`
   * @param options how long to wait: `timeout` in milliseconds, forever by default. The wait keeps the process running unless
   *   `ref` is false
   * @returns the readable queues, in the given order; empty on a timeout, if the signal was aborted, or if one of the queues
   *   was closed during the wait
   * @throws IommufdError EBADF if a queue is closed already; EIO if the file of a queue is in error
   * @throws RangeError if the timeout is negative
   */
  async poll<Q extends Queue<unknown>>(queues: readonly Q[], options: WaitOptions = {}): Promise<Q[]> {
    return poll(calls.poll.check(this, queues, options).sys, queues, options);
  }

  /** The limit of locked memory that pinned pages are charged to: IOMMU_OPTION_RLIMIT_MODE, `user` initially. */
  get rlimitMode(): RlimitMode {
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_GET, object_id: 0, val64: 0n };
    return calls.rlimitMode.check(this).ioctl(IOMMU_OPTION, args).val64 === 0n ? 'user' : 'process';
  }

  /** @throws IommufdError EPERM without CAP_SYS_RESOURCE; EBUSY if anything is allocated */
  set rlimitMode(mode: RlimitMode) {
    const context = calls.setRlimitMode.check(this, mode);
    const val64 = rlimitModes[mode];
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, object_id: 0, val64 };
    context.ioctl(IOMMU_OPTION, args);
  }

  /** True if it has been closed. */
  get isClosed(): boolean {
    return !this.isOpen;
  }

  /**
   * Closes it and everything allocated on it: objects, files of queues and devices, memory. Pending waits on queues end.
   * Closing twice does nothing.
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
