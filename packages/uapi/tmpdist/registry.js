/**
 * Everything that is declared, by name: for tools that get a name or a number from a person. It is made from
 * the declarations themselves, and a program that knows what it wants imports that instead.
 */
import * as amd from './amd/amd.js';
import {} from './ioctl.js';
import * as iommufd from './iommufd/index.js';
import * as selftest from './selftest/index.js';
import * as smmuv3 from './smmuv3/index.js';
import * as smmuv3Uapi from './smmuv3/iommufd.js';
import { BitStruct } from './struct/bits.js';
import {} from './struct/enumeration.js';
import { Struct } from './struct/struct.js';
import {} from './struct/type.js';
import { Variants } from './struct/variants.js';
import * as tegra241 from './tegra241/tegra241.js';
import * as vfio from './vfio/index.js';
import * as vtd from './vtd/vtd.js';
const structs = new Map();
const records = new Map();
const ioctls = new Map();
const byRequest = new Map();
const sets = new Map();
const constants = new Map();
for (const header of [iommufd, vtd, amd, tegra241, selftest, vfio, smmuv3Uapi]) {
    for (const [name, declared] of Object.entries(header)) {
        if (declared instanceof Struct)
            structs.set(declared.name, declared);
        else if (typeof declared === 'number')
            constants.set(name, declared);
        else if (isIoctl(declared)) {
            ioctls.set(name, declared);
            byRequest.set(declared.request, [...(byRequest.get(declared.request) ?? []), declared]);
            constants.set(name, declared.request);
        }
        else if (isSet(declared)) {
            sets.set(declared.name, declared);
            for (const [member, [value]] of Object.entries(declared.members))
                constants.set(member, value);
        }
    }
}
for (const declared of Object.values(smmuv3)) {
    if (declared instanceof BitStruct || declared instanceof Variants)
        records.set(declared.name, declared);
    else if (isSet(declared))
        sets.set(declared.name, declared);
}
function kindOf(declared) {
    return typeof declared === 'object' && declared !== null && 'kind' in declared ? declared.kind : undefined;
}
function isIoctl(declared) {
    return kindOf(declared) === 'ioctl';
}
function isSet(declared) {
    return kindOf(declared) === 'enum' || kindOf(declared) === 'flags';
}
/** Every C struct, by its tag. */
export const allStructs = structs;
/** Every hardware record and register, by name. */
export const allRecords = records;
/** Every ioctl, by name. */
export const allIoctls = ioctls;
/** Every enum and set of flags, by its tag. */
export const allSets = sets;
/** Every constant of the C headers: members of enums, masks of flags, request numbers, plain numbers. */
export const allConstants = constants;
/** The struct or record of this name. */
export function typeByName(name) {
    return structs.get(name) ?? records.get(name);
}
/**
 * The ioctls that have this request number. VFIO gives one number several meanings, each on another kind of
 * file; with `file` there is at most one.
 */
export function ioctlsByRequest(request, file) {
    return (byRequest.get(request) ?? []).filter(({ files }) => file === undefined || files.includes(file));
}
//# sourceMappingURL=registry.js.map