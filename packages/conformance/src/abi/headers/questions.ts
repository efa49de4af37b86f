/** The questions for each struct and constant of the facts, and the conversion of the answers to facts. */
import type { AbiFacts, CMember, CType } from '../facts.js';
import type { Answers, Question } from './c-program.js';
import type { HeaderName } from './headers.js';

type StructFacts = AbiFacts['structs'][string];

/** The header that declares a name. */
export function headerOf(name: string): HeaderName {
  if (/selftest|mock|^iommu_test/i.test(name)) return 'mock';
  return /^vfio/i.test(name) ? 'vfio' : 'iommufd';
}

/** The questions about one name, and the update of its facts. */
export interface Asked<F> {
  readonly name: string;
  readonly facts: F;
  readonly questions: readonly Question[];
  /** The updated facts. Every question must have an answer. @param note reports a finding to check by hand */
  refresh(answers: Answers, note: (text: string) => void): F;
}

/** The numbers of the answer. @throws Error if the question has none */
function answer(answers: Answers, question: Question): readonly number[] {
  const values = answers.get(question);
  if (values === undefined) throw new Error(`${question.about} was not answered`);
  // Modulo 2^64, a negative int exceeds the exact range of JavaScript numbers. No constant is that large, so these are
  // negative.
  return values.map((value) => Number(BigInt.asIntN(64, value)));
}

/** The question about a constant. The value of a string literal is an address; the recorded one is kept. */
export function constantAsked(name: string, facts: number): Asked<number> {
  const isString = `_Generic((${name}), char *: 1, default: 0)`;
  const question: Question = { about: name, expressions: [name, isString] };
  return {
    name,
    facts,
    questions: [question],
    refresh: (answers) => {
      const [value = facts, isText] = answer(answers, question);
      return isText === 1 ? facts : value;
    },
  };
}

/** A member with its offsets. */
interface Placed {
  readonly member: CMember;
  /** From the start of the outermost struct. */
  readonly start: number;
  readonly end: number;
  readonly align: number;
}

/** The questions about a struct and all its members. */
export function structAsked(name: string, facts: StructFacts): Asked<StructFacts> {
  const whole: Question = {
    about: `struct ${name}`,
    expressions: [`sizeof(struct ${name})`, `_Alignof(struct ${name})`],
  };
  const questionOf = new Map<CMember, Question>();
  collect(name, facts.fields, '', questionOf);
  return {
    name,
    facts,
    questions: [whole, ...questionOf.values()],
    refresh(answers, note) {
      const [size = 0, align = 1] = answer(answers, whole);
      const placed = facts.fields.map((member) => place(member, 0, answers, questionOf, note));
      for (const [from, to] of gaps(placed, 0, size, align))
        note(`struct ${name}: bytes ${from} to ${to - 1} are in no field of the facts`);
      return { size, align, fields: placed.map(({ member }) => member) };
    },
  };
}

/** The members of a struct or union without a tag. */
function inside(type: CType): readonly CMember[] {
  if (typeof type === 'string' || 'array' in type) return [];
  return 'struct' in type ? type.struct : type.union;
}

function collect(
  struct: string,
  members: readonly CMember[],
  prefix: string,
  into: Map<CMember, Question>,
): void {
  for (const member of members) {
    // An anonymous member cannot be named in an expression. Its members belong to the struct around it.
    const path = `${prefix}${member.name}`;
    if (member.name !== '') into.set(member, memberQuestion(struct, path, member));
    collect(struct, inside(member.type), member.name === '' ? prefix : `${path}.`, into);
  }
}

function memberQuestion(struct: string, path: string, { type, size }: CMember): Question {
  const lvalue = `((struct ${struct} *)0)->${path}`;
  const isFlexible = size === 0 && typeof type === 'object' && 'array' in type;
  const typed = isFlexible ? `${lvalue}[0]` : lvalue;
  const expected = cType(isFlexible ? type.array : type);
  return {
    about: `${struct}.${path}`,
    expressions: [
      `__builtin_offsetof(struct ${struct}, ${path})`,
      isFlexible ? '0' : `sizeof(${lvalue})`,
      `_Alignof(__typeof__(${typed}))`,
      expected === undefined ? '1' : `__builtin_types_compatible_p(__typeof__(${typed}), ${expected})`,
    ],
  };
}

/** The C spelling of a type; undefined for a struct or union without a tag. */
function cType(type: CType): string | undefined {
  if (typeof type === 'string') return type;
  if (!('array' in type)) return undefined;
  const element = cType(type.array);
  return element === undefined ? undefined : `${element}[${type.count}]`;
}

const alignUp = (offset: number, align: number): number => Math.ceil(offset / align) * align;

/** A member with the offsets of the answers. @param base offset of the struct around it */
function place(
  member: CMember,
  base: number,
  answers: Answers,
  questionOf: ReadonlyMap<CMember, Question>,
  note: (text: string) => void,
): Placed {
  const question = questionOf.get(member);
  if (question === undefined) return placeUnnamed(member, base, answers, questionOf, note);
  const [start = 0, size = 0, align = 1, isSame] = answer(answers, question);
  if (isSame !== 1) note(`${question.about}: does not have the type of the facts`);
  const placed = inside(member.type).map((inner) => place(inner, start, answers, questionOf, note));
  if (placed.length > 0) {
    const isStruct = typeof member.type === 'object' && 'struct' in member.type;
    const between = isStruct ? gaps(placed, start, start + size, align) : [];
    for (const [from, to] of between)
      note(`${question.about}: bytes ${from - start} to ${to - start - 1} are in no field of the facts`);
  }
  const type = withMembers(member.type, placed);
  return { member: { ...member, offset: start - base, size, type }, start, end: start + size, align };
}

/** An anonymous member has the offset of its members. C aligns its size to the strictest of them. */
function placeUnnamed(
  member: CMember,
  base: number,
  answers: Answers,
  questionOf: ReadonlyMap<CMember, Question>,
  note: (text: string) => void,
): Placed {
  // Offsets inside it are relative to its start, which is that of its first member.
  const [first] = inside(member.type);
  const start = first === undefined ? base : place(first, 0, answers, questionOf, () => undefined).start;
  const placed = inside(member.type).map((inner) => place(inner, start, answers, questionOf, note));
  const align = Math.max(1, ...placed.map((inner) => inner.align));
  const end = start + alignUp(Math.max(0, ...placed.map((inner) => inner.end)) - start, align);
  const type = withMembers(member.type, placed);
  return { member: { ...member, offset: start - base, size: end - start, type }, start, end, align };
}

function withMembers(type: CType, placed: readonly Placed[]): CType {
  const members = placed.map(({ member }) => member);
  if (typeof type === 'string' || 'array' in type) return type;
  return 'struct' in type ? { struct: members } : { union: members };
}

/** Ranges of bytes that are neither in a member nor in the padding for the alignment of the next one. */
function gaps(
  placed: readonly Placed[],
  start: number,
  end: number,
  align: number,
): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let at = start;
  for (const next of placed) {
    if (next.start > alignUp(at - start, next.align) + start) found.push([at, next.start]);
    at = next.end;
  }
  if (end > alignUp(at - start, align) + start) found.push([at, end]);
  return found;
}
