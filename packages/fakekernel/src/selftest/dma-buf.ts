import { fail } from '../errno.js';
import type { Call } from '../iommufd/command.js';
import { DmaBuf } from '../process/dma-buf.js';
import type { AccessMode } from '../process/file.js';
import { PAGE_SIZE } from '../process/page.js';
import type { Cmd } from './test-cmd.js';

const MOST_PAGES = 512;
/** From `asm-generic/fcntl.h`. */
const O_ACCMODE = 3;
const O_WRONLY = 1;
const O_RDWR = 2;
const O_CLOEXEC = 0x80000;

/** `OPEN_FMODE()`: O_ACCMODE (3) allows neither reads nor writes. */
function accessMode(flags: number): AccessMode {
  const mode = flags & O_ACCMODE;
  return { read: mode === 0 || mode === O_RDWR, write: mode === O_WRONLY || mode === O_RDWR };
}

/** Creates a dma-buf at the lowest free descriptor. @returns 0, or the descriptor in older versions */
export function getDmaBuf({ dmabuf_get: cmd }: Cmd, { context, process }: Call): number {
  const pages = Math.ceil(cmd.length / PAGE_SIZE);
  if (pages === 0 || pages > MOST_PAGES) throw fail('EINVAL');
  const open = (): DmaBuf => new DmaBuf(pages, accessMode(cmd.open_flags));
  const fd = process.files.open(open, (cmd.open_flags & O_CLOEXEC) !== 0);
  return context.kernel.features.dmaBufGetReturnsZero ? 0 : fd;
}

/** Revokes the memory of a dma-buf, or makes it available again. */
export function revokeDmaBuf({ dmabuf_revoke: cmd }: Cmd, { process }: Call): void {
  const file = process.files.find(cmd.dmabuf_fd);
  if (file === undefined) throw fail('EBADF');
  if (!(file instanceof DmaBuf)) throw fail('EINVAL');
  file.revoke(cmd.revoked !== 0);
}
