/**
 * Hot reset: the reset of a slot or bus, with all functions on it. {@link VfioDevice.hotResetInfo} lists the functions and those that
 * prevent the reset.
 */
import {
  errno,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_PCI_DEVID_NOT_OWNED,
  VFIO_PCI_DEVID_OWNED,
  vfio_pci_hot_reset_info_flags,
} from '@iommufd/uapi';
import { IommufdError } from '../calls/error.js';
import type { VfioDevice } from '../objects/vfio-device.js';

const { VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED } = vfio_pci_hot_reset_info_flags;

/** Number of functions that the first call has room for. */
const LIKELY = 8;

/** A function that a hot reset would reset. */
export interface HotResetFunction {
  /** `0000:07:00.1` */
  readonly address: string;
  /**
   * `bound`: bound to this `/dev/iommu`; `owned`: not bound, but in the group of a bound function; `other`: used by another program,
   * or by another driver than VFIO.
   */
  readonly owner: 'bound' | 'owned' | 'other';
  /** The device, if this SDK has opened it. */
  readonly device: VfioDevice | undefined;
}

/** The functions that a hot reset of a device affects. */
export interface HotResetInfo {
  /** True if {@link VfioDevice.hotReset} is possible: the caller owns all functions. */
  readonly isAllowed: boolean;
  /** All functions that it would reset, including the device. */
  readonly functions: readonly HotResetFunction[];
  /** The same as text. */
  readonly text: string;
}

/** VFIO_DEVICE_GET_PCI_HOT_RESET_INFO @param deviceOf returns the device with an id on its `/dev/iommu` */
export function hotResetInfo(
  device: VfioDevice,
  deviceOf: (id: number) => VfioDevice | undefined,
): HotResetInfo {
  const { context, fd } = device;
  for (let room = LIKELY; ;) {
    const devices = Array.from({ length: room }, () => ({ devid: 0, segment: 0, bus: 0, devfn: 0 }));
    const args = { flags: 0, count: 0, devices };
    const { status, failed, result } = context.calls.tryIoctl(fd, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, args);
    const info = result();
    if (status === -errno.ENOSPC && info.count > room) {
      room = info.count;
      continue;
    }
    if (status < 0) {
      const { errors: meanings } = VFIO_DEVICE_GET_PCI_HOT_RESET_INFO;
      const { args: shown, ...call } = failed();
      throw new IommufdError({ ...call, args: { ...shown, devices: room } }, { meanings });
    }
    const functions = info.devices.slice(0, info.count).map((each): HotResetFunction => {
      const { devid } = each;
      return {
        address: addressOf(each),
        owner:
          devid === VFIO_PCI_DEVID_NOT_OWNED ? 'other' : devid === VFIO_PCI_DEVID_OWNED ? 'owned' : 'bound',
        device: deviceOf(devid),
      };
    });
    const isAllowed = (info.flags & VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED) !== 0;
    return { isAllowed, functions, text: textOf(device, functions) };
  }
}

function addressOf({
  segment,
  bus,
  devfn,
}: {
  readonly segment: number;
  readonly bus: number;
  readonly devfn: number;
}): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${hex(segment, 4)}:${hex(bus, 2)}:${hex(devfn >> 3, 2)}.${devfn & 7}`;
}

/** A sentence about the functions that prevent a hot reset; undefined if there are none. */
export function hotResetBlockers({ functions }: Pick<HotResetInfo, 'functions'>): string | undefined {
  const others = functions.filter(({ owner }) => owner === 'other').map(({ address }) => address);
  if (others.length === 0) return undefined;
  const are = others.length === 1 ? 'is' : 'are';
  return `${others.join(', ')} ${are} on the same bus, but not open on this /dev/iommu: bind ${others.length === 1 ? 'it' : 'them'} to vfio-pci, and open ${others.length === 1 ? 'it' : 'them'} here.`;
}

function textOf(device: VfioDevice, functions: readonly HotResetFunction[]): string {
  const list = functions.map(({ address, device: own }) =>
    own === undefined ? address : `${address} (${own.describe()})`,
  );
  const blockers = hotResetBlockers({ functions });
  const whole = `A hot reset of ${device.describe()} resets ${list.join(', ')}.`;
  return blockers === undefined ? whole : `${whole} ${blockers}`;
}
