import type { DeclarationFile } from './declarations.js';

/**
 * The files whose types are read and written in loops or in every call: the arguments of iommufd's ioctls, the entries
 * of its queues and arrays, and the events and commands of an SMMUv3. Code for the others (registers, tables, VFIO)
 * would increase the size of every program, without an effect on any benchmark.
 */
const HOT = /^(iommufd|tegra241)\/|^(amd\/amd|vtd\/vtd)$|^selftest\/data$|^smmuv3\/(command|event|iommufd)$/;

/** True if the types of a file get code, in addition to names. */
export function isHot({ path }: Pick<DeclarationFile, 'path'>): boolean {
  return HOT.test(path);
}
