/** Names that options of the commands for native programs take: help and completion have them from here. */

/** Kinds of devices: `iommufd run --device`. */
export const DEVICE_KINDS = ['edu', 'nvme', 'nic', 'pci-testdev', 'pci', 'mock'] as const;

/** Capabilities that the fake kernel asks for: `iommufd run --cap-add`. */
export const CAPABILITIES = ['CAP_IPC_LOCK', 'CAP_SYS_RESOURCE', 'CAP_SYS_RAWIO', 'CAP_SYS_ADMIN'] as const;

/** Groups of calls, and what is in them where the name does not say it: `iommufd trace -e`. */
export const CALL_GROUPS: Readonly<Record<string, string>> = {
  iommufd: '',
  vfio: '',
  queues: 'events and faults',
  regions: 'registers of devices',
  files: '',
};
