import { readFileSync } from 'node:fs';
import {
  O_CLOEXEC,
  O_RDONLY,
  PROCMAP,
  PROCMAP_QUERY,
  PROCMAP_QUERY_COVERING_OR_NEXT_VMA,
  PROCMAP_QUERY_VMA_READABLE,
  PROCMAP_QUERY_VMA_SHARED,
  PROCMAP_QUERY_VMA_WRITABLE,
} from '../linux/constants.js';
import { errno, type Libc, must } from '../linux/libc.js';

/** A mapping of a process of the host. */
export interface RemoteVma {
  readonly start: number;
  /** One beyond the last byte. */
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly shared: boolean;
  /** The offset in its file at which it begins, in bytes. */
  readonly offset: number;
  /** True if it shows a file, or shared memory, which is a file without a path. */
  readonly hasFile: boolean;
  /** The inode of its file. Shared memory of `shmget()` has its identifier there, which may be 0. */
  readonly inode: number;
  /** The device number of the filesystem: `major:minor` in hexadecimal. */
  readonly device: string;
  /** The size of its pages in bytes: more than 4096 for hugetlbfs. */
  readonly pageSize: number;
}

/** Flags of a mapping (VmFlags in `/proc/PID/smaps`). */
export interface VmaFlags {
  /** `VM_LOCKED`: its pages are locked, by `mlock()`. */
  readonly isLocked: boolean;
  /** `VM_MAYWRITE`: false for a shared mapping of a file that is open for reading only. */
  readonly mayBeWritten: boolean;
}

/** `ENOTTY`: Linux before 6.11. */
const ENOTTY = 25;

/** Looks up the mappings of a process, one by one with PROCMAP_QUERY. Before Linux 6.11, it parses `/proc/PID/maps`. */
export class Maps {
  private readonly fd: number;
  private readonly query = Buffer.alloc(PROCMAP.size);
  private canQuery = true;

  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
  ) {
    this.fd = must(
      `opening the maps of process ${pid}`,
      libc.open(`/proc/${pid}/maps`, O_RDONLY | O_CLOEXEC, 0),
    );
  }

  /** The mapping at an address. */
  at(address: number): RemoteVma | undefined {
    const vma = this.from(address);
    return vma !== undefined && vma.start <= address ? vma : undefined;
  }

  /** Reads the flags of a mapping. This is slow in a process with many mappings. */
  flagsOf({ start }: RemoteVma): VmaFlags {
    const text = readFileSync(`/proc/${this.pid}/smaps`, 'latin1');
    const [, flags = ''] = new RegExp(`^0*${start.toString(16)}-[^]*?^VmFlags: (.*)$`, 'm').exec(text) ?? [];
    const has = (name: string): boolean => flags.split(' ').includes(name);
    return { isLocked: has('lo'), mayBeWritten: has('mw') };
  }

  /** All mappings that overlap a range, in order. */
  *within(start: number, end: number): Generator<RemoteVma> {
    for (let at = start; at < end;) {
      const vma = this.from(at);
      if (vma === undefined || vma.start >= end) return;
      yield vma;
      at = vma.end;
    }
  }

  /** The mapping at an address, or the first one after it. */
  private from(address: number): RemoteVma | undefined {
    if (!this.canQuery) return this.listed().find(({ end }) => end > address);
    const { query } = this;
    query.fill(0);
    query.writeBigUInt64LE(BigInt(PROCMAP.size), 0);
    query.writeBigUInt64LE(BigInt(PROCMAP_QUERY_COVERING_OR_NEXT_VMA), PROCMAP.flags);
    query.writeBigUInt64LE(BigInt(address), PROCMAP.address);
    if (this.libc.ioctl(this.fd, PROCMAP_QUERY, query) < 0) {
      // ENOENT after the last mapping, ESRCH if the process has ended.
      if (errno() !== ENOTTY) return undefined;
      this.canQuery = false;
      return this.from(address);
    }
    const number = (offset: number): number => Number(query.readBigUInt64LE(offset));
    const flags = number(PROCMAP.vmaFlags);
    const inode = number(PROCMAP.inode);
    const [major, minor] = [query.readUInt32LE(PROCMAP.devMajor), query.readUInt32LE(PROCMAP.devMinor)];
    return {
      start: number(PROCMAP.start),
      end: number(PROCMAP.end),
      readable: (flags & PROCMAP_QUERY_VMA_READABLE) !== 0,
      writable: (flags & PROCMAP_QUERY_VMA_WRITABLE) !== 0,
      shared: (flags & PROCMAP_QUERY_VMA_SHARED) !== 0,
      offset: number(PROCMAP.offset),
      hasFile: hasFile(major, minor, inode),
      inode,
      device: deviceName(major, minor),
      pageSize: number(PROCMAP.pageSize),
    };
  }

  /** All mappings, from the text of `/proc/PID/maps`. */
  private listed(): RemoteVma[] {
    try {
      return parseMaps(readFileSync(`/proc/${this.pid}/maps`, 'latin1'));
    } catch {
      // The process has ended.
      return [];
    }
  }

  close(): void {
    this.libc.close(this.fd);
  }
}

/** A mapping without a file has neither an inode nor a filesystem. */
const hasFile = (major: number, minor: number, inode: number): boolean => major + minor + inode > 0;

/** The text of a device number, as {@link RemoteVma.device} has it. */
export function deviceName(major: number, minor: number): string {
  return `${major.toString(16)}:${minor.toString(16)}`;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])[x-]([ps]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+)/;

/** Parses the text of `/proc/PID/maps`, which does not contain the sizes of pages. */
export function parseMaps(text: string): RemoteVma[] {
  return text.split('\n').flatMap((line) => {
    const [, start, end, read, write, share, offset, major, minor, inode] = LINE.exec(line) ?? [];
    if (start === undefined || end === undefined) return [];
    const hex = (digits: string | undefined): number => parseInt(digits ?? '0', 16);
    return {
      start: hex(start),
      end: hex(end),
      readable: read === 'r',
      writable: write === 'w',
      shared: share === 's',
      offset: hex(offset),
      hasFile: hasFile(hex(major), hex(minor), Number(inode)),
      inode: Number(inode),
      device: deviceName(hex(major), hex(minor)),
      pageSize: 4096,
    };
  });
}
