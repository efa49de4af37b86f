/** Values of options of the commands that run native programs, for help and completion. */

/** Kinds of devices: `iommufd run --device`. */
export const DEVICE_KINDS = ['edu', 'nvme', 'nic', 'pci-testdev', 'pci', 'mock'] as const;

/** Capabilities that the fake kernel checks: `iommufd run --cap-add`. */
export const CAPABILITIES = ['CAP_IPC_LOCK', 'CAP_SYS_RESOURCE', 'CAP_SYS_RAWIO', 'CAP_SYS_ADMIN'] as const;

/** Groups of calls of `iommufd trace -e`, with a description where the name is not enough. */
export const CALL_GROUPS: Readonly<Record<string, string>> = {
  iommufd: '',
  vfio: '',
  queues: 'events and faults',
  regions: 'registers of devices',
  files: '',
};
