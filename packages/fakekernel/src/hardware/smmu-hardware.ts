import type { Smmuv3 } from '@iommufd/smmuv3';
import type { MemoryTarget } from './transaction.js';

/** The SMMUv3 model of `@iommufd/smmuv3`, whose places are bytes of memory objects. */
export type SmmuHardware = Smmuv3<MemoryTarget>;
