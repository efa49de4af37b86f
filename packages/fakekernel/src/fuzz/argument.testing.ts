/**
 * Chooses the argument of an ioctl, field by field according to the declaration: ids of existing objects, addresses of memory
 * with valid contents, flags that have a meaning. Sometimes it chooses other values, a struct of another size, or an address near
 * the end of memory.
 */

import type { Ioctl } from '@iommufd/uapi';
import { allStructs } from '@iommufd/uapi/registry';
import { type AnyType, Integer, type Pointee, type Role } from '@iommufd/uapi/struct';
import { isNumber, type Leaf, leaves, readNumber, writeNumber } from './leaves.testing.js';
import { tidy } from './tidy.testing.js';
import type { Surroundings } from './values.testing.js';
import { PAGE, PLACES, type Poke } from './world.testing.js';

/** An argument: its address, and the bytes that the program writes first, beginning with the struct. */
export interface Argument {
  readonly arg: bigint;
  readonly pokes: readonly Poke[];
}

/** The largest number of bytes that are written for a pointer. */
const MOST_BYTES = 2 * PAGE;

/** Pointers to memory that will be mapped, or was mapped. */
const TO_MAPPABLE = /^(user_va|vaddr)$/;

/** @param preset values of fields that are already chosen, by name */
export function argumentOf(
  around: Surroundings,
  { name, struct }: Ioctl,
  preset: Readonly<Record<string, number>> = {},
): Argument {
  const { random } = around;
  if (struct === undefined) {
    const value = random.oneIn(3) ? around.long() : BigInt(random.below(12));
    return { arg: value, pokes: [{ at: PLACES.data.at, bytes: new Uint8Array() }] };
  }
  const bytes = new Uint8Array(struct.byteLength);
  const data = new DataView(bytes.buffer);
  const type = allStructs.get(struct.name) ?? struct;
  fill(around, type, data, preset);
  if (!random.oneIn(8)) tidy(around, name, bytes);
  const pokes = [...leaves(type, data)].flatMap((leaf) => pointAt(around, leaf, data));
  if (random.oneIn(16)) data.setUint8(random.below(bytes.length), random.next());
  const sized = random.oneIn(12) ? resize(around, bytes) : bytes;
  const at = random.oneIn(16) ? around.oddAddress(sized.length) : placeOf(around, sized.length);
  return { arg: at, pokes: [{ at, bytes: sized }, ...pokes] };
}

/** An address among the arguments. Often the struct ends where the memory ends. */
function placeOf({ random }: Surroundings, length: number): bigint {
  const { at, pages } = PLACES.arguments;
  if (random.oneIn(25)) return PLACES.readOnly.at;
  if (random.oneIn(10)) return at + BigInt(pages * PAGE - Math.min(length, pages * PAGE));
  return random.oneIn(10) ? at + BigInt(8 * random.below(PAGE / 4)) : at;
}

/** A struct with another size: with additional bytes, or without its end. */
function resize({ random }: Surroundings, bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const size = random.pick([
    random.below(PAGE + 1),
    random.below(length + 1),
    length + random.below(16),
    length - 4,
    length + 4,
    PAGE,
    PAGE + length,
  ]);
  const sized = new Uint8Array(Math.max(size, 4));
  sized.set(bytes.subarray(0, sized.length));
  if (size > length && random.oneIn(2)) sized[length + random.below(size - length)] = 1 + random.below(255);
  // The size field is sometimes wrong.
  const claimed = random.oneIn(12) ? random.pick([0, 0xffff_ffff, size + PAGE, random.next()]) : size;
  new DataView(sized.buffer).setUint32(0, claimed, true);
  return sized;
}

/** Chooses a value for every number of a struct. */
function fill(
  around: Surroundings,
  type: AnyType,
  data: DataView,
  preset: Readonly<Record<string, number>> = {},
): void {
  const { random } = around;
  for (const leaf of leaves(type, data)) {
    const { at, size, name } = leaf;
    const chosen = preset[name];
    if (chosen !== undefined) {
      writeNumber(data, at, size, BigInt(chosen));
    } else if (leaf.reserved) {
      if (random.oneIn(60)) data.setUint8(at, random.next());
    } else if (isNumber(leaf)) {
      writeNumber(data, at, size, numberFor(around, leaf, type.byteLength));
    } else {
      for (let i = 0; i < size; i++) if (random.oneIn(4)) data.setUint8(at + i, random.next());
    }
  }
}

function roleOf({ type }: Leaf): Role {
  return type instanceof Integer ? type.role : { kind: 'number' };
}

function numberFor(around: Surroundings, leaf: Leaf, structSize: number): bigint {
  const { random } = around;
  const role = roleOf(leaf);
  switch (role.kind) {
    case 'size':
    case 'argsz':
      return BigInt(structSize);
    case 'flags':
      return BigInt(
        flagsFor(
          around,
          Object.values(role.set.members).map(([mask]) => mask),
        ),
      );
    case 'enum': {
      const known = Object.values(role.of.members).map(([value]) => BigInt(value));
      return random.oneIn(12) ? around.long() : random.pick(known);
    }
    case 'id':
      return BigInt(around.id(...role.of));
    case 'fd':
      return BigInt(
        leaf.name === 'iommufd' ? around.fd('iommufd') : around.fd('memfd', 'memfd', 'dmabuf', 'iommufd'),
      );
    case 'address':
      return around.iova();
    case 'pointer':
      // Chosen when the other fields are known.
      return 0n;
    default:
      return numberByName(around, leaf);
  }
}

function flagsFor({ random }: Surroundings, masks: readonly number[]): number {
  if (random.oneIn(30)) return random.next();
  if (random.oneIn(3)) return 0;
  return masks.reduce((all, mask) => (random.oneIn(3) ? (all | mask) >>> 0 : all), 0);
}

/** Chooses by name, for fields whose purpose is not declared. */
function numberByName(around: Surroundings, { name, size }: Leaf): bigint {
  const { random } = around;
  if (random.oneIn(20)) return around.long();
  if (/length|^size$/.test(name) && size === 8) return around.length();
  if (/^(start|last|iova|end)$/.test(name)) return around.iova();
  if (/page_size/.test(name)) return BigInt(random.pick([PAGE, PAGE, PAGE, 2048, 8192, 1, 12288, 1 << 21]));
  if (/pasid|grpid/.test(name)) return BigInt(random.pick([0, 1, 1, 2, 3, 1023, 1024, 1 << 20]));
  if (/iotlb_id|cache_id/.test(name)) return BigInt(random.below(random.oneIn(6) ? 6 : 4));
  if (/virt_id|vdev_id/.test(name)) return BigInt(random.pick([1, 1, 1, 2, 0x99, 2 ** 32]));
  if (/iotlb$/.test(name)) return BigInt(random.pick([0, 0x0bad_beef, 1, 7]));
  if (/cache$/.test(name)) return BigInt(random.pick([0, 0x00ba_ddad]));
  if (/cookie/.test(name)) return BigInt(random.below(5));
  if (/(data_len|entry_len)$/.test(name))
    return BigInt(random.pick([0, 4, 8, 8, 12, 16, 24, 40, PAGE, PAGE + 1]));
  if (/length|limit|memory/.test(name))
    return BigInt(random.pick([0, 1, 12, 2048, PAGE, PAGE, 2 * PAGE, 1 << 21]));
  if (/flags/.test(name)) return random.oneIn(12) ? around.long() : 0n;
  return BigInt(random.below(5));
}

/** Chooses an address for a pointer, and the bytes to write there. */
function pointAt(around: Surroundings, leaf: Leaf, data: DataView): Poke[] {
  const role = roleOf(leaf);
  if (role.kind !== 'pointer') return [];
  const { at, name, size } = leaf;
  const { to } = role;
  const { random } = around;
  const content = contentOf(around, leaf, to);
  const isMappable =
    TO_MAPPABLE.test(name) || (name === 'uptr' && to.length !== undefined && random.oneIn(2));
  const place = isMappable ? around.mappable() : random.oneIn(16) ? 0n : around.address(content.length);
  writeNumber(data, at, size, place);
  return TO_MAPPABLE.test(name) || place === 0n ? [] : [{ at: place, bytes: content }];
}

/** The bytes for a pointer. */
function contentOf(around: Surroundings, { beside }: Leaf, to: Pointee): Uint8Array {
  const number = (name: string | undefined): number | undefined => {
    const value = beside(name);
    return value === undefined ? undefined : Number(value);
  };
  const type = to.type ?? to.cases?.[number(to.by) ?? -1];
  const stride = Math.min(number(to.stride) ?? type?.byteLength ?? 1, MOST_BYTES);
  const wanted =
    to.count === undefined ? (number(to.length) ?? type?.byteLength ?? 64) : stride * (number(to.count) ?? 1);
  const bytes = new Uint8Array(Math.min(wanted, MOST_BYTES));
  // Bytes that the kernel does not write keep this value.
  if (to.out === true) return bytes.fill(0xa5);
  if (type === undefined || stride === 0) {
    const { random } = around;
    for (let i = 0; i < Math.min(bytes.length, 64); i++) bytes[i] = random.oneIn(2) ? random.next() : 0;
    return bytes;
  }
  const one = new Uint8Array(Math.max(type.byteLength, stride));
  for (let at = 0; at < bytes.length && at < 16 * stride; at += stride) {
    one.fill(0);
    fill(around, allStructs.get(type.name) ?? type, new DataView(one.buffer, 0, type.byteLength));
    bytes.set(one.subarray(0, Math.min(stride, bytes.length - at)), at);
  }
  return bytes;
}

/** A number in the bytes of a struct, by name; undefined if it is not completely in them. */
export function fieldOf(type: AnyType, bytes: Uint8Array, wanted: string): bigint | undefined {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { name, at, size } of leaves(allStructs.get(type.name) ?? type, data)) {
    if (name === wanted && at + size <= bytes.length) return readNumber(data, at, size);
  }
  return undefined;
}
