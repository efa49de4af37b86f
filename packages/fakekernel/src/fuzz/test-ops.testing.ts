/** The argument of IOMMU_TEST_CMD: an operation, and the object that it acts on. */

import { iommu_test_cmd, iommu_test_op, mock_flags_access } from '@iommufd/uapi';
import { type ObjectKind, view } from '@iommufd/uapi/struct';
import { MockDevice } from '../index.js';
import { IommufdDevice } from '../iommufd/device.js';
import { HwptNested, HwptPaging } from '../iommufd/hwpt.js';
import { rangeOfHwpt, someRange, trackingHwpt } from './ranges.testing.js';
import type { Surroundings } from './values.testing.js';
import { PAGE } from './world.testing.js';

const op = iommu_test_op;
const { MOCK_FLAGS_ACCESS_SYZ } = mock_flags_access;

/** The meaning of `id`: an object of these kinds, the descriptor of an access, or no object. */
const SUBJECTS: Readonly<Record<number, readonly ObjectKind[] | 'access fd'>> = {
  [op.IOMMU_TEST_OP_ADD_RESERVED]: ['ioas'],
  [op.IOMMU_TEST_OP_MOCK_DOMAIN]: ['ioas', 'hwpt'],
  [op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS]: ['ioas', 'hwpt'],
  [op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE]: ['mock_device'],
  [op.IOMMU_TEST_OP_MD_CHECK_MAP]: ['hwpt'],
  [op.IOMMU_TEST_OP_CREATE_ACCESS]: ['ioas'],
  [op.IOMMU_TEST_OP_DESTROY_ACCESS_PAGES]: 'access fd',
  [op.IOMMU_TEST_OP_ACCESS_PAGES]: 'access fd',
  [op.IOMMU_TEST_OP_ACCESS_RW]: 'access fd',
  [op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS]: 'access fd',
  [op.IOMMU_TEST_OP_DIRTY]: ['hwpt'],
  [op.IOMMU_TEST_OP_MD_CHECK_IOTLB]: ['hwpt'],
  [op.IOMMU_TEST_OP_DEV_CHECK_CACHE]: ['device'],
  [op.IOMMU_TEST_OP_PASID_ATTACH]: ['mock_device'],
  [op.IOMMU_TEST_OP_PASID_REPLACE]: ['mock_device'],
  [op.IOMMU_TEST_OP_PASID_DETACH]: ['mock_device'],
  [op.IOMMU_TEST_OP_PASID_CHECK_HWPT]: ['mock_device'],
};

/** The existing operations, and numbers next to them. */
export const TEST_OPS = [...Object.values(op.members).map(([value]) => value), 0, 24, 25];

function subject(around: Surroundings, number: number): number | undefined {
  const kinds = SUBJECTS[number];
  if (kinds === undefined) return undefined;
  return kinds === 'access fd' ? around.fd('access') : around.id(...kinds);
}

/** A page table whose devices can report faults. */
function reporting(around: Surroundings): number | undefined {
  return around.random.maybe(
    around.idsOf(
      ['hwpt'],
      (hwpt) => hwpt instanceof HwptNested || (hwpt instanceof HwptPaging && hwpt.faults !== undefined),
    ),
  );
}

/** A mock device that passes a test. */
function device(around: Surroundings, test: (device: MockDevice) => boolean): number | undefined {
  return around.random.maybe(
    around.idsOf(
      ['device'],
      (bound) => bound instanceof IommufdDevice && bound.device instanceof MockDevice && test(bound.device),
    ),
  );
}

/** Makes the fields of an operation consistent, as `tidy` does for other ioctls. */
export function tidyTestOp(around: Surroundings, bytes: Uint8Array): void {
  const { random } = around;
  const cmd = view(iommu_test_cmd, bytes);
  cmd.id = (subject(around, cmd.op) ?? cmd.id) >>> 0;
  switch (cmd.op) {
    case op.IOMMU_TEST_OP_MD_CHECK_MAP:
      Object.assign(cmd.check_map, rangeOfHwpt(around, cmd.id));
      return;
    case op.IOMMU_TEST_OP_MD_CHECK_REFS:
      cmd.check_refs.length = BigInt(random.below(4) * PAGE);
      return;
    case op.IOMMU_TEST_OP_CREATE_ACCESS:
      cmd.create_access.flags = random.oneIn(4) ? 0 : 1;
      return;
    case op.IOMMU_TEST_OP_ACCESS_PAGES:
      Object.assign(cmd.access_pages, someRange(around));
      cmd.access_pages.flags = random.below(2);
      count(around, cmd.access_pages);
      return;
    case op.IOMMU_TEST_OP_ACCESS_RW:
      Object.assign(cmd.access_rw, someRange(around));
      if (random.oneIn(2)) cmd.access_rw.length = BigInt(1 + random.below(2 * PAGE));
      cmd.access_rw.flags = random.pick([0, 1, 4, 5]);
      count(around, cmd.access_rw);
      return;
    case op.IOMMU_TEST_OP_DIRTY: {
      cmd.id = trackingHwpt(around) ?? cmd.id;
      const { dirty } = cmd;
      Object.assign(dirty, rangeOfHwpt(around, cmd.id));
      dirty.page_size = BigInt(random.pick([PAGE, PAGE, 2048, 8192]));
      return;
    }
    case op.IOMMU_TEST_OP_MD_CHECK_IOTLB:
      cmd.id = random.maybe(around.idsOf(['hwpt'], (hwpt) => hwpt instanceof HwptNested)) ?? cmd.id;
      return;
    case op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS:
      cmd.mock_domain_flags.dev_flags = random.pick([0, 1, 4, 4, 5]);
      return;
    case op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE:
      if (random.oneIn(2)) cmd.mock_domain_replace.pt_id = reporting(around) ?? cmd.mock_domain_replace.pt_id;
      return;
    case op.IOMMU_TEST_OP_TRIGGER_IOPF:
      cmd.trigger_iopf.pasid = random.pick([0, 0, 0, 1]);
      cmd.trigger_iopf.dev_id =
        device(around, ({ domain }) => domain?.faultHandler !== undefined) ?? cmd.trigger_iopf.dev_id;
      return;
    case op.IOMMU_TEST_OP_TRIGGER_VEVENT:
      cmd.trigger_vevent.dev_id =
        device(around, ({ viommu }) => viommu !== undefined) ?? cmd.trigger_vevent.dev_id;
      return;
    case op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS:
      if (random.oneIn(8)) cmd.access_replace_ioas.ioas_id = 0;
      return;
    case op.IOMMU_TEST_OP_DMABUF_GET:
      cmd.dmabuf_get.open_flags = random.pick([0, 1, 2, 2, 2, 3, 0x80002]);
      return;
    case op.IOMMU_TEST_OP_DMABUF_REVOKE:
      cmd.dmabuf_revoke.dmabuf_fd = around.fd('dmabuf');
  }
}

/** Sometimes replaces an IOVA by the form for fuzzers: the number of a mapping, and an offset. */
function count({ random }: Surroundings, cmd: { iova: bigint; flags: number }): void {
  if (!random.oneIn(8)) return;
  cmd.flags |= MOCK_FLAGS_ACCESS_SYZ;
  cmd.iova = (BigInt(random.pick([0, 1, 2048, PAGE])) << 32n) | BigInt(random.below(4));
}
