import { type Ioctl, type IoctlFile } from './ioctl.js';
import { type BitFields, BitStruct } from './struct/bits.js';
import { type Enumeration, type FlagSet } from './struct/enumeration.js';
import { type Fields, Struct } from './struct/struct.js';
import { type AnyType } from './struct/type.js';
/** A C struct, as opposed to a hardware record. */
export type AnyStruct = AnyType & Pick<Struct<Fields, Fields>, 'members' | 'description' | 'minByteLength' | 'sized'>;
/** A hardware record: of one form or of several. */
export type AnyRecord = AnyType & Pick<BitStruct<BitFields>, 'description'>;
/** Every C struct, by its tag. */
export declare const allStructs: ReadonlyMap<string, AnyStruct>;
/** Every hardware record and register, by name. */
export declare const allRecords: ReadonlyMap<string, AnyRecord>;
/** Every ioctl, by name. */
export declare const allIoctls: ReadonlyMap<string, Ioctl>;
/** Every enum and set of flags, by its tag. */
export declare const allSets: ReadonlyMap<string, Enumeration | FlagSet>;
/** Every constant of the C headers: members of enums, masks of flags, request numbers, plain numbers. */
export declare const allConstants: ReadonlyMap<string, number>;
/** The struct or record of this name. */
export declare function typeByName(name: string): AnyStruct | AnyRecord | undefined;
/**
 * The ioctls that have this request number. VFIO gives one number several meanings, each on another kind of
 * file; with `file` there is at most one.
 */
export declare function ioctlsByRequest(request: number, file?: IoctlFile): Ioctl[];
//# sourceMappingURL=registry.d.ts.map