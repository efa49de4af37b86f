/** Parameters of Linux's modules, as `/sys/module/NAME/parameters` shows them: all that there are here are booleans. */
import { fail } from './errno.js';

/** A parameter. */
export interface Parameter {
  value: boolean;
  /** Can root change it while the module is loaded? */
  readonly isWritable: boolean;
}

const readOnly = (): Parameter => ({ value: false, isWritable: false });
const writable = (value = false): Parameter => ({ value, isWritable: true });

/** Those of iommufd and VFIO, by the names of module and parameter. */
export type ModuleParameters = ReturnType<typeof moduleParameters>;

/** @param given what a kernel is configured with */
export const moduleParameters = (given: {
  readonly allowUnsafeInterrupts?: boolean;
  readonly enableSriov?: boolean;
}) => ({
  iommufd: { allow_unsafe_interrupts: writable(given.allowUnsafeInterrupts) },
  // Every device here has an IOMMU: it changes nothing.
  vfio: { enable_unsafe_noiommu_mode: writable() },
  // vfio-pci reads `disable_idle_d3` and `nointxmask` when it is loaded: what is written to them has no effect.
  vfio_pci: {
    disable_denylist: readOnly(),
    disable_idle_d3: writable(),
    disable_vga: readOnly(),
    enable_sriov: writable(given.enableSriov),
    nointxmask: writable(),
  },
});

/** `kstrtobool()`: what begins with a word for yes or no. @throws EINVAL */
export function parseBool(text: string): boolean {
  if (/^(?:[eyt1]|on)/i.test(text)) return true;
  if (/^(?:[dnf0]|of)/i.test(text)) return false;
  throw fail('EINVAL');
}
