/**
 * Memory of recorded processes that is mapped for devices. Accesses of devices cannot be traced, but a call that returns memory and
 * names an IOVA shows it to the program: what is there before and after such a call is recorded.
 */

import { numbersOf, type Step, valuesOf } from '@iommufd/tape';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { type About, type Behind, MOST_BEHIND, type Range } from '../record/about.js';
import type { RecordedMemory } from '../record/recorded-memory.js';
import type { TracedCall, TracedProcess } from './calls.js';
import type { TracedFile } from './files.js';
import type { TraceeMemory } from './memory.js';

/** A process whose memory is mapped. */
interface Owner {
  /** The memory of the program that it runs now. */
  readonly space: TraceeMemory;
  readonly memory: RecordedMemory;
}

/** Memory that is mapped for devices. */
interface Mapped {
  readonly file: TracedFile;
  readonly of: Owner;
  readonly address: number;
  readonly iova: bigint;
  readonly length: number;
}

/** Memory that is mapped for devices and that the current call may access, with its bytes before the call. */
interface Reached extends Range {
  readonly of: Owner;
  readonly bytes: Uint8Array | undefined;
}

/** The number of mappings that are remembered. Older ones are dropped. */
const MOST_MAPPED = 1 << 12;

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** True if a pointer leads to bytes without a type, such as a guest's memory. */
export const isPlain = ({ pointer: { to } }: Behind): boolean =>
  to.type === undefined && to.cases === undefined && to.bitmap === undefined && to.length !== undefined;

/** @see the head of this file */
export class DeviceMemory {
  private mapped: Mapped[] = [];
  private reached: Reached[] = [];

  /** Memory of a process in a range has moved to another address. */
  move(of: Owner, start: number, end: number, to: number): void {
    this.mapped = this.mapped.flatMap((each) => {
      if (each.of !== of) return [each];
      // The parts before, in and after the range.
      const last = each.address + each.length;
      const cuts = [each.address, Math.max(each.address, start), Math.min(last, end), last];
      if ((cuts[1] ?? 0) >= (cuts[2] ?? 0)) return [each];
      return cuts.slice(0, -1).flatMap((from, i) => {
        const length = (cuts[i + 1] ?? from) - from;
        const iova = each.iova + BigInt(from - each.address);
        return length > 0 ? [{ ...each, address: i === 1 ? from + to - start : from, length, iova }] : [];
      });
    });
  }

  /** A process has ended. */
  forget(of: Owner): void {
    this.mapped = this.mapped.filter((mapped) => mapped.of !== of);
  }

  /** Steps for mapped memory that a call may read: a call that returns memory and names an IOVA. */
  reach({ file, made, process }: TracedCall, about: About): Step[] {
    const steps: Step[] = [];
    if (made.op !== 'ioctl' || !about.behind.some(({ out }) => out)) return steps;
    for (const { iova, length } of addressesOf(process, made.request, about)) {
      const end = iova + BigInt(Math.min(length ?? MOST_BEHIND, MOST_BEHIND));
      for (const mapped of this.mapped) {
        const [from, to] = [max(iova, mapped.iova), min(end, mapped.iova + BigInt(mapped.length))];
        if (mapped.file !== file || from >= to) continue;
        const start = mapped.address + Number(from - mapped.iova);
        steps.push(...mapped.of.memory.fill(start, Number(to - from), true));
        // The call may also write it.
        const length = Number(to - from);
        if (this.reached.some((each) => each.address === start && each.length === length)) continue;
        mapped.of.memory.changed(start, length);
        this.reached.push({
          of: mapped.of,
          address: start,
          length,
          bytes: mapped.of.space.peek(start, length),
        });
      }
    }
    return steps;
  }

  /** Steps for the changes of the call that has just ended in memory that is mapped for devices. */
  changes(): Step[] {
    const steps: Step[] = [];
    for (const { of, address, length, bytes } of this.reached) {
      const now = of.space.peek(address, length);
      const isSame = now !== undefined && bytes !== undefined && Buffer.compare(now, bytes) === 0;
      if (!isSame) steps.push(...of.memory.show(address, length));
    }
    this.reached = [];
    return steps;
  }

  /** Remembers memory that a call has mapped for devices. */
  remember(of: Owner, { about, file, made, process }: TracedCall): void {
    if (about === undefined || file === undefined || made.op !== 'ioctl') return;
    const plain = about.behind.find((behind) => isPlain(behind) && !behind.out);
    if (plain === undefined) return;
    const [place] = addressesOf(process, made.request, about);
    if (place === undefined) return;
    const { address, length } = plain;
    this.mapped.push({ file, of, address, length, iova: place.iova });
    if (this.mapped.length > MOST_MAPPED) this.mapped.shift();
  }
}

/** The IOVAs in a struct, each with the `length` field of the same struct. */
function addressesOf(
  { memory }: TracedProcess,
  request: number,
  { struct: { address, length } }: About,
): { readonly iova: bigint; readonly length: number | undefined }[] {
  const struct = ioctlsByRequest(request)[0]?.struct;
  const bytes = memory.peek(address, length);
  if (struct === undefined || bytes === undefined) return [];
  return numbersOf(struct, valuesOf(struct, bytes)).flatMap(({ type: { role }, value, values }) => {
    if (role.kind !== 'address') return [];
    const beside = values['length'];
    const size = typeof beside === 'number' || typeof beside === 'bigint' ? Number(beside) : undefined;
    return [{ iova: BigInt(value), length: size }];
  });
}
