/** Converts traced calls to steps of a tape, which are printed or recorded. */

import type { Step } from '@iommufd/tape';
import { O_ACCMODE, O_RDWR } from '../linux/constants.js';
import { hex, stepOf as fileStepOf } from '../record/about.js';
import type { FileCall } from '../observer.js';
import type { Made, TracedCall } from './calls.js';

/** True for calls on an open file that neither create nor close a descriptor. */
export const isFileCall = (made: Made): made is FileCall =>
  made.op === 'ioctl' ||
  made.op === 'read' ||
  made.op === 'write' ||
  made.op === 'pread' ||
  made.op === 'pwrite';

/** Converts a call to a step. @param result a negative errno if it failed */
export function stepOf(made: Made, result: number): Step {
  switch (made.op) {
    case 'open': {
      const mode = made.flags & O_ACCMODE;
      return { op: 'open', path: made.path, ...(mode !== O_RDWR && { flags: mode }), ret: result };
    }
    case 'dup': {
      const { fd, to, from } = made;
      return {
        op: 'dup',
        fd,
        ...(to !== undefined && { to }),
        ...(from !== undefined && { from }),
        ret: result,
      };
    }
    case 'eventfd':
      return { op: 'eventfd', init: made.init, flags: made.flags, ret: result };
    case 'close':
      return { op: 'close', fd: made.fd, ret: result };
    case 'mmap': {
      const { address, length, prot, flags, fd, offset } = made;
      const ret = result < 0 ? result : hex(result);
      return { op: 'mmap', addr: hex(address), len: length, prot, flags, fd, off: hex(offset), ret };
    }
    default:
      return fileStepOf(made, result);
  }
}

/** The range that a `write()` reads from the caller; undefined for other calls. */
export function givenBy({
  made,
}: TracedCall): { readonly address: number; readonly length: number } | undefined {
  if (made.op !== 'write' && made.op !== 'pwrite') return undefined;
  return { address: Number(made.address), length: made.length };
}

/** The range that a `read()` has written for the caller; undefined for other calls. */
export function returnedBy(
  { made }: TracedCall,
  result: number,
): { readonly address: number; readonly length: number } | undefined {
  if ((made.op !== 'read' && made.op !== 'pread') || result <= 0) return undefined;
  return { address: Number(made.address), length: result };
}
