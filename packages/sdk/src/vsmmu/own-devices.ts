/**
 * The VMM's own devices, emulated or virtio, behind the same virtual SMMU as the devices that are passed through, on separate streams.
 * Their transactions are translated here, by the guest's tables. The caches obey the guest's invalidations as hardware does, and faults
 * are events in the guest's queue. `VirtualSmmuv3.translate()` is the public method.
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

/** The kind of a device's access to memory. */
export interface DeviceAccess {
  /** True for a write; a read by default. */
  readonly write?: boolean | undefined;
  /** True for an instruction fetch; ignored for writes. */
  readonly instruction?: boolean | undefined;
  /** True for a privileged access. */
  readonly privileged?: boolean | undefined;
}

/** The outcome of a translation. */
export type DeviceTranslation =
  | {
      /** The access is translated. */
      readonly kind: 'address';
      /** The guest-physical address. The caller checks whether there is memory. */
      readonly address: bigint;
    }
  | {
      /** The access is terminated. An event was recorded if the architecture requires one. */
      readonly kind: 'abort';
      /** True if the device gets no error: a read returns zeros, a write has no effect. */
      readonly silent?: true | undefined;
    };

/** The callbacks of a device, for responses to page request groups and for ATS invalidations. A missing one has no effect. */
export type DevicePort = Partial<StreamPort>;

/** The parts of a virtual SMMU that its own devices need. */
export interface OwnDeviceParts {
  readonly registers: Registers;
  readonly memory: GuestMemory;
  readonly features: Features;
  readonly events: EventQueue;
  readonly interrupts: Interrupts;
}

/** Recently translated pages of a stream or substream, by page number. */
type Pages = Map<number, Translated>;

/** A translated page, and the kinds of access that were allowed. */
interface Translated {
  readonly address: bigint;
  /** A bit for each kind of access: {@link kindOf}. */
  allowed: number;
}

/** The most pages that are cached for a substream. */
const MOST_PAGES = 4096;
/** The substream of an access without one. */
const NO_SUBSTREAM = -1;
const OFFSET = 0xfffn;

/** The VMM's own devices. */
export class OwnDevices {
  private readonly ports = new Map<number, DevicePort>();
  private readonly unit: TranslationUnit<bigint>;
  /**
   * Recent translations by StreamID and SubstreamID, in front of the translator's caches. Any invalidation drops all of them; those
   * that are still valid are found in the translator's caches again.
   */
  private readonly recent = new Map<number, Map<number, Pages>>();
  /** The pages of the last access, because devices often repeat accesses to the same stream. */
  private last: { readonly streamId: number; readonly substream: number; readonly pages: Pages } | undefined;
  /** True if a device has accessed memory, so that something may be cached. */
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

  /** True if a device is connected. */
  has(streamId: number): boolean {
    return this.ports.has(streamId);
  }

  /** Translates an access, which must not cross a page. */
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
        // The guest's ID registers exclude stalls, so a context descriptor that enables them is illegal.
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

  /** Drops the recent translations, because registers have changed. */
  forget(): void {
    this.recent.clear();
    this.last = undefined;
  }

  /** Drops everything that is cached. */
  reset(): void {
    this.forget();
    this.unit.reset();
    this.isUsed = false;
  }

  /** Executes the nth command as an invalidation of these caches. The host has executed it, or it has no effect there. */
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
