/**
 * Writes a tape of a program's calls to the fake kernel: each call with its result, and with the program's memory that the fake
 * kernel has read, written and pinned for it. An ioctl's memory is known from its declaration. Accesses to other memory are recorded
 * as well, with a note. `@iommufd/tape` replays the tape without the program.
 */

import { type File, PAGE_SIZE, type PageRun, type Privileges } from '@iommufd/fakekernel/task';
import type { Step } from '@iommufd/tape';
import type { FdWindow } from '../filter/filter.js';
import { O_ACCMODE, O_RDWR, S_IFMT } from '../linux/constants.js';
import { descriptorsOf, eventfdOf, programOf } from '../linux/proc.js';
import type { RemoteVma } from '../memory/maps.js';
import { factsOf, keyOf, type SharedContents } from '../memory/shared-pages.js';
import { AttributeFile } from '../files/attribute-file.js';
import type { NativeTask } from '../native-task.js';
import type { CallObserver, FileCall, FileMapping, Opened, SharedObserver } from '../observer.js';
import type { World } from '../world.js';
import {
  type About,
  aboutIoctl,
  describe,
  hex,
  kindOf,
  MOST_BEHIND,
  type Range,
  stepOf,
  within,
} from './about.js';
import { HOLDER, type Holding, LENT, MOST_FILES, type RecordedFiles } from './recorded-files.js';
import { RecordedMemory } from './recorded-memory.js';
import { RecordedPrivileges } from './recorded-privileges.js';
import { RecordedProcesses } from './recorded-processes.js';
import { RecordedShared } from './recorded-shared.js';
import { ofProcess } from './of-process.js';

const EMFILE = 24;
/** The bytes of removed pages that are recorded at a time. */
const CHUNK = 1 << 20;
/** A recorded process. */
interface Recorded {
  readonly pid: number;
  readonly task: NativeTask;
  readonly privileges: RecordedPrivileges;
  /** The memory of the program that it runs now. */
  space: NativeTask['memorySpace'];
  memory: RecordedMemory;
  /** Mappings of files of the fake kernel that were requested, and may exist by now. */
  awaited: FileMapping[];
  readonly shown: Map<FileMapping, { readonly start: number; readonly length: number }>;
}

/** The call that is being answered. */
interface Current {
  readonly of: Recorded;
  readonly before: Step[];
  /** Ranges that were recorded before the call. */
  readonly given: Range[];
  readonly reads: Range[];
  readonly writes: (Range & { readonly of: Recorded })[];
}

/** The output of a recorder. */
export interface RecorderOutput {
  /** Writes the head of the tape, when the first process begins. */
  begin(head: { readonly program: string; readonly privileges: Privileges }): void;
  write(steps: readonly Step[]): void;
  /** Warns the user that the tape is incomplete. */
  warn(message: string): void;
}

/** Records one run. */
export class Recorder implements CallObserver, SharedObserver {
  private readonly byTask = new Map<NativeTask, Recorded>();
  private readonly processes: RecordedProcesses<File>;
  private readonly files: RecordedFiles<File>;
  private readonly shared: RecordedShared<File>;
  private nextPid = 1;
  private current: Current | undefined;
  private readonly mappedForDevices: Range[] = [];
  private readonly noted = new Set<string>();

  constructor(
    private readonly world: World,
    window: FdWindow,
    private readonly output: RecorderOutput,
  ) {
    this.processes = new RecordedProcesses(
      {
        write: (steps) => output.write(steps),
        note: (text) => this.note(text),
        isOpen: (file) => world.standIns.isOpen(file),
      },
      window.first,
    );
    this.files = this.processes.files;
    this.shared = new RecordedShared(
      this.processes,
      (steps) => {
        if (this.current === undefined) output.write(steps);
        else this.current.before.push(...steps);
      },
      (vma) => this.sizeOf(vma),
    );
  }

  /** The size in bytes of the shared memory that a mapping of the process of the current call shows; undefined if it is not known. */
  private sizeOf(vma: RemoteVma): number | undefined {
    const { shared } = this.world;
    const known = shared.find(vma);
    if (known !== undefined || this.current === undefined) return known?.size;
    const contents = shared.ofMapping(vma, this.current.of.space);
    const { size } = contents;
    contents.release();
    return size;
  }

  /** Writes a note that the tape is incomplete, and warns once. */
  note(text: string): void {
    this.output.write([{ op: 'note', text }]);
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.output.warn(`not in the tape: ${text}`);
  }

  // Processes.

  private recorded(task: NativeTask): Recorded {
    const known = this.byTask.get(task);
    if (known !== undefined) {
      this.lookAtProgram(known);
      return known;
    }
    const pid = this.nextPid++;
    const privileges = new RecordedPrivileges(task.privileges);
    const program = programOf(task.pid) ?? 'a program without a path';
    if (pid === 1) this.output.begin({ program, privileges: privileges.known });
    else this.output.write([{ op: 'process', pid, program, ...privileges.known }]);
    const space = task.memorySpace;
    const of: Recorded = {
      pid,
      task,
      privileges,
      space,
      memory: new RecordedMemory(space, this.shared, pid),
      awaited: [],
      shown: new Map(),
    };
    this.byTask.set(task, of);
    this.processes.begin(pid);
    this.listen(of);
    return of;
  }

  private stepOf({ pid }: Recorded, step: Step): Step {
    return ofProcess(step, pid);
  }

  /** Observes the fake kernel's accesses to the memory of a process. */
  private listen(of: Recorded): void {
    const inCall = (work: (current: Current) => void): void => {
      if (this.current !== undefined) work(this.current);
    };
    const put = (steps: readonly Step[]): void => {
      if (this.current === undefined) this.output.write(steps);
      else this.current.before.push(...steps);
    };
    of.space.observer = {
      reads: (address, length) =>
        inCall((current) => {
          const range = { address: Number(address), length };
          if (!within(current.given, range)) put(of.memory.fill(range.address, length, false));
          current.reads.push(range);
        }),
      writes: (address, length) =>
        inCall((current) => {
          const range = { address: Number(address), length };
          put(of.memory.map(range.address, range.address + length));
          current.writes.push({ ...range, of });
        }),
      pins: (address, length) => inCall(() => put(of.memory.map(address, address + length))),
      reaches: (address, length) => inCall(() => put(of.memory.fill(address, length, true))),
      loses: (start, end) => {
        for (const { address, length } of of.space.pinnedWithin(start, end))
          put(of.memory.fill(address, length, true));
        put(of.memory.forget(start, end));
      },
      keeps: () => {
        for (const { address, length } of of.space.pinnedWithin(0, this.world.taskSize))
          put(of.memory.fill(address, length, true));
      },
    };
  }

  /** If a process runs another program by now, its old memory is unmapped in the tape. */
  private lookAtProgram(of: Recorded): void {
    if (of.task.memorySpace === of.space) return;
    this.output.write(of.memory.clear());
    of.space = of.task.memorySpace;
    of.memory = new RecordedMemory(of.space, this.shared, of.pid);
    of.awaited = [];
    of.shown.clear();
    this.listen(of);
  }

  /** Records privileges that changed by calls that are not in the tape. */
  private lookAtPrivileges(of: Recorded): void {
    const changed = of.privileges.change();
    if (changed !== undefined) this.output.write([this.stepOf(of, { op: 'process', ...changed })]);
  }

  // Files.

  /** Updates the tape's descriptors of all processes. */
  private synchronize(): void {
    const all = [...this.byTask.values()];
    const now = all.map((of) => ({ pid: of.pid, now: this.holdings(of) }));
    this.processes.synchronize(now);
    this.shared.closeEventfds(now);
    for (const of of all)
      if (this.processes.has(of.pid)) this.lookAtPrivileges(of);
      else this.byTask.delete(of.task);
  }

  /** The current descriptors of a process; undefined if it has ended. */
  private holdings({ task }: Recorded): Map<number, Holding<File>> | undefined {
    const numbers = task.notice() ? descriptorsOf(task.pid) : undefined;
    if (numbers === undefined) return undefined;
    const holdings = new Map<number, Holding<File>>();
    for (const fd of numbers) {
      const found = factsOf(this.world.libc, -1, `/proc/${task.pid}/fd/${fd}`);
      if (found === undefined) continue;
      const file = this.world.standIns.find(found);
      if (file !== undefined && !(file instanceof AttributeFile)) holdings.set(fd, { kind: 'own', file });
      else {
        // Only files without a type in their mode can be eventfds.
        const eventfd =
          this.shared.hasEventfds && (found.mode & S_IFMT) === 0 ? eventfdOf(task.pid, fd) : undefined;
        const key = eventfd?.key ?? keyOf(found);
        holdings.set(fd, this.shared.has(key) ? { kind: 'memory', key } : { kind: 'foreign' });
      }
    }
    return holdings;
  }

  // Shared memory.

  removes(pages: SharedContents, { first, count }: PageRun): void {
    // Devices keep the pinned pages, with what the program has written there since a call last used them. There may be many.
    for (const run of pages.pinnedIn({ first, count })) {
      const end = (run.first + run.count) * PAGE_SIZE;
      for (let at = run.first * PAGE_SIZE; at < end; at += CHUNK)
        this.output.write(this.fillShared(pages, at, Math.min(CHUNK, end - at)));
    }
    this.shared.punch(pages.key, first * PAGE_SIZE, count * PAGE_SIZE);
  }

  reaches(pages: SharedContents, byte: number, length: number): void {
    const { current } = this;
    if (current === undefined) return;
    for (const step of this.fillShared(pages, byte, length)) current.before.push(step);
  }

  /** Steps that update the tape's bytes of shared memory to the current ones. Pages that are zero and were never recorded are left out. */
  private fillShared(pages: SharedContents, byte: number, length: number): Step[] {
    const memory = this.shared.find(pages.key);
    const steps: Step[] = [];
    if (memory === undefined) return steps;
    const end = Math.min(byte + length, memory.length);
    for (let at = byte; at < end;) {
      const index = Math.floor(at / PAGE_SIZE);
      const bytes = pages.peek(at, Math.min(end, (index + 1) * PAGE_SIZE) - at);
      if (bytes.some((each) => each !== 0) || this.shared.isFilled(pages.key, index)) {
        this.shared.fill(pages.key, index);
        const addr = hex(memory.address + at);
        steps.push({ op: 'poke', pid: HOLDER, addr, hex: Buffer.from(bytes).toString('hex') });
      }
      at += bytes.length;
    }
    return steps;
  }

  /** Records the shared memory or eventfd of a descriptor in a struct. */
  private needFile(of: Recorded, fd: number): void {
    if (fd < 0 || this.files.table(of.pid).get(fd)?.kind === 'own') return;
    const eventfd = eventfdOf(of.task.pid, fd);
    if (eventfd !== undefined) {
      this.shared.addEventfd(eventfd);
      this.files.put(of.pid, fd, { kind: 'memory', key: eventfd.key });
      return;
    }
    const file = of.task.files.find(fd);
    const { memory } = file ?? {};
    const found = of.task.files.factsOf(fd);
    if (memory === undefined || found === undefined) return;
    this.shared.need(keyOf(found), memory.size, true, memory.hasBlocks);
    this.files.put(of.pid, fd, { kind: 'memory', key: keyOf(found) });
  }

  // Calls.

  call(task: NativeTask, call: FileCall, perform: () => number): number {
    const of = this.begin(task);
    const about = call.op === 'ioctl' ? this.aboutOf(of, call) : undefined;
    for (const fd of about?.files ?? []) this.needFile(of, fd);
    const current: Current = { of, before: [], given: [], reads: [], writes: [] };
    this.current = current;
    let result: number;
    try {
      for (const range of about?.given ?? []) {
        // All bytes of the struct are recorded. Memory behind a pointer is often new, so its zero pages are left out.
        current.before.push(...of.memory.fill(range.address, range.length, range !== about?.struct));
        current.given.push(range);
      }
      result = perform();
    } finally {
      this.current = undefined;
    }
    const opened = [...of.task.files.opened];
    const giveBack = this.takeNumbers(of, opened, result);
    this.output.write(current.before);
    this.output.write([this.stepOf(of, stepOf(call, result))]);
    this.output.write(this.shownAfter(of, call, current, about));
    giveBack();
    for (const [fd, file] of opened) this.files.given(of.pid, fd, { kind: 'own', file });
    this.noteUndeclared(call, current, about);
    return result;
  }

  open(task: NativeTask, path: string, flags: number, perform: () => Opened): Opened {
    const of = this.begin(task);
    const opened = perform();
    const { file, fd } = opened;
    if (fd < 0) return opened;
    const giveBack = this.files.takeBelow(of.pid, fd);
    const mode = flags & O_ACCMODE;
    this.output.write([
      this.stepOf(of, { op: 'open', path, ...(mode !== O_RDWR && { flags: mode }), ret: fd }),
    ]);
    giveBack();
    this.files.given(of.pid, fd, { kind: 'own', file });
    return opened;
  }

  private begin(task: NativeTask): Recorded {
    const of = this.recorded(task);
    this.synchronize();
    this.lookForMappings(of);
    return of;
  }

  /**
   * Occupies lower descriptors, so that the new file of a call gets the recorded descriptor in the replay. After EMFILE, occupies all.
   * @returns a function that closes them again
   */
  private takeNumbers(
    of: Recorded,
    opened: readonly (readonly [number, File])[],
    result: number,
  ): () => void {
    const [first] = opened;
    if (first !== undefined) return this.files.takeBelow(of.pid, first[0]);
    return result === -EMFILE ? this.files.takeBelow(of.pid, MOST_FILES) : () => undefined;
  }

  private aboutOf(of: Recorded, call: FileCall & { readonly op: 'ioctl' }): About | undefined {
    const file = of.task.files.find(call.fd);
    return aboutIoctl(of.space, this.world.taskSize, file && kindOf(this.world.nodeOf(file)), call);
  }

  private shownAfter(of: Recorded, call: FileCall, { writes }: Current, about: About | undefined): Step[] {
    const shown: Range[] = [];
    const steps: Step[] = [];
    const show = (memory: RecordedMemory, range: Range): void => {
      if (range.length === 0 || (memory === of.memory && within(shown, range))) return;
      if (memory === of.memory) shown.push(range);
      steps.push(...memory.show(range.address, range.length));
    };
    if (about !== undefined) {
      show(of.memory, about.struct);
      for (const range of about.behind) if (range.out && range.length <= MOST_BEHIND) show(of.memory, range);
    }
    for (const range of merged(writes)) show(range.of.memory, range);
    if (steps.some((step) => step.op === 'peek' && 'fault' in step))
      this.note(`memory of ${describe(call)} that was gone when it returned`);
    return steps;
  }

  private noteUndeclared(call: FileCall, { of, reads, writes }: Current, about: About | undefined): void {
    if (call.op !== 'ioctl') return;
    const declared = about === undefined ? [] : [about.struct, ...about.behind];
    // Declared memory that a call does not copy is mapped for devices: later calls may access it.
    for (const range of about?.behind ?? [])
      if (!reads.some((read) => within([range], read)) && !writes.some((write) => within([range], write)))
        this.mappedForDevices.push(range);
    // A read that fails with EFAULT reads nothing.
    const done = reads.filter(({ address, length }) => of.space.peek(address, length) !== undefined);
    for (const [what, ranges] of [
      ['reads', done],
      ['writes', writes],
    ] as const)
      for (const range of ranges)
        if (range.length > 0 && !within(declared, range) && !within(this.mappedForDevices, range))
          this.undeclared(`${describe(call)} ${what} memory that no declaration names`, what === 'reads');
    for (const path of about?.unknown ?? [])
      this.undeclared(`${describe(call)}: how much is behind ${path}, no declaration says`, true);
  }

  private undeclared(text: string, isComplete: boolean): void {
    this.output.write([{ op: 'note', text }]);
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.output.warn(isComplete ? `${text}: it is in the tape as the fake kernel read it` : text);
  }

  // Mappings of files of the fake kernel.

  map(task: NativeTask, mapping: FileMapping): void {
    const of = this.begin(task);
    const { fd, offset, size, prot, flags, result } = mapping;
    if (result >= 0 && this.world.isDevice(mapping.file))
      this.note('what the program writes into memory of a BAR that it has mapped');
    if (result >= 0) of.awaited.push(mapping);
    else
      this.output.write([
        this.stepOf(of, {
          op: 'mmap',
          addr: '0x0',
          len: size,
          prot,
          flags,
          fd,
          off: hex(offset),
          ret: result,
        }),
      ]);
  }

  /** Records requested mappings. Their addresses are known when the program makes its next call. */
  private lookForMappings(of: Recorded): void {
    const { awaited } = of;
    if (awaited.length === 0) return;
    of.awaited = [];
    for (const mapping of awaited) {
      const { file, offset, size, prot, flags } = mapping;
      const vma = of.space.placeOf(mapping, (each) => this.world.standIns.find(each));
      if (vma === undefined) continue;
      const start = vma.start + offset - vma.offset;
      of.shown.set(mapping, { start, length: size });
      const fd = this.files.numberOf(of.pid, file) ?? LENT;
      const place = hex(start);
      const lent = fd === LENT;
      if (lent) this.files.put(of.pid, LENT, { kind: 'own', file });
      this.output.write([
        this.stepOf(of, {
          op: 'mmap',
          addr: place,
          len: size,
          prot,
          flags,
          fd,
          off: hex(offset),
          ret: place,
        }),
      ]);
      if (lent) this.files.remove(of.pid, LENT);
    }
  }

  unmapped(task: NativeTask, mapping: FileMapping): void {
    const of = this.byTask.get(task);
    const shown = of?.shown.get(mapping);
    if (of === undefined || shown === undefined) return;
    of.shown.delete(mapping);
    this.output.write([this.stepOf(of, { op: 'munmap', addr: hex(shown.start), len: shown.length, ret: 0 })]);
  }

  /** Ends the recording. */
  finish(): void {
    this.world.look();
    this.world.sweep();
    this.synchronize();
  }
}

/** Joins adjacent ranges of one process. */
function merged(ranges: Current['writes']): Current['writes'] {
  const result: Current['writes'] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last?.of === range.of && last.address + last.length === range.address)
      result[result.length - 1] = { ...last, length: last.length + range.length };
    else result.push(range);
  }
  return result;
}
