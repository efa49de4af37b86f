/**
 * The machine of a random program: a kernel, processes with the same memory at the same addresses, and plugged devices. {@link
 * World} creates it from a {@link Setup}; {@link PLACES} has the addresses of its memory.
 */

import type { Random } from '@iommufd/testkit';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import type { DmaDevice } from '../hardware/dma-device.js';
import { FakeKernel, FakeSmmuv3, MockDevice, mockModule, type Privileges, type Process } from '../index.js';
import { openFiles } from '../kernel-state.js';
import type { File } from '../process/file.js';

export const PAGE = 4096;

/** Addresses of the memory that every process has at first. After each range is a hole. */
export const PLACES = {
  /** Four pages for the arguments of ioctls. */
  arguments: { at: 0x2000_0000n, pages: 4 },
  /** Eight pages for data that arguments point to. */
  data: { at: 0x2010_0000n, pages: 8 },
  /** Memory to map in an IOAS, which the program also unmaps and replaces. */
  mappable: { at: 0x1000_0000n, pages: 48 },
  /** A file, four pages. */
  file: { at: 0x1801_0000n, pages: 4 },
  /** The same file, read-only. */
  readOnly: { at: 0x1802_0000n, pages: 4 },
  /** PROT_NONE. */
  none: { at: 0x1803_0000n, pages: 4 },
  /** The first page of the file, and its second page read-only. */
  writableThenNot: { at: 0x1804_0000n, pages: 2 },
  /** The first page of the file read-only, and its second page. */
  notThenWritable: { at: 0x1805_0000n, pages: 2 },
  /** A page, followed by one with PROT_NONE. */
  readableThenNot: { at: 0x1806_0000n, pages: 2 },
  /** A file that ends within its last page. */
  ragged: { at: 0x1900_0000n, pages: 8 },
  /** Anonymous memory that is large enough for huge pages. */
  huge: { at: 0x3000_0000n, pages: 1024 },
} as const;

/** File descriptors that every process has at first. */
export const FILE_FD = 3;
export const RAGGED_FD = 4;
export const IOMMU_FD = 5;
/** Size in bytes: 7.5 pages. */
export const RAGGED_BYTES = 30720;

/** The configuration of a world. */
export interface Setup {
  readonly transparentHugePages: 'always' | 'never';
  /** True if it has an SMMUv3 with two devices. */
  readonly hasSmmu: boolean;
  /** For each process, the privileges that differ from root's. */
  readonly processes: readonly Partial<Privileges>[];
  /** The order in which the processes exit. */
  readonly exitOrder: readonly number[];
}

/** A random world. The first process is root, possibly with a limit of locked memory; the others may lack privileges. */
export function randomSetup(random: Random): Setup {
  const unprivileged = (): Partial<Privileges> => ({
    ipcLock: random.oneIn(3),
    sysResource: random.oneIn(2),
    rawIo: random.oneIn(2),
    sysAdmin: random.oneIn(2),
    uid: random.pick([0, 1000]),
    memlock: random.pick([0, 1, 8, 40, 2048]) * PAGE,
  });
  const first = random.oneIn(2) ? {} : { ipcLock: false, memlock: 2048 * PAGE };
  const processes = [first, random.oneIn(3) ? {} : unprivileged(), unprivileged()];
  const exitOrder = random.pick([
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]);
  const transparentHugePages = random.oneIn(2) ? 'always' : 'never';
  return { transparentHugePages, hasSmmu: random.oneIn(3), processes, exitOrder };
}

/** Bytes that a program writes. */
export interface Poke {
  readonly at: bigint;
  readonly bytes: Uint8Array;
}

/** A world whose references and pins can be recounted: {@link World}, or a kernel with some processes. */
export type CountedWorld = Pick<World, 'kernel' | 'processes' | 'files'> &
  Partial<Pick<World, 'hasMovedUnlimited'>>;

export class World {
  readonly kernel: FakeKernel;
  readonly processes: Process[] = [];
  /**
   * True if IOMMU_IOAS_CHANGE_PROCESS has moved pages without a limit. `pinned_vm` of the address spaces is not what they have mapped
   * then: it stays with the previous one, and is taken from the next one.
   */
  hasMovedUnlimited = false;
  /** The plugged devices, and their paths with the same index. */
  readonly devices: readonly DmaDevice[];
  readonly paths: readonly string[];

  constructor(private readonly setup: Setup) {
    this.kernel = new FakeKernel([mockModule], { transparentHugePages: setup.transparentHugePages });
    const mock = [new MockDevice({ pasids: true }), new MockDevice({ dirtyTracking: false })];
    this.devices = setup.hasSmmu ? [...mock, ...smmuDevices(this.kernel)] : mock;
    this.paths = this.devices.map((device) => this.kernel.plug(device));
    for (const index of setup.processes.keys()) this.spawn(index);
  }

  /** Starts a process with the initial memory and files. */
  private spawn(index: number): void {
    const process = this.kernel.spawn(this.setup.processes[index]);
    this.processes[index] = process;
    expectResult(process.memfd(PLACES.file.pages * PAGE), FILE_FD);
    expectResult(process.memfd(RAGGED_BYTES), RAGGED_FD);
    expectResult(process.open('/dev/iommu'), IOMMU_FD);
    layOut(process);
  }

  /** Ends a process, and starts another one in its place. */
  restart(index: number): void {
    this.process(index).exit();
    this.spawn(index);
  }

  /** Runs another program in a process. */
  exec(index: number): void {
    const process = this.process(index);
    process.exec();
    layOut(process);
  }

  process(index: number): Process {
    const process = this.processes[index];
    if (process === undefined) throw new RangeError(`there is no process ${index}`);
    return process;
  }

  /** Every file that a process has open, or that is mapped with MAP_FILE. */
  files(): Set<File> {
    return filesIn(this.kernel, this.processes);
  }

  /** Ends all processes. */
  end(): void {
    for (const index of this.setup.exitOrder) this.process(index).exit();
  }

  /** Writes to the program's memory, where it is mapped and readable. */
  poke(process: Process, { at, bytes }: Poke): void {
    for (let done = 0; done < bytes.length;) {
      const from = at + BigInt(done);
      const count = Math.min(PAGE - Number(from % BigInt(PAGE)), bytes.length - done);
      if (process.memorySpace.visible(from, count) !== undefined) {
        process.memory(from, count).set(bytes.subarray(done, done + count));
      }
      done += count;
    }
  }
}

/** Every file that one of the processes has open, or that is mapped with MAP_FILE. */
export function filesIn(kernel: FakeKernel, processes: readonly Process[]): Set<File> {
  const files = new Set<File>(kernel.contexts);
  for (const process of processes) for (const { file } of openFiles(process)) files.add(file);
  for (const { source } of kernel.pages) if (source.kind !== 'user') files.add(source.file);
  return files;
}

function smmuDevices(kernel: FakeKernel): DmaDevice[] {
  const smmu = new FakeSmmuv3(kernel);
  return [
    smmu.addDevice({ streamId: 0x28, pasidBits: 3, canStall: true, canwbs: true }),
    smmu.addDevice({ streamId: 0x30, ats: true, canwbs: true }),
  ];
}

/** Creates the initial mappings of a process. An exec closes files, so they are opened before they are mapped. */
function layOut(process: Process): void {
  const { arguments: args, data, mappable, none, readableThenNot, huge } = PLACES;
  const { file, readOnly, writableThenNot, notThenWritable, ragged } = PLACES;
  const both = PROT_READ | PROT_WRITE;
  const mmap = (at: bigint, pages: number, prot: number, flags: number, fd = -1, offset = 0): void => {
    expectResult(process.mmap(at, pages * PAGE, prot, flags | MAP_FIXED, fd, BigInt(offset)), at);
  };
  const anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  for (const { at, pages } of [args, data, mappable, huge]) mmap(at, pages, both, anonymous);
  // Makes writes to the wrong place visible.
  process.memory(data.at, data.pages * PAGE).fill(0x5a);
  mmap(none.at, none.pages, 0, anonymous);
  mmap(readableThenNot.at, 1, both, anonymous);
  mmap(readableThenNot.at + BigInt(PAGE), 1, 0, anonymous);
  if (process.files.find(FILE_FD)?.memory?.size === file.pages * PAGE) {
    mmap(file.at, file.pages, both, MAP_SHARED, FILE_FD);
    mmap(readOnly.at, readOnly.pages, PROT_READ, MAP_SHARED, FILE_FD);
    mmap(writableThenNot.at, 1, both, MAP_SHARED, FILE_FD);
    mmap(writableThenNot.at + BigInt(PAGE), 1, PROT_READ, MAP_SHARED, FILE_FD, PAGE);
    mmap(notThenWritable.at, 1, PROT_READ, MAP_SHARED, FILE_FD);
    mmap(notThenWritable.at + BigInt(PAGE), 1, both, MAP_SHARED, FILE_FD, PAGE);
  }
  if (process.files.find(RAGGED_FD)?.memory?.size === RAGGED_BYTES) {
    mmap(ragged.at, ragged.pages, both, MAP_SHARED, RAGGED_FD);
  }
}

function expectResult(found: number | bigint, wanted: number | bigint): void {
  if (found !== wanted) throw new Error(`a call of the set-up returns ${found} instead of ${wanted}`);
}
