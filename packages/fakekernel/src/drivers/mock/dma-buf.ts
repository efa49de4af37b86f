import { fail } from '../../errno.js';
import type { Call } from '../../iommufd/command.js';
import { DmaBuf } from '../../process/dma-buf.js';
import { PAGE_SIZE } from '../../process/page.js';
import type { Cmd } from './test-cmd.js';

const MOST_PAGES = 512;
/** Of `asm-generic/fcntl.h`. */
const O_CLOEXEC = 0x80000;

/** Makes a dma-buf. @returns its fd */
export function getDmaBuf({ dmabuf_get: cmd }: Cmd, { process }: Call): number {
  const pages = Math.ceil(cmd.length / PAGE_SIZE);
  if (pages === 0 || pages > MOST_PAGES) throw fail('EINVAL');
  return process.files.open(() => new DmaBuf(pages), (cmd.open_flags & O_CLOEXEC) !== 0);
}

/** Takes the memory of a dma-buf away, or gives it back. */
export function revokeDmaBuf({ dmabuf_revoke: cmd }: Cmd, { process }: Call): void {
  const file = process.files.find(cmd.dmabuf_fd);
  if (file === undefined) throw fail('EBADF');
  if (!(file instanceof DmaBuf)) throw fail('EINVAL');
  file.revoke(cmd.revoked !== 0);
}
