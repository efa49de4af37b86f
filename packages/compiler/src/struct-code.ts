import { type AnyType, ArrayType, type Fields, Integer, type Struct } from '@iommufd/uapi/struct';
import { namesVariable } from './names.js';
import { load, offset, pieces, store } from './number-code.js';

/** The two functions of compiled code, as source. */
export interface Code {
  /** Body of `(view, at)`, which returns the value or undefined. */
  readonly read: string;
  /** Body of `(view, at, value)`, which returns true if the value was valid and was written. */
  readonly write: string;
  /** The names of the fields, which `write` reads from the variable {@link namesVariable}. */
  readonly names: readonly string[];
}

type Member = Struct<Fields, Fields>['members'][number];

/** The maximum length of a compiled array. Longer ones are better read in a loop, as the generic codec does. */
const LONGEST_ARRAY = 8;

/** An integer of a struct: a member, or an element of one. */
interface Leaf {
  readonly type: Integer<number | bigint>;
  readonly at: number;
  /** The variable for its value. */
  readonly variable: string;
}

/** Compiles a struct; undefined for one with members other than integers and short arrays of integers. */
export function structCode(
  struct: Pick<Struct<Fields, Fields>, 'name' | 'members' | 'sized'>,
): Code | undefined {
  const { name, members, sized } = struct;
  const parts = members.map(leavesOf);
  if (!parts.every((leaves) => leaves !== undefined)) return undefined;
  return {
    read: readBody(members, parts),
    write: writeBody(name, members, parts, sized !== undefined),
    names: members.map((member) => member.name),
  };
}

function leavesOf({ name, type, offset: at }: Member): readonly Leaf[] | undefined {
  if (isInteger(type)) return [{ type, at, variable: name }];
  if (!(type instanceof ArrayType) || type.length > LONGEST_ARRAY) return undefined;
  const { element } = type as ArrayType<unknown, never, unknown>;
  if (!isInteger(element)) return undefined;
  return Array.from({ length: type.length }, (_, i) => ({
    type: element,
    at: at + i * element.byteLength,
    variable: `${name}_${i}`,
  }));
}

function isInteger(type: AnyType): type is AnyType & Integer<number | bigint> {
  return type instanceof Integer;
}

const isWide = ({ type }: Leaf): boolean => typeof type.max === 'bigint';
const isSigned = ({ type }: Leaf): boolean => Number(type.min) < 0;

function readBody(members: readonly Member[], parts: readonly (readonly Leaf[] | undefined)[]): string {
  const zeroes = members.flatMap(({ offset: at, size, reserved, padding }) => [
    ...(reserved ? pieces(at, size) : []),
    ...pieces(at + size, padding),
  ]);
  const lines: string[] = [];
  if (zeroes.length > 0) {
    const nonZero = zeroes.map(({ at, size }) => load(size, at)).join(' | ');
    lines.push(`if ((${nonZero}) !== 0) return undefined;`);
  }
  const fields = members.map(({ name, type, reserved }, i) => {
    const values = (parts[i] ?? []).map((leaf) => (reserved ? (isWide(leaf) ? '0n' : '0') : readLeaf(leaf)));
    return `${name}: ${type instanceof ArrayType ? `[${values.join(', ')}]` : values.join('')},`;
  });
  return [...lines, 'return {', ...fields, '};'].join('\n');
}

function readLeaf(leaf: Leaf): string {
  if (isWide(leaf)) return `view.getBigUint64(${offset(leaf.at)}, true)`;
  return isSigned(leaf) ? `view.getInt32(${offset(leaf.at)}, true)` : load(leaf.type.byteLength, leaf.at);
}

function writeBody(
  struct: string,
  members: readonly Member[],
  parts: readonly (readonly Leaf[] | undefined)[],
  isSized: boolean,
): string {
  const lines: string[] = [];
  const stores: string[] = [];
  lines.push(`const { ${members.map(({ name }) => name).join(', ')} } = value;`);
  members.forEach(({ name, type, reserved, offset: at, size, padding }, i) => {
    const leaves = parts[i] ?? [];
    const zeroes = [...(reserved ? pieces(at, size) : []), ...pieces(at + size, padding)];
    if (reserved) {
      // A value with a reserved array is rare, so every element is checked.
      const zero = type instanceof ArrayType ? undefined : leaves.some(isWide) ? '0n' : '0';
      const others = zero === undefined ? '' : ` && ${name} !== ${zero}`;
      lines.push(`if (${name} !== undefined${others}) return false;`);
    } else if (type instanceof ArrayType) {
      lines.push(`if (!Array.isArray(${name}) || ${name}.length !== ${type.length}) return false;`);
      lines.push(`const ${leaves.map(({ variable }, n) => `${variable} = ${name}[${n}]`).join(', ')};`);
      lines.push(`if (${leaves.map(misfit).join(' || ')}) return false;`);
    } else {
      lines.push(`if (${leaves.map(misfit).join(' || ')}) return false;`);
    }
    if (!reserved) stores.push(...leaves.map(storeLeaf));
    stores.push(...zeroes.map((piece) => store(piece.size, piece.at, '0')));
  });
  if (isSized) lines.push(...olderVersions(members).map((condition) => `if (${condition}) return false;`));
  // All fields of the type have been checked. Only unknown properties remain to be found.
  lines.push(`if (!hasOnly(value, ${namesVariable(struct)})) return false;`);
  return [...lines, ...stores, 'return true;'].join('\n');
}

/**
 * The conditions under which a value with all non-reserved fields is an older, shorter struct: its first field is the
 * size of the older version, and every later field is absent. This is possible only if all later fields are reserved.
 */
function olderVersions(members: readonly Member[]): string[] {
  const [first] = members;
  return members.flatMap(({ added, offset }, i) => {
    const tail = members.slice(i);
    if (first === undefined || !added || !tail.every(({ reserved }) => reserved)) return [];
    const absent = tail.map(({ name }) => `${name} === undefined`);
    return [[`${first.name} === ${offset}`, ...absent].join(' && ')];
  });
}

/** The condition under which the value of a leaf is invalid, as source. */
function misfit(leaf: Leaf): string {
  const { type, variable } = leaf;
  if (isWide(leaf)) return `!isU64(${variable})`;
  const same = isSigned(leaf)
    ? `(${variable} | 0)`
    : type.byteLength === 4
      ? `${variable} >>> 0`
      : `(${variable} & ${type.max})`;
  return `typeof ${variable} !== 'number' || ${same} !== ${variable}`;
}

function storeLeaf(leaf: Leaf): string {
  const { at, variable, type } = leaf;
  if (isWide(leaf)) return `view.setBigUint64(${offset(at)}, ${variable}, true);`;
  return store(type.byteLength, at, variable);
}
