/** Addresses of PCI functions: `0000:01:00.0`, or `01:00.0` in domain 0. */
import { hex } from '../../lib/hex.js';

/** A PCI address: bus, slot and function. The domain is always 0. */
export interface PciAddress {
  readonly bus: number;
  readonly slot: number;
  readonly fn: number;
}

const ADDRESS = /^(?:0000:)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

/** @throws RangeError if the text is not a PCI address */
export function parseAddress(text: string): PciAddress {
  const [, bus, slot, fn] = ADDRESS.exec(text) ?? [];
  if (bus === undefined || slot === undefined || fn === undefined)
    throw new RangeError(`expected a PCI address like 0000:01:00.0, and not ${text}`);
  return { bus: parseInt(bus, 16), slot: parseInt(slot, 16), fn: Number(fn) };
}

/** The address with its domain. */
export function formatAddress({ bus, slot, fn }: PciAddress): string {
  return `0000:${hex(bus, 2)}:${hex(slot, 2)}.${fn}`;
}

/** `PCI_DEVFN()`. */
export const devfnOf = ({ slot, fn }: PciAddress): number => (slot << 3) | fn;

/** The requester ID: bus, slot and function as a 16-bit number, which requests carry. */
export const requesterIdOf = (address: PciAddress): number => (address.bus << 8) | devfnOf(address);
