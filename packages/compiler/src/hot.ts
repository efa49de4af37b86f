import type { DeclarationFile } from './declarations.js';

/**
 * The files whose types are read and written in loops, or in every call: what iommufd's ioctls take, what stands in its
 * queues and arrays, and an SMMUv3's events and commands. Code for the others (registers, tables, VFIO) would be bytes
 * that every program loads, and no row of the bench that it shows in.
 */
const HOT = /^(iommufd|tegra241)\/|^(amd\/amd|vtd\/vtd)$|^selftest\/data$|^smmuv3\/(command|event|iommufd)$/;

/** Do the types of a file get code, and not just names? */
export function isHot({ path }: Pick<DeclarationFile, 'path'>): boolean {
  return HOT.test(path);
}
