/** Finds the kernel's headers in a folder: of a package of headers, or of the kernel's source. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The headers that facts come from. */
export type HeaderName = 'iommufd' | 'vfio' | 'mock' | 'smmuv3';

/**
 * The possible paths of each header in a folder; the first that exists is used. Drivers' headers are only in the
 * kernel's source.
 */
const PLACES: Readonly<Record<HeaderName, readonly string[]>> = {
  iommufd: ['include/uapi/linux/iommufd.h', 'include/linux/iommufd.h', 'linux/iommufd.h'],
  vfio: ['include/uapi/linux/vfio.h', 'include/linux/vfio.h', 'linux/vfio.h'],
  mock: ['drivers/iommu/iommufd/iommufd_test.h'],
  smmuv3: ['drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h'],
};

/** The headers in a folder. */
export interface Headers {
  readonly folder: string;
  /** The version of the kernel whose headers these are: `7.3.4`. */
  readonly kernel: string;
  /** The path of each existing header. */
  readonly paths: Readonly<Partial<Record<HeaderName, string>>>;
}

/** The name of a header in messages. */
export const headerTitle = (name: HeaderName): string => PLACES[name].at(-1) ?? name;

/**
 * Finds the headers in a folder.
 * @param folder `/usr/include`, the `usr/include` of an unpacked package, or the top of the kernel's source
 * @throws Error if it has no kernel version
 */
export function findHeaders(folder: string): Headers {
  const found = Object.entries(PLACES).flatMap(([name, places]) => {
    const path = places.map((place) => join(folder, place)).find((candidate) => existsSync(candidate));
    return path === undefined ? [] : [[name, path] as const];
  });
  return { folder, kernel: kernelVersion(folder), paths: Object.fromEntries(found) };
}

function kernelVersion(folder: string): string {
  const header = ['include/linux/version.h', 'linux/version.h']
    .map((name) => join(folder, name))
    .find(existsSync);
  const code = header && /LINUX_VERSION_CODE\s+(\d+)/.exec(readFileSync(header, 'utf8'))?.[1];
  if (code !== undefined)
    return [Number(code) >> 16, (Number(code) >> 8) & 0xff, Number(code) & 0xff].join('.');
  const makefile = join(folder, 'Makefile');
  const text = existsSync(makefile) ? readFileSync(makefile, 'utf8') : '';
  const parts = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(
    (name) => new RegExp(`^${name} *= *(\\d+)`, 'm').exec(text)?.[1],
  );
  if (parts.every((part) => part !== undefined)) return parts.join('.');
  throw new Error(
    `${folder} has neither linux/version.h nor the Makefile of a kernel: expected a folder of headers, as ` +
      '/usr/include with the package linux-libc-dev, or the source of a kernel',
  );
}

/** True if a kernel version is older than another. */
export function isOlder(version: string, than: string): boolean {
  const numbers = version.split('.').map(Number);
  const others = than.split('.').map(Number);
  for (let i = 0; i < Math.max(numbers.length, others.length); i++) {
    const difference = (numbers[i] ?? 0) - (others[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
