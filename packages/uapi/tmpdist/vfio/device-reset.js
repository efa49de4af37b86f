import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
/** Resets a device. */
export const VFIO_DEVICE_RESET = ioctl('VFIO_DEVICE_RESET', _IO(VFIO_TYPE, VFIO_BASE + 11), ['vfio-device'], undefined, 'Resets the device, where VFIO_DEVICE_FLAGS_RESET is set. No argument.', { ENOTTY: 'The driver has no reset.', EINVAL: 'The device cannot be reset on its own.' });
/** Asks whom a hot reset would hit. The number is also `VFIO_IOMMU_GET_INFO`'s. */
export const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = ioctl('VFIO_DEVICE_GET_PCI_HOT_RESET_INFO', _IO(VFIO_TYPE, VFIO_BASE + 12), ['vfio-device'], undefined, 'Lists the devices that a reset of the slot or bus would hit. The argument points at struct vfio_pci_hot_reset_info.', {
    ...vfioErrors,
    ENOSPC: 'argsz has no room for the list; count tells how many devices there are.',
    ENODEV: 'The device cannot be reset this way.',
});
/** Resets a slot or bus. The number is also `VFIO_IOMMU_MAP_DMA`'s. */
export const VFIO_DEVICE_PCI_HOT_RESET = ioctl('VFIO_DEVICE_PCI_HOT_RESET', _IO(VFIO_TYPE, VFIO_BASE + 13), ['vfio-device'], undefined, 'Resets the slot or bus of a PCI device, if the caller owns all devices on it. The argument points at struct vfio_pci_hot_reset.', vfioErrors);
//# sourceMappingURL=device-reset.js.map