/**
 * Memory that processes share, as a tape has it: a memfd of process 0 for each, which lends it to a process for the time of a step
 * that maps it. Eventfds that interrupts are sent to are held in the same way.
 */

import { EFD_SEMAPHORE, MAP_FIXED, MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from '@iommufd/fakekernel/task';
import type { Step } from '@iommufd/tape';
import type { EventfdFacts } from '../linux/proc.js';
import type { RemoteVma } from '../memory/maps.js';
import { keyOf } from '../memory/shared-pages.js';
import { hex } from './about.js';
import { HOLDER, type Holding, LENT } from './recorded-files.js';
import type { SharedMemory } from './recorded-memory.js';
import type { ProcessNow, RecordedProcesses } from './recorded-processes.js';

/** Where {@link HOLDER} has shared memory mapped: programs have nothing there. */
const HOLDER_MEMORY = 0x2000_0000_0000;
/** A size beyond this is that of a sparse file, of which little is mapped. */
const MOST_OF_FILE = 2 ** 45;
/** `eventfd()` takes an unsigned int. */
const MOST_OF_INIT = 2n ** 32n - 1n;

/** Where {@link HOLDER} has it. */
interface Place {
  readonly address: number;
  readonly size: number;
}

function hasKey<File extends object>(now: ReadonlyMap<number, Holding<File>>, key: string): boolean {
  for (const holding of now.values()) if (holding.kind === 'memory' && holding.key === key) return true;
  return false;
}

/** @see the head of this file */
export class RecordedShared<File extends object> implements SharedMemory {
  private readonly places = new Map<string, Place>();
  private readonly eventfds = new Set<string>();
  private next = HOLDER_MEMORY;

  /**
   * @param write puts steps into the tape
   * @param sizeOf tells the size of the memory that a mapping shows; undefined if it is not known
   */
  constructor(
    private readonly processes: RecordedProcesses<File>,
    private readonly write: (steps: readonly Step[]) => void,
    private readonly sizeOf: (vma: RemoteVma) => number | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.places.size === 0 && this.eventfds.size === 0;
  }

  get hasEventfds(): boolean {
    return this.eventfds.size > 0;
  }

  /** Has the tape memory, or an eventfd, of this key? */
  has(key: string): boolean {
    return this.places.has(key) || this.eventfds.has(key);
  }

  /**
   * An eventfd, which the tape has from now on, with the counter that it has by now: one that is signalled already does its work
   * when it is tied. What the program reads and writes of it is not in the tape.
   */
  addEventfd({ key, count, isSemaphore }: EventfdFacts): void {
    if (this.eventfds.has(key)) return;
    this.eventfds.add(key);
    this.processes.needHolder();
    const { files } = this.processes;
    const fd = files.lowestFree(HOLDER);
    // A counter beyond that is signalled as well.
    const init = Number(count < MOST_OF_INIT ? count : MOST_OF_INIT);
    this.write([{ op: 'eventfd', pid: HOLDER, init, flags: isSemaphore ? EFD_SEMAPHORE : 0, ret: fd }]);
    files.given(HOLDER, fd, { kind: 'memory', key });
  }

  /**
   * Closes eventfds that no process of the tape has any more: the kernel lets go of them then.
   * @param all what the processes have now. The tape may have a copy of one only with {@link HOLDER}
   */
  closeEventfds(all: readonly ProcessNow<File>[]): void {
    const { files } = this.processes;
    for (const key of this.eventfds) {
      if (all.some(({ now }) => now !== undefined && hasKey(now, key))) continue;
      const fd = files.numberOf(HOLDER, key);
      if (fd !== undefined) files.remove(HOLDER, fd);
      this.eventfds.delete(key);
    }
  }

  /** Where memory of a key is, if the tape has it. */
  find(key: string): Place | undefined {
    return this.places.get(key);
  }

  /**
   * The memory of a key, which the tape has from now on.
   * @param size in bytes, at least
   * @param huge is it of huge pages?
   */
  memoryOf(key: string, size: number, huge: boolean): Place {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.processes.needHolder();
    const { files } = this.processes;
    const unit = huge ? HUGE_PAGE_SIZE : PAGE_SIZE;
    const length = Math.ceil(size / unit) * unit;
    const memory = { address: Math.ceil(this.next / unit) * unit, size };
    this.next = memory.address + length + PAGE_SIZE;
    this.places.set(key, memory);
    const fd = files.lowestFree(HOLDER);
    const place = hex(memory.address);
    const [prot, flags] = [PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED];
    this.write([
      { op: 'memfd', pid: HOLDER, size: hex(huge ? length : size), ...(huge && { huge }), ret: fd },
      { op: 'mmap', pid: HOLDER, addr: place, len: length, prot, flags, fd, off: 0, ret: place },
    ]);
    files.given(HOLDER, fd, { kind: 'memory', key });
    return memory;
  }

  lend(vma: RemoteVma): { readonly before: Step[]; readonly fd: number; readonly after: Step[] } {
    const key = keyOf(vma);
    const size = this.sizeOf(vma);
    const needed = vma.offset + vma.end - vma.start;
    this.memoryOf(key, size === undefined || size > MOST_OF_FILE ? needed : size, vma.pageSize > PAGE_SIZE);
    const holder = this.processes.files.numberOf(HOLDER, key) ?? -1;
    // It is lent by a number that the process does not use, for the time of the mapping.
    const fd = LENT;
    return {
      before: [{ op: 'dup', fd: holder, of: HOLDER, to: fd, ret: fd }],
      fd,
      after: [{ op: 'close', fd, ret: 0 }],
    };
  }
}
