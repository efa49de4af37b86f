import { expect, test } from '@jest/globals';
import {
  iommu_hwpt_pgfault_flags,
  iommu_hwpt_pgfault_perm,
  iommufd_page_response_code,
} from '../iommufd/fault-queue.js';
import { toHex } from '../struct/bytes.js';
import {
  decodeFaults,
  decodeResponses,
  encodeFaults,
  encodeResponses,
  groupFaults,
  type PageFault,
} from './faults.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } = iommu_hwpt_pgfault_perm;

const fault = (cookie: number, addr: bigint, last: boolean): PageFault => ({
  flags: IOMMU_PGFAULT_FLAGS_PASID_VALID | (last ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0),
  dev_id: 3,
  pasid: 0x20,
  grpid: 0x10,
  perm: IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE,
  __reserved: 0,
  addr,
  length: 0,
  cookie,
});

test('a fault and its bytes', () => {
  const hex =
    '03000000' +
    '03000000' +
    '20000000' +
    '10000000' +
    '03000000' +
    '00000000' +
    '0010adde00000000' +
    '00000000' +
    '07000000';
  expect(toHex(encodeFaults([fault(7, 0xdead1000n, true)]))).toBe(hex);
  expect(decodeFaults(encodeFaults([fault(7, 0xdead1000n, true)]))).toEqual([fault(7, 0xdead1000n, true)]);
});

test('groups end with LAST_PAGE and may be interleaved', () => {
  const a1 = fault(1, 0x1000n, false);
  const b1 = fault(2, 0x2000n, false);
  const a2 = fault(1, 0x3000n, true);
  const c = fault(3, 0x4000n, true);
  const { groups, open } = groupFaults([a1, b1, a2, c]);
  expect(groups).toEqual([
    { cookie: 1, faults: [a1, a2] },
    { cookie: 3, faults: [c] },
  ]);
  expect(open).toEqual([b1]);
  const b2 = fault(2, 0x5000n, true);
  expect(groupFaults([b2], open)).toEqual({ groups: [{ cookie: 2, faults: [b1, b2] }], open: [] });
});

test('a reused cookie begins a new group', () => {
  const first = fault(1, 0x1000n, true);
  const second = fault(1, 0x2000n, true);
  expect(groupFaults([first, second]).groups.map(({ faults }) => faults)).toEqual([[first], [second]]);
});

test('a truncated record fails with its offset', () => {
  const bytes = encodeFaults([fault(1, 0n, true), fault(2, 0n, true)]);
  expect(() => decodeFaults(bytes.subarray(0, 79))).toThrow(
    'iommu_hwpt_pgfault[1] at offset 40: expected an entry of 40 bytes, found 39 bytes',
  );
});

test('many responses in one write', () => {
  const { IOMMUFD_PAGE_RESP_SUCCESS, IOMMUFD_PAGE_RESP_INVALID } = iommufd_page_response_code;
  const responses = [
    { cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS },
    { cookie: 2, code: IOMMUFD_PAGE_RESP_INVALID },
  ];
  expect(toHex(encodeResponses(responses))).toBe('01000000' + '00000000' + '02000000' + '01000000');
  expect(decodeResponses(encodeResponses(responses))).toEqual(responses);
});
