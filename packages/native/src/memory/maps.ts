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

/** A mapping of a process. */
export interface RemoteVma {
  readonly start: number;
  /** One beyond the last byte. */
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly shared: boolean;
  /** Where in its file it begins. */
  readonly offset: number;
  /** 0 without a file. */
  readonly inode: number;
  /** Of the filesystem, `major:minor` in hexadecimal. */
  readonly device: string;
  /** Of its pages: more than 4096 for hugetlbfs. */
  readonly pageSize: number;
}

/** What `/proc/PID/smaps` says of a mapping beyond its protection. */
export interface VmaFlags {
  /** `VM_LOCKED`: its pages stay in memory, by `mlock()`. */
  readonly isLocked: boolean;
  /** `VM_MAYWRITE`: not of a shared file that was opened to be read. */
  readonly mayBeWritten: boolean;
}

/** `ENOTTY`: Linux before 6.11. */
const ENOTTY = 25;

/** The mappings of a process, asked one by one. */
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

  /** The mapping that holds an address. */
  at(address: number): RemoteVma | undefined {
    const vma = this.from(address);
    return vma !== undefined && vma.start <= address ? vma : undefined;
  }

  /** Asks for more of a mapping, which takes long in a process with many. */
  flagsOf({ start }: RemoteVma): VmaFlags {
    const text = readFileSync(`/proc/${this.pid}/smaps`, 'latin1');
    const [, flags = ''] = new RegExp(`^0*${start.toString(16)}-[^]*?^VmFlags: (.*)$`, 'm').exec(text) ?? [];
    const has = (name: string): boolean => flags.split(' ').includes(name);
    return { isLocked: has('lo'), mayBeWritten: has('mw') };
  }

  /** All mappings that have something of a range, in order. */
  *within(start: number, end: number): Generator<RemoteVma> {
    for (let at = start; at < end;) {
      const vma = this.from(at);
      if (vma === undefined || vma.start >= end) return;
      yield vma;
      at = vma.end;
    }
  }

  /** The mapping that holds an address, or the first after it. */
  private from(address: number): RemoteVma | undefined {
    if (!this.canQuery) return this.listed().find(({ end }) => end > address);
    const { query } = this;
    query.fill(0);
    query.writeBigUInt64LE(BigInt(PROCMAP.size), 0);
    query.writeBigUInt64LE(BigInt(PROCMAP_QUERY_COVERING_OR_NEXT_VMA), PROCMAP.flags);
    query.writeBigUInt64LE(BigInt(address), PROCMAP.address);
    if (this.libc.ioctl(this.fd, PROCMAP_QUERY, query) < 0) {
      // ENOENT behind the last mapping, ESRCH when the process has gone.
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
      inode,
      device: deviceName(major, minor),
      pageSize: number(PROCMAP.pageSize),
    };
  }

  /** Without the query: the whole list, as text. */
  private listed(): RemoteVma[] {
    try {
      return parseMaps(readFileSync(`/proc/${this.pid}/maps`, 'latin1'));
    } catch {
      // The process has gone, and so have its mappings.
      return [];
    }
  }

  close(): void {
    this.libc.close(this.fd);
  }
}

/** How a device number is written here. */
export function deviceName(major: number, minor: number): string {
  return `${major.toString(16)}:${minor.toString(16)}`;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])[x-]([ps]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+)/;

/** The text of `/proc/PID/maps`. Sizes of huge pages are not in it. */
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
      inode: Number(inode),
      device: deviceName(hex(major), hex(minor)),
      pageSize: 4096,
    };
  });
}
