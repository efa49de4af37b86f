/** Memfds whose size changes, or that lose pages, while pages are mapped and pinned. */
import { describe, expect, test } from '@jest/globals';
import {
  errno,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { result } from '../errno.js';
import { FakeKernel, type Process } from '../index.js';
import type { PageOfObject } from './memory-object.js';

const PAGE = 4096;
const HUGE = 2 << 20;
const RW = PROT_READ | PROT_WRITE;
const HOLE = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

class Mapped {
  readonly process = new FakeKernel().spawn();
  readonly fd: number;
  readonly at: bigint;

  constructor(
    readonly size: number,
    { hugePages = false, type = MAP_SHARED, length = size } = {},
  ) {
    this.fd = this.process.memfd(size, { hugePages });
    this.at = this.map(type, length);
  }

  map(type: number, length = this.size): bigint {
    return this.process.mmap(0n, length, RW, type, this.fd, 0n);
  }

  fill(value: number, at = this.at, length = this.size): void {
    for (let page = 0; page < length; page += PAGE)
      this.process.memorySpace.write(at + BigInt(page), new Uint8Array(PAGE).fill(value));
  }

  /** The byte at an offset; a negative errno if it cannot be read. */
  byte(offset: number, at = this.at): number {
    return result(() => this.process.memorySpace.read(at + BigInt(offset), 1)[0] ?? -1);
  }

  pin(offset: number, at = this.at): PageOfObject {
    return this.process.memorySpace.pinOne(Number(at) + offset, true);
  }
}

/** The first byte of a pinned page, as a device reads it. */
const first = ({ object, index }: PageOfObject): number => object.look(index * PAGE, 1)[0] ?? -1;
const same = (one: PageOfObject, other: PageOfObject): boolean =>
  one.object === other.object && one.index === other.index;

describe('ftruncate', () => {
  test('removes pages: a pinned one stays with the device, and the file has a new one when it grows again', () => {
    const memory = new Mapped(3 * PAGE);
    const { process, fd } = memory;
    memory.fill(7);
    const pinned = [0, PAGE, 2 * PAGE].map((offset) => memory.pin(offset));
    expect(process.ftruncate(fd, PAGE)).toBe(0);
    expect([0, PAGE, 2 * PAGE].map((offset) => memory.byte(offset))).toEqual([
      7,
      -errno.EFAULT,
      -errno.EFAULT,
    ]);
    expect(result(() => memory.pin(PAGE).index)).toBe(-errno.EFAULT);
    expect(process.ftruncate(fd, 3 * PAGE)).toBe(0);
    expect([0, PAGE, 2 * PAGE].map((offset) => memory.byte(offset))).toEqual([7, 0, 0]);
    expect(pinned.map(first)).toEqual([7, 7, 7]);
    memory.fill(8);
    expect(pinned.map(first)).toEqual([8, 7, 7]);
    const again = [0, PAGE, 2 * PAGE].map((offset) => memory.pin(offset));
    expect(again.map((page, i) => same(page, pinned[i] ?? page))).toEqual([true, false, false]);
  });

  test('frees pages that are not pinned, also those that the caller has a view of', () => {
    const memory = new Mapped(2 * PAGE);
    const view = memory.process.memory(memory.at, 2 * PAGE);
    view.fill(7);
    memory.process.ftruncate(memory.fd, PAGE);
    memory.process.ftruncate(memory.fd, 2 * PAGE);
    expect([view[0], view[PAGE], memory.byte(PAGE)]).toEqual([7, 0, 0]);
    view[PAGE] = 9;
    expect(memory.byte(PAGE)).toBe(9);
  });

  test('zeroes the rest of the last page where it is', () => {
    const memory = new Mapped(PAGE);
    memory.fill(7);
    const pinned = memory.pin(0);
    memory.process.ftruncate(memory.fd, 100);
    expect([99, 100, PAGE - 1].map((offset) => memory.byte(offset))).toEqual([7, 0, 0]);
    expect([...pinned.object.look(99, 2)]).toEqual([7, 0]);
    expect(memory.process.files.get(memory.fd).memory?.size).toBe(100);
    // Also what was written beyond the end, as Linux 6.18 does.
    memory.fill(8);
    memory.process.ftruncate(memory.fd, 50);
    memory.process.ftruncate(memory.fd, PAGE);
    expect([49, 50, 100, PAGE - 1].map((offset) => memory.byte(offset))).toEqual([8, 0, 0, 0]);
  });

  test('lets a mapping beyond the end reach the pages of a file that has grown', () => {
    const memory = new Mapped(0, { length: 2 * PAGE });
    expect(memory.byte(0)).toBe(-errno.EFAULT);
    memory.process.ftruncate(memory.fd, PAGE);
    const view = memory.process.memory(memory.at, PAGE);
    view[0] = 5;
    memory.process.ftruncate(memory.fd, 2 * PAGE);
    expect([memory.byte(0), memory.byte(PAGE)]).toEqual([5, 0]);
    expect(memory.process.memory(memory.at, PAGE)[0]).toBe(5);
    expect(() => memory.process.memory(memory.at, 2 * PAGE)).toThrow(/the file has grown since a view/);
  });

  test('removes the copies of private mappings too: a pinned one stays with the device', () => {
    const memory = new Mapped(2 * PAGE);
    const { process, fd } = memory;
    const own = memory.map(MAP_PRIVATE);
    memory.fill(1);
    memory.fill(2, own);
    const pinned = memory.pin(PAGE, own);
    process.ftruncate(fd, PAGE);
    expect([memory.byte(0, own), memory.byte(PAGE, own)]).toEqual([2, -errno.EFAULT]);
    process.ftruncate(fd, 2 * PAGE);
    memory.fill(3);
    expect([memory.byte(0, own), memory.byte(PAGE, own), first(pinned)]).toEqual([2, 3, 2]);
    expect(same(memory.pin(PAGE, own), pinned)).toBe(false);
  });

  test('takes whole huge pages only', () => {
    const memory = new Mapped(2 * HUGE, { hugePages: true });
    memory.fill(7, memory.at + BigInt(HUGE), PAGE);
    const pinned = memory.pin(HUGE);
    expect(memory.process.ftruncate(memory.fd, HUGE + PAGE)).toBe(-errno.EINVAL);
    expect(memory.process.ftruncate(memory.fd, HUGE)).toBe(0);
    expect([memory.byte(0), memory.byte(HUGE)]).toEqual([0, -errno.EFAULT]);
    expect(memory.process.ftruncate(memory.fd, 2 * HUGE)).toBe(0);
    expect([memory.byte(HUGE), first(pinned), pinned.object.block(pinned.index).count]).toEqual([0, 7, 512]);
  });

  test('checks the size before the descriptor, and the descriptor before the kind of the file', () => {
    const { process, fd } = new Mapped(PAGE);
    const iommu = process.open('/dev/iommu');
    const sizes = [-1, 1.5, 2 ** 63].map((size) => process.ftruncate(99, size));
    expect(sizes).toEqual([-errno.EINVAL, -errno.EINVAL, -errno.EINVAL]);
    expect([process.ftruncate(99, 0), process.ftruncate(iommu, 0)]).toEqual([-errno.EBADF, -errno.EINVAL]);
    expect([process.ftruncate(fd, 2 ** 62), process.ftruncate(fd, 0)]).toEqual([0, 0]);
  });
});

describe('fallocate', () => {
  test('removes whole pages, and zeroes parts of pages where they are', () => {
    const memory = new Mapped(4 * PAGE);
    memory.fill(7);
    const pinned = [0, PAGE, 2 * PAGE, 3 * PAGE].map((offset) => memory.pin(offset));
    expect(memory.process.fallocate(memory.fd, HOLE, PAGE - 1, 2 * PAGE + 2)).toBe(0);
    expect([0, PAGE - 1, PAGE, 2 * PAGE, 3 * PAGE, 3 * PAGE + 1].map((at) => memory.byte(at))).toEqual([
      7, 0, 0, 0, 0, 7,
    ]);
    expect(pinned.map(first)).toEqual([7, 7, 7, 0]);
    expect(pinned[0]?.object.look(PAGE - 1, 1)[0]).toBe(0);
    memory.fill(9);
    expect(pinned.map(first)).toEqual([9, 7, 7, 9]);
    // Within one page, and beyond the end.
    memory.process.fallocate(memory.fd, HOLE, 1, 2);
    memory.process.fallocate(memory.fd, HOLE, 3 * PAGE, 2 ** 40);
    expect([0, 1, 2, 3, 3 * PAGE].map((at) => memory.byte(at))).toEqual([9, 0, 0, 9, 0]);
  });

  test('keeps the copies of a private mapping, but not those of huge pages', () => {
    const seen = (hugePages: boolean): number[] => {
      const unit = hugePages ? HUGE : PAGE;
      const memory = new Mapped(unit, { hugePages });
      const own = memory.map(MAP_PRIVATE);
      memory.fill(1, memory.at, PAGE);
      memory.fill(2, own, PAGE);
      memory.process.fallocate(memory.fd, HOLE, 0, unit);
      return [memory.byte(0), memory.byte(0, own)];
    };
    expect([seen(false), seen(true)]).toEqual([
      [0, 2],
      [0, 0],
    ]);
  });

  test('zeroes a part of a huge page', () => {
    const memory = new Mapped(2 * HUGE, { hugePages: true });
    for (const at of [0, HUGE - PAGE, HUGE, 2 * HUGE - PAGE]) memory.fill(7, memory.at + BigInt(at), PAGE);
    const pinned = [HUGE - PAGE, HUGE].map((offset) => memory.pin(offset));
    memory.process.fallocate(memory.fd, HOLE, PAGE, 2 * HUGE - PAGE);
    expect([0, HUGE - PAGE, HUGE, 2 * HUGE - PAGE].map((at) => memory.byte(at))).toEqual([7, 0, 0, 0]);
    expect(pinned.map(first)).toEqual([0, 7]);
  });

  test('extends the file, unless it keeps the size', () => {
    const { process, fd } = new Mapped(PAGE);
    const size = (): number | undefined => process.files.get(fd).memory?.size;
    expect([process.fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE), size()]).toEqual([0, PAGE]);
    expect([process.fallocate(fd, 0, PAGE, 100), size()]).toEqual([0, PAGE + 100]);
    expect([process.fallocate(fd, 0, 0, PAGE), size()]).toEqual([0, PAGE + 100]);
  });

  test('a huge page that is only partly in the file does not exist', () => {
    const memory = new Mapped(HUGE, { hugePages: true });
    memory.process.fallocate(memory.fd, 0, 0, HUGE + 100);
    const at = memory.process.mmap(0n, 2 * HUGE, PROT_READ, MAP_SHARED, memory.fd, 0n);
    expect([memory.byte(0, at), memory.byte(HUGE, at)]).toEqual([0, -errno.EFAULT]);
  });

  test('checks its arguments in the order of Linux', () => {
    const { process, fd } = new Mapped(PAGE);
    const iommu = process.open('/dev/iommu');
    const tried = (file: number, mode: number, offset: number, length: number): number =>
      process.fallocate(file, mode, offset, length);
    expect(tried(99, 0x100, -1, 0)).toBe(-errno.EBADF);
    expect([tried(iommu, 0x100, -1, 1), tried(fd, 0, 0, 0)]).toEqual([-errno.EINVAL, -errno.EINVAL]);
    expect([tried(iommu, 0x100, 0, 1), tried(iommu, FALLOC_FL_PUNCH_HOLE, 0, 1)]).toEqual([
      -errno.EOPNOTSUPP,
      -errno.EOPNOTSUPP,
    ]);
    expect([tried(iommu, HOLE, 0, 1), tried(fd, HOLE, 2 ** 62, 2 ** 62)]).toEqual([
      -errno.ENODEV,
      -errno.EFBIG,
    ]);
    // FALLOC_FL_ZERO_RANGE
    expect(tried(fd, 0x10, 0, 1)).toBe(-errno.EOPNOTSUPP);
  });
});

test('a snapshot has the pages that a file has lost, and its own', () => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const fd = process.memfd(PAGE);
  const [at, own] = [MAP_SHARED, MAP_PRIVATE].map((type) => process.mmap(0n, PAGE, RW, type, fd, 0n));
  if (at === undefined || own === undefined) throw new Error('not mapped');
  process.memorySpace.write(at, Uint8Array.of(7));
  process.memorySpace.write(own, Uint8Array.of(6));
  const pinned = process.memorySpace.pinOne(Number(at), true);
  process.ftruncate(fd, 0);
  process.ftruncate(fd, PAGE);
  process.memorySpace.write(at, Uint8Array.of(8));
  const keep: { readonly process: Process; readonly pinned: PageOfObject } = { process, pinned };
  const { kept } = FakeKernel.restore(structuredClone(kernel.snapshot({ keep })));
  const read = (address: bigint): number | undefined => kept.process.memorySpace.read(address, 1)[0];
  expect([read(at), read(own), first(kept.pinned)]).toEqual([8, 8, 7]);
  kept.process.ftruncate(fd, 0);
  kept.process.ftruncate(fd, PAGE);
  expect([read(at), first(kept.pinned)]).toEqual([0, 7]);
});
