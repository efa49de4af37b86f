/** Names that options of the commands for native programs take: help and completion have them from here. */

/** Kinds of devices: `iommufd run --device`. */
export const DEVICE_KINDS = ['edu', 'nvme', 'nic', 'pci-testdev', 'pci', 'mock'] as const;

/** Groups of calls, and what is in them where the name does not say it: `iommufd trace -e`. */
export const CALL_GROUPS: Readonly<Record<string, string>> = {
  iommufd: '',
  vfio: '',
  queues: 'events and faults',
  regions: 'registers of devices',
  files: '',
};
