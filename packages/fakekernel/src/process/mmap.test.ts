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
import { FakeKernel, type Process } from '../index.js';

const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
/** `vm.mmap_min_addr`. */
const LOWEST = 65536n;
const anonymous = (process: Process, pages: number): bigint =>
  process.mmap(0n, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);

describe('mmap', () => {
  const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;
  const map = (process: Process, at: bigint, flags: number, fd = -1, length = PAGE, offset = 0n): bigint =>
    process.mmap(at, length, RW, flags, fd, offset);

  test('the number is looked at before the length, and the address before the type', () => {
    const process = new FakeKernel().spawn();
    expect(map(process, 0n, MAP_SHARED, 99, 0)).toBe(BigInt(-errno.EBADF));
    expect(map(process, 0n, ANONYMOUS, -1, 0)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 1n << 48n, MAP_FIXED | MAP_ANONYMOUS)).toBe(BigInt(-errno.ENOMEM));
    expect(map(process, 1n, MAP_FIXED | ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, MAP_ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_ANONYMOUS)).toBe(BigInt(-errno.EINVAL));
    expect(map(process, 0n, ANONYMOUS, -1, 2 ** 47)).toBe(BigInt(-errno.ENOMEM));
  });

  test('an address without MAP_FIXED is a hint', () => {
    const process = new FakeKernel().spawn();
    expect(map(process, 0x5000_0000n, ANONYMOUS)).toBe(0x5000_0000n);
    const other = map(process, 0x5000_0000n, ANONYMOUS);
    expect(other).toBeGreaterThan(0x7000_0000_0000n);
  });

  test('a mapping that the driver refuses has taken the old one away; one that is refused before has not', () => {
    const process = new FakeKernel().spawn();
    const fd = process.open('/dev/iommu');
    const at = anonymous(process, 2);
    const there = (address: bigint): boolean => process.memorySpace.isOrdinary(address);
    // The driver's: a private mapping of /dev/iommu, and an offset without a region.
    expect(map(process, at, MAP_SHARED | MAP_FIXED, fd, PAGE, 4096n)).toBe(BigInt(-errno.ENXIO));
    expect([there(at), there(at + 4096n)]).toEqual([false, true]);
    expect(map(process, at + 4096n, MAP_FIXED, fd)).toBe(BigInt(-errno.EINVAL));
    expect(there(at + 4096n)).toBe(true);
  });

  test('a private mapping shows what the file holds until a page is written', () => {
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
    // A pin for a long time makes the copy as well.
    process.memorySpace.pin(Number(own) + PAGE, 1, false, 1);
    process.memory(shared + 4096n, 1)[0] = 5;
    expect(byte(own + 4096n)).toBe(0);
  });

  test('huge pages: an aligned place, and blocks of 2 MiB where the kernel has transparent ones', () => {
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

  test('a hint is the page that it lies in, or the lowest address that can be mapped', () => {
    const process = new FakeKernel().spawn({ rawIo: false });
    const hinted = (hint: bigint): bigint => {
      const at = map(process, hint, ANONYMOUS);
      expect(process.munmap(at, PAGE)).toBe(0);
      return at;
    };
    expect(hinted(0x5000_0fffn)).toBe(0x5000_0000n);
    expect(hinted(LOWEST - 1n)).toBe(LOWEST);
    expect(hinted(0x1000n)).toBe(LOWEST);
    // No hint at all.
    expect([hinted(0xfffn), hinted(0n)]).toEqual([hinted(0n), hinted(0n)]);
    // Not one that is wrong, either.
    expect(hinted((1n << 64n) - 1n)).toBe(hinted(0n));
  });

  test('below the lowest address CAP_SYS_RAWIO is needed', () => {
    const low = [0n, 0x1000n, LOWEST - 4096n];
    const kernel = new FakeKernel();
    const [root, user] = [kernel.spawn(), kernel.spawn({ rawIo: false })];
    for (const at of low) {
      expect(map(root, at, ANONYMOUS | MAP_FIXED)).toBe(at);
      expect(map(user, at, ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EPERM));
      expect(map(user, at, ANONYMOUS | MAP_FIXED_NOREPLACE)).toBe(BigInt(-errno.EPERM));
    }
    expect(map(user, LOWEST, ANONYMOUS | MAP_FIXED)).toBe(LOWEST);
    // The address is looked at first, and then what kind of mapping it is.
    expect(map(user, 1n, ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EINVAL));
    expect(map(user, 0n, MAP_ANONYMOUS | MAP_FIXED)).toBe(BigInt(-errno.EPERM));
  });

  test('MAP_FIXED_NOREPLACE maps over nothing', () => {
    const process = new FakeKernel().spawn();
    const at = anonymous(process, 2);
    process.memory(at, 1)[0] = 5;
    const noreplace = (where: bigint, length = PAGE, type = ANONYMOUS): bigint =>
      map(process, where, type | MAP_FIXED_NOREPLACE, -1, length);
    for (const where of [at, at + 4096n, at - 4096n])
      expect(noreplace(where, 2 * PAGE)).toBe(BigInt(-errno.EEXIST));
    // Before it is looked at what kind of mapping it is.
    expect(noreplace(at, PAGE, MAP_ANONYMOUS)).toBe(BigInt(-errno.EEXIST));
    expect(noreplace(1n)).toBe(BigInt(-errno.EINVAL));
    expect(noreplace(at - 4096n)).toBe(at - 4096n);
    expect(process.memory(at, 1)[0]).toBe(5);
  });

  test('MAP_SHARED_VALIDATE refuses flags that it does not know, and MAP_SHARED does not look', () => {
    const process = new FakeKernel().spawn();
    const fd = process.memfd(PAGE);
    const [MAP_SYNC, MAP_POPULATE] = [0x80000, 0x8000];
    for (const flags of [MAP_SYNC, 0x200, MAP_FIXED_NOREPLACE]) {
      const at = flags === MAP_FIXED_NOREPLACE ? 0x5000_0000n : 0n;
      expect(map(process, at, MAP_SHARED_VALIDATE | flags, fd)).toBe(BigInt(-errno.EOPNOTSUPP));
      expect(map(process, at, MAP_SHARED | flags, fd)).toBeGreaterThan(0n);
    }
    expect(map(process, 0n, MAP_SHARED_VALIDATE | MAP_POPULATE, fd)).toBeGreaterThan(0n);
    // How the file may be used is looked at later, its size before.
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

    test('begins with one, whatever the hint', () => {
      const process = new FakeKernel().spawn();
      expect(map(process, 0x5000_1000n, RESERVED, -1, PAGE)).toBe(0x5020_0000n);
      expect(map(process, 0x1000n, RESERVED, -1, PAGE)).toBe(huge);
      expect(map(process, 0x5000_1000n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.EINVAL));
      // Looked at before the end of the address space.
      expect(map(process, (1n << 63n) + 4096n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.EINVAL));
      expect(map(process, 1n << 63n, RESERVED | MAP_FIXED, -1, PAGE)).toBe(BigInt(-errno.ENOMEM));
    });

    test('can be MAP_SHARED_VALIDATE: there is a file behind it', () => {
      const process = new FakeKernel().spawn();
      const flags = MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_HUGETLB;
      expect(map(process, 0n, flags, -1, HUGE)).toBeGreaterThan(0n);
      expect(map(process, 0n, flags | 0x80000, -1, HUGE)).toBe(BigInt(-errno.EOPNOTSUPP));
      expect(map(process, 0n, MAP_ANONYMOUS | MAP_HUGETLB, -1, HUGE)).toBe(BigInt(-errno.EINVAL));
    });

    test('a part of a page is neither unmapped nor mapped over', () => {
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
        // Before the driver of a file is asked.
        const fd = process.memfd(length);
        expect(map(process, from, MAP_SHARED | MAP_FIXED, fd, length)).toBe(BigInt(-errno.EINVAL));
        process.close(fd);
      }
      expect([at, at + huge, at + 2n * huge, behind].map(there)).toEqual([true, true, true, true]);
      // Whole ones are.
      expect(process.munmap(at + huge, HUGE)).toBe(0);
      expect(map(process, at, ANONYMOUS | MAP_FIXED, -1, HUGE)).toBe(at);
      expect(process.munmap(at + 2n * huge, HUGE + PAGE)).toBe(0);
      expect([at, at + huge, at + 2n * huge, behind].map(there)).toEqual([true, false, false, false]);
      // What is of small pages now is cut anywhere.
      expect(process.munmap(at, PAGE)).toBe(0);
    });

    describe('a memfd', () => {
      test('has whole ones, and is mapped from the beginning of one on', () => {
        const process = new FakeKernel().spawn();
        expect(process.memfd(HUGE + PAGE, { hugePages: true })).toBe(-errno.EINVAL);
        const fd = process.memfd(2 * HUGE, { hugePages: true });
        // With and without the flag, which is for anonymous memory; a length is rounded up.
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

      test('grows with a mapping that can be written', () => {
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

      test('is copied by a private mapping as a whole page', () => {
        const process = new FakeKernel().spawn();
        const fd = process.memfd(2 * HUGE, { hugePages: true });
        const [shared, own] = [MAP_SHARED, MAP_PRIVATE].map((type) => map(process, 0n, type, fd, 2 * HUGE));
        if (shared === undefined || own === undefined) throw new Error('not mapped');
        const shown = (offset: number): number => Number(process.load(own + BigInt(offset), 1));
        process.store(own, 1, 1n);
        for (const at of [HUGE - PAGE, HUGE]) process.store(shared + BigInt(at), 1, 2n);
        expect([0, HUGE - PAGE, HUGE].map(shown)).toEqual([1, 0, 2]);
      });

      test('is physically in one piece within a page', () => {
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

    test('a process that ends unmaps them', () => {
      const kernel = new FakeKernel();
      const process = kernel.spawn();
      map(process, 0n, RESERVED, -1, HUGE);
      process.exit();
      expect(kernel.leftOver()).toEqual([]);
    });
  });
});
