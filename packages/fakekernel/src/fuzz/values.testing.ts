/** Values that are meaningful for a program: ids of its objects, addresses of its memory, and values next to these. */

import type { Random } from '@iommufd/testkit';
import { MOCK_APERTURE_LAST, MOCK_APERTURE_START, MOCK_PAGE_SIZE } from '@iommufd/uapi';
import type { ObjectKind } from '@iommufd/uapi/struct';
import { mockDriver } from '../drivers/mock/mock-driver.js';
import { AccessFile } from '../selftest/access.js';
import type { Process } from '../index.js';
import type { Area } from '../ioas/area.js';
import { IommufdContext } from '../iommufd/context.js';
import { EventFile } from '../iommufd/event-file.js';
import { HwptPaging } from '../iommufd/hwpt.js';
import { Ioas } from '../iommufd/ioas.js';
import { Viommu } from '../iommufd/viommu.js';
import type { IommufdObject } from '../iommufd/object.js';
import { DmaBuf } from '../process/dma-buf.js';
import type { File } from '../process/file.js';
import { Memfd } from '../process/memfd.js';
import { VfioDeviceFile } from '../vfio/cdev.js';
import { openFiles } from '../kernel-state.js';
import { PAGE, PLACES, type World } from './world.testing.js';

/** Kinds of files that a program can have open. */
const FILE_KINDS = {
  iommufd: IommufdContext,
  access: AccessFile,
  queue: EventFile,
  memfd: Memfd,
  dmabuf: DmaBuf,
  vfio: VfioDeviceFile,
};
export type FileKind = keyof typeof FILE_KINDS;

const LIMITS = [
  0n,
  1n,
  (1n << 32n) - 1n,
  1n << 53n,
  1n << 63n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
  (1n << 64n) - 4096n,
  (1n << 64n) - 2048n,
];

/** The end of the user address space, and an address of the kernel. */
const TASK_SIZE = 0x7fff_ffff_f000n;
const KERNEL = 0xffff_8880_0000_0000n;

/** The objects and addresses that a process can use at the time of a step. */
export class Surroundings {
  readonly process: Process;
  private readonly files: ReturnType<typeof openFiles>;
  private objects: readonly IommufdObject[] | undefined;
  private chosen: { readonly fd: number; readonly context: IommufdContext | undefined } | undefined;

  constructor(
    readonly world: World,
    readonly random: Random,
    readonly index: number,
  ) {
    this.process = world.process(index);
    this.files = openFiles(this.process).filter(({ fd }) => fd > 2);
  }

  get fdCount(): number {
    return this.files.length;
  }

  /** The descriptors of files of a kind that pass a test. */
  fdsOf(kind: FileKind, test: (file: File) => boolean = () => true): number[] {
    return this.files.flatMap(({ fd, file }) => (file instanceof FILE_KINDS[kind] && test(file) ? [fd] : []));
  }

  /** The descriptor of a file, most often of a given kind. */
  fd(...kinds: readonly FileKind[]): number {
    const { random } = this;
    if (!random.oneIn(16)) {
      const fd = random.maybe(kinds.flatMap((kind) => this.fdsOf(kind)));
      if (fd !== undefined) return fd;
    }
    return this.anyFd();
  }

  /** The descriptor of any file, rarely one that is not open. */
  anyFd(): number {
    const { random } = this;
    if (random.oneIn(12)) return random.pick([-1, 0, 2, 99, 1023, 1024, -100, 0x7fff_ffff]);
    return random.maybe(this.files)?.fd ?? 3;
  }

  /** The context of the step with its descriptor. Sometimes the descriptor is not that of a context. */
  private get context(): { readonly fd: number; readonly context: IommufdContext | undefined } {
    return (this.chosen ??= this.chooseContext());
  }

  /** Most often chooses the context with the most objects. */
  private chooseContext(): NonNullable<Surroundings['chosen']> {
    const contexts = this.files.flatMap(({ fd, file: context }) =>
      context instanceof IommufdContext ? [{ fd, context, count: [...context.objects].length }] : [],
    );
    const most = Math.max(...contexts.map(({ count }) => count));
    if (contexts.length > 0 && !this.random.oneIn(6))
      return this.random.pick(contexts.filter(({ count }) => count === most));
    const fd = this.fd('iommufd');
    const file = this.process.files.find(fd);
    return { fd, context: file instanceof IommufdContext ? file : undefined };
  }

  get contextFd(): number {
    return this.context.fd;
  }

  /** The IOAS of the context for VFIO's requests; 0 if it has none. */
  get vfioIoas(): number {
    return this.context.context?.vfioIoas?.id ?? 0;
  }

  private get live(): readonly IommufdObject[] {
    return (this.objects ??= [...(this.context.context?.objects ?? [])]);
  }

  get objectCount(): number {
    return this.live.length;
  }

  /** The object with an id. */
  object(id: number): IommufdObject | undefined {
    return this.context.context?.objects.find(id);
  }

  /** True if a page table or virtual IOMMU belongs to the mock driver, or does not exist. */
  isMock(id: number): boolean {
    const object = this.object(id);
    if (object instanceof Viommu) return object.driver === mockDriver;
    return object instanceof HwptPaging ? object.domain.driver === mockDriver : true;
  }

  /** The ids of objects of some kinds that pass a test. */
  idsOf(kinds: readonly ObjectKind[], test: (object: IommufdObject) => boolean = () => true): number[] {
    return this.live.flatMap((object) => (kinds.includes(kindOf(object)) && test(object) ? [object.id] : []));
  }

  /** An id, most often of an object of these kinds. */
  id(...kinds: readonly ObjectKind[]): number {
    const { random } = this;
    if (!random.oneIn(20)) {
      const id = random.maybe(this.idsOf(kinds));
      if (id !== undefined) return id;
    }
    if (random.oneIn(3)) return random.maybe(this.live)?.id ?? 1;
    return random.oneIn(8) ? random.next() : random.below(24);
  }

  /** The areas of the context's IOASes. */
  private get areas(): readonly Area[] {
    return this.live.flatMap((object) => (object instanceof Ioas ? object.table.allAreas() : []));
  }

  get areaCount(): number {
    return this.areas.length;
  }

  /** An IOVA: in a mapping, next to one, or anywhere that can be mapped. */
  iova(): bigint {
    const { random } = this;
    if (random.oneIn(16)) return random.pick(LIMITS);
    const area = random.oneIn(2) ? random.maybe(this.areas) : undefined;
    if (area !== undefined) {
      const { start, last, length } = area;
      const page = BigInt(PAGE);
      const inside = start + (BigInt.asUintN(32, random.long()) % length);
      const places = [start, start, start, start, last + 1n, start - page, start + page, last, inside];
      return BigInt.asUintN(64, random.pick(places));
    }
    const unit = random.pick([PAGE, PAGE, PAGE, MOCK_PAGE_SIZE, 1, 16 * PAGE, 2 << 20]);
    const base = random.pick([MOCK_APERTURE_START, MOCK_APERTURE_START, 0, MOCK_APERTURE_LAST + 1]);
    return BigInt.asUintN(64, BigInt(base + (random.below(34) - (base === 0 ? 0 : 2)) * unit));
  }

  /** The length of a range: that of a mapping, a number of whole pages, or almost one. */
  length(): bigint {
    const { random } = this;
    if (random.oneIn(16)) return random.pick(LIMITS);
    const area = random.oneIn(4) ? random.maybe(this.areas) : undefined;
    if (area !== undefined) return area.length + BigInt(random.pick([0, 0, 0, 1, -1, PAGE, 2048]));
    const unit = random.pick([PAGE, PAGE, PAGE, PAGE, MOCK_PAGE_SIZE, 1, 2 << 20]);
    return BigInt(unit * random.pick([1, 1, 2, 3, 4, 8, 16]) + (random.oneIn(20) ? 1 : 0));
  }

  /** The address of memory for `length` bytes, or of memory that is slightly too short. */
  address(length: number): bigint {
    const { random } = this;
    if (!random.oneIn(5)) return PLACES.data.at + BigInt(8 * random.below(PAGE / 8));
    return this.oddAddress(length);
  }

  /** An address at which a pointer to `length` bytes fails, or just succeeds. */
  oddAddress(length: number): bigint {
    const { random } = this;
    const place = random.pick(Object.values(PLACES));
    const end = place.at + BigInt(place.pages * PAGE);
    const bytes = BigInt(Math.min(length, PAGE));
    const { writableThenNot, notThenWritable, readableThenNot } = PLACES;
    const border = random.pick([writableThenNot, notThenWritable, readableThenNot]).at + BigInt(PAGE);
    switch (random.below(12)) {
      case 0:
        return random.pick([0n, 1n, 8n, BigInt(PAGE)]);
      case 1:
        return random.pick([TASK_SIZE, TASK_SIZE - bytes, TASK_SIZE - 1n, KERNEL, (1n << 64n) - bytes]);
      case 2:
        return random.pick(LIMITS);
      case 3:
      case 4:
        // The range ends where the memory ends.
        return end - bytes;
      case 5:
        return end - BigInt(random.below(Number(bytes) + 1));
      case 6:
      case 7:
        return border - BigInt(random.below(Number(bytes) + 1));
      case 8:
        return border - bytes;
      default:
        return (
          place.at + BigInt(random.below(place.pages) * PAGE + (random.oneIn(2) ? random.below(PAGE) : 0))
        );
    }
  }

  /** Memory that can be mapped in an IOAS. */
  mappable(): bigint {
    const { random } = this;
    const { mappable, file, huge, ragged } = PLACES;
    if (random.oneIn(8)) return this.oddAddress(PAGE);
    const place = random.pick([mappable, mappable, mappable, mappable, file, huge, huge, ragged]);
    const page = random.oneIn(3) ? 0 : random.below(place.pages);
    const offset = random.oneIn(8) ? random.pick([1, 2048, 0xfff, random.below(PAGE)]) : 0;
    return place.at + BigInt(page * PAGE + offset);
  }

  /** A 64-bit number, for fields without a better value. */
  long(): bigint {
    const { random } = this;
    switch (random.below(6)) {
      case 0:
        return random.long();
      case 1:
        return random.pick(LIMITS);
      case 2:
        return this.iova();
      default:
        return BigInt(random.below(8));
    }
  }
}

/** The kind of an object, as the declarations name it. */
export function kindOf({ kind }: IommufdObject): ObjectKind {
  return kind === 'selftest' ? 'mock_device' : kind;
}
