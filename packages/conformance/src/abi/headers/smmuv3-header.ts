/**
 * The constants of the arm-smmu-v3 driver's header. It includes many kernel headers, so a program cannot include it.
 * Only its macros and enums are compiled, with the kernel macros that they use.
 */
import type { Smmuv3Facts } from '../facts.js';
import type { Answers, Question } from './c-program.js';

/** The kernel macros that the driver's macros use, for a 64-bit machine with pages of 4 KiB. */
const KERNEL_MACROS = `
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) ((~0UL >> (63 - (high))) & (~0UL << (low)))
#define GENMASK_ULL(high, low) ((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define FIELD_PREP(mask, value) (((unsigned long long)(value) << __builtin_ctzll(mask)) & (mask))
#define IS_ENABLED(option) 1
#define cpu_to_le64(value) (value)
#define BITS_PER_LONG 64
#define PAGE_SHIFT 12
#define MAX_PAGE_ORDER 10
`;

const withoutComments = (text: string): string => text.replace(/\/\*[^]*?\*\//g, ' ');

/** The macros and enums of a header, without its includes, structs and functions. */
export function constantsOf(header: string): string {
  const text = withoutComments(header).replace(/\\\n/g, ' ');
  // Every directive except includes, so that conditional parts stay conditional.
  const directives =
    text.match(/^[ \t]*#[ \t]*(?:define|undef|if|ifdef|ifndef|elif|else|endif)\b.*$/gm) ?? [];
  const outside = text.replace(/^[ \t]*#.*$/gm, '');
  const enums = outside.match(/\benum\s+\w*\s*\{[^}]*\}/g) ?? [];
  return [...directives, ...enums.map((each) => `${each};`), ''].join('\n');
}

/** The source before questions about a driver's header. */
export const smmuv3Prelude = (header: string): string =>
  `#include <stdio.h>${KERNEL_MACROS}${constantsOf(header)}`;

/** A question for each name. */
export function smmuv3Questions({ values }: Smmuv3Facts): Question[] {
  return Object.keys(values).map((name) => ({ about: name, expressions: [name] }));
}

/** The updated facts of the names with an answer. */
export function smmuv3Values(answers: Answers): Smmuv3Facts['values'] {
  const values = [...answers].map(([{ about }, [value = 0n]]) => [about, `0x${value.toString(16)}`] as const);
  return Object.fromEntries(values);
}
