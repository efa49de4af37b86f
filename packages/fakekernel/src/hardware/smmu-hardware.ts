import type { Smmuv3 } from '@iommufd/smmuv3';
import type { Place } from './transaction.js';

/** An SMMUv3 as the driver reaches it. Its transactions go to bytes of memory objects. */
export type SmmuHardware = Smmuv3<Place>;
