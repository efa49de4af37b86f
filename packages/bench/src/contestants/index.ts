import type { Contestant, OtherForm } from '../contestant.js';
import { contestants as binaryParser } from './binary-parser.js';
import { contestants as bufferBackedObject } from './buffer-backed-object.js';
import { contestants as dataViewBigInt } from './dataview-bigint.js';
import { contestants as dataViewU32 } from './dataview-u32.js';
import { contestants as koffi } from './koffi.js';
import { contestants as microPacked } from './micro-packed.js';
import { contestants as restructure } from './restructure.js';
import { contestants as structurae } from './structurae.js';
import { contestants as typedArrays } from './typed-arrays.js';
import { contestants as typedStruct } from './typed-struct.js';
import { contestants as uapi } from './uapi.js';

/** All who take part, in the order of the tables: ours, by hand, libraries. */
export const contestants: readonly (Contestant | OtherForm)[] = [
  ...uapi,
  ...dataViewU32,
  ...dataViewBigInt,
  ...typedArrays,
  ...binaryParser,
  ...bufferBackedObject,
  ...koffi,
  ...microPacked,
  ...restructure,
  ...structurae,
  ...typedStruct,
];
