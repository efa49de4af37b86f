/**
 * Mapping ioctls: IOMMU_IOAS_MAP, IOMMU_IOAS_MAP_FILE, IOMMU_IOAS_COPY, IOMMU_IOAS_UNMAP, IOMMU_IOAS_NOIOMMU_GET_PA. They check
 * flags and ranges, and create the {@link Pages}. The page table does placement and domains (`ioas/io-page-table.ts`).
 */
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
import { allocate } from '../process/failure-points.js';
import type { Extent } from '../process/memory-object.js';
import { PAGE, ULONG_MAX } from '../process/page.js';
import { type Call, command } from './command.js';
import { Ioas } from './ioas.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const MAP_FLAGS = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;

// A kernel may hold a million mappings: they share their protection objects.
const READ: Protection = { read: true, write: false };
const WRITE: Protection = { read: false, write: true };
const READ_WRITE: Protection = { read: true, write: true };

function protectionOf(flags: number): Protection {
  const read = (flags & IOMMU_IOAS_MAP_READABLE) !== 0;
  const write = (flags & IOMMU_IOAS_MAP_WRITEABLE) !== 0;
  if (!read && !write) throw fail('EINVAL');
  return read ? (write ? READ_WRITE : READ) : WRITE;
}

/** The IOVA of a fixed mapping; undefined without IOMMU_IOAS_MAP_FIXED_IOVA. */
function fixedIova(flags: number, iova: bigint): bigint | undefined {
  return (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? iova : undefined;
}

/** The context, and the process whose memory is mapped and charged. */
export type Mapper = Pick<Call, 'context' | 'process'>;

/** `iopt_map_user_pages()`: maps memory of a process. Its pages are pinned when the page table has a domain. */
export function mapUser(
  mapper: Mapper,
  table: IoPageTable,
  fixed: bigint | undefined,
  userVa: bigint,
  length: bigint,
  protection: Protection,
): bigint {
  if (!mapper.context.kernel.features.mapAddressBeforeLength) checkLength(length);
  if (userVa + length > ULONG_MAX) throw fail('EOVERFLOW');
  const startByte = Number(userVa % PAGE);
  const address = userVa - BigInt(startByte);
  // An address beyond user space does not fail here: pinning fails with EFAULT.
  const source: PageSource = { kind: 'user', space: mapper.process.memorySpace, address: Number(address) };
  return mapPages(mapper, table, fixed, source, startByte, length, protection);
}

/** `iopt_alloc_pages()`. @throws EINVAL */
function checkLength(length: bigint): void {
  if (length === 0n || length > ULONG_MAX - PAGE) throw fail('EINVAL');
}

function mapPages(
  { context, process }: Mapper,
  table: IoPageTable,
  fixed: bigint | undefined,
  source: PageSource,
  startByte: number,
  length: bigint,
  protection: Protection,
): bigint {
  checkLength(length);
  allocate(source.kind === 'user' ? 'iopt_alloc_user_pages()' : 'iopt_alloc_file_pages()');
  const count = Number((BigInt(startByte) + length + PAGE - 1n) / PAGE);
  const account = new PinAccount(process, process.privileges.ipcLock ? 'none' : context.accountMode);
  const pages = new Pages(context.kernel.pages, source, count, protection.write, account);
  try {
    return table.map([{ pages, startByte, length }], length, fixed, protection);
  } finally {
    // If an area was created, it holds its own reference.
    pages.put();
  }
}

/** IOMMU_IOAS_MAP */
export const ioasMap = command(IOMMU_IOAS_MAP, (cmd, call) => {
  if ((cmd.flags & ~MAP_FLAGS) !== 0 || cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  if (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX) throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  const { table } = call.hold(cmd.ioas_id, Ioas);
  const fixed = fixedIova(cmd.flags, cmd.iova);
  cmd.iova = mapUser(call, table, fixed, cmd.user_va, cmd.length, protection);
  call.respond();
});

/** IOMMU_IOAS_MAP_FILE */
export const ioasMapFile = command(IOMMU_IOAS_MAP_FILE, (cmd, call) => {
  if ((cmd.flags & ~MAP_FLAGS) !== 0) throw fail('EOPNOTSUPP');
  if (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX) throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  const { table } = call.hold(cmd.ioas_id, Ioas);
  checkedLast(cmd.start, cmd.length);
  const file = call.process.files.find(cmd.fd);
  if (file === undefined) throw fail('EBADF');
  const page = Number(cmd.start / PAGE);
  const isDmaBuf = file instanceof DmaBuf && call.context.kernel.features.mapFileOfDmaBuf;
  const source: PageSource = isDmaBuf
    ? { kind: 'device', file, range: checkedDmaBuf(file, cmd), page }
    : { kind: 'file', file, page };
  const fixed = fixedIova(cmd.flags, cmd.iova);
  cmd.iova = mapPages(call, table, fixed, source, Number(cmd.start % PAGE), cmd.length, protection);
  call.respond();
});

/**
 * Checks a range of a dma-buf: `iopt_alloc_dmabuf_pages()` and `iopt_map_dmabuf()`. Its device memory is not pinned, and can be
 * revoked.
 * @returns the memory of the dma-buf
 * @throws EINVAL beyond its end; ENODEV if revoked; EOPNOTSUPP if it is not one physical range
 */
function checkedDmaBuf(
  { pageCount, isRevoked, memoryRange }: DmaBuf,
  { start, length }: { readonly start: bigint; readonly length: bigint },
): Extent {
  if (BigInt(pageCount) * PAGE <= start + length - 1n) throw fail('EINVAL');
  if (isRevoked) throw fail('ENODEV');
  if (memoryRange === undefined) throw fail('EOPNOTSUPP');
  return memoryRange;
}

/** IOMMU_IOAS_COPY: the new areas share the pages of the source. */
export const ioasCopy = command(IOMMU_IOAS_COPY, (cmd, call) => {
  call.context.kernel.convertIova?.(cmd, call.context);
  if ((cmd.flags & ~MAP_FLAGS) !== 0) throw fail('EOPNOTSUPP');
  if (cmd.length >= ULONG_MAX || cmd.src_iova >= ULONG_MAX || cmd.dst_iova >= ULONG_MAX)
    throw fail('EOVERFLOW');
  const protection = protectionOf(cmd.flags);
  const source = call.hold(cmd.src_ioas_id, Ioas);
  const pieces = source.table.pieces(cmd.src_iova, cmd.length);
  const { table } = call.hold(cmd.dst_ioas_id, Ioas);
  cmd.dst_iova = table.map(pieces, cmd.length, fixedIova(cmd.flags, cmd.dst_iova), protection);
  call.respond();
});

/** IOMMU_IOAS_UNMAP */
export const ioasUnmap = command(IOMMU_IOAS_UNMAP, (cmd, call) => {
  const { table } = call.hold(cmd.ioas_id, Ioas);
  const everything = cmd.iova === 0n && cmd.length === ULONG_MAX;
  if (!everything && (cmd.iova >= ULONG_MAX || cmd.length >= ULONG_MAX)) throw fail('EOVERFLOW');
  const { bytes, failure } = everything ? table.unmapAll() : table.unmap(cmd.iova, cmd.length);
  if (failure !== undefined) throw failure;
  // Unmapping fails if the range has no mappings, unless it is the whole address space.
  if (bytes === 0n && !everything) throw fail('ENOENT');
  cmd.length = bytes;
  call.respond();
});

/** IOMMU_IOAS_NOIOMMU_GET_PA: this kernel has no noiommu devices, so a valid call fails with EOPNOTSUPP. */
export const ioasNoiommuGetPa = command(IOMMU_IOAS_NOIOMMU_GET_PA, (cmd, call) => {
  if (!call.process.privileges.rawIo) throw fail('EPERM');
  if (cmd.flags !== 0 || cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  if (cmd.length === 0n) throw fail('EINVAL');
  if (cmd.iova >= ULONG_MAX) throw fail('EOVERFLOW');
  const area = call.hold(cmd.ioas_id, Ioas).table.areaAt(cmd.iova);
  if (area === undefined) throw fail('ENOENT');
  if (area.pages.isRevoked) throw fail('EINVAL');
  throw fail('EOPNOTSUPP');
});
