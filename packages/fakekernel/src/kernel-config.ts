/** The settings of a {@link FakeKernel}: version, and what an administrator would configure. */

/** The configuration of a kernel. */
export interface KernelConfig {
  /**
   * The emulated version of Linux: `6.12` to `7.3`. Default: the newest. The number of a stable release may follow:
   * `6.12.117` has the changes that were backported to it (`docs/versions.md`). {@link FakeKernel.version} reports whether recordings of the version exist.
   */
  readonly version?: string;
  /**
   * `/sys/kernel/mm/transparent_hugepage/enabled`: `never` by default. With `always`, private anonymous memory uses huge
   * pages of 2 MiB wherever a mapping contains an aligned one. A device's write then marks the whole huge page dirty.
   */
  readonly transparentHugePages?: 'always' | 'never';
  /**
   * TASK_SIZE: one beyond the last address of user space, in bytes: a multiple of 4096 up to 2^52. Default: that of x86-64 with page tables of
   * four levels, 0x7ffffffff000. On arm64 it is 2^39, 2^48 or 2^52.
   */
  readonly taskSize?: number;
  /**
   * True if programs may map BARs that are made of registers. Default: true. A native program never can, because its loads and
   * stores are not seen. False refuses such mappings to all processes, so that a tape of a native program replays.
   */
  readonly mapsRegisters?: boolean;
  /**
   * Runtime power management (CONFIG_PM). Default: true. A function that a program has put into low power is suspended, and the next
   * call on it resumes it. If false, it stays awake.
   */
  readonly runtimePm?: boolean;
  /**
   * Export of BARs as dma-bufs (CONFIG_VFIO_PCI_DMABUF), by which other devices can access them. Default: true. If false,
   * VFIO_DEVICE_FEATURE_DMA_BUF fails with ENOTTY.
   */
  readonly dmaBufs?: boolean;
  /**
   * `iommufd.allow_unsafe_interrupts`. Default: false. If true, a device whose interrupt messages are not isolated can be bound
   * too, for example one behind a {@link FakeVtd} without interrupt remapping.
   */
  readonly allowUnsafeInterrupts?: boolean;
  /**
   * `vfio_pci.enable_sriov`. Default: false. If true, a program can create the virtual functions of a physical function that is bound to
   * vfio-pci, through `sriov_numvfs` in sysfs. Root can change it in `/sys/module/vfio_pci/parameters`.
   */
  readonly enableSriov?: boolean;
}
