/**
 * All declarations by name, for tools that look up a name or number at run time. It is built from the declarations
 * themselves; a program that knows the declaration imports it directly.
 */
import * as amd from './amd/index.js';
import type { Ioctl, IoctlFile } from './ioctl.js';
import * as iommufd from './iommufd/index.js';
import * as selftest from './selftest/index.js';
import * as smmuv3 from './smmuv3/records/index.js';
import * as smmuv3Uapi from './smmuv3/iommufd.js';
import { type BitFields, BitStruct } from './struct/bits.js';
import type { Enumeration, FlagSet } from './struct/enumeration.js';
import { type Fields, Struct } from './struct/struct.js';
import type { AnyType } from './struct/type.js';
import { Variants } from './struct/variants.js';
import * as tegra241 from './tegra241/tegra241.js';
import * as vfio from './vfio/index.js';
import * as vtd from './vtd/index.js';

/** A C struct, as opposed to a hardware record. */
export type AnyStruct = AnyType &
  Pick<Struct<Fields, Fields>, 'members' | 'description' | 'minByteLength' | 'sized'>;

/** A hardware record, of one or several forms. */
export type AnyRecord = AnyType & Pick<BitStruct<BitFields>, 'description'>;

const structs = new Map<string, AnyStruct>();
const records = new Map<string, AnyRecord>();
const ioctls = new Map<string, Ioctl>();
const byRequest = new Map<number, Ioctl[]>();
const sets = new Map<string, Enumeration | FlagSet>();
const constants = new Map<string, number>();

for (const header of [iommufd, vtd, amd, tegra241, selftest, vfio, smmuv3Uapi]) {
  for (const [name, declared] of Object.entries(header)) {
    if (declared instanceof Struct) structs.set(declared.name, declared);
    else if (typeof declared === 'number') constants.set(name, declared);
    else if (isIoctl(declared)) {
      ioctls.set(name, declared);
      byRequest.set(declared.request, [...(byRequest.get(declared.request) ?? []), declared]);
      constants.set(name, declared.request);
    } else if (isSet(declared)) {
      sets.set(declared.name, declared);
      for (const [member, [value]] of Object.entries(declared.members)) constants.set(member, value);
    }
  }
}

for (const declared of [smmuv3, vtd, amd].flatMap((hardware): unknown[] => Object.values(hardware))) {
  if (declared instanceof BitStruct || declared instanceof Variants) records.set(declared.name, declared);
  else if (isSet(declared)) sets.set(declared.name, declared);
}

function kindOf(declared: unknown): unknown {
  return typeof declared === 'object' && declared !== null && 'kind' in declared ? declared.kind : undefined;
}

function isIoctl(declared: unknown): declared is Ioctl {
  return kindOf(declared) === 'ioctl';
}

function isSet(declared: unknown): declared is Enumeration | FlagSet {
  return kindOf(declared) === 'enum' || kindOf(declared) === 'flags';
}

/** Every C struct, by its tag. */
export const allStructs: ReadonlyMap<string, AnyStruct> = structs;
/** Every hardware record and register, by name. */
export const allRecords: ReadonlyMap<string, AnyRecord> = records;
/** Every ioctl, by name. */
export const allIoctls: ReadonlyMap<string, Ioctl> = ioctls;
/** Every enum and set of flags, by its tag. */
export const allSets: ReadonlyMap<string, Enumeration | FlagSet> = sets;
/** Every constant of the C headers: members of enums, masks of flags, request numbers, plain numbers. */
export const allConstants: ReadonlyMap<string, number> = constants;

/** The struct or record of this name. */
export function typeByName(name: string): AnyStruct | AnyRecord | undefined {
  return structs.get(name) ?? records.get(name);
}

/**
 * The ioctls with a request number. VFIO uses some numbers more than once, on different kinds of file; with `file` there is
 * at most one.
 */
export function ioctlsByRequest(request: number, file?: IoctlFile): Ioctl[] {
  return (byRequest.get(request) ?? []).filter(({ files }) => file === undefined || files.includes(file));
}
