import {
  type Features,
  type IdRegisters,
  type Registers,
  REGISTERS_32,
  REGISTERS_64,
  resetRegisters,
} from '@iommufd/smmuv3';
import { smmuv3_ste } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type StreamConfig, streamConfig } from './stream-config.js';

/**
 * The state of a virtual SMMU between two register accesses, as JSON, for migration. The guest's memory, with its queues
 * and tables, is saved by the VMM; objects of the host are allocated again on load.
 *
 * Not included are events that are still in the vEVENTQ: before it saves, the VMM stops the devices, reads the queue, and passes the
 * events to the guest. Nor are page requests without a response from the guest: they belong to the devices, and a device
 * that is reset on the next host does not wait for them; the VMM drops responses to them.
 */
export interface VsmmuState {
  /** The version of the format. */
  readonly version: 1;
  /** The guest's ID registers, which must be the same on load. */
  readonly idRegisters: {
    /** SMMU_IDR0 to SMMU_IDR5. */
    readonly idr: readonly number[];
    /** SMMU_IIDR. */
    readonly iidr: number;
    /** SMMU_AIDR. */
    readonly aidr: number;
  };
  /** Registers by the architecture's names: 32 bits as numbers, 64 bits as `0x…`. */
  readonly registers: Readonly<Record<string, number | string>>;
  /** The configuration of each stream. */
  readonly streams: readonly {
    /** Its virtual StreamID. */
    readonly streamId: number;
    /** For a translated stream, words 0 and 1 of its STE, as `0x…`. */
    readonly config: 'invalid' | 'abort' | 'bypass' | readonly [string, string];
  }[];
}

/** A parsed state. */
export interface LoadedState {
  readonly registers: Registers;
  readonly streams: ReadonlyMap<number, StreamConfig>;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Creates the state from registers and streams. */
export function saveState(
  registers: Registers,
  streams: readonly (readonly [streamId: number, config: StreamConfig])[],
  { idr, iidr, aidr }: IdRegisters,
): VsmmuState {
  const saved: Record<string, number | string> = {};
  for (const name of REGISTERS_32) saved[name] = registers[name];
  for (const name of REGISTERS_64) saved[name] = hex(registers[name]);
  return {
    version: 1,
    idRegisters: { idr: [...idr], iidr, aidr },
    registers: saved,
    streams: streams.map(([streamId, config]) => ({
      streamId,
      config: config.kind === 'translate' ? [hex(config.ste[0]), hex(config.ste[1])] : config.kind,
    })),
  };
}

/**
 * Parses and checks a state.
 * @param state a saved state, possibly after a round trip through JSON
 * @param expected the ID registers of this virtual SMMU
 * @param features the same, decoded
 * @throws RangeError if the state is invalid, or has another version or other ID registers
 */
export function loadState(
  state: VsmmuState,
  { idr, iidr, aidr }: IdRegisters,
  features: Features,
): LoadedState {
  if (!isObject(state)) throw new RangeError('expected an object with idRegisters, registers and streams');
  const { version, idRegisters, registers, streams } = state;
  if (version !== 1) throw new RangeError(`version: expected 1, found ${String(version)}`);
  if (!isObject(idRegisters) || !isObject(registers) || !Array.isArray(streams) || !streams.every(isObject))
    throw new RangeError('expected an object with idRegisters, registers and streams');
  const shown = JSON.stringify([idRegisters.idr, idRegisters.iidr, idRegisters.aidr]);
  if (shown !== JSON.stringify([idr, iidr, aidr]))
    throw new RangeError('idRegisters: the state has other ID registers than this virtual SMMU');
  const loaded = resetRegisters();
  for (const name of REGISTERS_32) loaded[name] = word32(registers[name], `registers.${name}`);
  for (const name of REGISTERS_64) loaded[name] = word64(registers[name], `registers.${name}`);
  const known = state.streams.map((stream, index) => loadStream(stream, index, features));
  return { registers: loaded, streams: new Map(known) };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function loadStream(
  { streamId, config }: VsmmuState['streams'][number],
  index: number,
  features: Features,
): [streamId: number, config: StreamConfig] {
  const path = `streams[${index}]`;
  const id = word32(streamId, `${path}.streamId`);
  if (config === 'invalid' || config === 'abort' || config === 'bypass') return [id, { kind: config }];
  const [word0, word1]: readonly unknown[] = Array.isArray(config) ? config : [];
  const ste = [word64(word0, `${path}.config`), word64(word1, `${path}.config`)] as const;
  if (!isConfig(ste, features))
    throw new RangeError(`${path}.config: no stream table entry has this configuration`);
  return [id, { kind: 'translate', ste }];
}

/** True if words are the result of a stream table entry: converting them again must not change them. */
function isConfig(words: readonly [bigint, bigint], features: Features): boolean {
  const bytes = new Uint8Array(smmuv3_ste.byteLength);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setBigUint64(8 * i, word, true));
  const config = streamConfig(decode(smmuv3_ste, bytes, { lenient: true }), words, features);
  return config.kind === 'translate' && words.every((word, i) => config.ste[i] === word);
}

function word32(value: unknown, path: string): number {
  if (typeof value === 'number' && value >>> 0 === value) return value;
  throw new RangeError(`${path}: expected a number of 32 bits, found ${String(value)}`);
}

function word64(value: unknown, path: string): bigint {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
  throw new RangeError(`${path}: expected 0x… of 64 bits, found ${String(value)}`);
}
