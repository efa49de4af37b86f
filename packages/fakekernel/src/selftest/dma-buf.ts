import { fail } from '../errno.js';
import type { Call } from '../iommufd/command.js';
import { DmaBuf } from '../process/dma-buf.js';
import { AnonymousMemory } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';
import type { Cmd } from './test-cmd.js';

const MOST_PAGES = 512;
/** From `asm-generic/fcntl.h`. */
const O_CLOEXEC = 0x80000;

/** A dma-buf of the selftest driver: memory of the kernel, physically contiguous. */
export class MockDmaBuf extends DmaBuf {
  constructor(pages: number, flags: number) {
    const object = new AnonymousMemory(pages, { first: 0, count: pages });
    super(pages, { object, index: 0, count: pages }, flags);
  }
}

/** Creates a dma-buf at the lowest free descriptor. @returns 0, or the descriptor in older versions */
export function getDmaBuf({ dmabuf_get: cmd }: Cmd, { context, process }: Call): number {
  const pages = Math.ceil(cmd.length / PAGE_SIZE);
  if (pages === 0 || pages > MOST_PAGES) throw fail('EINVAL');
  const open = (): MockDmaBuf => new MockDmaBuf(pages, cmd.open_flags);
  const fd = process.files.open(open, (cmd.open_flags & O_CLOEXEC) !== 0);
  return context.kernel.features.dmaBufGetReturnsZero ? 0 : fd;
}

/** Revokes the memory of a dma-buf, or makes it available again. @throws EOPNOTSUPP if another driver has exported it */
export function revokeDmaBuf({ dmabuf_revoke: cmd }: Cmd, { process }: Call): void {
  const file = process.files.find(cmd.dmabuf_fd);
  if (file === undefined) throw fail('EBADF');
  if (!(file instanceof DmaBuf)) throw fail('EINVAL');
  if (!(file instanceof MockDmaBuf)) throw fail('EOPNOTSUPP');
  file.revoke(cmd.revoked !== 0);
}
