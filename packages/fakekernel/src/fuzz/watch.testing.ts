/**
 * Checks that a call changes only the memory that it names. {@link WatchedMemory} knows the memory that every process has at
 * first; {@link WatchedMemory.before} keeps a copy during a call.
 */

import {
  iommu_hwpt_get_dirty_bitmap,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_IOAS_IOVA_RANGES,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_UNMAP_DMA,
} from '@iommufd/uapi';
import { allStructs } from '@iommufd/uapi/registry';
import { type AnyType, Integer, view } from '@iommufd/uapi/struct';
import type { Process } from '../index.js';
import type { MemoryObject } from '../process/memory-object.js';
import { askedBy, copiesToMapped, declaredFor } from './asked.testing.js';
import { leaves } from './leaves.testing.js';
import type { Call, CallOf, Step } from './step.testing.js';
import { PAGE, PLACES, type World } from './world.testing.js';

/** A range of bytes that a call names, in addresses of its process. */
interface Range {
  readonly at: bigint;
  readonly length: bigint;
}

/** The ranges that a call may write to. */
interface Named {
  /** Even if it fails. */
  readonly always: readonly Range[];
  /** Only if it succeeds: its struct. */
  readonly onSuccess: readonly Range[];
}

/** Bytes of an object from its start on: the current ones, and those before the call. */
interface Watched {
  readonly object: MemoryObject;
  readonly now: Uint32Array;
  readonly before: Uint32Array;
}

const WATCHED = ['arguments', 'data', 'mappable', 'file', 'ragged'] as const;
/** Ranges are limited to this length: no watched memory is longer. */
const MOST_BYTES = BigInt(64 * PAGE);
const NOTHING: Named = { always: [], onSuccess: [] };

/** Requests that also write the struct back on failure, with their progress or the required size. */
const WRITES_ON_FAILURE = new Set(
  [IOMMU_HWPT_INVALIDATE, IOMMU_IOAS_IOVA_RANGES, VFIO_IOMMU_GET_INFO, VFIO_IOMMU_UNMAP_DMA].map(
    ({ request }) => request,
  ),
);

export class WatchedMemory {
  private readonly watched: Watched[][];

  constructor(private readonly world: World) {
    this.watched = world.processes.map(watchedOf);
  }

  /** Must be called when a process has got new memory. */
  refresh(index: number): void {
    this.watched[index] = watchedOf(this.world.process(index));
  }

  /**
   * Must be called before the call of a step, after the program's own writes.
   * @param isWritable true if the kernel can write the argument of an ioctl back
   * @returns a function that must be called with the result; it throws an Error if the call has changed other memory
   */
  before(step: Step, isWritable: boolean): (result: number | bigint) => void {
    const process = this.world.process(step.process);
    const named = namedBy(process, step.call);
    if (named === undefined) return () => undefined;
    const watched = [...new Set([0, step.process])].flatMap((index) => this.watched[index] ?? []);
    for (const { now, before } of watched) before.set(now);
    return (result) => {
      for (const each of watched) {
        const first = firstDifference(each);
        if (first === undefined) continue;
        const ranges = result >= 0 || !isWritable ? [...named.always, ...named.onSuccess] : named.always;
        check(each, first, placesOf(process, ranges));
      }
    };
  }
}

function watchedOf(process: Process): Watched[] {
  return WATCHED.flatMap((name) => {
    const { at, pages } = PLACES[name];
    const object = process.memorySpace['find'](Number(at))?.vma.object;
    if (object === undefined) return [];
    const { buffer, byteOffset } = object.inPlace(0, pages * PAGE);
    const now = new Uint32Array(buffer, byteOffset, (pages * PAGE) / 4);
    return [{ object, now, before: new Uint32Array(now.length) }];
  });
}

function firstDifference({ now, before }: Watched): number | undefined {
  for (let i = 0; i < now.length; i++) if (now[i] !== before[i]) return i;
  return undefined;
}

/** A range of bytes of an object. */
interface Place {
  readonly object: MemoryObject;
  readonly from: number;
  readonly end: number;
}

/** Translates ranges to objects. Unmapped pages are left out. */
function placesOf({ memorySpace }: Process, ranges: readonly Range[]): Place[] {
  const places: Place[] = [];
  for (const { at, length } of ranges) {
    const end = at + (length < MOST_BYTES ? length : MOST_BYTES);
    for (let from = at; from < end;) {
      const next = (from / BigInt(PAGE) + 1n) * BigInt(PAGE);
      const to = next < end ? next : end;
      const found = memorySpace['find'](Number(from));
      if (found !== undefined) {
        const first = found.index * PAGE + Number(from % BigInt(PAGE));
        places.push({ object: found.vma.object, from: first, end: first + Number(to - from) });
      }
      from = to;
    }
  }
  return places;
}

/** @throws Error if a byte outside the given ranges has changed */
function check({ object, now, before }: Watched, first: number, places: readonly Place[]): void {
  const own = places.filter((place) => place.object === object);
  const bytes = bytesOf(now);
  const old = bytesOf(before);
  for (let byte = 4 * first; byte < bytes.length; byte++) {
    if (bytes[byte] === old[byte] || own.some(({ from, end }) => byte >= from && byte < end)) continue;
    throw new Error(
      `a call changes memory that it does not name: byte ${byte} from ${old[byte]} to ${bytes[byte]}`,
    );
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The ranges that a call may write to; undefined if it may write to any mapped memory. */
function namedBy(process: Process, call: Call): Named | undefined {
  switch (call.name) {
    case 'read':
    case 'pread':
      return {
        always: [{ at: call.at, length: BigInt(Math.max(0, Math.min(call.length, 1 << 30))) }],
        onSuccess: [],
      };
    case 'ioctl':
      return namedByIoctl(process, call);
    case 'dma':
    case 'exec':
    case 'restart':
      return undefined;
    default:
      return NOTHING;
  }
}

/** Size of the number that the requests of every file use. */
const NUMBER = 8n;

function namedByIoctl(process: Process, call: CallOf<'ioctl'>): Named | undefined {
  const { request, arg } = call;
  if (declaredFor(process.files.find(call.fd), request)?.struct === undefined)
    return { always: [{ at: arg, length: NUMBER }], onSuccess: [] };
  const asked = askedBy(process, call);
  if (asked === undefined) return NOTHING;
  const { struct: type } = asked.ioctl;
  const { bytes } = asked;
  if (copiesToMapped(asked)) return undefined;
  // VFIO appends capabilities to the struct, as far as the caller's buffer allows.
  const isOpen = request === VFIO_IOMMU_GET_INFO.request;
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const struct = { at: arg, length: BigInt(isOpen ? size : Math.min(size, type.byteLength)) };
  const always = [...pointees(type, bytes), ...(WRITES_ON_FAILURE.has(request) ? [struct] : [])];
  return { always, onSuccess: [struct] };
}

/** The ranges of a struct's pointers that the kernel may write to. */
function pointees(type: AnyType, bytes: Uint8Array): Range[] {
  const data = new DataView(bytes.buffer);
  return [...leaves(allStructs.get(type.name) ?? type, data)].flatMap(({ type: field, at, beside }) => {
    if (!(field instanceof Integer) || field.role.kind !== 'pointer') return [];
    const { to } = field.role;
    const pointer = data.getBigUint64(at, true);
    const entry = to.type ?? to.cases?.[Number(beside(to.by) ?? -1n)];
    const isWritten = to.out === true || (entry !== undefined && [...leaves(entry, EMPTY)].some(isOut));
    if (!isWritten) return [];
    if (type.name === iommu_hwpt_get_dirty_bitmap.name) return [bitmapOf(bytes, pointer)];
    const stride = beside(to.stride) ?? BigInt(entry?.byteLength ?? 1);
    const length = to.count === undefined ? (beside(to.length) ?? stride) : stride * (beside(to.count) ?? 1n);
    return [{ at: pointer, length }];
  });
}

const EMPTY = new DataView(new ArrayBuffer(0));
const isOut = ({ direction }: { readonly direction: string }): boolean => direction !== 'in';

/** Bits are set through pinned pages: a run that begins in the range may extend to the end of its page. */
function bitmapOf(bytes: Uint8Array, data: bigint): Range {
  const { length, page_size } = view(iommu_hwpt_get_dirty_bitmap, bytes);
  const unit = page_size & -page_size || 1n;
  const page = BigInt(PAGE);
  const start = (data / page) * page;
  const end = data + length / unit / 8n + 1n;
  return { at: start, length: ((end + page - 1n) / page) * page - start };
}
