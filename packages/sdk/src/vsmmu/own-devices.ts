/**
 * The devices that a VMM emulates itself, behind the same virtual SMMU as those that are passed through: emulated and virtio
 * devices on streams of their own. Their transactions are translated here, by the guest's tables, with caches that obey the
 * guest's commands as those of hardware do; faults are events in the guest's queue. `VirtualSmmuv3.translate()` is the way in.
 */
import {
  type AtsOutcome,
  type CommandEntries,
  type CommandHost,
  type Consumed,
  type EventQueue,
  type Features,
  type Interrupts,
  physicalPlaces,
  type Registers,
  type StreamPort,
  TranslationUnit,
} from '@iommufd/smmuv3';
import type { GuestMemory } from './guest-memory.js';

/** How a device accesses memory. */
export interface DeviceAccess {
  /** A write, else a read. */
  readonly write?: boolean | undefined;
  /** An instruction fetch; ignored for writes. */
  readonly instruction?: boolean | undefined;
  /** Privileged. */
  readonly privileged?: boolean | undefined;
}

/** The outcome of a translation. */
export type DeviceTranslation =
  | {
      /** The access goes to an address. */
      readonly kind: 'address';
      /** Guest-physical. Whether there is memory the caller finds out. */
      readonly address: bigint;
    }
  | {
      /** The access is terminated. An event was recorded if the architecture requires one. */
      readonly kind: 'abort';
      /** Without an error for the device: reads give zeros, writes do nothing. */
      readonly silent?: true | undefined;
    };

/** What answers reach of a device: page request groups, and ATS invalidations. A part that is missing does nothing. */
export type DevicePort = Partial<StreamPort>;

/** The parts of a virtual SMMU that its own devices need. */
export interface OwnDeviceParts {
  readonly registers: Registers;
  readonly memory: GuestMemory;
  readonly features: Features;
  readonly events: EventQueue;
  readonly interrupts: Interrupts;
}

/** Pages of a stream or substream that were translated lately, by page number. */
type Pages = Map<number, Translated>;

/** A page, and what has been allowed there. */
interface Translated {
  readonly address: bigint;
  /** A bit for each kind of access: {@link kindOf}. */
  allowed: number;
}

/** The most pages that are kept of a substream. */
const MOST_PAGES = 4096;
/** The substream of an access without one. */
const NO_SUBSTREAM = -1;
const OFFSET = 0xfffn;

/** The devices of a VMM. */
export class OwnDevices {
  private readonly ports = new Map<number, DevicePort>();
  private readonly unit: TranslationUnit<bigint>;
  /** By StreamID and SubstreamID. Any invalidation drops all of it; what is still true is in the translator's caches. */
  private readonly recent = new Map<number, Map<number, Pages>>();
  /** Those of the last access, as devices have runs of them. */
  private last: { readonly streamId: number; readonly substream: number; readonly pages: Pages } | undefined;
  /** Has any device accessed memory: is there anything to invalidate? */
  private isUsed = false;

  constructor({ registers, memory, features, events, interrupts }: OwnDeviceParts) {
    const host: CommandHost = {
      respond: (response) => this.ports.get(response.streamId)?.priResponse?.(response),
      invalidateAtc: (invalidation) =>
        this.ports.get(invalidation.streamId)?.atcInvalidate?.(invalidation) ?? true,
    };
    const places = physicalPlaces(memory);
    this.unit = new TranslationUnit({ registers, features, memory: places, events, interrupts, host });
  }

  /** Connects a device. */
  add(streamId: number, port: DevicePort): void {
    this.ports.set(streamId, port);
  }

  /** Disconnects a device. */
  remove(streamId: number): void {
    this.ports.delete(streamId);
    this.recent.delete(streamId);
    this.last = undefined;
  }

  /** Is a device connected? */
  has(streamId: number): boolean {
    return this.ports.has(streamId);
  }

  /** Translates an access, which does not cross a page. */
  translate(
    streamId: number,
    substreamId: number | undefined,
    address: bigint,
    access: DeviceAccess,
  ): DeviceTranslation {
    const page = Number(address >> 12n);
    const kind = kindOf(access);
    const found = this.pagesOf(streamId, substreamId ?? NO_SUBSTREAM)?.get(page);
    if (found !== undefined && (found.allowed & kind) !== 0)
      return { kind: 'address', address: found.address | (address & OFFSET) };
    this.isUsed = true;
    const { write = false, instruction = false, privileged = false } = access;
    const transaction = { streamId, substreamId, address, write, instruction, privileged };
    const outcome = this.unit.translate(transaction);
    switch (outcome.kind) {
      case 'place':
        this.keep(streamId, substreamId, page, outcome.place & ~OFFSET, kind);
        return { kind: 'address', address: outcome.place };
      case 'abort':
        return outcome;
      case 'stall':
        // A guest's ID registers say that nothing stalls, so that a context descriptor which asks for it is illegal.
        throw new Error('a transaction stalls, and no guest can resume it');
    }
  }

  /** Answers an ATS translation request: {@link TranslationUnit.translationRequest}. */
  translationRequest(
    streamId: number,
    substreamId: number | undefined,
    address: bigint,
    { write = false, instruction = false, privileged = false }: DeviceAccess,
  ): AtsOutcome<bigint> {
    this.isUsed = true;
    const transaction = { streamId, substreamId, address, write, instruction, privileged };
    return this.unit.translationRequest(transaction);
  }

  private pagesOf(streamId: number, substream: number): Pages | undefined {
    const { last } = this;
    if (last?.streamId === streamId && last.substream === substream) return last.pages;
    const pages = this.recent.get(streamId)?.get(substream);
    if (pages !== undefined) this.last = { streamId, substream, pages };
    return pages;
  }

  private keep(
    streamId: number,
    substreamId: number | undefined,
    page: number,
    address: bigint,
    kind: number,
  ): void {
    const streams = entryOf(this.recent, streamId, () => new Map<number, Pages>());
    const pages = entryOf(streams, substreamId ?? NO_SUBSTREAM, (): Pages => new Map());
    const known = pages.get(page);
    if (known?.address === address) {
      known.allowed |= kind;
      return;
    }
    if (pages.size >= MOST_PAGES) pages.clear();
    pages.set(page, { address, allowed: kind });
  }

  /** Drops what was translated lately: the registers have changed. */
  forget(): void {
    this.recent.clear();
    this.last = undefined;
  }

  /** Drops all that is cached. */
  reset(): void {
    this.forget();
    this.unit.reset();
    this.isUsed = false;
  }

  /** Invalidates what a command says, of the nth of some commands that the host has executed or that have no effect there. */
  invalidate(entries: CommandEntries, at: number): void {
    if (!this.isUsed && this.ports.size === 0) return;
    this.forget();
    this.unit.consume(entries, at);
  }

  /** Executes CMD_SYNC or CMD_PRI_RESP. */
  consume(entries: CommandEntries, at: number): Consumed {
    return this.unit.consume(entries, at);
  }
}

/** The bit of a kind of access. */
const kindOf = ({ write = false, instruction = false, privileged = false }: DeviceAccess): number =>
  1 << ((write ? 1 : instruction ? 2 : 0) + (privileged ? 4 : 0));

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
