import { expect, test } from '@jest/globals';
import {
  encode,
  errno,
  IOMMU_DESTROY,
  IOMMU_HWPT_ALLOC,
  IOMMU_IOAS_MAP_FILE,
  iommu_destroy,
  iommu_hwpt_alloc,
  iommu_ioas_map_file,
  iommu_test_op,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  mock_flags_device,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { TestProgram } from '../program.testing.js';
import { MockDomain } from '../drivers/mock/mock-domain.js';

const PAGE = 4096;

test('device memory is mapped until it is revoked, and stays unmapped when it is available again', () => {
  const program = new TestProgram(1);
  const { kernel, process } = program;
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1));
  const made = program.testCmd(
    iommu_test_op.IOMMU_TEST_OP_DMABUF_GET,
    ({ dmabuf_get }) => (dmabuf_get.length = 2 * PAGE),
  );
  expect(made).toBe(0);
  // The lowest descriptor that was free.
  const buffer = 4;
  const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE } = iommufd_ioas_map_flags;
  const flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE;
  const iova = 0x100_0000n;
  const map = (length: number): number =>
    program.ioctl(
      IOMMU_IOAS_MAP_FILE,
      encode(iommu_ioas_map_file, {
        size: 40,
        flags,
        ioas_id: 1,
        fd: buffer,
        start: 0n,
        length: BigInt(length),
        iova,
      }),
    );
  expect(map(3 * PAGE)).toBe(-errno.EINVAL);
  expect(map(2 * PAGE)).toBe(0);
  const shown = (): boolean => {
    const [context] = kernel.contexts;
    const hwpt = [...(context?.objects ?? [])].find(({ kind }) => kind === 'hwpt');
    const domain: unknown = hwpt !== undefined && 'domain' in hwpt ? hwpt.domain : undefined;
    return domain instanceof MockDomain && domain.translate(iova) !== undefined;
  };
  expect(shown()).toBe(true);
  const revoke = (revoked: number): number =>
    program.testCmd(iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE, ({ dmabuf_revoke }) => {
      dmabuf_revoke.dmabuf_fd = buffer;
      dmabuf_revoke.revoked = revoked;
    });
  expect(revoke(1)).toBe(0);
  expect(shown()).toBe(false);
  expect(map(PAGE)).toBe(-errno.ENODEV);
  expect(revoke(0)).toBe(0);
  expect(shown()).toBe(false);
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});

test.each([true, false])(
  'a PASID that is still attached at the end leaves nothing behind; destroyed before: %s',
  (destroyed) => {
    const program = new TestProgram(1);
    const { kernel, process, memory, cmd } = program;
    const made = program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, (each) => {
      each.id = 1;
      each.mock_domain_flags.dev_flags = mock_flags_device.MOCK_FLAGS_DEVICE_PASID;
    });
    expect(made).toBe(0);
    const device = cmd.mock_domain.out_stdev_id;
    const dev_id = cmd.mock_domain.out_idev_id;
    const flags = iommufd_hwpt_alloc_flags.IOMMU_HWPT_ALLOC_PASID;
    const alloc = {
      size: 48,
      flags,
      dev_id,
      pt_id: 1,
      out_hwpt_id: 0,
      data_type: 0,
      data_len: 0,
      data_uptr: 0n,
    };
    expect(program.ioctl(IOMMU_HWPT_ALLOC, encode(iommu_hwpt_alloc, { ...alloc, fault_id: 0 }))).toBe(0);
    const hwpt = view(iommu_hwpt_alloc, memory).out_hwpt_id;
    const replaced = program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, (each) => {
      each.id = device;
      each.mock_domain_replace.pt_id = hwpt;
    });
    const attached = program.testCmd(iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH, (each) => {
      each.id = device;
      each.pasid_attach.pasid = 5;
      each.pasid_attach.pt_id = hwpt;
    });
    expect([replaced, attached]).toEqual([0, 0]);
    if (destroyed)
      expect(program.ioctl(IOMMU_DESTROY, encode(iommu_destroy, { size: 8, id: device }))).toBe(0);
    process.exit();
    expect(kernel.leftOver()).toEqual([]);
  },
);
