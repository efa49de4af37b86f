import assert from 'node:assert/strict';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import {
  decode,
  encode,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_MAP,
  IOMMU_TEST_CMD,
  iommu_ioas_alloc,
  iommu_ioas_map,
  iommu_test_cmd,
  iommu_test_op,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';

const kernel = new FakeKernel([mockModule]);
const program = kernel.spawn();
const iommu = program.open('/dev/iommu');
const mmap = (length: number): bigint =>
  program.mmap(0n, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
const argument = mmap(4096);

/** Makes an ioctl. The kernel writes its answer over the struct. */
function ioctl(request: number, bytes: Uint8Array): { readonly ret: number; readonly bytes: Uint8Array } {
  const place = program.memory(argument, bytes.length);
  place.set(bytes);
  return { ret: program.ioctl(iommu, request, argument), bytes: place.slice() };
}

const ioas = ioctl(IOMMU_IOAS_ALLOC.request, encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }));
const { out_ioas_id } = decode(iommu_ioas_alloc, ioas.bytes);
console.log('IOMMU_IOAS_ALLOC', ioas.ret, { out_ioas_id });

const device = ioctl(
  IOMMU_TEST_CMD.request,
  encode(iommu_test_cmd, {
    size: iommu_test_cmd.byteLength,
    op: iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN,
    id: out_ioas_id,
    last: 0,
    mock_domain: { out_stdev_id: 0, out_hwpt_id: 0, out_idev_id: 0 },
  }),
);
console.log('IOMMU_TEST_CMD', device.ret);

const { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } = iommufd_ioas_map_flags;
const memory = mmap(8192);
for (const length of [8192n, 1n << 20n]) {
  const map = ioctl(
    IOMMU_IOAS_MAP.request,
    encode(iommu_ioas_map, {
      size: 40,
      flags: IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE,
      ioas_id: out_ioas_id,
      user_va: memory,
      length,
      iova: 0n,
    }),
  );
  console.log('IOMMU_IOAS_MAP', map.ret, `0x${decode(iommu_ioas_map, map.bytes).iova.toString(16)}`);
}

console.log(kernel.leftOver());
program.exit();
assert.deepEqual(kernel.leftOver(), []);
