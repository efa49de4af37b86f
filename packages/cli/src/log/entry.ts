import type { AnyType } from '@iommufd/uapi/struct';

/** An event or error of hardware that a log contains. */
export interface Entry {
  /** Numbers of its lines, in order. */
  readonly lines: number[];
  /** The device in front of the kernel's message: `arm-smmu-v3.0.auto`, `dmar0`; may be empty. */
  readonly device: string;
  /** A line in the format of the driver. */
  text: string;
  /** The hardware record, if the log has one. */
  readonly record?: {
    readonly type: AnyType;
    /** The bytes of the whole record. Bytes that are missing in the log are zero. */
    readonly bytes: Uint8Array;
    /** Names of the fields that the log has; undefined if it has the whole record. */
    readonly known?: ReadonlySet<string>;
  };
  /** Further information, in the order of output. */
  readonly notes: [name: string, value: string][];
}

/** Converts 64-bit words to bytes. */
export function wordBytes(words: readonly bigint[], length = words.length * 8): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  words.slice(0, length / 8).forEach((word, i) => view.setBigUint64(8 * i, word, true));
  return bytes;
}

/** Converts 32-bit words to bytes. */
export function halfWordBytes(words: readonly number[], length = words.length * 4): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  words.slice(0, length / 4).forEach((word, i) => view.setUint32(4 * i, word, true));
  return bytes;
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Converts `0000:01:00.0` or `01:00.0` to a requester ID. */
export function requesterId(place: string): number | undefined {
  const [, bus, device, fn] = /(?:^|:)([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(place) ?? [];
  if (bus === undefined || device === undefined || fn === undefined) return undefined;
  return (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number(fn);
}
