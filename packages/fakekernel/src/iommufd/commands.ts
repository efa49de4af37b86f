import type { Command } from './command.js';
import { destroy } from './destroy.js';
import { faultQueueAlloc } from './fault-queue.js';
import { getHwInfo } from './hw-info.js';
import { hwQueueAlloc } from './hw-queue.js';
import { hwptAlloc } from './hwpt-alloc.js';
import { hwptGetDirtyBitmap, hwptSetDirtyTracking } from './hwpt-dirty.js';
import { hwptInvalidate } from './hwpt-invalidate.js';
import { ioasAlloc, ioasAllowIovas, ioasChangeProcess, ioasIovaRanges } from './ioas.js';
import { ioasCopy, ioasMap, ioasMapFile, ioasNoiommuGetPa, ioasUnmap } from './ioas-map.js';
import { option } from './option.js';
import { vdeviceAlloc } from './vdevice.js';
import { veventqAlloc } from './veventq.js';
import { vfioIoas } from './vfio-ioas.js';
import { viommuAlloc } from './viommu.js';

/** The ioctls of `/dev/iommu`, by number. */
export const iommufdCommands: readonly Command[] = [
  destroy,
  ioasAlloc,
  ioasAllowIovas,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasUnmap,
  option,
  vfioIoas,
  hwptAlloc,
  getHwInfo,
  hwptSetDirtyTracking,
  hwptGetDirtyBitmap,
  hwptInvalidate,
  faultQueueAlloc,
  ioasMapFile,
  viommuAlloc,
  vdeviceAlloc,
  ioasChangeProcess,
  veventqAlloc,
  hwQueueAlloc,
  ioasNoiommuGetPa,
];
