import { describe, expect, test } from '@jest/globals';
import {
  errno,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_HUGETLB,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { result } from '../errno.js';
import { FakeKernel, type Process } from '../index.js';

const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
/** `vm.mmap_min_addr`. */
const LOWEST = 65536n;
const anonymous = (process: Process, pages: number): bigint =>
  process.mmap(0n, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);

describe('mremap', () => {
  const read = (process: Process, at: bigint): number =>
    result(() => process.memorySpace.read(at, 1)[0] ?? -1);

  test('moves mappings and gaps between them, with pinned pages, and replaces what is there', () => {
    const process = new FakeKernel().spawn();
    const fd = process.memfd(PAGE);
    const [from, to] = [anonymous(process, 4), anonymous(process, 6)];
    process.mmap(from + 4096n, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0n);
    process.munmap(from + 8192n, PAGE);
    for (const page of [0n, 1n, 3n])
      process.memorySpace.write(from + page * 4096n, Uint8Array.of(Number(page) + 1));
    process.memorySpace.write(to + 12288n, Uint8Array.of(9));
    const pinned = process.memorySpace.pinOne(Number(from), true);
    expect(process.mremap(from, 3 * PAGE, to)).toBe(to);
    expect([0n, 1n, 2n, 3n].map((page) => read(process, from + page * 4096n))).toEqual([
      -errno.EFAULT,
      -errno.EFAULT,
      -errno.EFAULT,
      4,
    ]);
    expect([0n, 1n, 2n, 3n].map((page) => read(process, to + page * 4096n))).toEqual([
      1,
      2,
      -errno.EFAULT,
      9,
    ]);
    const again = process.memorySpace.pinOne(Number(to), true);
    expect([again.object === pinned.object, again.index]).toEqual([true, pinned.index]);
    // The mapping keeps the file.
    process.close(fd);
    expect(read(process, to + 4096n)).toBe(2);
  });

  test('checks its arguments in the order of Linux', () => {
    const process = new FakeKernel().spawn();
    const at = anonymous(process, 4);
    const [there, end] = [at - (1n << 30n), 1n << 47n];
    const tried = (from: bigint, length: number, to: bigint): bigint => process.mremap(from, length, to);
    expect([tried(at + 1n, PAGE, there), tried(at, PAGE, there + 1n), tried(at, 0, there)]).toEqual(
      Array(3).fill(BigInt(-errno.EINVAL)),
    );
    expect([tried(at, 2 * PAGE, at + 4096n), tried(at, 2 * PAGE, end - 4096n)]).toEqual(
      Array(2).fill(BigInt(-errno.EINVAL)),
    );
    expect([there, end, 1n << 56n].map((from) => tried(from, PAGE, at))).toEqual(
      Array(3).fill(BigInt(-errno.EFAULT)),
    );
    expect(read(process, at)).toBe(0);
  });

  test('moves whole huge pages', () => {
    const process = new FakeKernel().spawn();
    const huge = 2 << 20;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
    const at = process.mmap(0n, 2 * huge, RW, flags, -1, 0n);
    const to = at - (1n << 30n);
    expect(process.mremap(at + 4096n, PAGE, to)).toBe(BigInt(-errno.EINVAL));
    expect(process.mremap(at, huge, to + 4096n)).toBe(BigInt(-errno.EINVAL));
    // As on Linux, all of the huge page moves.
    expect(process.mremap(at, PAGE, to)).toBe(to);
    expect(process.memorySpace.isFree(Number(to), huge)).toBe(false);
    expect(process.memorySpace.isFree(Number(at), huge)).toBe(true);
    expect(process.memorySpace.isFree(Number(at) + huge, huge)).toBe(false);
    expect([read(process, at), read(process, to)]).toEqual([-errno.EFAULT, 0]);
  });

  test('keeps the references of a file', () => {
    const kernel = new FakeKernel();
    const process = kernel.spawn();
    const fd = process.memfd(3 * PAGE);
    const at = process.mmap(0n, 3 * PAGE, RW, MAP_SHARED, fd, 0n);
    const file = process.files.get(fd);
    expect(file['references']).toBe(2);
    process.mremap(at + 4096n, PAGE, at - (1n << 30n));
    expect(file['references']).toBe(4);
    process.exit();
    expect([file['references'], kernel.leftOver()]).toEqual([0, []]);
  });
});

describe('mmap', () => {
  const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;
  const map = (process: Process, at: bigint, flags: number, fd = -1, length = PAGE, offset = 0n): bigint =>
    process.mmap(at, length, RW, flags, fd, offset);

  test('checks the descriptor before the length, and the address before the type', () => {
    const process = new FakeKernel().spawn();
    expect(map(process, 0n, MAP_SHARED, 99, 0)).toBe(BigInt(-errno.EBADF));
    expect(map(process, 0n, ANONYMOUS, -1, 0)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 1n << 48n, MAP_FIXED | MAP_ANONYMOUS)).toBe(BigInt(-errno.ENOMEM));
    expect(map(process, 1n, MAP_FIXED | ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, MAP_ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, ANONYMOUS, -1, 2 ** 47)).toBe(BigInt(-errno.ENOMEM));
  });

  test.each([undefined, 2 ** 39, 2 ** 48, 2 ** 52])('ends with user space: TASK_SIZE %p', (taskSize) => {
    const end = BigInt(taskSize ?? 0x7fff_ffff_f000);
    const process = new FakeKernel([], { ...(taskSize !== undefined && { taskSize }) }).spawn();
    process.exec();
    const last = end - BigInt(PAGE);
    expect(map(process, last, MAP_FIXED | ANONYMOUS)).toBe(last);
    expect(process.load(last, 8)).toBe(0n);
    expect(map(process, end, MAP_FIXED | ANONYMOUS)).toBe(BigInt(-errno.ENOMEM));
    expect(map(process, 0n, ANONYMOUS, -1, Number(end) + PAGE)).toBe(BigInt(-errno.ENOMEM));
    expect([process.mprotect(last, PAGE, PROT_READ), process.mprotect(last, 2 * PAGE, PROT_READ)]).toEqual([
      0,
      -errno.ENOMEM,
    ]);
    expect([process.munmap(last, 2 * PAGE), process.munmap(last, PAGE)]).toEqual([-errno.EINVAL, 0]);
    for (const placed of [anonymous(process, 1), process.mapHost(new Uint8Array(PAGE), RW)])
      expect(placed > 0n && placed < end).toBe(true);
  });

  test.each([0, -4096, 1, 2 ** 48 - 1, 2 ** 53, Infinity, NaN])('refuses taskSize %p', (taskSize) => {
    expect(() => new FakeKernel([], { taskSize })).toThrow(
      new RangeError(`FakeKernel: taskSize: expected a multiple of 4096 up to 2^52, found ${taskSize}`),
    );
  });

  test('uses an address without MAP_FIXED as a hint', () => {
    const process = new FakeKernel().spawn();
    expect(map(process, 0x5000_0000n, ANONYMOUS)).toBe(0x5000_0000n);
    const other = map(process, 0x5000_0000n, ANONYMOUS);
    expect(other).toBeGreaterThan(0x7000_0000_0000n);
  });

  test('removes the old mapping if the driver refuses the new one, but not if it is refused earlier', () => {
    const process = new FakeKernel().spawn();
    const fd = process.open('/dev/iommu');
    const at = anonymous(process, 2);
    const there = (address: bigint): boolean => process.memorySpace.isOrdinary(address);
    // Refused by the driver: a private mapping of /dev/iommu, and an offset without a region.
    expect(map(process, at, MAP_SHARED | MAP_FIXED, fd, PAGE, 4096n)).toBe(BigInt(-errno.ENXIO));
    expect([there(at), there(at + 4096n)]).toEqual([false, true]);
    expect(map(process, at + 4096n, MAP_FIXED, fd)).toBe(BigInt(-errno.EINVAL));
    expect(there(at + 4096n)).toBe(true);
  });

  test('reads the file through a private mapping until a page is written', () => {
    const process = new FakeKernel().spawn();
    const fd = process.memfd(2 * PAGE);
    const shared = map(process, 0n, MAP_SHARED, fd, 2 * PAGE);
    const own = map(process, 0n, MAP_PRIVATE, fd, 2 * PAGE);
    const byte = (address: bigint): number | undefined => process.memorySpace.read(address, 1)[0];
    process.memory(shared, 1)[0] = 1;
    expect(byte(own)).toBe(1);
    process.memory(shared, 1)[0] = 2;
    expect(byte(own)).toBe(2);
    process.memorySpace.write(own, Uint8Array.of(9));
    process.memory(shared, 1)[0] = 3;
    expect([byte(own), byte(shared)]).toEqual([9, 3]);
    // A long-term pin also makes the copy.
    process.memorySpace.pin(Number(own) + PAGE, 1, false, 1);
    process.memory(shared + 4096n, 1)[0] = 5;
    expect(byte(own + 4096n)).toBe(0);
  });

  test('aligns memory for huge pages, and uses blocks of 2 MiB if transparent huge pages are enabled', () => {
    const HUGE = 2 << 20;
    const process = new FakeKernel([], { transparentHugePages: 'always' }).spawn();
    const at = map(process, 0n, ANONYMOUS, -1, 2 * HUGE);
    expect(at % BigInt(HUGE)).toBe(0n);
    const blockAt = (address: bigint): number => {
      const { object, index } = process.memorySpace.pageAt(address);
      return object.block(index).count;
    };
    expect([blockAt(at), blockAt(at + BigInt(HUGE))]).toEqual([512, 512]);
    const odd = map(process, 0x7010_0000n, ANONYMOUS | MAP_FIXED, -1, HUGE + (1 << 20));
    expect([blockAt(odd), blockAt(odd + (1n << 20n))]).toEqual([1, 512]);
    const shared = map(process, 0n, MAP_SHARED | MAP_ANONYMOUS, -1, HUGE);
    expect(blockAt(shared)).toBe(1);
    const never = new FakeKernel().spawn();
    const plain = map(never, 0n, ANONYMOUS, -1, HUGE);
    const { object, index } = never.memorySpace.pageAt(plain);
    expect(object.block(index).count).toBe(1);
  });

  test('rounds a hint down to its page, and up to the lowest address that can be mapped', () => {
    const process = new FakeKernel().spawn({ rawIo: false });
    const hinted = (hint: bigint): bigint => {
      const at = map(process, hint, ANONYMOUS);
      expect(process.munmap(at, PAGE)).toBe(0);
      return at;
    };
    expect(hinted(0x5000_0fffn)).toBe(0x5000_0000n);
    expect(hinted(LOWEST - 1n)).toBe(LOWEST);
    expect(hinted(0x1000n)).toBe(LOWEST);
    // This is not a hint.
    expect([hinted(0xfffn), hinted(0n)]).toEqual([hinted(0n), hinted(0n)]);
    // An invalid hint is ignored.
    expect(hinted((1n << 64n) - 1n)).toBe(hinted(0n));
  });

  test('needs CAP_SYS_RAWIO below the lowest address', () => {
    const low = [0n, 0x1000n, LOWEST - 4096n];
    const kernel = new FakeKernel();
    const [root, user] = [kernel.spawn(), kernel.spawn({ rawIo: false })];
    for (const at of low) {
      expect(map(root, at, ANONYMOUS | MAP_FIXED)).toBe(at);
      expect(map(user, at, ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EPERM));
      expect(map(user, at, ANONYMOUS | MAP_FIXED_NOREPLACE)).toBe(BigInt(-errno.EPERM));
    }
    expect(map(user, LOWEST, ANONYMOUS | MAP_FIXED)).toBe(LOWEST);
    // The address is checked before the type of mapping.
    expect(map(user, 1n, ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EINVAL));
    expect(map(user, 0n, MAP_ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EPERM));
  });

  test('does not replace a mapping with MAP_FIXED_NOREPLACE', () => {
    const process = new FakeKernel().spawn();
    const at = anonymous(process, 2);
    process.memory(at, 1)[0] = 5;
    const noreplace = (where: bigint, length = PAGE, type = ANONYMOUS): bigint =>
      map(process, where, type | MAP_FIXED_NOREPLACE, -1, length);
    for (const where of [at, at + 4096n, at - 4096n])
      expect(noreplace(where, 2 * PAGE)).toBe(BigInt(-errno.EEXIST));
    // EEXIST is checked before the type of mapping.
    expect(noreplace(at, PAGE, MAP_ANONYMOUS)).toBe(BigInt(-errno.EEXIST));
    expect(noreplace(1n)).toBe(BigInt(-errno.EINVAL));
    expect(noreplace(at - 4096n)).toBe(at - 4096n);
    expect(process.memory(at, 1)[0]).toBe(5);
  });

  test('refuses unknown flags with MAP_SHARED_VALIDATE, and ignores them with MAP_SHARED', () => {
    const process = new FakeKernel().spawn();
    const fd = process.memfd(PAGE);
    const [MAP_SYNC, MAP_POPULATE] = [0x80000, 0x8000];
    for (const flags of [MAP_SYNC, 0x200, MAP_FIXED_NOREPLACE]) {
      const at = flags === MAP_FIXED_NOREPLACE ? 0x5000_0000n : 0n;
      expect(map(process, at, MAP_SHARED_VALIDATE | flags, fd)).toBe(BigInt(-errno.EOPNOTSUPP));
      expect(map(process, at, MAP_SHARED | flags, fd)).toBeGreaterThan(0n);
    }
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_POPULATE, fd)).toBeGreaterThan(0n);
    // The file's mode is checked later, its size earlier.
    const writable = process.open('/dev/iommu');
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_SYNC, writable, PAGE, 1n << 63n)).toBe(
      BigInt(-errno.EOPNOTSUPP),
    );
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_SYNC, fd, PAGE, 1n << 63n)).toBe(
      BigInt(-errno.EOVERFLOW),
    );
  });

  describe('in huge pages', () => {
    const HUGE = 2 << 20;
    const huge = BigInt(HUGE);
    const RESERVED = ANONYMOUS | MAP_HUGETLB;

    test('starts at a huge page, whatever the hint', () => {
      const process = new FakeKernel().spawn();
      expect(map(process, 0x5000_1000n, RESERVED, -1, PAGE)).toBe(0x5020_0000n);
      expect(map(process, 0x1000n, RESERVED, -1, PAGE)).toBe(huge);
      expect(map(process, 0x5000_1000n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.EINVAL));
      // The alignment is checked before the end of the address space.
      expect(map(process, (1n << 63n) + 4096n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.EINVAL));
      expect(map(process, 1n << 63n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.ENOMEM));
    });

    test('can be MAP_SHARED_VALIDATE, because a file is behind it', () => {
      const process = new FakeKernel().spawn();
      const flags = MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_HUGETLB;
      expect(map(process, 0n, flags, -1, HUGE)).toBeGreaterThan(0n);
      expect(map(process, 0n, flags | 0x80000, -1, HUGE)).toBe(BigInt(-errno.EOPNOTSUPP));
      expect(map(process, 0n, MAP_ANONYMOUS | MAP_HUGETLB, -1, HUGE)).toBe(BigInt(-errno.EINVAL));
    });

    test('cannot unmap or replace a part of a huge page', () => {
      const process = new FakeKernel().spawn();
      const at = map(process, 0n, RESERVED, -1, 3 * HUGE);
      const behind = at + 3n * huge;
      expect(map(process, behind, ANONYMOUS | MAP_FIXED)).toBe(behind);
      const there = (address: bigint): boolean => process.memorySpace.isOrdinary(address);
      for (const [from, length] of [
        [at, PAGE],
        [at + 4096n, HUGE - PAGE],
        [at + huge, HUGE + PAGE],
        [at + 3n * huge - 4096n, 2 * PAGE],
        [at - huge, HUGE + PAGE],
      ] as const) {
        expect(process.munmap(from, length)).toBe(-errno.EINVAL);
        expect(map(process, from, ANONYMOUS | MAP_FIXED, -1, length)).toBe(BigInt(-errno.EINVAL));
        // The split is refused before the driver of a file is called.
        const fd = process.memfd(length);
        expect(map(process, from, MAP_SHARED | MAP_FIXED, fd, length)).toBe(BigInt(-errno.EINVAL));
        process.close(fd);
      }
      expect([at, at + huge, at + 2n * huge, behind].map(there)).toEqual([true, true, true, true]);
      // Whole huge pages can be unmapped.
      expect(process.munmap(at + huge, HUGE)).toBe(0);
      expect(map(process, at, ANONYMOUS | MAP_FIXED, -1, HUGE)).toBe(at);
      expect(process.munmap(at + 2n * huge, HUGE + PAGE)).toBe(0);
      expect([at, at + huge, at + 2n * huge, behind].map(there)).toEqual([true, false, false, false]);
      // A range that has small pages now can be split anywhere.
      expect(process.munmap(at, PAGE)).toBe(0);
    });

    describe('a memfd', () => {
      test('consists of whole huge pages, and is mapped from the start of one', () => {
        const process = new FakeKernel().spawn();
        expect(process.memfd(HUGE + PAGE, { hugePages: true })).toBe(-errno.EINVAL);
        const fd = process.memfd(2 * HUGE, { hugePages: true });
        // With and without MAP_HUGETLB, which is meant for anonymous memory. The length is rounded up.
        for (const flags of [MAP_SHARED, MAP_SHARED | MAP_HUGETLB]) {
          const at = map(process, 0n, flags, fd, PAGE);
          expect(at % huge).toBe(0n);
          expect(process.munmap(at, PAGE)).toBe(-errno.EINVAL);
          expect(process.munmap(at, HUGE)).toBe(0);
        }
        expect(map(process, 0n, MAP_SHARED, fd, HUGE, 4096n)).toBe(BigInt(-errno.EINVAL));
        expect(map(process, 0x5000_1000n, MAP_SHARED | MAP_FIXED, fd, HUGE)).toBe(BigInt(-errno.EINVAL));
        expect(map(process, 0n, MAP_SHARED | MAP_HUGETLB, process.memfd(HUGE))).toBe(BigInt(-errno.EINVAL));
      });

      test('is extended by a writable mapping', () => {
        const process = new FakeKernel().spawn();
        const fd = process.memfd(HUGE, { hugePages: true });
        const size = (): number | undefined => process.files.get(fd).memory?.size;
        process.mmap(0n, 2 * HUGE, PROT_READ, MAP_SHARED, fd, 0n);
        expect(size()).toBe(HUGE);
        const at = map(process, 0n, MAP_SHARED, fd, HUGE, huge);
        expect(size()).toBe(2 * HUGE);
        process.memory(at, 1)[0] = 7;
        expect(process.memory(map(process, 0n, MAP_SHARED, fd, 2 * HUGE) + huge, 1)[0]).toBe(7);
      });

      test('is copied in whole huge pages by a private mapping', () => {
        const process = new FakeKernel().spawn();
        const fd = process.memfd(2 * HUGE, { hugePages: true });
        const [shared, own] = [MAP_SHARED, MAP_PRIVATE].map((type) => map(process, 0n, type, fd, 2 * HUGE));
        if (shared === undefined || own === undefined) throw new Error('not mapped');
        const shown = (offset: number): number => Number(process.load(own + BigInt(offset), 1));
        process.store(own, 1, 1n);
        for (const at of [HUGE - PAGE, HUGE]) process.store(shared + BigInt(at), 1, 2n);
        expect([0, HUGE - PAGE, HUGE].map(shown)).toEqual([1, 0, 2]);
      });

      test('is physically contiguous within a huge page', () => {
        const process = new FakeKernel().spawn();
        const fd = process.memfd(2 * HUGE, { hugePages: true });
        for (const type of [MAP_SHARED, MAP_PRIVATE]) {
          const at = map(process, 0n, type, fd, 2 * HUGE);
          const { object, index } = process.memorySpace.pinOne(Number(at) + HUGE + PAGE, true);
          expect([object.hasBlocks, object.block(index)]).toEqual([true, { first: 512, count: 512 }]);
          object.unpin(index, 1);
        }
      });
    });

    test('are unmapped when the process exits', () => {
      const kernel = new FakeKernel();
      const process = kernel.spawn();
      map(process, 0n, RESERVED, -1, HUGE);
      process.exit();
      expect(kernel.leftOver()).toEqual([]);
    });
  });
});
