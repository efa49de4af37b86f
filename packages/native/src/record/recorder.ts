/**
 * Writes a tape of what a program asks the fake kernel: each call with its answer, and the memory of the program that was read,
 * written and pinned for it. Which memory an ioctl is about, the declarations say; what the fake kernel touches beyond that is
 * recorded as well, with a note. The tape replays without the program: `@iommufd/tape`.
 */

import type { File, Privileges } from '@iommufd/fakekernel/task';
import { knownBytes, lengthBehind, pointersOf, type Step, valuesOf } from '@iommufd/tape';
import type { IoctlFile } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { type AnyType, Integer, Struct } from '@iommufd/uapi/struct';
import type { FdWindow } from '../filter/filter.js';
import { O_ACCMODE, O_RDWR } from '../linux/constants.js';
import { descriptorsOf, programOf } from '../linux/proc.js';
import type { RemoteVma } from '../memory/maps.js';
import { factsOf, keyOf, type SharedPages } from '../memory/shared-pages.js';
import type { NativeTask } from '../native-task.js';
import type { CallObserver, FileCall, FileMapping, Opened, SharedObserver } from '../observer.js';
import type { World } from '../world.js';
import { HOLDER, type Holding, RecordedFiles } from './recorded-files.js';
import { pageEnd, RecordedMemory, type SharedMemory } from './recorded-memory.js';

/** Bytes behind a pointer that are written into the tape whether or not the fake kernel reads them. */
const MOST_BEHIND = 1 << 16;
/** Bytes of a struct: `copy_struct_from_user()` refuses more than a page. */
const MOST_OF_STRUCT = 4096;
/** Where {@link HOLDER} has shared memory mapped: programs have nothing there. */
const HOLDER_MEMORY = 0x2000_0000_0000;

const EMFILE = 24;
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Memory of a process. */
interface Range {
  readonly address: number;
  readonly length: number;
}

const within = (ranges: readonly Range[], { address, length }: Range): boolean =>
  ranges.some((range) => address >= range.address && address + length <= range.address + range.length);

/** A process that is recorded. */
interface Recorded {
  readonly pid: number;
  readonly task: NativeTask;
  /** Of the program that it runs. */
  space: NativeTask['memorySpace'];
  memory: RecordedMemory;
  /** Mappings of files of the fake kernel that were asked for, and may be there by now. */
  awaited: FileMapping[];
  readonly shown: Map<FileMapping, { readonly start: number; readonly length: number }>;
}

/** A call that is being answered. */
interface Current {
  readonly of: Recorded;
  readonly before: Step[];
  /** What is in the tape before anything is read. */
  readonly given: Range[];
  readonly reads: Range[];
  readonly writes: (Range & { readonly of: Recorded })[];
}

/** What a recorder writes to. */
export interface RecorderOutput {
  /** The first process begins: what goes into the head of the tape. */
  begin(head: { readonly program: string; readonly privileges: Privileges }): void;
  write(steps: readonly Step[]): void;
  /** Says to the user what could not be recorded. */
  warn(what: string): void;
}

/** Records one run. */
export class Recorder implements CallObserver, SharedObserver, SharedMemory {
  private readonly byTask = new Map<NativeTask, Recorded>();
  private readonly files: RecordedFiles;
  private readonly memories = new Map<string, { readonly address: number; readonly size: number }>();
  private nextPid = 1;
  private nextMemory = HOLDER_MEMORY;
  private hasHolder = false;
  private readonly filledShared = new Set<string>();
  private current: Current | undefined;
  private readonly mappedForDevices: Range[] = [];
  private readonly noted = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly window: FdWindow,
    private readonly output: RecorderOutput,
  ) {
    this.files = new RecordedFiles((steps) => output.write(steps));
  }

  /** Something is not in the tape, and why: a note in it, and a warning. */
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
    const { ipcLock, sysResource, rawIo, sysAdmin, uid, memlock } = task.privileges;
    const privileges: Privileges = { ipcLock, sysResource, rawIo, sysAdmin, uid, memlock };
    const program = programOf(task.pid) ?? 'a program without a path';
    if (pid === 1) this.output.begin({ program, privileges });
    else this.output.write([{ op: 'process', pid, program, ...privileges }]);
    const space = task.memorySpace;
    const of: Recorded = {
      pid,
      task,
      space,
      memory: new RecordedMemory(space, this, pid === 1 ? undefined : pid),
      awaited: [],
      shown: new Map(),
    };
    this.byTask.set(task, of);
    this.files.begin(pid);
    this.listen(of);
    const first = this.window.first > 3 ? this.window.first : 3;
    if (first > 3) this.output.write([this.stepOf(of, { op: 'occupy', fd: 3, to: first - 1 })]);
    for (let fd = 3; fd < first; fd++) this.files.given(pid, fd, { kind: 'reserved' });
    return of;
  }

  private stepOf({ pid }: Recorded, step: Step): Step {
    return pid === 1 ? step : { ...step, pid };
  }

  /** Called for what the fake kernel does with the memory of a process. */
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

  /** A process may run another program by now: its memory is another one. */
  private lookAtProgram(of: Recorded): void {
    if (of.task.memorySpace === of.space) return;
    this.output.write(of.memory.clear());
    of.space = of.task.memorySpace;
    of.memory = new RecordedMemory(of.space, this, of.pid === 1 ? undefined : of.pid);
    of.awaited = [];
    of.shown.clear();
    this.listen(of);
  }

  // Files.

  /** Brings the files of all processes of the tape to where they are. */
  private synchronize(): void {
    // What one process has got another may have lost since: first all that is there, then all that is not.
    const all = [...this.byTask.values()].map((of) => ({ of, now: this.holdings(of) }));
    for (const { of, now } of all) {
      if (now === undefined) continue;
      for (const [fd, holding] of now) {
        if (holding.kind !== 'own') continue;
        this.keepOther(of, fd, holding);
        if (this.files.put(of.pid, fd, holding)) continue;
        this.note(`file ${fd} of a process, which it has got from a program that is not recorded`);
      }
    }
    for (const { of, now } of all) {
      if (now === undefined) this.end(of);
      else this.drop(of, now);
    }
    for (const { fd, file } of this.files.kept)
      if (!this.world.standIns.isOpen(file)) this.files.remove(HOLDER, fd);
  }

  /** A number is about to become something else: what it was lives on, if the fake kernel has it still. */
  private keepOther({ pid }: Recorded, fd: number, next: Holding | undefined): void {
    const old = this.files.table(pid).get(fd);
    if (old?.kind === 'own' && !(next?.kind === 'own' && next.file === old.file))
      this.keepFile(pid, fd, old.file);
  }

  private keepFile(pid: number, fd: number, file: File): void {
    if (!this.world.standIns.isOpen(file)) return;
    this.needHolder();
    this.files.keep(pid, fd);
  }

  private drop(of: Recorded, now: ReadonlyMap<number, Holding>): void {
    for (const [fd, old] of [...this.files.table(of.pid)]) {
      const holding = now.get(fd);
      if (fd < 3 || holding?.kind === 'own') continue;
      // Shared memory that was looked up once keeps its number as long as it is that.
      if (holding === undefined) this.dropNumber(of, fd, old);
    }
    for (const [fd, holding] of now) {
      if (fd < 3 || holding.kind === 'own') continue;
      const old = this.files.table(of.pid).get(fd);
      if (old?.kind === 'reserved' || old?.kind === holding.kind) {
        if (old.kind !== 'memory' || (holding.kind === 'memory' && old.key === holding.key)) continue;
      }
      this.keepOther(of, fd, holding);
      this.files.put(of.pid, fd, holding);
    }
  }

  private dropNumber(of: Recorded, fd: number, old: Holding): void {
    if (old.kind === 'reserved') return;
    this.keepOther(of, fd, undefined);
    this.files.remove(of.pid, fd);
    this.reserve(of, fd);
  }

  /** A number that the fake kernel does not give away is taken again. */
  private reserve(of: Recorded, fd: number): void {
    if (fd < 3 || fd >= this.window.first || this.window.first <= 3) return;
    this.output.write([this.stepOf(of, { op: 'occupy', fd })]);
    this.files.given(of.pid, fd, { kind: 'reserved' });
  }

  /** What the numbers of a process are; undefined if it has ended. */
  private holdings({ task }: Recorded): Map<number, Holding> | undefined {
    const numbers = task.notice() ? descriptorsOf(task.pid) : undefined;
    if (numbers === undefined) return undefined;
    const holdings = new Map<number, Holding>();
    for (const fd of numbers) {
      const found = factsOf(this.world.libc, -1, `/proc/${task.pid}/fd/${fd}`);
      if (found === undefined) continue;
      const file = this.world.standIns.find(found);
      if (file !== undefined) holdings.set(fd, { kind: 'own', file });
      else if (this.memories.has(keyOf(found))) holdings.set(fd, { kind: 'memory', key: keyOf(found) });
      else holdings.set(fd, { kind: 'foreign' });
    }
    return holdings;
  }

  private end(of: Recorded): void {
    for (const [fd, holding] of [...this.files.table(of.pid)])
      if (holding.kind === 'own') this.keepFile(of.pid, fd, holding.file);
    this.files.end(of.pid);
    this.byTask.delete(of.task);
  }

  /** Process 0 of the tape begins when it is first needed. */
  private needHolder(): void {
    if (this.hasHolder) return;
    this.hasHolder = true;
    this.output.write([{ op: 'process', pid: HOLDER }]);
    this.files.begin(HOLDER);
  }

  // Shared memory.

  /** The shared memory of a key, which the tape has as a memfd of {@link HOLDER}. @param size in bytes, at least */
  private memoryOf(key: string, size: number): { readonly address: number; readonly size: number } {
    const known = this.memories.get(key);
    if (known !== undefined) return known;
    this.needHolder();
    const memory = { address: this.nextMemory, size };
    this.nextMemory += pageEnd(size) + 4096;
    this.memories.set(key, memory);
    const fd = this.files.lowestFree(HOLDER);
    const place = hex(memory.address);
    const steps: Step[] = [
      { op: 'memfd', pid: HOLDER, size: hex(size), ret: fd },
      {
        op: 'mmap',
        pid: HOLDER,
        addr: place,
        len: pageEnd(size),
        prot: 3,
        flags: 0x11,
        fd,
        off: 0,
        ret: place,
      },
    ];
    (this.current?.before ?? []).push(...steps);
    if (this.current === undefined) this.output.write(steps);
    this.files.given(HOLDER, fd, { kind: 'memory', key });
    return memory;
  }

  lend(vma: RemoteVma): { readonly before: Step[]; readonly fd: number; readonly after: Step[] } {
    const key = keyOf(vma);
    const size = this.world.shared.find(vma)?.size;
    const needed = vma.offset + vma.end - vma.start;
    this.memoryOf(key, size === undefined || size > 2 ** 45 ? needed : size);
    const holder = this.files.numberOf(HOLDER, key) ?? -1;
    // It is lent by a number that the process does not use, for the time of the mapping.
    const fd = LENT;
    return {
      before: [{ op: 'dup', fd: holder, of: HOLDER, to: fd, ret: fd }],
      fd,
      after: [{ op: 'close', fd, ret: 0 }],
    };
  }

  reaches(pages: SharedPages, byte: number, length: number): void {
    const { current } = this;
    const memory = this.memories.get(pages.key);
    if (current === undefined || memory === undefined) return;
    for (let at = byte; at < byte + length;) {
      const count = Math.min(byte + length, (Math.floor(at / 4096) + 1) * 4096) - at;
      const bytes = pages.peek(at, count);
      const name = `${pages.key} ${Math.floor(at / 4096)}`;
      if (bytes.some((each) => each !== 0) || this.filledShared.has(name)) {
        this.filledShared.add(name);
        const addr = hex(memory.address + at);
        current.before.push({ op: 'poke', pid: HOLDER, addr, hex: Buffer.from(bytes).toString('hex') });
      }
      at += count;
    }
  }

  /** A number that a struct names is shared memory: the tape gets it. */
  private needMemory(of: Recorded, fd: number): void {
    const holding = this.files.table(of.pid).get(fd);
    if (fd < 0 || holding?.kind === 'own' || holding?.kind === 'memory') return;
    const file = of.task.files.find(fd);
    const { memory } = file ?? {};
    const found = of.task.files.factsOf(fd);
    if (memory === undefined || found === undefined) return;
    this.memoryOf(keyOf(found), memory.size);
    this.files.put(of.pid, fd, { kind: 'memory', key: keyOf(found) });
  }

  // Calls.

  call(task: NativeTask, call: FileCall, perform: () => number): number {
    const of = this.begin(task);
    const about = call.op === 'ioctl' ? this.argumentOf(of, call) : undefined;
    for (const fd of about?.files ?? []) this.needMemory(of, fd);
    const current: Current = { of, before: [], given: [], reads: [], writes: [] };
    this.current = current;
    let result: number;
    try {
      for (const range of about?.given ?? []) {
        // The struct is always there; memory behind a pointer is often fresh.
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

  /** New files of a call get the numbers that they got; without one there was no number left. */
  private takeNumbers(
    of: Recorded,
    opened: readonly (readonly [number, File])[],
    result: number,
  ): () => void {
    const [first] = opened;
    if (first !== undefined) return this.files.takeBelow(of.pid, first[0]);
    return result === -EMFILE ? this.files.takeBelow(of.pid, MOST_FILES) : () => undefined;
  }

  /** What an ioctl is about, as its declaration says. */
  private argumentOf(
    of: Recorded,
    { fd, request, argument }: FileCall & { readonly op: 'ioctl' },
  ): About | undefined {
    const file = of.task.files.find(fd);
    const kind = file && kindOf(this.world.nodeOf(file));
    const struct = ioctlsByRequest(request, kind)[0]?.struct ?? ioctlsByRequest(request)[0]?.struct;
    const address = Number(argument);
    if (struct === undefined || address >= this.world.taskSize) return undefined;
    const size = of.space.peek(address, 4);
    const claimed = size === undefined ? 0 : new DataView(size.buffer).getUint32(0, true);
    const length = Math.min(MOST_OF_STRUCT, Math.max(4, claimed));
    const bytes = of.space.peekSome(address, length);
    const known = knownBytes(struct, bytes);
    const argumentRange = { address, length: bytes.length };
    if (known.length < 8)
      return { struct: argumentRange, given: [argumentRange], behind: [], unknown: [], files: [] };
    const values = valuesOf(struct, known);
    const behind: (Range & { readonly out: boolean })[] = [];
    const unknown: string[] = [];
    for (const pointer of pointersOf(struct, values)) {
      const reach = lengthBehind(pointer);
      if (reach === undefined) unknown.push(pointer.path);
      const start = Number(pointer.address);
      if (reach === undefined || !(reach > 0) || start >= this.world.taskSize) continue;
      behind.push({ address: start, length: reach, out: pointer.to.out === true });
    }
    const given = [argumentRange, ...behind.filter((range) => range.length <= MOST_BEHIND)];
    return { struct: argumentRange, given, behind, unknown, files: filesIn(struct, values) };
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

  private noteUndeclared(call: FileCall, { reads, writes }: Current, about: About | undefined): void {
    if (call.op !== 'ioctl') return;
    const declared = about === undefined ? [] : [about.struct, ...about.behind];
    // What a call names and does not copy is mapped for devices: later calls may reach it.
    for (const range of about?.behind ?? [])
      if (!reads.some((read) => within([range], read)) && !writes.some((write) => within([range], write)))
        this.mappedForDevices.push(range);
    for (const [what, ranges] of [
      ['reads', reads],
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

  /** Where the host's kernel has placed them is known when the program makes its next call. */
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

  /** The run is over. */
  finish(): void {
    this.world.standIns.look();
    this.world.sweep();
    this.synchronize();
  }
}

/** The most numbers that a process of the replay has: `FdTable`. */
const MOST_FILES = 1024;
/** A number that programs do not get: files of the fake kernel are far below. */
const LENT = MOST_FILES - 1;

/** What an ioctl is about. */
interface About {
  readonly struct: Range;
  /** What the caller gives, as far as it is written into the tape in any case. */
  readonly given: readonly Range[];
  readonly behind: readonly (Range & { readonly out: boolean })[];
  /** Pointers of which no declaration says how far they reach. */
  readonly unknown: readonly string[];
  /** Numbers of files that the struct names. */
  readonly files: readonly number[];
}

/** The kind of a file that was opened by a node. */
function kindOf(node: string | undefined): IoctlFile | undefined {
  if (node === '/dev/iommu' || node === '/dev/vfio/vfio') return 'iommufd';
  return node?.startsWith('/dev/vfio/devices/') === true ? 'vfio-device' : undefined;
}

/** Numbers of files in a struct, by the roles of its fields. */
function filesIn(type: AnyType, values: Readonly<Record<string, unknown>>): number[] {
  if (!(type instanceof Struct)) return [];
  return type.members.flatMap(({ name, type: member }) => {
    const value = values[name];
    if (!(member instanceof Integer) || member.role.kind !== 'fd') return [];
    return typeof value === 'number' ? [value] : [];
  });
}

const describe = (call: FileCall): string =>
  call.op === 'ioctl'
    ? (ioctlsByRequest(call.request)[0]?.name ?? `request ${hex(call.request)}`)
    : `${call.op}()`;

function stepOf(call: FileCall, ret: number): Step {
  switch (call.op) {
    case 'ioctl':
      return { op: 'ioctl', fd: call.fd, cmd: hex(call.request), arg: hex(call.argument), ret };
    case 'read':
    case 'write':
      return { op: call.op, fd: call.fd, addr: hex(call.address), len: call.length, ret };
    case 'pread':
    case 'pwrite':
      return {
        op: call.op,
        fd: call.fd,
        addr: hex(call.address),
        len: call.length,
        off: hex(call.position),
        ret,
      };
  }
}

/** Ranges of one process that touch, in one piece. */
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
