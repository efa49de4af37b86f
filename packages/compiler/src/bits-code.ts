import type { BitFields, BitStruct } from '@iommufd/uapi/struct';
import { namesVariable } from './names.js';
import { hex, load, offset, store } from './number-code.js';
import type { Code } from './struct-code.js';

type BitRecord = Pick<BitStruct<BitFields>, 'name' | 'members' | 'byteLength' | 'unused'>;
type Member = BitStruct<BitFields>['members'][number];

const isWide = ({ max }: Member): boolean => typeof max === 'bigint';
const wordOf = (bit: number): number => Math.floor(bit / 32);
const variable = (word: number): string => `w${word}`;

/**
 * Compiles a record of bit fields; undefined for one with a bigint whose value does not keep its position in the 64-bit
 * word.
 */
export function bitsCode(record: BitRecord): Code | undefined {
  const { members } = record;
  if (members.some((member) => isWide(member) && !member.inPlace && member.lo % 64 !== 0)) return undefined;
  return { read: readBody(record), write: writeBody(record), names: members.map(({ name }) => name) };
}

/** The part of a field that lies in one word of 32 bits. */
interface Part {
  readonly word: number;
  /** Its lowest bit within the word. */
  readonly shift: number;
  /** Its mask, from bit 0. */
  readonly mask: number;
  /** Its lowest bit within the field. */
  readonly from: number;
}

function partsOf({ hi, lo }: Member): Part[] {
  const parts: Part[] = [];
  for (let word = wordOf(lo); word <= wordOf(hi); word++) {
    const bottom = Math.max(lo, word * 32);
    const width = Math.min(hi, word * 32 + 31) - bottom + 1;
    const mask = width === 32 ? 0xffff_ffff : 2 ** width - 1;
    parts.push({ word, shift: bottom % 32, mask, from: bottom - lo });
  }
  return parts;
}

/** The mask of a field's bits in word `word`. */
function maskIn(member: Member, word: number): number {
  const part = partsOf(member).find((one) => one.word === word);
  return part === undefined ? 0 : (part.mask << part.shift) >>> 0;
}

function readBody({ members, byteLength, unused }: BitRecord): string {
  const checks: string[] = [];
  const loaded = new Set<number>();
  for (let word = 0; word < byteLength / 4; word++) {
    let mask = unused[word] ?? 0;
    let expected = 0;
    for (const member of members) {
      const { fixed, lo } = member;
      if (fixed === undefined || wordOf(lo) !== word) continue;
      mask |= maskIn(member, word);
      expected |= Number(fixed) << (lo % 32);
    }
    if (mask >>> 0 === 0) continue;
    loaded.add(word);
    const value = expected === 0 ? variable(word) : `(${variable(word)} ^ ${hex(expected)})`;
    checks.push(mask >>> 0 === 0xffff_ffff ? value : `(${value} & ${hex(mask)})`);
  }
  const fields = members.map((member) => {
    if (member.fixed !== undefined) return `${member.name}: ${String(member.fixed)},`;
    const words = isWide(member) ? wordsOfDoubleword(member) : partsOf(member).map(({ word }) => word);
    for (const word of words) loaded.add(word);
    return `${member.name}: ${isWide(member) ? readWide(member, members) : readNumber(member)},`;
  });
  const loads = [...loaded]
    .sort((a, b) => a - b)
    .map((word) => `const ${variable(word)} = ${load(4, word * 4)};`);
  if (checks.length > 0) loads.push(`if ((${checks.join(' | ')}) !== 0) return undefined;`);
  return [...loads, 'return {', ...fields, '};'].join('\n');
}

const wordsOfDoubleword = ({ lo }: Member): [low: number, high: number] => {
  const low = Math.floor(lo / 64) * 2;
  return [low, low + 1];
};

function readWide(member: Member, members: readonly Member[]): string {
  const words = wordsOfDoubleword(member);
  const sharesDoubleword = members.some(
    (other) => other !== member && wordsOfDoubleword(other)[0] === words[0],
  );
  // Bits without a field are known to be zero. Zero, a frequent value, needs no new bigint.
  if (!sharesDoubleword)
    return `(${words.map(variable).join(' | ')}) === 0 ? 0n : view.getBigUint64(${offset(words[0] * 4)}, true)`;
  const [low, high] = words.map((word) => {
    const mask = maskIn(member, word);
    return mask === 0xffff_ffff ? variable(word) : mask === 0 ? '0' : `${variable(word)} & ${hex(mask)}`;
  });
  return `wide(${low}, ${high})`;
}

function readNumber(member: Member): string {
  const parts = partsOf(member);
  const pieces = parts.map(({ word, shift, mask, from }) => {
    const whole = mask === 0xffff_ffff;
    const down = shift === 0 ? variable(word) : `(${variable(word)} >>> ${shift})`;
    const isTop = !whole && Math.clz32(mask) === shift;
    const bits = whole || isTop ? down : `(${down} & ${hex(mask)})`;
    return from === 0 ? bits : `(${bits} << ${from})`;
  });
  return pieces.length === 1 ? (pieces[0] ?? '') : `(${pieces.join(' | ')}) >>> 0`;
}

function writeBody({ name, members, byteLength }: BitRecord): string {
  const lines = [`const { ${members.map(({ name }) => name).join(', ')} } = value;`];
  for (const member of members) {
    lines.push(`if (${misfit(member)}) return false;`);
    if (isWide(member)) lines.push(`const ${half(member, 0)} = lowHalf(), ${half(member, 1)} = highHalf();`);
  }
  // All fields of the record have been checked. Only unknown properties remain to be found.
  lines.push(`if (!hasOnly(value, ${namesVariable(name)})) return false;`);
  for (let word = 0; word < byteLength / 4; word++) {
    const terms = members.flatMap((member) => termsIn(member, word));
    lines.push(store(4, word * 4, terms.join(' | ') || '0'));
  }
  return [...lines, 'return true;'].join('\n');
}

/** The variable for the lower or upper half of a wide field. */
const half = ({ name }: Member, which: number): string => `${name}_${which === 0 ? 'lo' : 'hi'}`;

/** The terms of a field in a word, as source; empty if the field has no bits there. */
function termsIn(member: Member, word: number): string[] {
  const part = partsOf(member).find((one) => one.word === word);
  if (part === undefined) return [];
  if (isWide(member)) return [half(member, word % 2)];
  if (member.fixed !== undefined) return [hex(Number(member.fixed) << part.shift)];
  const bits = part.from === 0 ? member.name : `(${member.name} >>> ${part.from})`;
  return [part.shift === 0 ? bits : `(${bits} << ${part.shift})`];
}

function misfit(member: Member): string {
  const { name, max, fixed } = member;
  if (fixed !== undefined) return `${name} !== ${String(fixed)}`;
  if (typeof max === 'bigint') {
    const [low, high] = wordsOfDoubleword(member).map((word) => hex(maskIn(member, word)));
    return `!isWithin(${name}, ${low}, ${high})`;
  }
  const same = max === 0xffff_ffff ? `${name} >>> 0` : `(${name} & ${hex(max)})`;
  return `typeof ${name} !== 'number' || ${same} !== ${name}`;
}
