/** The configuration space that a declaration describes: its size, and its bytes after power-on. */
import type { PciDeviceOptions } from './declaration.js';
import {
  PCI_CAP_ID,
  PCI_CAP_LIST_NEXT,
  PCI_CAPABILITY_LIST,
  PCI_CFG_SPACE_EXP_SIZE,
  PCI_CFG_SPACE_SIZE,
  PCI_CLASS_REVISION,
  PCI_DEVICE_ID,
  PCI_INTERRUPT_PIN,
  PCI_STD_HEADER_SIZEOF,
  PCI_SUBSYSTEM_ID,
  PCI_SUBSYSTEM_VENDOR_ID,
  PCI_VENDOR_ID,
} from './registers.js';

/** The size of configuration space: 4096 bytes with PCI Express. */
export function sizeOf({ capabilities, config }: PciDeviceOptions, image: Uint8Array): number {
  if (config !== undefined)
    return image.length > PCI_CFG_SPACE_SIZE ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE;
  const isExpress = capabilities?.some(({ id, isExtended }) => isExtended || id === PCI_CAP_ID.EXP) === true;
  return isExpress ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE;
}

/** The configuration space of a declaration. */
export function imageOf(options: PciDeviceOptions): Uint8Array {
  const {
    vendor,
    device,
    subsystemVendor = 0,
    subsystemDevice = 0,
    revision = 0,
    interruptPin = 1,
  } = options;
  const image = new Uint8Array(PCI_CFG_SPACE_EXP_SIZE);
  const view = new DataView(image.buffer);
  view.setUint16(PCI_VENDOR_ID, vendor, true);
  view.setUint16(PCI_DEVICE_ID, device, true);
  view.setUint32(PCI_CLASS_REVISION, ((options.class ?? 0x00ff00) << 8) | revision, true);
  view.setUint16(PCI_SUBSYSTEM_VENDOR_ID, subsystemVendor, true);
  view.setUint16(PCI_SUBSYSTEM_ID, subsystemDevice, true);
  view.setUint8(PCI_INTERRUPT_PIN, interruptPin);
  let pointer = PCI_CAPABILITY_LIST;
  let at = PCI_STD_HEADER_SIZEOF;
  let extendedAt = PCI_CFG_SPACE_SIZE;
  let previous: number | undefined;
  for (const { id, isExtended, version, bytes } of options.capabilities ?? []) {
    const place = isExtended ? extendedAt : at;
    const end = place + Math.ceil(bytes.length / 4) * 4;
    if (end > (isExtended ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE))
      throw new RangeError('the capabilities do not fit into configuration space');
    image.set(bytes, place);
    if (isExtended) {
      view.setUint32(place, id | (version << 16), true);
      if (previous !== undefined)
        view.setUint32(previous, view.getUint32(previous, true) | (place << 20), true);
      previous = place;
      extendedAt = end;
    } else {
      view.setUint8(pointer, place);
      view.setUint8(place, id);
      pointer = place + PCI_CAP_LIST_NEXT;
      at = end;
    }
  }
  return image;
}
