/**
 * Requests with very large numbers: they must return what Linux returns, in a limited number of steps. The steps are counted in a
 * process of its own, so that all code runs there for the first time.
 * @process own
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StepCounter } from '@iommufd/testkit';
import {
  errno,
  type ErrnoName,
  type Ioctl,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_GET_HW_INFO,
  IOMMU_HW_QUEUE_ALLOC,
  iommu_hw_queue_type,
  iommu_hwpt_alloc,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_data_type,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_INVALIDATE,
  iommu_hwpt_invalidate_data_type,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_IOVA_RANGES,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_IOAS_UNMAP,
  IOMMU_TEST_CMD,
  iommu_test_op,
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_type,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_type,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MOCK_APERTURE_START,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { allIoctls } from '@iommufd/uapi/registry';
import { type AnyType, view, type View } from '@iommufd/uapi/struct';
import { IOVA, SmmuProgram } from './drivers/arm-smmu-v3/smmu.testing.js';
import { isNumber, type Leaf, leaves, readNumber, writeNumber } from './fuzz/leaves.testing.js';
import { FakeKernel, mockModule, type Process } from './index.js';

const PAGE = 4096;
const APERTURE = BigInt(MOCK_APERTURE_START);
const U32 = 0xffff_ffff;
const U64 = (1n << 64n) - 1n;
const HALF = 1n << 63n;
const SELFTEST = iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST;
/**
 * The limit of steps for a test, however large its numbers are. The longest test reads 64 pages byte by byte. Code that loops
 * over a range of the requested size would take many millions.
 */
const MOST_STEPS = 1_000_000;

/** The ids that {@link setUp} creates. */
const IOAS = 1;
const DEVICE = 3;
const AUTO = 4;
const PARENT = 5;
const VIOMMU = 6;
const NESTED = 7;

let process: Process;
let fd: number;
let argument: bigint;
/** Address of 64 pages. */
let memory: bigint;

function map(pages: number): bigint {
  return process.mmap(0n, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
}

/** Calls an ioctl with a struct of zeros in which `set` sets fields. */
function call<S extends AnyType>({ request, struct }: Ioctl<S>, set: (cmd: View<S>) => void, at = 0): number {
  const bytes = process.memory(argument, struct.byteLength);
  bytes.fill(0);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, struct.byteLength, true);
  set(view(struct, bytes) as View<S>);
  return process.ioctl(fd, request, argument + BigInt(at));
}

const counter = new StepCounter();
afterEach(() => expect(counter.take()).toBeLessThan(MOST_STEPS));
afterAll(() => counter.stop());

/** The return value of a call that fails. */
const is = (name: ErrnoName): number => -errno[name];

beforeEach(() => {
  process = new FakeKernel([mockModule]).spawn();
  fd = process.open('/dev/iommu');
  // It is placed first, so it ends where the mappings end: the memory above it is unmapped.
  memory = map(64);
  argument = map(1);
  setUp();
});

function setUp(): void {
  const results = [
    call(IOMMU_IOAS_ALLOC, () => undefined),
    call(IOMMU_TEST_CMD, (cmd) => {
      cmd.op = iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN;
      cmd.id = IOAS;
    }),
    call(IOMMU_HWPT_ALLOC, (cmd) => {
      Object.assign(cmd, { flags: 3, dev_id: DEVICE, pt_id: IOAS });
    }),
    call(IOMMU_VIOMMU_ALLOC, (cmd) => {
      const type = iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST;
      Object.assign(cmd, { type, dev_id: DEVICE, hwpt_id: PARENT });
    }),
    call(IOMMU_HWPT_ALLOC, (cmd) => {
      Object.assign(cmd, {
        dev_id: DEVICE,
        pt_id: VIOMMU,
        data_type: SELFTEST,
        data_len: 8,
        data_uptr: memory,
      });
    }),
  ];
  expect(results).toEqual([0, 0, 0, 0, 0]);
}

const mapFields = { flags: 7, ioas_id: IOAS, iova: APERTURE };

describe('IOAS', () => {
  test('arrays of ranges that are longer than the mapped memory', () => {
    const allow = (fields: object): number =>
      call(IOMMU_IOAS_ALLOW_IOVAS, (cmd) => Object.assign(cmd, fields));
    const base = { ioas_id: IOAS, num_iovas: U32 };
    // The first entry is zero, which is not a valid range.
    expect(allow({ ...base, allowed_iovas: memory })).toBe(is('EINVAL'));
    const entries = process.memory(memory, PAGE);
    new BigUint64Array(entries.buffer, entries.byteOffset, 2).set([APERTURE, APERTURE + 1n]);
    // The first entry is valid now, the second is still zero.
    expect(allow({ ...base, allowed_iovas: memory })).toBe(is('EINVAL'));
    expect(allow({ ...base, allowed_iovas: memory + 64n * BigInt(PAGE) - 8n })).toBe(is('EFAULT'));
    expect(allow({ ...base, allowed_iovas: U64 - 15n })).toBe(is('EFAULT'));
    expect(allow({ ...base, allowed_iovas: 0n })).toBe(is('EFAULT'));
  });

  test('a buffer for more ranges than exist', () => {
    const ranges = (address: bigint): number =>
      call(IOMMU_IOAS_IOVA_RANGES, (cmd) => {
        Object.assign(cmd, { ioas_id: IOAS, num_iovas: U32, allowed_iovas: address });
      });
    expect(ranges(memory)).toBe(0);
    expect(ranges(U64 - 15n)).toBe(is('EFAULT'));
  });

  test.each<[string, object, ErrnoName]>([
    ['length 2^64-1', { length: U64 }, 'EOVERFLOW'],
    ['length 2^64-2 wraps', { user_va: 4096n, length: U64 - 1n }, 'EOVERFLOW'],
    ['length 2^64-2', { user_va: 0n, length: U64 - 1n }, 'EINVAL'],
    ['length 2^63 beyond the aperture', { length: HALF }, 'EINVAL'],
    ['length 2^63 anywhere', { length: HALF, flags: 6 }, 'EOVERFLOW'],
    ['length 2^62 anywhere', { length: HALF / 2n, flags: 6 }, 'ENOSPC'],
    ['iova 2^64-1', { iova: U64, length: 4096n }, 'EOVERFLOW'],
    ['the last page of IOVAs', { iova: U64 - 4095n, length: 4096n }, 'EINVAL'],
    ['beyond the last page of IOVAs', { iova: U64 - 4095n, length: 8192n }, 'EOVERFLOW'],
    // The pinned pages, not the bytes, reach beyond the last address.
    ['memory at 2^64 - 4096', { user_va: U64 - 4095n, length: 2048n }, 'EOVERFLOW'],
    ['memory that ends at 2^64', { user_va: U64 - 4095n, length: 4096n }, 'EOVERFLOW'],
    ['memory beyond user space', { user_va: 1n << 47n, length: 4096n }, 'EFAULT'],
    ['memory around 2^63', { user_va: HALF, length: 4096n }, 'EFAULT'],
    ['more memory than is mapped', { length: 1n << 30n }, 'EFAULT'],
  ])('IOMMU_IOAS_MAP: %s', (_, fields, name) => {
    const got = call(IOMMU_IOAS_MAP, (cmd) =>
      Object.assign(cmd, { ...mapFields, user_va: memory, ...fields }),
    );
    expect(got).toBe(is(name));
  });

  test('memory is not accessed without a page table', () => {
    expect(call(IOMMU_IOAS_ALLOC, () => undefined)).toBe(0);
    const other = 8;
    const huge = { flags: 7, ioas_id: other, user_va: 0n, length: HALF, iova: 0n };
    expect(call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, huge))).toBe(0);
    expect(call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, { ...huge, iova: HALF - 1n }))).toBe(
      is('EEXIST'),
    );
    expect(
      call(IOMMU_IOAS_COPY, (cmd) => {
        Object.assign(cmd, { flags: 6, dst_ioas_id: other, src_ioas_id: other, length: HALF, src_iova: 0n });
      }),
    ).toBe(is('EOVERFLOW'));
    // A mock device cannot map it.
    expect(
      call(IOMMU_TEST_CMD, (cmd) => {
        cmd.op = iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN;
        cmd.id = other;
      }),
    ).toBe(is('EADDRINUSE'));
    const unmap = (iova: bigint, length: bigint): number =>
      call(IOMMU_IOAS_UNMAP, (cmd) => Object.assign(cmd, { ioas_id: other, iova, length }));
    expect(unmap(0n, HALF - 1n)).toBe(is('ENOENT'));
    expect(unmap(0n, U64 - 1n)).toBe(0);
    expect(unmap(0n, U64)).toBe(0);
    expect(unmap(4096n, U64)).toBe(is('EOVERFLOW'));
    expect(unmap(4096n, U64 - 1n)).toBe(is('EOVERFLOW'));
    expect(unmap(0n, U64 - 1n)).toBe(is('ENOENT'));
  });

  test('file offsets and lengths', () => {
    const file = process.memfd(PAGE);
    const mapFile = (fields: object): number =>
      call(IOMMU_IOAS_MAP_FILE, (cmd) =>
        Object.assign(cmd, { ...mapFields, fd: file, length: 4096n, ...fields }),
      );
    expect(mapFile({ start: U64 - 4095n, length: 4096n })).toBe(is('EINVAL'));
    expect(mapFile({ start: U64, length: 4096n })).toBe(is('EOVERFLOW'));
    expect(mapFile({ start: HALF, length: 4096n })).toBe(is('EINVAL'));
    expect(mapFile({ length: U64 })).toBe(is('EOVERFLOW'));
    expect(mapFile({ length: 1n << 30n })).toBe(is('EINVAL'));
    expect(mapFile({ fd: -1 })).toBe(is('EBADF'));
    expect(mapFile({ fd: 0x7fff_ffff })).toBe(is('EBADF'));
  });
});

describe('page tables', () => {
  test('data_len', () => {
    const data = { dev_id: DEVICE, pt_id: VIOMMU, data_type: SELFTEST, data_uptr: memory };
    expect(call(IOMMU_HWPT_ALLOC, (cmd) => Object.assign(cmd, { ...data, data_len: U32 }))).toBe(
      is('EINVAL'),
    );
    const viommu = {
      type: iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST,
      dev_id: DEVICE,
      hwpt_id: PARENT,
      data_len: U32,
      data_uptr: memory,
    };
    expect(call(IOMMU_VIOMMU_ALLOC, (cmd) => Object.assign(cmd, viommu))).toBe(is('EINVAL'));
  });

  test('the buffer for hardware information', () => {
    const info = (address: bigint, length: number): number =>
      call(IOMMU_GET_HW_INFO, (cmd) => {
        Object.assign(cmd, { dev_id: DEVICE, data_len: length, data_uptr: address });
      });
    expect(info(memory, 64 * PAGE)).toBe(0);
    expect(info(memory, U32)).toBe(is('EFAULT'));
    expect(info(U64, U32)).toBe(is('EFAULT'));
    expect(info(HALF, 0)).toBe(0);
  });

  test('dirty bitmaps', () => {
    const mapped = { ...mapFields, user_va: memory, length: 4096n };
    expect(call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, mapped))).toBe(0);
    const read = (fields: object): number =>
      call(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd) => {
        Object.assign(cmd, { hwpt_id: PARENT, iova: 0n, page_size: 4096n, data: memory, ...fields });
      });
    expect(read({ length: U64 })).toBe(is('EINVAL'));
    expect(read({ length: U64 - 4095n })).toBe(0);
    expect(read({ length: HALF })).toBe(0);
    expect(read({ iova: HALF, length: HALF })).toBe(0);
    expect(read({ iova: HALF, length: HALF + 4096n })).toBe(is('EOVERFLOW'));
    expect(read({ length: HALF, page_size: HALF })).toBe(0);
    expect(read({ length: HALF, page_size: U64 })).toBe(is('EINVAL'));
    // Nothing is dirty, so nothing is written.
    expect(read({ length: HALF, data: U64 })).toBe(0);
  });

  test('dirty pages', () => {
    const dirty = (fields: object): number =>
      call(IOMMU_TEST_CMD, (cmd) => {
        cmd.op = iommu_test_op.IOMMU_TEST_OP_DIRTY;
        cmd.id = PARENT;
        Object.assign(cmd.dirty, { iova: 0n, page_size: 4096n, uptr: memory, ...fields });
      });
    // More pages than the test operation accepts.
    expect(dirty({ length: HALF })).toBe(is('EOVERFLOW'));
    expect(dirty({ length: U64 - 4095n })).toBe(is('EOVERFLOW'));
    expect(dirty({ length: U64 })).toBe(is('EINVAL'));
    // Dirty tracking is off.
    expect(dirty({ length: BigInt(PAGE), page_size: BigInt(PAGE) })).toBe(is('EINVAL'));
    expect(dirty({ length: HALF, page_size: 0n })).toBe(is('EINVAL'));
  });

  test('arrays of invalidations', () => {
    const types = iommu_hwpt_invalidate_data_type;
    const invalidate = (fields: object): number =>
      call(IOMMU_HWPT_INVALIDATE, (cmd) => {
        const data_type = types.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST;
        Object.assign(cmd, { hwpt_id: NESTED, data_type, data_uptr: memory, entry_len: 8, ...fields });
      });
    expect(invalidate({ entry_num: U32 })).toBe(is('EINVAL'));
    expect(invalidate({ entry_num: (1 << 19) + 1 })).toBe(is('EINVAL'));
    expect(invalidate({ entry_num: 1, entry_len: U32 })).toBe(is('EINVAL'));
    expect(invalidate({ entry_num: 1 << 19, data_uptr: U64 })).toBe(is('EFAULT'));
    // The entries before the end of the memory are done.
    const end = memory + BigInt(63 * PAGE);
    expect(invalidate({ entry_num: 1 << 19, data_uptr: end })).toBe(is('EFAULT'));
    const done = new DataView(process.memory(argument, 40).slice().buffer).getUint32(24, true);
    expect(done).toBe(PAGE / 8);

    const onViommu = {
      hwpt_id: VIOMMU,
      data_type: types.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
      entry_len: 12,
    };
    // The array of copies would be larger than the largest allocation.
    expect(invalidate({ ...onViommu, entry_num: 1 << 19 })).toBe(is('ENOMEM'));
    expect(invalidate({ ...onViommu, entry_num: 300_000, data_uptr: end })).toBe(is('EFAULT'));
    expect(invalidate({ ...onViommu, entry_num: 300_000, entry_len: PAGE })).toBe(is('EFAULT'));
    // An entry is at most a page long, whatever size the driver knows.
    expect(invalidate({ ...onViommu, entry_num: 300_000, entry_len: PAGE + 1 })).toBe(is('EINVAL'));
  });
});

describe('queues', () => {
  const depth = (veventq_depth: number): number =>
    call(IOMMU_VEVENTQ_ALLOC, (cmd) => {
      const type = iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST;
      Object.assign(cmd, { viommu_id: VIOMMU, type, veventq_depth });
    });

  test('veventq_depth', () => {
    expect(depth(U32)).toBe(is('EINVAL'));
    expect(depth((1 << 19) + 1)).toBe(is('EINVAL'));
    expect(depth(0)).toBe(is('EINVAL'));
    expect(depth(1 << 19)).toBe(0);
  });

  test('lengths of reads and writes', () => {
    expect(depth(1)).toBe(0);
    const events = fd + 1;
    const read = (file: number, address: bigint, length: number): number =>
      process.read(file, address, length);
    // The queue is empty.
    expect(read(events, memory, 2 ** 26)).toBe(0);
    expect(read(events, memory, 2 ** 46)).toBe(is('EFAULT'));
    expect(read(events, memory, 2 ** 47)).toBe(is('EFAULT'));
    expect(read(events, U64 - 4095n, PAGE)).toBe(is('EFAULT'));
    expect(read(events, HALF, 8)).toBe(is('EFAULT'));
    expect(call(IOMMU_FAULT_QUEUE_ALLOC, () => undefined)).toBe(0);
    const faults = fd + 2;
    expect(read(faults, memory, 2 ** 26)).toBe(is('ESPIPE'));
    expect(read(faults, memory, 40 * 2 ** 20)).toBe(0);
    expect(read(faults, memory, 40 * 2 ** 26)).toBe(is('EFAULT'));
    expect(process.write(faults, memory, 8 * 2 ** 20)).toBe(is('EINVAL'));
    expect(process.write(faults, memory, 2 ** 47)).toBe(is('EFAULT'));
  });

  test('hardware queues', () => {
    const queue = (nesting_parent_iova: bigint, length: bigint): number =>
      call(IOMMU_HW_QUEUE_ALLOC, (cmd) => {
        const type = iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_SELFTEST;
        Object.assign(cmd, { viommu_id: VIOMMU, type, nesting_parent_iova, length });
      });
    expect(queue(0n, 0n)).toBe(is('EINVAL'));
    expect(queue(2n, U64)).toBe(is('EOVERFLOW'));
    expect(queue(0n, U64)).toBe(is('ERANGE'));
    expect(queue(HALF, HALF)).toBe(is('ENOMEM'));
    expect(queue(0n, HALF)).toBe(is('ENOMEM'));
    expect(queue(APERTURE, 1n << 30n)).toBe(is('ENOENT'));
    const mapped = { ...mapFields, user_va: memory, length: 4096n };
    expect(call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, mapped))).toBe(0);
    expect(queue(APERTURE, 1n << 39n)).toBe(is('ENOENT'));
    expect(queue(APERTURE, 4096n)).toBe(0);
  });
});

describe('the mock driver', () => {
  const command = (op: number, id: number, set: (cmd: View<typeof IOMMU_TEST_CMD.struct>) => void): number =>
    call(IOMMU_TEST_CMD, (cmd) => {
      cmd.op = op;
      cmd.id = id;
      set(cmd);
    });

  test('ranges', () => {
    const reserve = (start: bigint, length: bigint): number =>
      command(iommu_test_op.IOMMU_TEST_OP_ADD_RESERVED, IOAS, ({ add_reserved }) =>
        Object.assign(add_reserved, { start, length }),
      );
    expect(reserve(1n, U64)).toBe(0);
    expect(reserve(2n, U64)).toBe(is('EOVERFLOW'));
    expect(reserve(U64, 1n)).toBe(0);
    expect(reserve(0n, 0n)).toBe(is('EINVAL'));

    const references = (uptr: bigint, length: bigint, refs = 0): number =>
      command(iommu_test_op.IOMMU_TEST_OP_MD_CHECK_REFS, 0, ({ check_refs }) =>
        Object.assign(check_refs, { uptr, length, refs }),
      );
    expect(references(memory, HALF)).toBe(is('EFAULT'));
    expect(references(HALF, HALF)).toBe(is('EINVAL'));
    const mapped = (uptr: bigint, length: bigint): number =>
      command(iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP, AUTO, ({ check_map }) =>
        Object.assign(check_map, { iova: APERTURE, uptr, length }),
      );
    expect(mapped(memory, HALF)).toBe(is('EINVAL'));
    expect(mapped(HALF, 4096n)).toBe(is('EFAULT'));
  });

  test('accesses', () => {
    const made = command(iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS, IOAS, ({ create_access }) => {
      create_access.flags = 1;
    });
    expect(made).toBe(0);
    const access = fd + 1;
    const copy = (fields: object): number =>
      command(iommu_test_op.IOMMU_TEST_OP_ACCESS_RW, access, ({ access_rw }) =>
        Object.assign(access_rw, { iova: APERTURE, uptr: memory, ...fields }),
      );
    expect(copy({ length: U64 })).toBe(is('ENOMEM'));
    expect(copy({ length: (16n << 20n) + 1n })).toBe(is('ENOMEM'));
    expect(copy({ length: 16n << 20n })).toBe(is('ENOENT'));
    expect(copy({ length: 16n << 20n, flags: 1 })).toBe(is('EFAULT'));
    expect(copy({ length: 16n, iova: U64 - 14n })).toBe(is('EOVERFLOW'));
    const pin = (fields: object): number =>
      command(iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES, access, ({ access_pages }) =>
        Object.assign(access_pages, { iova: APERTURE, uptr: memory, ...fields }),
      );
    expect(pin({ length: HALF })).toBe(is('ENOMEM'));
    expect(pin({ length: 0n })).toBe(is('EINVAL'));
    expect(pin({ length: 16n << 20n })).toBe(is('ENOENT'));
    expect(pin({ length: 4096n, iova: U64 - 4094n })).toBe(is('EOVERFLOW'));
  });
});

test('a struct with a huge size field', () => {
  const { request } = IOMMU_IOAS_ALLOC;
  const size = (bytes: number, at: bigint): number => {
    const start = process.memory(at, 12).fill(0);
    new DataView(start.buffer, start.byteOffset).setUint32(0, bytes, true);
    return process.ioctl(fd, request, at);
  };
  // It reaches beyond user space, or only beyond the mapped memory.
  expect(size(U32, memory)).toBe(is('EFAULT'));
  expect(size(2 ** 26, memory)).toBe(is('EFAULT'));
  expect(size(64 * PAGE, memory)).toBe(0);
  process.memory(memory + 20n, 1).fill(1);
  expect(size(2 ** 26, memory)).toBe(is('E2BIG'));
  expect(process.ioctl(fd, request, U64)).toBe(is('EFAULT'));
  expect(process.ioctl(fd, request, HALF)).toBe(is('EFAULT'));
});

describe('a number that is wider than the SMMUv3 field that receives it', () => {
  /** The edges of common field widths: PASIDs, tags, ids, addresses. */
  const edges = [8, 9, 12, 16, 20, 32, 48, 52, 63].flatMap((bit) => [
    1n << BigInt(bit),
    (1n << BigInt(bit)) - 1n,
  ]);
  const groups = [0x1_0000, 0x1_0001, 0x8000_0000, U32];

  /** A device that can stall, attached to a guest's page table with a fault queue. */
  function stalling() {
    const program = new SmmuProgram();
    const bound = program.bind({ streamId: 0x28, canStall: true, pasidBits: 3 });
    const parent = program.parent(bound);
    const viommu = program.ok(program.viommu(bound, parent));
    program.setUpGuest({ stalls: true });
    program.ok(program.vdevice(bound, viommu, 5n));
    const faults = program.faultQueue();
    const nested = program.ok(program.nested(bound, viommu, 5, faults));
    program.ok(program.attach(bound, nested));
    return { program, bound, parent, viommu, faults, nested };
  }

  const trigger = (program: SmmuProgram, dev_id: number, grpid: number): number =>
    program.testCmd(iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF, (cmd) => {
      Object.assign(cmd.trigger_iopf, { dev_id, grpid, pasid: 0, perm: U32, addr: U64 });
    });

  // `arm_smmu_page_response()` puts a grpid of 32 bits into a STAG of 16.
  test.each(groups)('page request group %d is read completely, and can be answered in every way', (grpid) => {
    const { program, bound, faults, parent } = stalling();
    const report = (): void => expect(trigger(program, bound.id, grpid)).toBe(0);
    for (const answer of ['success', 'invalid'] as const) {
      report();
      const [fault] = faults.read();
      expect(fault).toMatchObject({ grpid, perm: U32, addr: U64 });
      if (fault !== undefined) faults.answer(fault, answer);
    }
    // One group that was read, and one that was not.
    report();
    expect(faults.read()).toHaveLength(1);
    report();
    program.ok(program.attach(bound, parent));
    // Without a fault queue.
    report();
    program.detach(bound);
    report();
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
    expect(program.kernel.messages.filter((line) => /timeout|skipping/.test(line))).toEqual([]);
  });

  test('a response to a group of 32 bits answers the stall with the same low 16 bits', async () => {
    const { program, bound, faults } = stalling();
    const read = bound.device.dma.read(IOVA, 1);
    const [stalled] = faults.read();
    expect(trigger(program, bound.id, 0x1_0000 | (stalled?.grpid ?? 0))).toBe(0);
    const [other] = faults.read();
    program.show(0, 4);
    if (other !== undefined) faults.answer(other, 'success');
    await expect(read).resolves.toEqual(new Uint8Array(1));
  });

  /** Valid values for the fields of requests, by name. */
  const known = ({ program, bound, parent, viommu, faults, nested }: ReturnType<typeof stalling>) =>
    new Map<string, number | bigint>([
      ...['ioas_id', 'src_ioas_id', 'dst_ioas_id'].map((name) => [name, IOAS] as const),
      ...['user_va', 'vaddr', 'uptr', 'data_uptr', 'data', 'allowed_iovas'].map(
        (name) => [name, program.at + BigInt(PAGE)] as const,
      ),
      ...['length', 'page_size'].map((name) => [name, PAGE] as const),
      ['dev_id', bound.id],
      ['pt_id', viommu],
      ['hwpt_id', parent],
      ['viommu_id', viommu],
      ['fault_id', faults.id],
      ['id', nested],
      ['iommufd', program.fd],
      ['data_len', 16],
      ['entry_len', 16],
      ['entry_num', 1],
    ]);

  /** Calls a request once for every number in its struct and every edge; the other fields name existing objects. */
  function scan(request: number, struct: AnyType, op?: number): void {
    const things = stalling();
    const { program, bound } = things;
    const values = known(things);
    const bytes = program.memory.subarray(0, struct.byteLength);
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const fill = (): Leaf[] => {
      bytes.fill(0);
      data.setUint32(0, struct.byteLength, true);
      if (op !== undefined) data.setUint32(4, op, true);
      const numbers = [...leaves(struct, data)].filter(isNumber);
      for (const { name, at, size } of numbers)
        writeNumber(data, at, size, BigInt(values.get(name) ?? readNumber(data, at, size)));
      return numbers;
    };
    for (const { name, at, size } of fill()) {
      if (name === 'size' || name === 'argsz' || name === 'op') continue;
      for (const edge of edges) {
        fill();
        writeNumber(data, at, size, edge);
        for (const file of [program.fd, bound.fd]) program.process.ioctl(file, request, program.at);
      }
    }
    program.process.exit();
    program.kernel.breakSelfHolds();
    expect(program.kernel.leftOver()).toEqual([]);
  }

  const withStruct = [...allIoctls.values()].flatMap(({ name, request, struct }) =>
    struct === undefined || name === IOMMU_TEST_CMD.name ? [] : [{ name, request, struct }],
  );

  test.each(withStruct)('$name throws nothing and leaves nothing behind, in whichever field', (ioctl) =>
    scan(ioctl.request, ioctl.struct),
  );

  test.each(Object.entries(iommu_test_op.members))('%s throws nothing and leaves nothing behind', (_, [op]) =>
    scan(IOMMU_TEST_CMD.request, IOMMU_TEST_CMD.struct, op),
  );

  test("each bit of a guest's stream table entry is accepted or refused without an exception", () => {
    const { program, bound, viommu } = stalling();
    const entry = program.memory.subarray(PAGE, PAGE + 16);
    for (let bit = 0; bit < 128; bit++) {
      entry.fill(0);
      // STE.V, and STE.Config for both stages.
      entry[0] = 1 | (5 << 1);
      entry[bit >> 3] = (entry[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const made = program.call(IOMMU_HWPT_ALLOC, (cmd) => {
        const data_type = iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3;
        const data_uptr = program.at + BigInt(PAGE);
        Object.assign(cmd, { dev_id: bound.id, pt_id: viommu, data_type, data_len: 16, data_uptr });
      });
      if (made !== 0) continue;
      const { out_hwpt_id } = view(iommu_hwpt_alloc, program.memory);
      program.attach(bound, out_hwpt_id);
      bound.device.dma.read(IOVA, 1).catch(() => undefined);
    }
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
  });
});
