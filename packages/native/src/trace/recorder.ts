/**
 * Writes a tape of traced calls: each call with its result, and with the memory that it reads and writes by its declaration. Memory
 * that is not declared or cannot be read becomes a note in the tape and a warning. Accesses of devices cannot be traced. So the tape
 * contains memory that is mapped for devices as it is when it is mapped, and when a call that returns memory names its IOVA.
 */

import { createHash } from 'node:crypto';
import type { Privileges } from '@iommufd/fakekernel/task';
import type { Step } from '@iommufd/tape';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { LivePrivileges } from '../native-task.js';
import { type Behind, describe, hex, MOST_BEHIND, type Range } from '../record/about.js';
import { type Holding, MOST_FILES } from '../record/recorded-files.js';
import { ofProcess } from '../record/of-process.js';
import { RecordedMemory } from '../record/recorded-memory.js';
import { RecordedPrivileges } from '../record/recorded-privileges.js';
import { RecordedProcesses } from '../record/recorded-processes.js';
import { RecordedShared } from '../record/recorded-shared.js';
import { S_IFMT, S_IFREG } from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import { eventfdOf, programOf } from '../linux/proc.js';
import { type FileChange, pageEnd } from '../memory/drops.js';
import type { RemoteVma } from '../memory/maps.js';
import { factsOf, isHugetlb, keyOf } from '../memory/shared-pages.js';
import type { CallEnd, CallSink, TracedCall, TracedProcess } from './calls.js';
import { DeviceMemory, isPlain } from './device-memory.js';
import { isNode, numbersOf as fdsOf, type TracedFile, type TracedFiles } from './files.js';
import { moved, type TraceeMemory, within } from './memory.js';
import { givenBy, returnedBy, stepOf } from './steps.js';

/** The output of a recorder. */
export interface TraceRecorderOutput {
  /** Writes the head of the tape, when the first process begins. */
  begin(head: { readonly privileges: Privileges }): void;
  write(steps: readonly Step[]): void;
  /** Warns the user that the tape is incomplete. */
  warn(message: string): void;
}

/** A recorded process. */
interface Recorded {
  readonly pid: number;
  readonly process: TracedProcess;
  readonly privileges: RecordedPrivileges;
  /** The memory of the program that it runs now. */
  space: TraceeMemory;
  memory: RecordedMemory;
  hasEnded: boolean;
  /** The ranges where it has mapped files of iommufd and VFIO. */
  shown: Range[];
}

const EMFILE = 24;
const NOTHING_TAKEN = (): void => undefined;
/** The bytes that are hashed at a time. */
const CHUNK = 1 << 20;

/** @see the head of this file */
export class TraceRecorder implements CallSink {
  private readonly processes: RecordedProcesses<TracedFile>;
  private readonly shared: RecordedShared<TracedFile>;
  private readonly recordedOf = new Map<TracedProcess, Recorded>();
  private readonly noted = new Set<string>();
  private nextPid = 1;
  private earlier: string | undefined;
  /** Files that no traced call has opened, and that are not in the tape yet. */
  private readonly unseen: {
    readonly process: TracedProcess;
    readonly fd: number;
    readonly file: TracedFile;
  }[] = [];
  /** Files that cannot be recorded. */
  private readonly beyond = new Set<TracedFile>();
  private readonly deviceMemory = new DeviceMemory();
  /** New descriptors of the call that has just ended, which are not in the tape yet. */
  private fresh: ReadonlySet<number> = new Set();
  /** True if descriptors may have changed since the last {@link synchronize}. */
  private isStale = true;

  /**
   * @param withGuestMemory true to record the bytes that are mapped for devices; false to record their hashes only
   */
  constructor(
    private readonly libc: Libc,
    private readonly files: TracedFiles,
    private readonly withGuestMemory: boolean,
    private readonly output: TraceRecorderOutput,
  ) {
    this.processes = new RecordedProcesses(
      {
        write: (steps) => output.write(steps),
        note: (text) => this.note(text),
        isOpen: (file) => files.isOpen(file),
      },
      0,
    );
    this.shared = new RecordedShared(
      this.processes,
      (steps) => output.write(steps),
      (vma) => this.sizeOf(vma),
    );
  }

  /** Writes a note that the tape is incomplete, and warns once. */
  private note(text: string): void {
    this.output.write([{ op: 'note', text }]);
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.output.warn(`not in the tape: ${text}`);
  }

  // Processes and their files.

  private begin(process: TracedProcess): Recorded {
    const of = this.recordedOf.get(process) ?? this.add(process);
    if (of.space !== process.memory) {
      // The process runs another program now.
      this.output.write(of.memory.clear());
      of.space = process.memory;
      of.memory = this.memoryOf(of.pid, of.space);
      of.shown = [];
    }
    if (this.unseen.length > 0) this.inherit();
    if (this.isStale) this.synchronize();
    return of;
  }

  private add(process: TracedProcess): Recorded {
    const pid = this.nextPid++;
    const privileges = new RecordedPrivileges(new LivePrivileges(this.libc, process.pid, {}));
    const program = programOf(process.pid) ?? 'a program without a path';
    if (pid === 1) this.output.begin({ privileges: privileges.known });
    else this.output.write([{ op: 'process', pid, program, ...privileges.known }]);
    if (this.earlier !== undefined) this.note(this.earlier);
    this.earlier = undefined;
    const space = process.memory;
    const memory = this.memoryOf(pid, space);
    const of: Recorded = { pid, process, privileges, space, memory, hasEnded: false, shown: [] };
    this.recordedOf.set(process, of);
    this.processes.begin(pid);
    this.isStale = true;
    return of;
  }

  private memoryOf(pid: number, space: TraceeMemory): RecordedMemory {
    return new RecordedMemory(space, this.shared, pid);
  }

  private stepOf({ pid }: Recorded, step: Step): Step {
    return ofProcess(step, pid);
  }

  private callStep(of: Recorded, { made }: TracedCall, { result, took }: CallEnd): Step {
    return this.stepOf(of, Object.assign(stepOf(made, result), { took: Math.round(took * 1000) }));
  }

  private synchronize(): void {
    this.isStale = false;
    const all = [...this.recordedOf.values()];
    const now = all.map((of) => ({ pid: of.pid, now: of.hasEnded ? undefined : this.holdings(of) }));
    this.processes.synchronize(now);
    this.shared.closeEventfds(now);
    for (const of of all)
      if (of.hasEnded) this.recordedOf.delete(of.process);
      else this.lookAtPrivileges(of);
  }

  /** Records privileges that changed by calls that are not traced. */
  private lookAtPrivileges(of: Recorded): void {
    const changed = of.privileges.change();
    if (changed !== undefined) this.output.write([this.stepOf(of, { op: 'process', ...changed })]);
  }

  private holdings({ process: { pid } }: Recorded): Map<number, Holding<TracedFile>> {
    const own = this.files.of(pid);
    const holdings = new Map<number, Holding<TracedFile>>();
    for (const [fd, file] of own)
      holdings.set(fd, this.beyond.has(file) ? { kind: 'foreign' } : { kind: 'own', file });
    for (const fd of fdsOf(pid)) {
      if (own.has(fd) || this.fresh.has(fd)) continue;
      const key = this.shared.isEmpty ? undefined : this.keyOf(pid, fd);
      const isMemory = key !== undefined && this.shared.has(key);
      holdings.set(fd, isMemory ? { kind: 'memory', key } : { kind: 'foreign' });
    }
    return holdings;
  }

  private keyOf(pid: number, fd: number): string | undefined {
    const found = factsOf(this.libc, -1, `/proc/${pid}/fd/${fd}`);
    if (found === undefined) return undefined;
    // Only files without a type in their mode can be eventfds.
    const eventfd = this.shared.hasEventfds && (found.mode & S_IFMT) === 0 ? eventfdOf(pid, fd) : undefined;
    return eventfd?.key ?? keyOf(found);
  }

  /** The size of the file that a mapping shows, if a recorded process has it open. */
  private sizeOf(vma: RemoteVma): number | undefined {
    const key = keyOf(vma);
    // The descriptors of new memory are not in the tape yet.
    const isNew = !this.shared.has(key);
    for (const { pid, process } of this.recordedOf.values()) {
      const known = this.processes.files.numberOf(pid, key);
      for (const fd of isNew ? fdsOf(process.pid) : known === undefined ? [] : [known]) {
        const found = factsOf(this.libc, -1, `/proc/${process.pid}/fd/${fd}`);
        if (found !== undefined && keyOf(found) === key) return found.size;
      }
    }
    return undefined;
  }

  filesChange(): void {
    this.isStale = true;
  }

  forked(): void {
    this.isStale = true;
  }

  attached({ pid }: TracedProcess): void {
    this.earlier = `what process ${pid} did before it was attached to`;
  }

  found(process: TracedProcess, fd: number, file: TracedFile): void {
    this.isStale = true;
    if (!this.processes.files.has(file)) this.unseen.push({ process, fd, file });
  }

  /** Records files that no traced call has opened. A node is recorded as if it had just been opened. Others cannot be recorded. */
  private inherit(): void {
    const unseen = this.unseen.splice(0);
    for (const { process, fd, file } of unseen) {
      const of = this.recordedOf.get(process) ?? this.add(process);
      if (this.processes.files.has(file) || this.beyond.has(file)) continue;
      if (file.path !== undefined && isNode(file.path)) {
        this.write([this.stepOf(of, { op: 'inherit', path: file.path, ret: fd })]);
        this.processes.files.given(of.pid, fd, { kind: 'own', file });
      } else {
        this.beyond.add(file);
        this.note(
          `file ${fd} of a process, ${file.path ?? 'of an unknown kind'}: no traced call has opened it`,
        );
      }
    }
  }

  executed(): void {
    this.isStale = true;
  }

  ended(process: TracedProcess): void {
    const of = this.recordedOf.get(process);
    if (of === undefined) return;
    of.hasEnded = true;
    this.deviceMemory.forget(of);
    this.synchronize();
  }

  /** Records the shared memory or eventfd of a descriptor in a struct. */
  private needFile(of: Recorded, fd: number, call: string): void {
    const { pid } = of.process;
    if (fd < 0 || this.files.of(pid).has(fd)) return;
    const eventfd = eventfdOf(pid, fd);
    if (eventfd !== undefined) {
      this.shared.addEventfd(eventfd);
      this.processes.files.put(of.pid, fd, { kind: 'memory', key: eventfd.key });
      return;
    }
    const found = factsOf(this.libc, -1, `/proc/${pid}/fd/${fd}`);
    if (found === undefined) return;
    if ((found.mode & S_IFMT) !== S_IFREG) {
      this.note(`file ${fd} of ${call}, which is neither memory nor an eventfd`);
      return;
    }
    const path = `/proc/${pid}/fd/${fd}`;
    const huge = isHugetlb(this.libc, path);
    this.shared.need(keyOf(found), found.size, true, huge);
    this.processes.files.put(of.pid, fd, { kind: 'memory', key: keyOf(found) });
  }

  // Calls.

  before(call: TracedCall): void {
    const { about, made } = call;
    if (call.file === undefined || made.op === 'dup' || made.op === 'close') return;
    const of = this.begin(call.process);
    const { memory } = of;
    if (about !== undefined && made.op === 'ioctl') {
      for (const fd of about.files) this.needFile(of, fd, describe(made));
      this.write(memory.fill(about.struct.address, about.struct.length, false, about.bytes));
      for (const behind of about.behind) this.give(of, behind, describe(made));
      if (this.withGuestMemory) this.write(this.deviceMemory.reach(call, about));
    }
    const given = givenBy(call);
    if (given !== undefined) this.write(memory.fill(given.address, given.length, true));
    if (made.op === 'read' || made.op === 'pread')
      this.write(memory.map(Number(made.address), Number(made.address) + Math.min(made.length, MOST_BEHIND)));
  }

  private write(steps: readonly Step[]): void {
    this.output.write(steps);
  }

  /** Records the memory behind a pointer. */
  private give({ memory, space }: Recorded, behind: Behind, call: string): void {
    const { address, length, out } = behind;
    if (!isPlain(behind) || out || this.withGuestMemory) {
      if (!out || length <= MOST_BEHIND) this.write(memory.fill(address, length, true));
      else this.write(memory.map(address, address + length));
      return;
    }
    this.write(memory.map(address, address + length));
    const text = `${length} bytes at ${hex(address)} of ${call} were left out: ${hashOf(space, address, length)}`;
    this.write([{ op: 'note', text }]);
  }

  after(call: TracedCall, end: CallEnd): void {
    this.fresh = new Set(end.opened.map(([fd]) => fd));
    const { made } = call;
    if (made.op === 'open') this.opened(call, end);
    else if (made.op === 'eventfd') this.created(call, end);
    else if (made.op === 'mmap') this.shows(call, made, end.result);
    else if (call.file !== undefined && made.op !== 'dup' && made.op !== 'close') this.made(call, end);
    this.fresh = new Set();
    if (made.op === 'dup' || made.op === 'close') this.isStale = true;
  }

  /** A process has created an eventfd. It is recorded when a call names it. */
  private created({ process }: TracedCall, { result }: CallEnd): void {
    this.isStale = true;
    if (result < 0 || !this.shared.hasEventfds) return;
    const eventfd = eventfdOf(process.pid, result);
    if (eventfd !== undefined) this.shared.dropEventfd(eventfd.key);
  }

  private made(call: TracedCall, end: CallEnd): void {
    const { result, opened } = end;
    const { made, process } = call;
    const of = this.begin(process);
    const giveBack = this.takeNumbers(of, opened, result);
    this.write([this.callStep(of, call, end)]);
    this.write(this.shownAfter(of, call, result));
    this.write(this.deviceMemory.changes());
    giveBack();
    for (const [fd, file] of opened) this.processes.files.given(of.pid, fd, { kind: 'own', file });
    if (made.op === 'ioctl') this.noteUndeclared(call, made.request);
    if (result >= 0) this.deviceMemory.remember(of, call);
  }

  private opened(call: TracedCall, end: CallEnd): void {
    const { process } = call;
    const [first] = end.opened;
    if (first === undefined) return;
    const of = this.begin(process);
    const giveBack = this.processes.files.takeBelow(of.pid, first[0]);
    this.write([this.callStep(of, call, end)]);
    giveBack();
    this.processes.files.given(of.pid, first[0], { kind: 'own', file: first[1] });
  }

  private shows(
    { process }: TracedCall,
    made: { readonly length: number } & TracedCall['made'],
    result: number,
  ): void {
    const of = this.begin(process);
    this.write([this.stepOf(of, stepOf(made, result))]);
    if (result >= 0) of.shown.push({ address: result, length: pageEnd(made.length) });
  }

  fileChanged(key: string, change: FileChange): void {
    if (change.offset === undefined) this.shared.truncate(key, change.size);
    else this.shared.punch(key, change.offset, change.length);
    for (const { memory } of this.recordedOf.values()) this.write(memory.fileChanged(key, change));
  }

  loses(process: TracedProcess, start: number, end: number, movedTo: number | undefined): void {
    const of = this.recordedOf.get(process);
    if (of === undefined) return;
    this.write(movedTo === undefined ? of.memory.forget(start, end) : of.memory.move(start, end, movedTo));
    for (const { address, length } of of.shown.flatMap((range) => within(range, start, end))) {
      const [addr, to] = [hex(address), hex(address + (movedTo ?? 0) - start)];
      const step: Step =
        movedTo === undefined
          ? { op: 'munmap', addr, len: length, ret: 0 }
          : { op: 'mremap', addr, len: length, to, ret: to };
      this.write([this.stepOf(of, step)]);
    }
    of.shown = moved(of.shown, start, end, movedTo);
    if (movedTo !== undefined) this.deviceMemory.move(of, start, end, movedTo);
  }

  /**
   * Occupies lower descriptors, so that the new file of a call gets the recorded descriptor in the replay. After EMFILE, occupies all.
   * @returns a function that closes them again
   */
  private takeNumbers(of: Recorded, opened: CallEnd['opened'], result: number): () => void {
    const [first] = opened;
    if (first !== undefined) return this.processes.files.takeBelow(of.pid, first[0]);
    return result === -EMFILE ? this.processes.files.takeBelow(of.pid, MOST_FILES) : NOTHING_TAKEN;
  }

  private shownAfter(of: Recorded, call: TracedCall, result: number): Step[] {
    const { about } = call;
    const ranges = [
      returnedBy(call, result),
      about?.struct,
      ...(about?.behind ?? []).filter(({ returns, length }) => returns && length <= MOST_BEHIND),
    ];
    const steps = ranges.flatMap((range) =>
      range === undefined || range.length === 0 ? [] : of.memory.show(range.address, range.length),
    );
    const isGone = steps.some((step) => step.op === 'peek' && 'fault' in step);
    if (isGone && call.made.op === 'ioctl')
      this.note(`memory of ${describe(call.made)} that was gone when it returned`);
    // The memory of a killed process cannot be read, which does not depend on the call.
    return isGone && !of.space.isLive ? [] : steps;
  }

  private noteUndeclared({ about }: TracedCall, request: number): void {
    const [declared] = ioctlsByRequest(request);
    if (declared === undefined) this.note(`memory of request ${hex(request)}, which no declaration names`);
    for (const path of about?.unknown ?? [])
      this.note(
        `memory behind ${path} of ${declared?.name ?? hex(request)}: no declaration says how much it is`,
      );
    for (const { pointer, out, length } of about?.behind ?? [])
      if (out && length > MOST_BEHIND)
        this.note(
          `memory behind ${pointer.path} of ${declared?.name ?? hex(request)}: it is more than ${MOST_BEHIND} bytes`,
        );
  }

  /** Ends the recording. */
  finish(): void {
    this.synchronize();
  }
}

/** The text that replaces bytes in a note. */
function hashOf(space: TraceeMemory, start: number, length: number): string {
  const hash = createHash('sha256');
  for (let at = start; at < start + length;) {
    const bytes = space.peekSome(at, Math.min(CHUNK, start + length - at));
    hash.update(bytes);
    if (bytes.length === 0) return `they cannot be read at ${hex(at)}`;
    at += bytes.length;
  }
  return `sha256 ${hash.digest('hex')}`;
}
