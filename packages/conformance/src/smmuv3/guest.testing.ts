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

// Common code of tests for the notes on Linux's arm-smmu-v3 driver that were written when the tapes were recorded. Most
// of it is also in the tapes; the rest is tested only against the notes.

export const MSI = 0x0800_0000n;
/** A user address without memory. */
export const NOWHERE = 0x10_0000n;
/** Any id. */
export const ID: unknown = expect.any(Number);
/** The guest's StreamID at its position in an event or a command. */
export const SID = BigInt(VSID) << 32n;
/** Word 0 of F_TRANSLATION. */
export const TRANSLATION_EVENT = SID | 0x10n;
/** A page that all accesses may read and write, for one ASID. */
export const LEAF = leafOf(0n);

/** Word 0 of entries that need no memory of the guest. */
export const ABORT = 1n;
export const BYPASS = 1n | (4n << 1n);

/** Word 0 of an entry with the guest's stage 1, whose context descriptor is in the first page. */
export function translate(bits = 0n): bigint {
  return IPA | 1n | (5n << 1n) | bits;
}

/** A guest with a virtual SMMU. Its device uses its stage 1. */
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

  /** Makes the device read an address that stage 1 does not map. */
  fault(times = 1, bound = this.dev): void {
    for (let i = 0; i < times; i++) expect(this.dma(false, UNMAPPED, 4, bound)).toBe('ok');
  }

  /** The sequence numbers of the records in the queue; those of marks are negative. */
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

/** A guest with changed fields of its context descriptor. @returns the words of the event, or the name of an errno */
export function eventOfCd(fields: Partial<Record<string, number | bigint>>): bigint[] | string {
  const guest = new Guest();
  Object.assign(guest.cd, fields);
  guest.dma(false, IOVA);
  return guest.read(guest.queue);
}

/** The numbers from `from` to `to`, inclusive. */
export const span = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
