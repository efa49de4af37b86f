import type { AnyType } from '@iommufd/uapi/struct';

/** Something that hardware reported, found in a log. */
export interface Entry {
  /** Numbers of the lines that it was read from, in order. */
  readonly lines: number[];
  /** The device that the kernel names before the message: `arm-smmu-v3.0.auto`, `dmar0`; may be empty. */
  readonly device: string;
  /** One line that says it as the driver does. */
  text: string;
  /** The record, where there is one. */
  readonly record?: {
    readonly type: AnyType;
    /** As long as the type; what the log does not have is zero. */
    readonly bytes: Uint8Array;
    /** Names of the fields that the log has; undefined if it has all of the record. */
    readonly known?: ReadonlySet<string>;
  };
  /** What is known besides the record, in the order in which it is printed. */
  readonly notes: [name: string, value: string][];
}

/** Bytes of 64-bit words. */
export function wordBytes(words: readonly bigint[], length = words.length * 8): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  words.slice(0, length / 8).forEach((word, i) => view.setBigUint64(8 * i, word, true));
  return bytes;
}

/** Bytes of 32-bit words. */
export function halfWordBytes(words: readonly number[], length = words.length * 4): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  words.slice(0, length / 4).forEach((word, i) => view.setUint32(4 * i, word, true));
  return bytes;
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** `0000:01:00.0` or `01:00.0` as a requester ID. */
export function requesterId(place: string): number | undefined {
  const [, bus, device, fn] = /(?:^|:)([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(place) ?? [];
  if (bus === undefined || device === undefined || fn === undefined) return undefined;
  return (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number(fn);
}
