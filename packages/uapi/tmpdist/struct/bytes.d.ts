/** Lower-case hex, two digits a byte. */
export declare function toHex(bytes: Uint8Array): string;
/**
 * The bytes that a text of hex digits names. White space, `:` and a leading `0x` are passed over.
 * @throws SyntaxError that names the first character which is no hex digit, or an odd number of digits.
 */
export declare function fromHex(text: string): Uint8Array;
/** A `DataView` of exactly these bytes. @throws Mismatch for what is no `Uint8Array` */
export declare function viewOf(bytes: Uint8Array): DataView;
/** The bytes from `at` on, in place. They must be within the view: behind it is somebody else's memory. */
export declare function bytesAt(view: DataView, at: number, length: number): Uint8Array;
/** The index of the first byte from `from` to `to` that is not zero, or -1. */
export declare function firstNonZero(view: DataView, from: number, to: number): number;
//# sourceMappingURL=bytes.d.ts.map