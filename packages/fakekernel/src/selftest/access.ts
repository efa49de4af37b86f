/**
 * Selftest operations on kernel accesses: IOMMU_TEST_OP_CREATE_ACCESS, and the operations that pin, unpin, read and write through
 * an access. `struct selftest_access` of Linux's `drivers/iommu/iommufd/selftest.c`.
 */
import { mock_access_rw, mock_flags_access, mock_flags_access_create } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { Access, type AccessOps } from '../iommufd/access.js';
import type { Call } from '../iommufd/command.js';
import type { Extent } from '../process/memory-object.js';
import { AnonymousFile } from '../process/file.js';
import { PAGE, PAGE_MASK } from '../process/page.js';
import type { Task } from '../process/task.js';
import type { Cmd } from './test-cmd.js';
import { restorable } from '../lib/restorable.js';

const { MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES } = mock_flags_access_create;
const { MOCK_FLAGS_ACCESS_WRITE, MOCK_FLAGS_ACCESS_SYZ } = mock_flags_access;
const { MOCK_ACCESS_RW_WRITE, MOCK_ACCESS_RW_SLOW_PATH } = mock_access_rw;

/** The largest number of bytes in one operation. */
const MOST_BYTES = 16n << 20n;

/** Pages pinned by an access: `struct selftest_access_item`. */
interface Item {
  readonly id: number;
  readonly iova: bigint;
  readonly length: bigint;
}

/** The file of an access; its fd identifies the access in all operations. */
export class AccessFile extends AnonymousFile {
  override readonly link = 'anon_inode:[iommufd_test_staccess]';
  private access: Access | undefined;
  readonly items: Item[] = [];
  private nextId = 0;

  constructor(readonly needsPinPages: boolean) {
    super();
  }

  /** Creates the access. */
  start({ context }: Call): Access {
    this.access = Access.make(context, AccessFile.operations(this, this.needsPinPages));
    return this.access;
  }

  private static readonly operations = restorable(
    'AccessFile.ops',
    (file: AccessFile, needsPinPages: boolean): AccessOps => ({
      needsPinPages,
      unmap: (iova, length) => file.unpinIntersecting(iova, length),
    }),
  );

  /** Destroys the access, if it was created. */
  giveUp(): void {
    this.access?.end();
    this.access = undefined;
  }

  /** @throws EBADFD */
  get open(): Access {
    if (this.access === undefined) throw fail('EBADFD');
    return this.access;
  }

  add(iova: bigint, length: bigint): Item {
    const item = { id: this.nextId++, iova, length };
    this.items.push(item);
    return item;
  }

  remove(item: Item): void {
    this.items.splice(this.items.indexOf(item), 1);
    this.open.unpinPages(item.iova, item.length);
  }

  private unpinIntersecting(iova: bigint, length: bigint): void {
    const last = BigInt.asUintN(64, iova + length - 1n);
    for (const item of [...this.items]) {
      if (iova <= item.iova + item.length - 1n && last >= item.iova) this.remove(item);
    }
  }

  protected override release(): void {
    for (const item of [...this.items]) this.remove(item);
    this.giveUp();
  }
}

/** @throws EBADFD if the fd is not an access */
function accessFile({ files }: Task, fd: number): AccessFile {
  const file = files.find(fd);
  if (!(file instanceof AccessFile)) throw fail('EBADFD');
  return file;
}

export function createAccess({ id, create_access: cmd }: Cmd, call: Call): void {
  if ((cmd.flags & ~MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES) !== 0) throw fail('EOPNOTSUPP');
  const { files } = call.process;
  const file = new AccessFile((cmd.flags & MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES) !== 0);
  try {
    files.open((fd) => {
      file.start(call).attach(id);
      cmd.out_access_fd = fd;
      call.respond();
      return file;
    });
  } catch (cause) {
    file.put();
    // Linux returns ENOMEM here if the fd table is full.
    throw cause === fail('EMFILE') ? fail('ENOMEM') : cause;
  }
}

export function replaceAccessIoas({ id, access_replace_ioas: cmd }: Cmd, { process }: Call): void {
  accessFile(process, id).open.replace(cmd.ioas_id);
}

export function pinAccessPages({ id, access_pages: cmd }: Cmd, call: Call): void {
  if (cmd.length > MOST_BYTES) throw fail('ENOMEM');
  if ((cmd.flags & ~(MOCK_FLAGS_ACCESS_WRITE | MOCK_FLAGS_ACCESS_SYZ)) !== 0) throw fail('EOPNOTSUPP');
  const file = accessFile(call.process, id);
  const access = file.open;
  if (!file.needsPinPages) throw fail('EOPNOTSUPP');
  const { length } = cmd;
  const iova = iovaOf(access, cmd.iova, (cmd.flags & MOCK_FLAGS_ACCESS_SYZ) !== 0);
  const extents = access.pinPages(iova, length, (cmd.flags & MOCK_FLAGS_ACCESS_WRITE) !== 0);
  let item: Item | undefined;
  try {
    if (cmd.uptr !== 0n) checkPages(call.process, cmd.uptr - (iova & ~PAGE_MASK), extents);
    item = file.add(iova, length);
    cmd.out_access_pages_id = item.id;
    call.respond();
  } catch (cause) {
    if (item === undefined) access.unpinPages(iova, length);
    else file.remove(item);
    throw cause;
  }
}

/** `iommufd_test_check_pages()`. @throws EBADE if the pinned pages are not those at the caller's address; EFAULT */
function checkPages({ memorySpace }: Task, address: bigint, extents: readonly Extent[]): void {
  let at = address;
  for (const { object, index, count } of extents) {
    for (let i = 0; i < count; i++) {
      const page = memorySpace.pageAt(BigInt.asUintN(64, at));
      if (page.object !== object || page.index !== index + i) throw fail('EBADE');
      at += PAGE;
    }
  }
}

export function unpinAccessPages({ id, destroy_access_pages: cmd }: Cmd, { process }: Call): void {
  const file = accessFile(process, id);
  const item = file.items.find((each) => each.id === cmd.access_pages_id);
  if (item === undefined) throw fail('ENOENT');
  file.remove(item);
}

export function accessReadWrite({ id, access_rw: cmd }: Cmd, { process }: Call): void {
  if (cmd.length > MOST_BYTES) throw fail('ENOMEM');
  const known = MOCK_ACCESS_RW_WRITE | MOCK_ACCESS_RW_SLOW_PATH | MOCK_FLAGS_ACCESS_SYZ;
  if ((cmd.flags & ~known) !== 0) throw fail('EOPNOTSUPP');
  const access = accessFile(process, id).open;
  const write = (cmd.flags & MOCK_ACCESS_RW_WRITE) !== 0;
  const length = Number(cmd.length);
  const memory = process.memorySpace;
  const bytes = write ? memory.read(cmd.uptr, length) : new Uint8Array(length);
  const iova = iovaOf(access, cmd.iova, (cmd.flags & MOCK_FLAGS_ACCESS_SYZ) !== 0);
  access.copy(process, iova, bytes, { write, slowPath: (cmd.flags & MOCK_ACCESS_RW_SLOW_PATH) !== 0 });
  if (!write) memory.write(cmd.uptr, bytes);
}

/** With MOCK_FLAGS_ACCESS_SYZ, an IOVA consists of the number of an area and an offset: `struct syz_layout`. */
function iovaOf(access: Access, iova: bigint, isCounted: boolean): bigint {
  return isCounted ? access.iovaOfArea(...countedIova(iova)) : iova;
}

/** Splits an IOVA of this form. */
export function countedIova(iova: bigint): [nth: number, offset: number] {
  return [Number(iova & 0xffff_ffffn), Number(iova >> 32n)];
}
