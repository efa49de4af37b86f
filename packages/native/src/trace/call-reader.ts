/**
 * Reads the arguments of the system calls that traced threads begin, and selects the calls to follow: calls on files of iommufd and
 * VFIO, calls that may open or close such files, and calls that change the memory that those use. The memory of an ioctl is known
 * from its declaration.
 */

import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { aboutIoctl, kindOf, type Range } from '../record/about.js';
import { CLOSE_RANGE_CLOEXEC, F_DUPFD, F_DUPFD_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } from '../linux/constants.js';
import type { Libc } from '../linux/libc.js';
import type { Machine, Watched } from '../linux/system-calls.js';
import type { CallSink, Made, TracedCall, TracedProcess } from './calls.js';
import { type ChangedFile, type Changing, changingOf } from './file-changes.js';
import { isNode, TracedFile, type TracedFiles } from './files.js';
import { type Losing, type Lost, losesFirst, losingOf } from './losses.js';
import type { CallEntry } from './tracees.js';

/** True for requests with the `_IOC_TYPE()` of iommufd and VFIO. */
const isOurs = (request: number): boolean => (request & 0xff00) === 0x3b00;

/** A call whose end is of interest. */
export type BegunCall =
  | {
      readonly kind: 'call';
      readonly call: TracedCall;
      readonly segments?: readonly Range[];
      readonly losing?: Losing | undefined;
    }
  | { readonly kind: 'message'; readonly process: TracedProcess; readonly sent: readonly number[] }
  | { readonly kind: 'received'; readonly process: TracedProcess }
  | {
      readonly kind: 'memory';
      readonly process: TracedProcess;
      readonly losing: Losing | undefined;
      readonly changing: Changing | undefined;
    };

/** Names of calls. Filters watch only the first. */
type Name =
  | Watched
  | 'brk'
  | 'close'
  | 'close_range'
  | 'eventfd2'
  | 'mprotect'
  | 'pkey_mprotect'
  | 'sendmsg'
  | 'shmat';

/** Calls that do not change descriptors. All others may open or close files. */
const KEEPS_FILES: ReadonlySet<Name> = new Set<Name>([
  'ioctl',
  'read',
  'write',
  'pread64',
  'pwrite64',
  'readv',
  'writev',
  'preadv',
  'pwritev',
  'preadv2',
  'pwritev2',
  'mmap',
  'munmap',
  'mremap',
  'mprotect',
  'pkey_mprotect',
  'madvise',
  'process_madvise',
  'truncate',
  'ftruncate',
  'fallocate',
  'brk',
  'shmat',
  'shmdt',
  'lseek',
  'fstat',
  'sendmsg',
]);

/** Calls that change mappings. */
const CHANGES_MAPPINGS: ReadonlySet<Name> = new Set<Name>([
  'mmap',
  'munmap',
  'mremap',
  'mprotect',
  'pkey_mprotect',
  'brk',
  'shmat',
  'shmdt',
]);

/** What is known about a call by its number. */
interface Known {
  readonly name: Name;
  readonly keepsFiles: boolean;
  readonly changesMappings: boolean;
}

/** @see the head of this file */
export class CallReader {
  private readonly known = new Map<number, Known>();

  /**
   * @param taskSize one beyond the last address of user space
   * @param now returns the time in milliseconds
   */
  constructor(
    private readonly libc: Libc,
    machine: Machine,
    private readonly taskSize: number,
    private readonly files: TracedFiles,
    private readonly sinks: readonly CallSink[],
    private readonly now: () => number,
  ) {
    for (const [name, number] of Object.entries(machine.calls)) this.add(number, name as Watched);
    this.add(machine.brk, 'brk');
    this.add(machine.close, 'close');
    this.add(machine.closeRange, 'close_range');
    this.add(machine.eventfd2, 'eventfd2');
    this.add(machine.mprotect, 'mprotect');
    this.add(machine.pkeyMprotect, 'pkey_mprotect');
    this.add(machine.sendmsg, 'sendmsg');
    this.add(machine.shmat, 'shmat');
  }

  private add(number: number, name: Name): void {
    const [keepsFiles, changesMappings] = [KEEPS_FILES.has(name), CHANGES_MAPPINGS.has(name)];
    this.known.set(number, { name, keepsFiles, changesMappings });
  }

  private tell(notify: (sink: CallSink) => void): void {
    for (const sink of this.sinks) notify(sink);
  }

  /** Reads a call that begins. @returns undefined if its end is not of interest */
  read(process: TracedProcess, tid: number, entry: CallEntry): BegunCall | undefined {
    const known = this.known.get(entry.number);
    if (known?.keepsFiles !== true) this.tell((sink) => sink.filesChange?.(process));
    // A call that is not known may change the mappings.
    if (known?.changesMappings !== false) process.memory.mappingsChange();
    if (known === undefined) return undefined;
    const begun = this.byName(known.name, process, tid, entry);
    if (begun !== undefined) return begun;
    const first = losesFirst(known.name, process.memory, entry, this.taskSize);
    if (first !== undefined) this.loses(process, [first]);
    const losing = losingOf(known.name, process.memory, entry, this.taskSize);
    const changing = changingOf(known.name, process, entry, this.libc);
    if (!known.changesMappings && losing === undefined && changing === undefined) return undefined;
    return { kind: 'memory', process, losing, changing };
  }

  /** Pages of a process are unmapped or dropped. */
  loses(process: TracedProcess, lost: readonly Lost[]): void {
    for (const { start, end, movedTo } of lost) {
      if (start >= end) continue;
      process.memory.loses(start, end, movedTo);
      this.tell((sink) => sink.loses?.(process, start, end, movedTo));
    }
  }

  /** Files have changed. */
  filesChanged(files: readonly ChangedFile[]): void {
    for (const { key, change } of files) this.tell((sink) => sink.fileChanged?.(key, change));
  }

  private byName(name: Name, process: TracedProcess, tid: number, entry: CallEntry): BegunCall | undefined {
    switch (name) {
      case 'ioctl':
        return this.ioctl(process, tid, entry);
      case 'read':
      case 'write': {
        const [fd, address, length] = [entry.int(0), entry.word(1), entry.number53(2)];
        return this.onFile(process, tid, fd, { op: name, fd, address, length });
      }
      case 'pread64':
      case 'pwrite64': {
        const [fd, address, length] = [entry.int(0), entry.word(1), entry.number53(2)];
        const position = BigInt.asIntN(64, entry.word(3));
        const op = name === 'pread64' ? 'pread' : 'pwrite';
        return this.onFile(process, tid, fd, { op, fd, address, length, position });
      }
      case 'readv':
      case 'writev':
      case 'preadv':
      case 'pwritev':
      case 'preadv2':
      case 'pwritev2':
        return this.vectored(name, process, tid, entry);
      case 'open':
      case 'creat':
        return this.open(process, tid, entry.number53(0), name === 'creat' ? CREAT_FLAGS : entry.uint(1));
      case 'openat':
        return this.open(process, tid, entry.number53(1), entry.uint(2));
      case 'openat2': {
        // `struct open_how` begins with the flags.
        const how = process.memory.peek(entry.number53(2), 8);
        const flags = how === undefined ? 0 : new DataView(how.buffer, how.byteOffset).getUint32(0, true);
        return this.open(process, tid, entry.number53(1), flags);
      }
      case 'dup':
        return this.onFile(process, tid, entry.int(0), { op: 'dup', fd: entry.int(0) });
      case 'dup2':
      case 'dup3':
        return this.dupTo(process, tid, entry.int(0), entry.int(1));
      case 'fcntl': {
        const [fd, command] = [entry.int(0), entry.int(1)];
        if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC) return undefined;
        return this.onFile(process, tid, fd, { op: 'dup', fd, from: entry.int(2) });
      }
      case 'close': {
        const fd = entry.int(0);
        const begun = this.onFile(process, tid, fd, { op: 'close', fd });
        // Linux frees the descriptor first: another thread may get it before this call ends.
        this.files.closed(process.pid, fd);
        return begun;
      }
      case 'close_range': {
        const [first, last, flags] = [entry.uint(0), entry.uint(1), entry.uint(2)];
        // CLOSE_RANGE_CLOEXEC does not close the files now.
        if ((flags & CLOSE_RANGE_CLOEXEC) === 0)
          for (const fd of [...this.files.of(process.pid).keys()])
            if (fd >= first && fd <= last) this.files.closed(process.pid, fd);
        this.files.mayHaveMore(process.pid);
        return undefined;
      }
      case 'mmap':
        return this.mmap(process, tid, entry);
      case 'eventfd2': {
        const made: Made = { op: 'eventfd', init: entry.uint(0), flags: entry.uint(1) };
        return { kind: 'call', call: { process, tid, made, file: undefined, began: this.now() } };
      }
      case 'sendmsg': {
        const sent = this.sentBy(process, entry.number53(1));
        return sent.length === 0 ? undefined : { kind: 'message', process, sent };
      }
      case 'recvmsg':
      case 'recvmmsg':
      case 'pidfd_getfd':
        return { kind: 'received', process };
      default:
        return undefined;
    }
  }

  /** The file of iommufd or VFIO at a descriptor; undefined for other files. */
  private fileAt(process: TracedProcess, fd: number): TracedFile | undefined {
    const known = this.files.of(process.pid).get(fd);
    if (known !== undefined) return known;
    const file = this.files.find(process.pid, fd);
    if (file !== undefined) this.tell((sink) => sink.found?.(process, fd, file));
    return file;
  }

  private onFile(process: TracedProcess, tid: number, fd: number, made: Made): BegunCall | undefined {
    const file = this.fileAt(process, fd);
    if (file === undefined) return undefined;
    return { kind: 'call', call: { process, tid, made, file, began: this.now() } };
  }

  private ioctl(process: TracedProcess, tid: number, entry: CallEntry): BegunCall | undefined {
    const [fd, request, argument] = [entry.int(0), entry.uint(1), entry.word(2)];
    const { pid } = process;
    const file =
      this.fileAt(process, fd) ?? (isOurs(request) ? this.fileFor(process, fd, request) : undefined);
    // A request on a descriptor that is not open fails with EBADF. It is traced, because it is a bug of the program.
    if (file === undefined && (!isOurs(request) || this.files.isOpenAt(pid, fd))) return undefined;
    const kind =
      kindOf(file?.path) ?? (file?.path === 'anon_inode:[vfio-device]' ? 'vfio-device' : undefined);
    const about = aboutIoctl(process.memory, this.taskSize, kind, { request, argument });
    const made: Made = { op: 'ioctl', fd, request, argument };
    return { kind: 'call', call: { process, tid, made, file, about, began: this.now() } };
  }

  /** Finds the file of an unknown descriptor on which a request of iommufd or VFIO is made: by `/proc`, otherwise by the request. */
  private fileFor(process: TracedProcess, fd: number, request: number): TracedFile | undefined {
    const { pid } = process;
    if (!this.files.isOpenAt(pid, fd)) return undefined;
    const [declared] = ioctlsByRequest(request);
    const file = this.files.lookUp(pid, fd) ?? (declared && new TracedFile(nodeOf(declared.files[0])));
    if (file === undefined) return undefined;
    this.files.given(pid, fd, file);
    this.tell((sink) => sink.found?.(process, fd, file));
    return file;
  }

  /** `readv()` and similar calls: each segment is one call, as in `do_loop_readv_writev()`, for files without `read_iter`. */
  private vectored(
    name: 'readv' | 'writev' | 'preadv' | 'pwritev' | 'preadv2' | 'pwritev2',
    process: TracedProcess,
    tid: number,
    entry: CallEntry,
  ): BegunCall | undefined {
    const fd = entry.int(0);
    if (this.fileAt(process, fd) === undefined) return undefined;
    const segments = process.memory.segments(entry.number53(1), entry.number53(2));
    const [first = { address: 0, length: 0 }] = segments;
    const place = { fd, address: BigInt(first.address), length: first.length };
    const position = BigInt.asIntN(64, entry.word(3));
    const isPositioned = name.startsWith('p') && !(name.endsWith('2') && position === -1n);
    const isRead = name.includes('read');
    const made: Made = isPositioned
      ? { op: isRead ? 'pread' : 'pwrite', ...place, position }
      : { op: isRead ? 'read' : 'write', ...place };
    const begun = this.onFile(process, tid, fd, made);
    return begun?.kind === 'call' ? { ...begun, segments } : undefined;
  }

  private open(process: TracedProcess, tid: number, path: number, flags: number): BegunCall | undefined {
    const text = process.memory.text(path);
    // A file that is opened by another path, such as a link, is found at the first request on it.
    if (text === undefined || !isNode(text)) return undefined;
    const made: Made = { op: 'open', path: text, flags };
    return { kind: 'call', call: { process, tid, made, file: undefined, began: this.now() } };
  }

  private dupTo(process: TracedProcess, tid: number, fd: number, to: number): BegunCall | undefined {
    if (fd === to) return undefined;
    const begun = this.onFile(process, tid, fd, { op: 'dup', fd, to });
    // A file of another kind replaces the file that was at this descriptor.
    if (begun === undefined) this.files.closed(process.pid, to);
    return begun;
  }

  private mmap(process: TracedProcess, tid: number, entry: CallEntry): BegunCall | undefined {
    const [address, length] = [entry.number53(0), entry.number53(1)];
    const [prot, flags, fd] = [entry.uint(2), entry.uint(3), entry.int(4)];
    const made: Made = { op: 'mmap', address, length, prot, flags, fd, offset: entry.word(5) };
    const begun = fd < 0 ? undefined : this.onFile(process, tid, fd, made);
    return begun?.kind === 'call'
      ? { ...begun, losing: losingOf('mmap', process.memory, entry, this.taskSize) }
      : undefined;
  }

  /** The descriptors of files of iommufd and VFIO in a message. */
  private sentBy({ pid, memory }: TracedProcess, header: number): number[] {
    if (this.files.of(pid).size === 0) return [];
    const bytes = memory.peek(header, MSGHDR.size);
    if (bytes === undefined) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [at, length] = [MSGHDR.control, MSGHDR.controlLength].map((offset) =>
      Number(view.getBigUint64(offset, true)),
    );
    if (at === undefined || length === undefined || length > MOST_CONTROL) return [];
    const control = memory.peekSome(at, length);
    const words = new DataView(control.buffer, control.byteOffset, control.length);
    const fds: number[] = [];
    for (let offset = 0; offset + CMSGHDR <= control.length;) {
      const size = Number(words.getBigUint64(offset, true));
      if (size < CMSGHDR || offset + size > control.length) break;
      if (words.getInt32(offset + 8, true) === SOL_SOCKET && words.getInt32(offset + 12, true) === SCM_RIGHTS)
        for (let each = offset + CMSGHDR; each + 4 <= offset + size; each += 4)
          fds.push(words.getInt32(each, true));
      offset += Math.ceil(size / 8) * 8;
    }
    return fds.filter((fd) => this.files.find(pid, fd) !== undefined);
  }
}

/** `O_WRONLY | O_CREAT | O_TRUNC`. */
const CREAT_FLAGS = 0o1101;
/** The most control data of a message that is read, in bytes. SCM_MAX_FD descriptors need less. */
const MOST_CONTROL = 16384;
/** `struct msghdr` on 64-bit machines; `sizeof(struct cmsghdr)`. */
const MSGHDR = { size: 56, control: 32, controlLength: 40 } as const;
const CMSGHDR = 16;

/** The node on which a request is made, by the kind of its file; undefined if there are several. */
function nodeOf(kind: string | undefined): string | undefined {
  return kind === 'iommufd' ? '/dev/iommu' : undefined;
}
