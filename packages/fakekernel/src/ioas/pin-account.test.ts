import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  errno,
  IOMMU_IOAS_CHANGE_PROCESS,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_IOAS_UNMAP,
  IOMMU_OPTION,
  iommu_test_op,
  iommufd_ioas_map_flags,
  iommufd_option,
  iommufd_option_ops,
} from '@iommufd/uapi';
import { FakeKernel, mockModule, type Privileges } from '../index.js';
import { TestProgram } from '../program.testing.js';

const PAGE = 4096;
const { IOMMU_IOAS_MAP_READABLE } = iommufd_ioas_map_flags;
/** The IOAS of each program. */
const IOAS = 1;

let kernel: FakeKernel;

beforeEach(() => {
  kernel = new FakeKernel([mockModule]);
});

/** A program with a limit of four pages, unless `privileges` changes it. */
class Limited extends TestProgram {
  constructor(privileges: Partial<Privileges> = {}) {
    super(32, kernel, { ipcLock: false, memlock: 4 * PAGE, ...privileges });
  }

  /** Attaches a device: mappings are pinned from now on. */
  attach(): this {
    expect(this.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = IOAS))).toBe(0);
    return this;
  }

  /** Switches to accounting by address space, as VFIO does. A context allows this only before it has an object. */
  countByMm(): this {
    const fd = this.process.open('/dev/iommu');
    const set = this.call(
      IOMMU_OPTION,
      (cmd) => {
        cmd.option_id = iommufd_option.IOMMU_OPTION_RLIMIT_MODE;
        cmd.op = iommufd_option_ops.IOMMU_OPTION_OP_SET;
        cmd.val64 = 1n;
      },
      fd,
    );
    expect([set, this.process.dup2(fd, this.fd), this.process.close(fd)]).toEqual([0, this.fd, 0]);
    expect(this.allocIoas()).toBe(0);
    return this;
  }

  map(pages: number): number {
    return this.call(IOMMU_IOAS_MAP, (cmd) => {
      const length = BigInt(pages * PAGE);
      const user_va = this.at + BigInt(PAGE);
      Object.assign(cmd, { flags: IOMMU_IOAS_MAP_READABLE, ioas_id: IOAS, user_va, length });
    });
  }

  mapFile(pages: number, fd = this.process.memfd(pages * PAGE)): number {
    return this.call(IOMMU_IOAS_MAP_FILE, (cmd) => {
      Object.assign(cmd, { flags: IOMMU_IOAS_MAP_READABLE, ioas_id: IOAS, fd, length: BigInt(pages * PAGE) });
    });
  }

  unmapAll(): number {
    return this.call(IOMMU_IOAS_UNMAP, (cmd) =>
      Object.assign(cmd, { ioas_id: IOAS, iova: 0n, length: (1n << 64n) - 1n }),
    );
  }

  /** The counts of the kernel: `user->locked_vm`, `mm->locked_vm`, `mm->pinned_vm`. */
  get counts(): readonly number[] {
    const { user, memorySpace } = this.process;
    return [user.count, memorySpace.lockedPages.count, memorySpace.pinnedPages];
  }
}

describe('locked pages', () => {
  test('of all processes of a user are counted together', () => {
    const [one, two, other] = [1000, 1000, 1001].map((uid) => new Limited({ uid }).attach());
    expect([one?.map(3), two?.map(2), other?.map(4)]).toEqual([0, -errno.ENOMEM, 0]);
    expect([two?.map(1), one?.map(1)]).toEqual([0, -errno.ENOMEM]);
    expect([one?.counts, two?.counts, other?.counts]).toEqual([
      [4, 0, 3],
      [4, 0, 1],
      [4, 0, 4],
    ]);
    one?.process.exit();
    expect([two?.map(3), two?.counts]).toEqual([0, [4, 0, 4]]);
  });

  test('of a user are limited by RLIMIT_MEMLOCK of the process that maps', () => {
    const small = new Limited({ memlock: 2 * PAGE }).attach();
    const large = new Limited().attach();
    expect([large.map(3), small.map(1), large.map(1)]).toEqual([0, -errno.ENOMEM, 0]);
  });

  test('stay charged to the old user if the process changes its user', () => {
    const program = new Limited({ uid: 1 }).attach();
    const other = new Limited({ uid: 2 }).attach();
    expect(program.map(4)).toBe(0);
    program.process.become({ uid: 2 });
    expect([program.map(3), other.map(2), other.map(1)]).toEqual([0, -errno.ENOMEM, 0]);
    expect([kernel.userOf(1).count, kernel.userOf(2).count]).toEqual([4, 4]);
    expect([program.unmapAll(), kernel.userOf(1).count, kernel.userOf(2).count]).toEqual([0, 0, 1]);
  });

  test('are checked against the current limit of the process', () => {
    const program = new Limited().attach();
    program.process.become({ memlock: 2 * PAGE });
    expect([program.map(3), program.map(2)]).toEqual([-errno.ENOMEM, 0]);
    program.process.become({ ipcLock: true });
    expect([program.map(3), program.counts]).toEqual([0, [2, 0, 5]]);
  });

  test('of an address space are counted separately, with the same limit', () => {
    const byUser = new Limited().attach();
    const byMm = new Limited().countByMm().attach();
    expect([byUser.map(4), byMm.map(4), byUser.map(1), byMm.map(1)]).toEqual([
      0,
      0,
      -errno.ENOMEM,
      -errno.ENOMEM,
    ]);
    expect([byUser.counts, byMm.counts]).toEqual([
      [4, 0, 4],
      [4, 4, 4],
    ]);
    expect([byUser.unmapAll(), byMm.unmapAll()]).toEqual([0, 0]);
    expect([byUser.counts, byMm.counts]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('of two contexts of a process are counted in the mode of each context', () => {
    const program = new Limited().attach();
    expect(program.map(4)).toBe(0);
    const fd = program.process.dup(program.fd);
    program.countByMm().attach();
    expect([program.map(4), program.counts]).toEqual([0, [4, 4, 8]]);
    program.process.close(fd);
    expect(program.counts).toEqual([0, 4, 4]);
  });

  test('have no limit with CAP_IPC_LOCK, and count only as pinned', () => {
    const program = new Limited({ ipcLock: true, memlock: 0 }).attach();
    expect([program.map(8), program.counts]).toEqual([0, [0, 0, 8]]);
  });

  test('do not include device memory, which is not pinned', () => {
    const program = new Limited({ memlock: 0 }).attach();
    const { IOMMU_TEST_OP_DMABUF_GET } = iommu_test_op;
    const made = program.testCmd(IOMMU_TEST_OP_DMABUF_GET, (cmd) => (cmd.dmabuf_get.length = 2 * PAGE));
    expect([made, program.mapFile(2, program.fd + 1), program.counts]).toEqual([0, 0, [0, 0, 0]]);
  });

  test('begin at zero in the new address space after an exec', () => {
    const program = new Limited().countByMm().attach();
    expect([program.mapFile(4), program.counts]).toEqual([0, [0, 4, 4]]);
    program.process.exec();
    expect(program.counts).toEqual([0, 0, 0]);
    // A duplicate of the file stays open across the exec.
    program.process.close(program.fd);
    expect([program.counts, kernel.pages.size]).toEqual([[0, 0, 0], 0]);
  });

  test('are limited to whole pages', () => {
    const program = new Limited({ memlock: 3 * PAGE - 1 }).attach();
    expect([program.map(3), program.map(2)]).toEqual([-errno.ENOMEM, 0]);
  });
});

describe('IOMMU_IOAS_CHANGE_PROCESS', () => {
  /** Passes the context of one process to another, which then calls the ioctl. */
  function handOver(from: Limited, to: Limited): number {
    to.process.files.install(to.fd, from.process.files.get(from.fd).get(), false);
    return to.call(IOMMU_IOAS_CHANGE_PROCESS, () => undefined);
  }

  test('moves locked pages to another user', () => {
    const [from, to] = [new Limited({ uid: 1 }).attach(), new Limited({ uid: 2 })];
    expect([from.mapFile(4), handOver(from, to)]).toEqual([0, 0]);
    expect([from.counts, to.counts]).toEqual([
      [0, 0, 0],
      [4, 0, 4],
    ]);
  });

  test('within the same user needs room for the pages twice', () => {
    const from = new Limited({ memlock: 8 * PAGE }).attach();
    expect([from.mapFile(4), handOver(from, new Limited({ memlock: 7 * PAGE }))]).toEqual([0, -errno.ENOMEM]);
    expect(from.counts).toEqual([4, 0, 4]);
    const to = new Limited({ memlock: 8 * PAGE });
    expect([handOver(from, to), from.counts, to.counts]).toEqual([0, [4, 0, 0], [4, 0, 4]]);
  });

  test('moves the locked pages of an address space, whatever the user', () => {
    const from = new Limited().countByMm().attach();
    const to = new Limited();
    expect([from.mapFile(4), handOver(from, to)]).toEqual([0, 0]);
    expect([from.counts, to.counts]).toEqual([
      [0, 0, 0],
      [0, 4, 4],
    ]);
  });

  test('does nothing if the process is already charged, and moves pages that it charged before an exec', () => {
    const program = new Limited().attach();
    const change = (): number => program.call(IOMMU_IOAS_CHANGE_PROCESS, () => undefined);
    // The limit has no room for the pages twice.
    expect([program.mapFile(4), change(), program.counts]).toEqual([0, 0, [4, 0, 4]]);
    const { fd } = program;
    program.process.inherit(fd + 9, '/dev/iommu');
    program.process.dup2(fd, fd + 9);
    program.process.exec();
    const at = program.process.mapHost(program.memory, 3);
    program.memory.fill(0, 0, 8)[0] = 8;
    expect(program.process.ioctl(fd + 9, IOMMU_IOAS_CHANGE_PROCESS.request, at)).toBe(-errno.ENOMEM);
    expect(program.counts).toEqual([4, 0, 0]);
  });

  test('moves locked pages to the current user of the process', () => {
    const program = new Limited({ uid: 1 }).attach();
    expect(program.mapFile(4)).toBe(0);
    program.process.become({ uid: 2 });
    expect(program.call(IOMMU_IOAS_CHANGE_PROCESS, () => undefined)).toBe(0);
    expect([kernel.userOf(1).count, program.counts]).toEqual([0, [4, 0, 4]]);
  });

  test('fails with EINVAL if an address space that was charged has ended, but moves its pages', () => {
    const program = new Limited().countByMm().attach();
    expect(program.mapFile(4)).toBe(0);
    const { process, fd } = program;
    process.inherit(fd + 9, '/dev/iommu');
    process.dup2(fd, fd + 9);
    process.exec();
    const at = process.mapHost(program.memory, 3);
    const change = (): number => {
      program.memory.fill(0, 0, 8)[0] = 8;
      return process.ioctl(fd + 9, IOMMU_IOAS_CHANGE_PROCESS.request, at);
    };
    expect([change(), program.counts]).toEqual([-errno.EINVAL, [0, 4, 4]]);
    expect([change(), program.counts]).toEqual([0, [0, 4, 4]]);
    // `update_unpinned()` uncharges no more than it has charged, which it believes to be nothing.
    process.close(fd + 9);
    expect(program.counts).toEqual([0, 4, 4]);
  });

  test('does not charge pages that were mapped with CAP_IPC_LOCK, but counts it as theirs when they are unpinned', () => {
    const [from, to] = [new Limited({ ipcLock: true }).attach(), new Limited({ memlock: 0 })];
    expect([from.mapFile(8), handOver(from, to)]).toEqual([0, 0]);
    expect([from.counts, to.counts]).toEqual([
      [0, 0, 8],
      [0, 0, 0],
    ]);
    expect([to.unmapAll(), from.counts, to.counts]).toEqual([0, [0, 0, 8], [0, 0, -8]]);
  });
});
