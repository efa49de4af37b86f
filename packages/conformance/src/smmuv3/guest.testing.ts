import { expect } from '@jest/globals';
import { leafOf } from '@iommufd/testkit/guest';
import {
  IOVA,
  IPA,
  type MachineOptions,
  Program,
  type Queue,
  sure,
  sureQueue,
  UNMAPPED,
  VSID,
} from './program.testing.js';

// Shared by the tests of what was written down of Linux's arm-smmu-v3 driver when the tapes were recorded. Most of it is in the
// tapes as well; what is in none of those that are here is held against the text alone.

export const MSI = 0x0800_0000n;
/** A user address where there is nothing. */
export const NOWHERE = 0x10_0000n;
/** Any id. */
export const ID: unknown = expect.any(Number);
/** The StreamID of the guest where an event or a command has it. */
export const SID = BigInt(VSID) << 32n;
/** Word 0 of F_TRANSLATION. */
export const TRANSLATION_EVENT = SID | 0x10n;
/** A page that all may read and write, for one ASID. */
export const LEAF = leafOf(0n);

/** Word 0 of entries that need nothing of the guest. */
export const ABORT = 1n;
export const BYPASS = 1n | (4n << 1n);

/** Word 0 of an entry whose stage 1 is the guest's, with its context descriptor in the first page. */
export function translate(bits = 0n): bigint {
  return IPA | 1n | (5n << 1n) | bits;
}

/** A guest with a virtual SMMU whose device translates with its stage 1. */
export class Guest extends Program {
  readonly s2: number;
  readonly vsmmu: number;
  readonly vdev: number;
  readonly queue: Queue;
  readonly s1: number;

  constructor(depth = 64, options?: MachineOptions) {
    super(options);
    this.setUpGuest();
    this.s2 = this.parent();
    this.vsmmu = sure(this.viommu(this.s2));
    this.vdev = sure(this.vdevice(this.vsmmu, BigInt(VSID)));
    this.queue = sureQueue(this.veventq(this.vsmmu, { veventq_depth: depth }));
    this.s1 = sure(this.nested(this.vsmmu, translate()));
    expect(this.attach(this.s1)).toBe('ok');
    this.log();
  }

  /** Has the device read where stage 1 shows nothing. */
  fault(times = 1, bound = this.dev): void {
    for (let i = 0; i < times; i++) expect(this.dma(false, UNMAPPED, 4, bound)).toBe('ok');
  }

  /** The sequence numbers of what is in the queue; those of lost ones are negative. */
  sequences(length?: number): number[] {
    const words = this.read(this.queue, length);
    expect(words).toEqual(expect.any(Array));
    const found: number[] = [];
    if (typeof words === 'string') return found;
    for (let at = 0; at < words.length;) {
      const header = words[at] ?? 0n;
      const isLost = (header & 1n) === 1n;
      found.push(Number(header >> 32n) * (isLost ? -1 : 1));
      at += isLost ? 1 : 5;
    }
    return found;
  }
}

/** A vIOMMU, and nothing else. */
export function vsmmu(): { readonly program: Program; readonly viommu: number } {
  const program = new Program();
  return { program, viommu: sure(program.viommu(program.parent())) };
}

/** A guest whose context descriptor is not as it should be. @returns word 0 of the event */
export function eventOfCd(fields: Partial<Record<string, number | bigint>>): bigint[] | string {
  const guest = new Guest();
  Object.assign(guest.cd, fields);
  guest.dma(false, IOVA);
  return guest.read(guest.queue);
}

/** The numbers between two, and both. */
export const span = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
