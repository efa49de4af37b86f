/** A document of bytes: decoded as the most likely type, or as a type that the user selects. */
import { allRecords, allStructs, typeByName } from '@iommufd/uapi/registry';
import { type AnyType, Struct } from '@iommufd/uapi/struct';
import { type Block, recordBlock } from './call-detail.js';

/** Maximum number of shown records. */
const MOST_RECORDS = 200;

/** Bytes, decoded as one type. */
export interface BytesRead {
  readonly type: string;
  readonly blocks: readonly Block[];
  /** Why they cannot be decoded so; empty if they can. */
  readonly problem: string;
}

/** The names of the types that bytes can be decoded as. */
export const typeNames = (): string[] => [...allStructs.keys(), ...allRecords.keys()].sort();

/** Decodes bytes. @param name name of a type; if undefined, the most likely type */
export function readBytes(bytes: Uint8Array, name: string | undefined): BytesRead {
  const type = name === undefined ? likelyType(bytes) : typeByName(name);
  if (type === undefined)
    return { type: name ?? '', blocks: [], problem: 'no known type has this length: select one' };
  const length = type.open ? Math.max(bytes.length, 1) : type.byteLength;
  const count = Math.min(Math.ceil(bytes.length / length), MOST_RECORDS);
  const blocks = Array.from({ length: count }, (_, i) =>
    recordBlock(count === 1 ? type.name : `record ${i}`, type, bytes.slice(i * length, (i + 1) * length)),
  );
  const problem = blocks.flatMap(({ fields }) =>
    fields.flatMap((field) => (field.problem === undefined ? [] : [`${field.path}: ${field.problem}`])),
  )[0];
  return { type: type.name, blocks, problem: problem ?? '' };
}

/** The most likely type of bytes: a C struct whose first field is the length, or a hardware record of 16 or 32 bytes. */
function likelyType(bytes: Uint8Array): AnyType | undefined {
  const size = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const sized = [...allStructs.values()].find(
    (each) =>
      each instanceof Struct &&
      each.sized !== undefined &&
      each.byteLength === bytes.length &&
      size === bytes.length,
  );
  if (sized !== undefined) return sized;
  if (bytes.length % 32 === 0) return typeByName('smmuv3_event');
  return bytes.length % 16 === 0 ? typeByName('smmuv3_command') : undefined;
}
