import { IOMMU_OPTION, iommufd_option, iommufd_option_ops, type Syscalls } from '@iommufd/uapi';
import { retry } from './calls.js';
import { Context } from './context.js';
import { IommufdError } from './error.js';
import { FaultQueue } from './fault-queue.js';
import { formatOf } from './formats.js';
import { Ioas } from './ioas.js';
import { type MemfdMemory, Memory, type MemoryOptions } from './memory.js';
import { MockDevice, type MockDeviceOptions } from './mock-device.js';
import { poll } from './poll.js';
import { type Queue } from './queue.js';
import { VfioDevice } from './vfio-device.js';
import { type WaitOptions } from './wait.js';

const { IOMMU_OPTION_RLIMIT_MODE } = iommufd_option;
const { IOMMU_OPTION_OP_GET, IOMMU_OPTION_OP_SET } = iommufd_option_ops;

/** Whose limit of locked memory pinned pages count against. */
export type RlimitMode = 'user' | 'process';

/**
 * An open `/dev/iommu`. What is allocated on it lives until it is closed, or the whole is. Of one that is closed every
 * method throws {@link IommufdError} EBADF, but {@link close}.
 */
export class Iommufd implements Disposable {
  private isOpen = true;

  private constructor(private readonly context: Context) {}

  /**
   * Opens `/dev/iommu`: `open()`.
   * @param sys the system calls: of the fake kernel a process, or a binding to a real one
   * @param options how it is opened
   * @param options.path the device node, if it is another
   * @throws IommufdError ENOENT or ENODEV without iommufd; EACCES without permission; EMFILE without a file
   *   descriptor; ENOMEM without memory for arguments of ioctls
   */
  static open(sys: Syscalls, { path = '/dev/iommu' }: { readonly path?: string } = {}): Iommufd {
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

  /**
   * Allocates an empty IO address space: IOMMU_IOAS_ALLOC.
   * @throws IommufdError ENOMEM; EBADF if this is closed
   */
  allocIoas(): Ioas {
    return Ioas.alloc(this.use());
  }

  /**
   * Opens a device by its file, and binds it: VFIO_DEVICE_BIND_IOMMUFD. Nothing is attached then, so all its accesses
   * are blocked.
   * @param path `/dev/vfio/devices/vfio0`
   * @throws IommufdError ENOENT without the file; EACCES without permission; EINVAL if the device is bound already, or is not coherent with the
   *   caches; EBUSY if its group is in use
   */
  openDevice(path: string): VfioDevice {
    return VfioDevice.open(this.use(), path);
  }

  /**
   * Makes a device of the kernel's selftest: IOMMU_TEST_CMD.
   * @param options what it is like, and what it is attached to from its birth
   * @throws IommufdError ENOTTY without CONFIG_IOMMUFD_TEST; EINVAL if it cannot use what it is to be attached to
   */
  createMockDevice(options: MockDeviceOptions): MockDevice {
    return MockDevice.create(this.use(), options);
  }

  /**
   * Allocates a queue of page faults: IOMMU_FAULT_QUEUE_ALLOC. Which faults go to it the page tables say that are
   * allocated with it.
   * @throws IommufdError EMFILE without a file descriptor left
   */
  allocFaultQueue(): FaultQueue {
    return FaultQueue.alloc(this.use());
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
    return Memory.alloc(this.use(), length, options);
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
    return poll(this.use().sys, queues, options);
  }

  /** Whose limit of locked memory pinned pages count against: IOMMU_OPTION_RLIMIT_MODE, the user's at first. */
  get rlimitMode(): RlimitMode {
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_GET, object_id: 0, val64: 0n };
    return this.use().ioctl(IOMMU_OPTION, args).val64 === 0n ? 'user' : 'process';
  }

  /** @throws IommufdError EPERM without CAP_SYS_RESOURCE; EBUSY once anything has been allocated */
  set rlimitMode(mode: RlimitMode) {
    const val64 = formatOf({ user: 0n, process: 1n }, mode, 'rlimitMode');
    const args = { option_id: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, object_id: 0, val64 };
    this.use().ioctl(IOMMU_OPTION, args);
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

  private use(): Context {
    if (this.isOpen) return this.context;
    throw IommufdError.of('EBADF', 'use', { object: '/dev/iommu' }, 'It is closed.');
  }
}
