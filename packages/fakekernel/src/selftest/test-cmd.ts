/**
 * IOMMU_TEST_CMD, the ioctl of the kernel's selftest driver, by operation: `iommufd_test()` of Linux's
 * `drivers/iommu/iommufd/selftest.c`. {@link mockModule} adds it to a `FakeKernel`.
 */
import { mock_flags_access, IOMMU_TEST_CMD, type iommu_test_cmd, iommu_test_op } from '@iommufd/uapi';
import type { View } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { constant } from '../lib/restorable.js';
import { checkedLast } from '../ioas/io-page-table.js';
import { TEST_OWNER } from '../ioas/reserved.js';
import { type Call, command } from '../iommufd/command.js';
import { Ioas } from '../iommufd/ioas.js';
import type { Module } from '../iommufd/module.js';
import type { FactName } from '../versions/facts.js';
import { checkDeviceCache, checkIotlb, checkMap, checkRefs, makeDirty } from './checks.js';
import * as devices from './devices.js';
import { getDmaBuf, revokeDmaBuf } from './dma-buf.js';
import {
  accessReadWrite,
  createAccess,
  pinAccessPages,
  replaceAccessIoas,
  unpinAccessPages,
  countedIova,
} from './access.js';

const { MOCK_FLAGS_ACCESS_SYZ } = mock_flags_access;

export type Cmd = View<typeof iommu_test_cmd>;

/** An operation. @returns the return value of the ioctl; undefined for 0 */
type Operation = (cmd: Cmd, call: Call) => number | void;

/** The smallest limit, in bytes: one entry of a PFN batch. */
const LEAST_MEMORY_LIMIT = 12;

const operations: Readonly<Record<number, Operation>> = {
  [iommu_test_op.IOMMU_TEST_OP_ADD_RESERVED]: addReserved,
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN]: devices.makeDevice,
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS]: devices.makeDevice,
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE]: devices.replaceDomain,
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP]: checkMap,
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_REFS]: checkRefs,
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB]: checkIotlb,
  [iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE]: checkDeviceCache,
  [iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS]: createAccess,
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS]: replaceAccessIoas,
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES]: pinAccessPages,
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_RW]: accessReadWrite,
  [iommu_test_op.IOMMU_TEST_OP_DESTROY_ACCESS_PAGES]: unpinAccessPages,
  [iommu_test_op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT]: setMemoryLimit,
  [iommu_test_op.IOMMU_TEST_OP_DIRTY]: makeDirty,
  [iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF]: devices.triggerFault,
  [iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT]: devices.triggerEvent,
  [iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH]: devices.attachPasid,
  [iommu_test_op.IOMMU_TEST_OP_PASID_REPLACE]: devices.replacePasid,
  [iommu_test_op.IOMMU_TEST_OP_PASID_DETACH]: devices.detachPasid,
  [iommu_test_op.IOMMU_TEST_OP_PASID_CHECK_HWPT]: devices.checkPasid,
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_GET]: getDmaBuf,
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE]: revokeDmaBuf,
};

/** Operations that only some versions have, with the name of their fact. */
const factOfOperation: Readonly<Record<number, FactName>> = {
  [iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE]: 'IOMMU_TEST_OP_DEV_CHECK_CACHE',
  [iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT]: 'IOMMU_TEST_OP_TRIGGER_VEVENT',
  [iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH]: 'IOMMU_TEST_OP_PASID_ATTACH',
  [iommu_test_op.IOMMU_TEST_OP_PASID_REPLACE]: 'IOMMU_TEST_OP_PASID_REPLACE',
  [iommu_test_op.IOMMU_TEST_OP_PASID_DETACH]: 'IOMMU_TEST_OP_PASID_DETACH',
  [iommu_test_op.IOMMU_TEST_OP_PASID_CHECK_HWPT]: 'IOMMU_TEST_OP_PASID_CHECK_HWPT',
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_GET]: 'IOMMU_TEST_OP_DMABUF_GET',
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE]: 'IOMMU_TEST_OP_DMABUF_REVOKE',
};

/** Reserves a range of an IOAS. */
function addReserved({ id, add_reserved: { start, length } }: Cmd, call: Call): void {
  const last = checkedLast(start, length);
  call.hold(id, Ioas).table.reserve(start, last, TEST_OWNER);
}

/** Sets the temporary memory limit of all contexts. */
function setMemoryLimit({ memory_limit: { limit } }: Cmd, { context }: Call): void {
  if (limit < LEAST_MEMORY_LIMIT) throw fail('EINVAL');
  context.kernel.pages.memoryLimit = limit;
}

/** IOMMU_TEST_CMD */
const testCmd = command(IOMMU_TEST_CMD, (cmd, call) => {
  const operation = operations[cmd.op];
  const fact = factOfOperation[cmd.op];
  if (operation === undefined || (fact !== undefined && !call.context.kernel.features[fact])) {
    throw fail('EOPNOTSUPP');
  }
  return operation(cmd, call);
});

/** The kernel's selftest driver: mock devices, and IOMMU_TEST_CMD to create and control them. */
export const mockModule: Module = constant<Module>('mockModule', {
  commands: [testCmd],
  // Supports fuzzers, which cannot know the IOVA of a mapping.
  convertIova: (cmd, { objects }) => {
    if ((cmd.flags & MOCK_FLAGS_ACCESS_SYZ) === 0) return;
    cmd.flags = (cmd.flags & ~MOCK_FLAGS_ACCESS_SYZ) >>> 0;
    const ioas = objects.find(cmd.src_ioas_id);
    if (ioas instanceof Ioas) cmd.src_iova = ioas.table.iovaOfArea(...countedIova(cmd.src_iova));
  },
});
