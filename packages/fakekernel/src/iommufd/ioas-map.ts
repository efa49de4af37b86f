import {
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_IOAS_NOIOMMU_GET_PA,
  IOMMU_IOAS_UNMAP,
  iommufd_ioas_map_flags,
} from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Protection } from '../iommu/domain.js';
import { checkedLast, type IoPageTable } from '../ioas/io-page-table.js';
import { Pages, type PageSource } from '../ioas/pages.js';
import { PinAccount } from '../ioas/pin-account.js';
import { DmaBuf } from '../process/dma-buf.js';
import { PAGE, ULONG_MAX } from '../process/page.js';
import type { Process } from '../process/process.js';
import { command } from './command.js';
import type { IommufdContext } from './context.js';
import { Ioas } from './ioas.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const MAP_FLAGS = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;

// There may be a million mappings, and all of one kind share what they allow.
const READ: Protection = { read: true, write: false };
const WRITE: Protection = { read: false, write: true };
const READ_WRITE: Protection = { read: true, write: true };

function protectionOf(flags: number): Protection {
  const read = (flags & IOMMU_IOAS_MAP_READABLE) !== 0;
  const write = (flags & IOMMU_IOAS_MAP_WRITEABLE) !== 0;
  if (!read && !write) throw fail('EINVAL');
  return read ? (write ? READ_WRITE : READ) : WRITE;
}

/** The IOVA to map at, if the caller says one. */
function fixedIova(flags: number, iova: bigint): bigint | undefined {
  return (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? iova : undefined;
}

/** Maps memory of a process. Only what is mapped is pinned, and only once a domain shows it. */
export function mapUser(
  context: IommufdContext,
  process: Process,
  table: IoPageTable,
  fixed: bigint | undefined,
  userVa: bigint,
  length: bigint,
  protection: Protection,
): bigint {
  if (userVa + length > ULONG_MAX) throw fail('EOVERFLOW');
  const startByte = Number(userVa % PAGE);
  const address = userVa - BigInt(startByte);
  // Beyond the end of user space there are no pages; that is found when they are pinned.
  const source: PageSource = { kind: 'user', space: process.memorySpace, address: Number(address) };
  return mapPages(context, process, table, fixed, source, startByte, length, protection);
}

function mapPages(
  { kernel }: IommufdContext,
  process: Process,
  table: IoPageTable,
  fixed: bigint | undefined,
  source: PageSource,
  startByte: number,
  length: bigint,
  protection: Protection,
): bigint {
  if (length === 0n || length > ULONG_MAX - PAGE) throw fail('EINVAL');
  const count = Number((BigInt(startByte) + length + PAGE - 1n) / PAGE);
  const account = new PinAccount(process, !process.privileges.ipcLock);
  const pages = new Pages(kernel.pages, source, count, protection.write, account);
  try {
    return table.map([{ pages, startByte, length }], length, fixed, protection);
  } finally {
    // From now on it is the area's, if there is one.
    pages.put();
  }
}

/** IOMMU_IOAS_MAP */
export const ioasMap = command(IOMMU_IOAS_MAP, (cmd, { context, process, respond }) => {
  if ((cmd.flags & ~MAP_FLAGS) !== 0 || cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  if (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX) throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  context.with(cmd.ioas_id, Ioas, ({ table }) => {
    const fixed = fixedIova(cmd.flags, cmd.iova);
    cmd.iova = mapUser(context, process, table, fixed, cmd.user_va, cmd.length, protection);
    respond();
  });
});

/** IOMMU_IOAS_MAP_FILE */
export const ioasMapFile = command(IOMMU_IOAS_MAP_FILE, (cmd, { context, process, respond }) => {
  if ((cmd.flags & ~MAP_FLAGS) !== 0) throw fail('EOPNOTSUPP');
  if (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX) throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  context.with(cmd.ioas_id, Ioas, ({ table }) => {
    checkedLast(cmd.start, cmd.length);
    const file = process.files.find(cmd.fd);
    if (file === undefined) throw fail('EBADF');
    if (file instanceof DmaBuf) {
      cmd.iova = mapDmaBuf(context, process, table, file, cmd, protection);
      respond();
      return;
    }
    const source: PageSource = { kind: 'file', file, page: Number(cmd.start / PAGE) };
    const fixed = fixedIova(cmd.flags, cmd.iova);
    cmd.iova = mapPages(
      context,
      process,
      table,
      fixed,
      source,
      Number(cmd.start % PAGE),
      cmd.length,
      protection,
    );
    respond();
  });
});

/** Maps memory of a device. It is there without being pinned, and may be taken away. */
function mapDmaBuf(
  context: IommufdContext,
  process: Process,
  table: IoPageTable,
  file: DmaBuf,
  {
    start,
    length,
    flags,
    iova,
  }: { readonly start: bigint; readonly length: bigint; readonly flags: number; readonly iova: bigint },
  protection: Protection,
): bigint {
  if (BigInt(file.pages.pageCount) * PAGE <= start + length - 1n) throw fail('EINVAL');
  if (file.isRevoked) throw fail('ENODEV');
  const source: PageSource = { kind: 'device', file, page: Number(start / PAGE) };
  return mapPages(
    context,
    process,
    table,
    fixedIova(flags, iova),
    source,
    Number(start % PAGE),
    length,
    protection,
  );
}

/** IOMMU_IOAS_COPY: the copy shares the original's pages. */
export const ioasCopy = command(IOMMU_IOAS_COPY, (cmd, { context, respond }) => {
  context.kernel.convertIova?.(cmd, context);
  if ((cmd.flags & ~MAP_FLAGS) !== 0) throw fail('EOPNOTSUPP');
  if (cmd.length >= ULONG_MAX || cmd.src_iova >= ULONG_MAX || cmd.dst_iova >= ULONG_MAX)
    throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  const pieces = context.with(cmd.src_ioas_id, Ioas, ({ table }) => table.pieces(cmd.src_iova, cmd.length));
  context.with(cmd.dst_ioas_id, Ioas, ({ table }) => {
    cmd.dst_iova = table.map(pieces, cmd.length, fixedIova(cmd.flags, cmd.dst_iova), protection);
    respond();
  });
});

/** IOMMU_IOAS_UNMAP */
export const ioasUnmap = command(IOMMU_IOAS_UNMAP, (cmd, { context, respond }) => {
  context.with(cmd.ioas_id, Ioas, ({ table }) => {
    const everything = cmd.iova === 0n && cmd.length === ULONG_MAX;
    if (!everything && (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX)) throw fail('EOVERFLOW');
    const { bytes, failure } = everything ? table.unmapAll() : table.unmap(cmd.iova, cmd.length);
    if (failure !== undefined) throw failure;
    // For a range, unlike for everything, nothing to unmap is a mistake.
    if (bytes === 0n && !everything) throw fail('ENOENT');
    cmd.length = bytes;
    respond();
  });
});

/** IOMMU_IOAS_NOIOMMU_GET_PA: this kernel has no device without an IOMMU, so that no IOAS has the answer. */
export const ioasNoiommuGetPa = command(IOMMU_IOAS_NOIOMMU_GET_PA, (cmd, { context, process }) => {
  if (!process.privileges.rawIo) throw fail('EPERM');
  if (cmd.flags !== 0 || cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  if (cmd.length === 0n) throw fail('EINVAL');
  if (cmd.iova >= ULONG_MAX) throw fail('EOVERFLOW');
  context.with(cmd.ioas_id, Ioas, ({ table }) => {
    const area = table.areaAt(cmd.iova);
    if (area === undefined) throw fail('ENOENT');
    if (area.pages.isRevoked) throw fail('EINVAL');
    throw fail('EOPNOTSUPP');
  });
});
