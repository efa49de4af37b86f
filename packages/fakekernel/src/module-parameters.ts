/** Parameters of Linux's modules, as `/sys/module/NAME/parameters` shows them. All parameters here are booleans. */

/** A parameter. */
export interface Parameter {
  value: boolean;
  /** True if root can change it while the module is loaded. */
  readonly isWritable: boolean;
}

const readOnly = (): Parameter => ({ value: false, isWritable: false });
const writable = (value = false): Parameter => ({ value, isWritable: true });

/** The parameters of iommufd and VFIO, by the names of module and parameter. */
export type ModuleParameters = ReturnType<typeof moduleParameters>;

/** @param given the configured values. Default: false */
export const moduleParameters = (given: {
  readonly allowUnsafeInterrupts?: boolean;
  readonly enableSriov?: boolean;
}) => ({
  iommufd: { allow_unsafe_interrupts: writable(given.allowUnsafeInterrupts) },
  // It has no effect, because every device here has an IOMMU.
  vfio: { enable_unsafe_noiommu_mode: writable() },
  // vfio-pci reads `disable_idle_d3` and `nointxmask` when it is loaded: later writes to them have no effect.
  vfio_pci: {
    disable_denylist: readOnly(),
    disable_idle_d3: writable(),
    disable_vga: readOnly(),
    enable_sriov: writable(given.enableSriov),
    nointxmask: writable(),
  },
});
