import type { BitFields, BitStruct } from '@iommufd/uapi/struct';
import { hex, load, offset, store } from './lanes.js';
import type { Code } from './struct-code.js';

type Record_ = Pick<BitStruct<BitFields>, 'members' | 'byteLength' | 'unused'>;
type Member = BitStruct<BitFields>['members'][number];

const isWide = ({ max }: Member): boolean => typeof max === 'bigint';
const laneOf = (bit: number): number => Math.floor(bit / 32);
const word = (lane: number): string => `w${lane}`;

/** Compiles a record of bit fields; undefined for one with a bigint that is not where its bits are in the word. */
export function bitsCode(record: Record_): Code | undefined {
  const { members } = record;
  if (members.some((member) => isWide(member) && !member.inPlace && member.lo % 64 !== 0)) return undefined;
  return { read: readBody(record), write: writeBody(record) };
}

/** The part of a field that lies in one lane of 32 bits. */
interface Part {
  readonly lane: number;
  /** Its lowest bit within the lane. */
  readonly shift: number;
  /** Its bits, from bit 0 on. */
  readonly mask: number;
  /** Which bit of the field it begins with. */
  readonly from: number;
}

function partsOf({ hi, lo }: Member): Part[] {
  const parts: Part[] = [];
  for (let lane = laneOf(lo); lane <= laneOf(hi); lane++) {
    const bottom = Math.max(lo, lane * 32);
    const width = Math.min(hi, lane * 32 + 31) - bottom + 1;
    const mask = width === 32 ? 0xffff_ffff : 2 ** width - 1;
    parts.push({ lane, shift: bottom % 32, mask, from: bottom - lo });
  }
  return parts;
}

/** The bits of lane `lane` that a field has, where they are. */
function maskIn(member: Member, lane: number): number {
  const part = partsOf(member).find((one) => one.lane === lane);
  return part === undefined ? 0 : (part.mask << part.shift) >>> 0;
}

function readBody({ members, byteLength, unused }: Record_): string {
  const checks: string[] = [];
  const loaded = new Set<number>();
  for (let lane = 0; lane < byteLength / 4; lane++) {
    let mask = unused[lane] ?? 0;
    let expected = 0;
    for (const member of members) {
      const { fixed, lo } = member;
      if (fixed === undefined || laneOf(lo) !== lane) continue;
      mask |= maskIn(member, lane);
      expected |= Number(fixed) << (lo % 32);
    }
    if (mask >>> 0 === 0) continue;
    loaded.add(lane);
    const value = expected === 0 ? word(lane) : `(${word(lane)} ^ ${hex(expected)})`;
    checks.push(mask >>> 0 === 0xffff_ffff ? value : `(${value} & ${hex(mask)})`);
  }
  const fields = members.map((member) => {
    if (member.fixed !== undefined) return `${member.name}: ${String(member.fixed)},`;
    const lanes = isWide(member) ? lanesOfWord(member) : partsOf(member).map(({ lane }) => lane);
    for (const lane of lanes) loaded.add(lane);
    return `${member.name}: ${isWide(member) ? readWide(member, members) : readNumber(member)},`;
  });
  const loads = [...loaded]
    .sort((a, b) => a - b)
    .map((lane) => `const ${word(lane)} = ${load(4, lane * 4)};`);
  if (checks.length > 0) loads.push(`if ((${checks.join(' | ')}) !== 0) return undefined;`);
  return [...loads, 'return {', ...fields, '};'].join('\n');
}

const lanesOfWord = ({ lo }: Member): [low: number, high: number] => {
  const low = Math.floor(lo / 64) * 2;
  return [low, low + 1];
};

function readWide(member: Member, members: readonly Member[]): string {
  const lanes = lanesOfWord(member);
  const sharesWord = members.some((other) => other !== member && lanesOfWord(other)[0] === lanes[0]);
  // What no field has is known to be zero; and zero, which many fields are, needs no new bigint.
  if (!sharesWord)
    return `(${lanes.map(word).join(' | ')}) === 0 ? 0n : view.getBigUint64(${offset(lanes[0] * 4)}, true)`;
  const [low, high] = lanes.map((lane) => {
    const mask = maskIn(member, lane);
    return mask === 0xffff_ffff ? word(lane) : mask === 0 ? '0' : `${word(lane)} & ${hex(mask)}`;
  });
  return `wide(${low}, ${high})`;
}

function readNumber(member: Member): string {
  const parts = partsOf(member);
  const pieces = parts.map(({ lane, shift, mask, from }) => {
    const whole = mask === 0xffff_ffff;
    const down = shift === 0 ? word(lane) : `(${word(lane)} >>> ${shift})`;
    const isTop = !whole && Math.clz32(mask) === shift;
    const bits = whole || isTop ? down : `(${down} & ${hex(mask)})`;
    return from === 0 ? bits : `(${bits} << ${from})`;
  });
  return pieces.length === 1 ? (pieces[0] ?? '') : `(${pieces.join(' | ')}) >>> 0`;
}

function writeBody({ members, byteLength }: Record_): string {
  const lines = [`const { ${members.map(({ name }) => name).join(', ')} } = value;`];
  for (const member of members) {
    lines.push(`if (${misfit(member)}) return false;`);
    if (isWide(member)) lines.push(`const ${half(member, 0)} = lowHalf(), ${half(member, 1)} = highHalf();`);
  }
  // All that the record has were looked at: what is left to find are others.
  lines.push(`if (!hasOnly(value, ${members.length})) return false;`);
  for (let lane = 0; lane < byteLength / 4; lane++) {
    const terms = members.flatMap((member) => termsIn(member, lane));
    lines.push(store(4, lane * 4, terms.join(' | ') || '0'));
  }
  return [...lines, 'return true;'].join('\n');
}

/** The variable that holds the lower or upper half of a wide field. */
const half = ({ name }: Member, which: number): string => `${name}_${which === 0 ? 'lo' : 'hi'}`;

/** What a field adds to a lane, as source; nothing if it has no part in it. */
function termsIn(member: Member, lane: number): string[] {
  const part = partsOf(member).find((one) => one.lane === lane);
  if (part === undefined) return [];
  if (isWide(member)) return [half(member, lane % 2)];
  if (member.fixed !== undefined) return [hex(Number(member.fixed) << part.shift)];
  const bits = part.from === 0 ? member.name : `(${member.name} >>> ${part.from})`;
  return [part.shift === 0 ? bits : `(${bits} << ${part.shift})`];
}

function misfit(member: Member): string {
  const { name, max, fixed } = member;
  if (fixed !== undefined) return `${name} !== ${String(fixed)}`;
  if (typeof max === 'bigint') {
    const [low, high] = lanesOfWord(member).map((lane) => hex(maskIn(member, lane)));
    return `!isWithin(${name}, ${low}, ${high})`;
  }
  const same = max === 0xffff_ffff ? `${name} >>> 0` : `(${name} & ${hex(max)})`;
  return `typeof ${name} !== 'number' || ${same} !== ${name}`;
}
