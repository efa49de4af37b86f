/**
 * Request numbers as `asm-generic/ioctl.h` builds them: from bit 0 up an 8-bit number, an 8-bit type, a 14-bit
 * size and a 2-bit direction.
 */
/** Which way the argument of a request goes; `_IOWR` is both. */
export type RequestDirection = 'none' | 'write' | 'read' | 'both';
/** The parts of a request number. */
export interface RequestParts {
    readonly direction: RequestDirection;
    /** The subsystem's letter, 0 to 255. */
    readonly type: number;
    /** The command within it, 0 to 255. */
    readonly nr: number;
    /** Size of the argument in bytes, 0 to 16383. */
    readonly size: number;
}
/**
 * Builds a request number.
 * @throws RangeError for a part that does not fit its bits
 */
export declare function buildRequest({ direction, type, nr, size }: RequestParts): number;
/** Takes a request number apart. @throws RangeError for what is no number of 32 bits */
export declare function splitRequest(request: number): RequestParts;
/** `_IO(type, nr)`: no argument, or one whose size the number does not tell, as in iommufd and VFIO. */
export declare function _IO(type: number, nr: number): number;
/** `_IOR(type, nr, size)`: the kernel writes the argument. */
export declare function _IOR(type: number, nr: number, size: number): number;
/** `_IOW(type, nr, size)`: the kernel reads the argument. */
export declare function _IOW(type: number, nr: number, size: number): number;
/** `_IOWR(type, nr, size)`: the kernel reads and writes the argument. */
export declare function _IOWR(type: number, nr: number, size: number): number;
/** A request number as C would write it: `_IO(';', 0x80)`, `_IOWR('V', 0x3, 32)`. */
export declare function formatRequest(request: number): string;
//# sourceMappingURL=request.d.ts.map