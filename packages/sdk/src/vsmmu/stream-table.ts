import { type Features, locateSte, type Registers, type Ste } from '@iommufd/smmuv3';
import { smmuv3_ste } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import type { GuestMemory } from './guest-memory.js';
import { type StreamConfig, streamConfig } from './stream-config.js';

/** A stream table entry of the guest. */
export interface GuestSte {
  /** Decoded. */
  readonly ste: Ste;
  /** Words 0 and 1 of it. */
  readonly words: readonly [bigint, bigint];
}

/** The entry of a stream in the guest's table. @returns undefined where there is none, or it is not in memory */
export function lookUpSte(
  memory: GuestMemory,
  registers: Registers,
  features: Features,
  streamId: number,
): GuestSte | undefined {
  const address = locateSte(memory, registers, features, streamId);
  const bytes = typeof address === 'bigint' ? memory.read(address, smmuv3_ste.byteLength) : undefined;
  if (bytes === undefined) return undefined;
  // The guest may write to it at the same time: what is looked at and what is used must be one.
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const words = [view.getBigUint64(0, true), view.getBigUint64(8, true)] as const;
  return { ste: decode(smmuv3_ste, copy, { lenient: true }), words };
}

/**
 * What the guest's stream table says of a stream. Where there is no entry, because the table is too short for the
 * StreamID or is not in memory, its transactions are aborted.
 */
export function lookUpStream(
  memory: GuestMemory,
  registers: Registers,
  features: Features,
  streamId: number,
): StreamConfig {
  const found = lookUpSte(memory, registers, features, streamId);
  return found === undefined ? { kind: 'abort' } : streamConfig(found.ste, found.words, features);
}
