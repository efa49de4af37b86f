import { type AnyType } from '@iommufd/uapi/struct';
import * as amd from '../../uapi/src/amd/amd.js';
import * as iommufd from '../../uapi/src/iommufd/index.js';
import * as selftest from '../../uapi/src/selftest/index.js';
import * as smmuv3 from '../../uapi/src/smmuv3/index.js';
import * as tegra241 from '../../uapi/src/tegra241/tegra241.js';
import * as vfio from '../../uapi/src/vfio/index.js';
import * as vtd from '../../uapi/src/vtd/vtd.js';

/** Declarations that are compiled into one file. */
export interface Family {
  readonly name: string;
  /** Where the declarations are, from the folder of compiled files. */
  readonly from: string;
  /** What is exported there. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Every header and every hardware that is declared. */
export const families: readonly Family[] = [
  { name: 'amd', from: '../amd/amd.js', exports: amd },
  { name: 'iommufd', from: '../iommufd/index.js', exports: iommufd },
  { name: 'selftest', from: '../selftest/index.js', exports: selftest },
  { name: 'smmuv3', from: '../smmuv3/index.js', exports: smmuv3 },
  { name: 'tegra241', from: '../tegra241/tegra241.js', exports: tegra241 },
  { name: 'vfio', from: '../vfio/index.js', exports: vfio },
  { name: 'vtd', from: '../vtd/vtd.js', exports: vtd },
];

/** A declared type and the name under which it is exported. */
export type Declared = readonly [exportName: string, type: AnyType];
