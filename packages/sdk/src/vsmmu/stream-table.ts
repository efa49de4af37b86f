import { type Features, locateSte, type Registers, type Ste } from '@iommufd/smmuv3';
import { smmuv3_ste } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import type { GuestMemory } from './guest-memory.js';
import { type StreamConfig, streamConfig } from './stream-config.js';

/** An STE of the guest. */
export interface GuestSte {
  /** Decoded. */
  readonly ste: Ste;
  /** Its words 0 and 1. */
  readonly words: readonly [bigint, bigint];
}

/** Looks up the STE of a stream in the guest's table. @returns undefined if the table does not cover it or is not in RAM */
export function lookUpSte(
  memory: GuestMemory,
  registers: Registers,
  features: Features,
  streamId: number,
): GuestSte | undefined {
  const address = locateSte(memory, registers, features, streamId);
  const bytes = typeof address === 'bigint' ? memory.read(address, smmuv3_ste.byteLength) : undefined;
  if (bytes === undefined) return undefined;
  // A copy, because the guest may write to its table between the check and the use.
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const words = [view.getBigUint64(0, true), view.getBigUint64(8, true)] as const;
  return { ste: decode(smmuv3_ste, copy, { lenient: true }), words };
}

/**
 * The configuration of a stream from the guest's table: `abort` if the table does not cover the StreamID or is not in RAM.
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
