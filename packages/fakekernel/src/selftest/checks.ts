/**
 * Selftest operations that check the state of mock hardware: IOMMU_TEST_OP_MD_CHECK_MAP, _MD_CHECK_REFS, _MD_CHECK_IOTLB,
 * _DEV_CHECK_CACHE; and IOMMU_TEST_OP_DIRTY, which marks pages dirty.
 */
import { MOCK_DEV_CACHE_ID_MAX, MOCK_NESTED_DOMAIN_IOTLB_ID_MAX, MOCK_PAGE_SIZE } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { lowestBit } from '../lib/align.js';
import type { Call } from '../iommufd/command.js';
import { IommufdDevice } from '../iommufd/device.js';
import { HwptNested, HwptPaging } from '../iommufd/hwpt.js';
import { PAGE, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
import { mockHardware } from '../drivers/mock/mock-hardware.js';
import { MockDomain } from '../drivers/mock/mock-domain.js';
import { MockNested } from '../drivers/mock/mock-nested.js';
import type { Cmd } from './test-cmd.js';

/** The largest number of pages of IOMMU_TEST_OP_DIRTY: a bitmap of 16 MiB. */
const MOST_DIRTY_PAGES = 1n << 27n;

/** Number of bits of the largest `kvzalloc()`, which is INT_MAX bytes. */
const MOST_BITS = BigInt(0x7fff_ffff - 7) * 8n;

/** The mock domain of a paging HWPT. @throws ENOENT | EINVAL */
function domainOf(id: number, call: Call): MockDomain {
  const { domain } = call.hold(id, HwptPaging);
  if (!(domain instanceof MockDomain)) throw fail('EINVAL');
  return domain;
}

/** Checks that a domain maps the caller's memory at an address. @throws EINVAL if it does not; EFAULT */
export function checkMap({ id, check_map: { iova, length, uptr } }: Cmd, call: Call): void {
  const check = (pageSize: bigint): void => {
    if (((iova | length | uptr) & (pageSize - 1n)) !== 0n || uptr + length > ULONG_MAX) throw fail('EINVAL');
  };
  // If the page size does not depend on the domain, it is checked before the id.
  if (call.context.kernel.features.mockPageTableIsList) check(BigInt(MOCK_PAGE_SIZE));
  const domain = domainOf(id, call);
  const pageSize = lowestBit(domain.pageSizes);
  check(pageSize);
  for (let done = 0n; done < length; done += pageSize) {
    const { object, index } = call.process.memorySpace.pageAt(uptr + done);
    const found = domain.translate(BigInt.asUintN(64, iova + done));
    const byte = index * PAGE_SIZE + Number((uptr + done) % PAGE);
    if (found?.object !== object || found.byte !== byte) throw fail('EINVAL');
  }
}

/** Checks the pin count of each page of a range. @throws EIO if one differs; EINVAL | EFAULT */
export function checkRefs({ check_refs: { length, uptr, refs } }: Cmd, { process }: Call): void {
  if (length % PAGE !== 0n || uptr % PAGE !== 0n || uptr + length > ULONG_MAX) throw fail('EINVAL');
  for (let done = 0n; done < length; done += PAGE) {
    const { object, index } = process.memorySpace.pageAt(uptr + done);
    // Pin counts of large folios cannot be checked exactly.
    if (object.block(index).count === 1 && object.pinCount(index) !== refs) throw fail('EIO');
  }
}

/** Checks a slot of a nested domain's IOTLB. @throws EINVAL if it differs */
export function checkIotlb({ id, check_iotlb: { id: slot, iotlb } }: Cmd, call: Call): void {
  const { domain } = call.hold(id, HwptNested);
  if (!(domain instanceof MockNested)) throw fail('EINVAL');
  if (slot > MOCK_NESTED_DOMAIN_IOTLB_ID_MAX || domain.iotlb[slot] !== iotlb) throw fail('EINVAL');
}

/** Checks a slot of a device's cache. @throws EINVAL if it differs */
export function checkDeviceCache({ id, check_dev_cache: { id: slot, cache } }: Cmd, call: Call): void {
  const { device } = call.hold(id, IommufdDevice);
  if (slot > MOCK_DEV_CACHE_ID_MAX || mockHardware(device).cache[slot] !== cache) throw fail('EINVAL');
}

/** Marks the pages of a bitmap as dirty, as writes of a device would. */
export function makeDirty({ id, dirty: cmd }: Cmd, call: Call): void {
  const { iova, length, page_size: pageSize, uptr } = cmd;
  if (pageSize === 0n || length === 0n || iova % pageSize !== 0n || length % pageSize !== 0n || uptr === 0n) {
    throw fail('EINVAL');
  }
  const count = length / pageSize;
  const isList = call.context.kernel.features.mockPageTableIsList;
  if (!isList && count > MOST_DIRTY_PAGES) throw fail('EOVERFLOW');
  const domain = domainOf(id, call);
  if (domain.dirty?.isOn !== true) throw fail('EINVAL');
  if (isList && count > MOST_BITS) throw fail('ENOMEM');
  const bits = Number(count);
  const bitmap = call.process.memorySpace.read(uptr, Math.ceil(bits / 8));
  let dirty = 0n;
  for (let index = 0; index < bitmap.length; index++) {
    const byte = bitmap[index] ?? 0;
    if (byte === 0) continue;
    const end = Math.min(8, bits - index * 8);
    for (let bit = 0; bit < end; bit++) {
      if ((byte & (1 << bit)) === 0) continue;
      const at = BigInt.asUintN(64, iova + BigInt(index * 8 + bit) * pageSize);
      if (isList) {
        // `iommufd_test_dirty()` uses the number of the page as the number of the entry, whatever the page size.
        const entry = (at / pageSize) * BigInt(MOCK_PAGE_SIZE);
        if (domain.translate(entry) === undefined) continue;
        domain.write(entry);
      } else {
        domain.write(at);
      }
      dirty++;
    }
  }
  cmd.out_nr_dirty = dirty;
  call.respond();
}
