import { errno } from '@iommufd/uapi';
import type { Step } from '../tapes/tape.js';

const PAGE_BITS = 12n;

/** A range of page numbers; `end` is exclusive. */
export interface Pages {
  readonly first: number;
  readonly end: number;
}

interface Event extends Pages {
  readonly step: number;
  readonly what: 'mapped' | 'unmapped';
}

function pagesOf(address: bigint, length: number): Pages {
  const first = Number(address >> PAGE_BITS);
  const end = Number((address + BigInt(Math.max(length, 1)) + 0xfffn) >> PAGE_BITS);
  return { first, end };
}

/**
 * Finds the memory that a tape uses but never maps: the stack and the heap of the recorded program.
 * @param pid number of the process in the tape
 * @returns the pages to map before each step, by the index of the step: as early as the tape allows, so that calls can use them too
 */
export function initialMemory(steps: readonly Step[], pid: number): Map<number, Pages[]> {
  const events: Event[] = [];
  const initial = new Map<number, Pages[]>();
  // Pages that are known to be mapped. Cleared when memory is unmapped.
  const present = new Set<number>();
  // The last step at which each page was not mapped.
  const absent = new Map<number, number>();

  const happens = (step: number, what: Event['what'], pages: Pages): void => {
    events.push({ step, what, ...pages });
    if (what === 'unmapped') present.clear();
  };
  const touch = (step: number, { first, end }: Pages): void => {
    for (let page = first; page < end; page++) {
      if (present.has(page)) continue;
      const unmapped = unmappedSince(events, page);
      if (unmapped !== undefined) {
        const since = Math.max(unmapped, (absent.get(page) ?? -1) + 1);
        const pages = { first: page, end: page + 1 };
        initial.set(since, joined(initial.get(since) ?? [], pages));
        events.push({ step, what: 'mapped', ...pages });
      }
      present.add(page);
    }
  };

  const miss = (step: number, { first, end }: Pages): void => {
    for (let page = first; page < end; page++) absent.set(page, step);
  };

  for (const [i, step] of steps.entries()) {
    if ((step.pid ?? 1) !== pid) continue;
    switch (step.op) {
      case 'mmap':
        if (BigInt(step.ret) >= 0n) happens(i, 'mapped', pagesOf(BigInt(step.ret), step.len));
        break;
      case 'munmap':
        if (step.ret === 0) happens(i, 'unmapped', pagesOf(BigInt(step.addr), step.len));
        break;
      case 'mremap':
        if (BigInt(step.ret) < 0n) break;
        happens(i, 'unmapped', pagesOf(BigInt(step.addr), step.len));
        happens(i, 'mapped', pagesOf(BigInt(step.to), step.len));
        break;
      case 'poke':
        touch(i, pagesOf(BigInt(step.addr), step.hex.length / 2));
        break;
      case 'peek':
        if ('fault' in step) miss(i, pagesOf(BigInt(step.addr), step.len));
        else touch(i, pagesOf(BigInt(step.addr), 'hex' in step ? step.hex.length / 2 : step.len));
        break;
      case 'ioctl':
      case 'read':
      case 'write':
        // EFAULT shows that the memory was not mapped yet.
        if (step.ret === -errno.EFAULT) miss(i, pagesOf(BigInt('arg' in step ? step.arg : step.addr), 1));
        break;
    }
  }
  return initial;
}

/** The first step from which on a page is not mapped by the tape; undefined if it is mapped. */
function unmappedSince(events: readonly Event[], page: number): number | undefined {
  const last = events.findLast(({ first, end }) => page >= first && page < end);
  if (last === undefined) return 0;
  return last.what === 'mapped' ? undefined : last.step + 1;
}

/** Appends a range to a list, merged with the last range if they are adjacent. */
function joined(list: readonly Pages[], more: Pages): Pages[] {
  const last = list.at(-1);
  if (last === undefined || last.end !== more.first) return [...list, more];
  return [...list.slice(0, -1), { first: last.first, end: more.end }];
}
