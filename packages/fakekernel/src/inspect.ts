/**
 * `@iommufd/fakekernel/inspect`: the state of a kernel as data, for tools that show it. {@link KernelInspector} reads a kernel
 * and changes nothing in it: the objects of every open `/dev/iommu`, their references to each other, the mapped IOVAs and
 * the contents of queues. `kernel-state.ts` has the same as text, for tests that compare.
 */
import type { ObjectKind } from '@iommufd/uapi/struct';
import { Access } from './iommufd/access.js';
import { IommufdContext } from './iommufd/context.js';
import { IommufdDevice } from './iommufd/device.js';
import { EventFile } from './iommufd/event-file.js';
import { FaultQueue } from './iommufd/fault-queue.js';
import { HwQueue } from './iommufd/hw-queue.js';
import { Hwpt, HwptNested, HwptPaging } from './iommufd/hwpt.js';
import { Ioas } from './iommufd/ioas.js';
import type { IommufdObject } from './iommufd/object.js';
import { Vdevice } from './iommufd/vdevice.js';
import { Veventq } from './iommufd/veventq.js';
import { Viommu } from './iommufd/viommu.js';
import type { Area } from './ioas/area.js';
import { TEST_OWNER } from './ioas/reserved.js';
import type { FaultGroup } from './iommu/page-fault.js';
import type { FakeKernel } from './kernel.js';
import { MockDeviceObject } from './selftest/mock-device-object.js';
import { VfioDeviceFile } from './vfio/cdev.js';

/** A range of IOVAs, both ends included. */
export interface Range {
  readonly start: bigint;
  readonly last: bigint;
}

/** An open `/dev/iommu`. */
export interface InspectedContext {
  /** From 1 on, in the order in which the inspector has seen the contexts. */
  readonly number: number;
  /** In the order of their ids. */
  readonly objects: readonly InspectedObject[];
  /** Ids that are never allocated again. */
  readonly tombstones: readonly number[];
}

/** Another object that an object refers to. */
export interface InspectedUse {
  readonly id: number;
  /** The role of the other object: `IOAS`, `parent`, `PASID 5`. */
  readonly as: string;
}

/** An object: the fields that all have, and those of its kind. */
export type InspectedObject = {
  readonly id: number;
  /** References, including that of the id table. */
  readonly users: number;
  /** The objects that it refers to. */
  readonly uses: readonly InspectedUse[];
} & InspectedKind;

/** The fields of each kind of object. */
export type InspectedKind =
  | InspectedDevice
  | InspectedIoas
  | InspectedHwpt
  | InspectedViommu
  | InspectedVdevice
  | InspectedVeventq
  | InspectedFaultQueue
  | InspectedHwQueue
  | { readonly kind: Exclude<ObjectKind | 'selftest', KnownKind> };

type KnownKind = 'device' | 'fault' | 'hw_queue' | 'hwpt' | 'ioas' | 'vdevice' | 'veventq' | 'viommu';

/** A bound device. */
export interface InspectedDevice {
  readonly kind: 'device';
  /** Its node; undefined for a device of the selftest, which has no node. */
  readonly node: string | undefined;
  /** Number of PASIDs that it supports. */
  readonly pasids: number;
}

/** An IOAS. */
export interface InspectedIoas {
  readonly kind: 'ioas';
  /** Alignment of the start and the end of every mapping, in bytes. */
  readonly alignment: bigint;
  readonly allowed: readonly Range[];
  /** `by` is what reserves the range. */
  readonly reserved: readonly (Range & { readonly by: 'aperture' | 'device' | 'test' })[];
  /** In the order of IOVAs. */
  readonly areas: readonly InspectedArea[];
}

/** A mapping. */
export interface InspectedArea extends Range {
  readonly read: boolean;
  readonly write: boolean;
  /** The kind of memory that it maps. */
  readonly source: 'user' | 'file' | 'device';
  /** Where it begins in that memory: an address of the process, or an offset in the file. */
  readonly from: bigint;
  /** Number of the pages that it maps: a copy has the same number as the original. */
  readonly pages: number;
  /** Number of areas, and of copies in progress, that use these pages. */
  readonly sharing: number;
  /** True if domains map it. */
  readonly isMapped: boolean;
  /** Pins of kernel accesses. */
  readonly accesses: number;
  /** Pins among them that block an unmap: it fails with EBUSY. */
  readonly locks: number;
  /** Pinned pages, of all pages of {@link pages}. */
  readonly pinned: number;
}

/** A hardware page table. */
export interface InspectedHwpt {
  readonly kind: 'hwpt';
  readonly type: 'paging' | 'nest parent' | 'automatic' | 'nested';
  /** The IOVAs that it can map; undefined for a nested one. */
  readonly aperture: Range | undefined;
  /** Bitmap of page sizes; 0 for a nested one. */
  readonly pageSizes: bigint;
  /** Dirty ranges; undefined if it was not allocated for dirty tracking. */
  readonly dirty: readonly Range[] | undefined;
}

/** A virtual IOMMU. */
export interface InspectedViommu {
  readonly kind: 'viommu';
  /** Of `iommu_viommu_type`. */
  readonly type: number;
}

/** A device of a virtual IOMMU. */
export interface InspectedVdevice {
  readonly kind: 'vdevice';
  readonly virtualId: bigint;
}

/** A queue of events. */
export interface InspectedVeventq {
  readonly kind: 'veventq';
  /** Of `iommu_veventq_type`. */
  readonly type: number;
  readonly depth: number;
  /** Events that wait to be read. */
  readonly count: number;
  /** True if the queue ends with a mark that events were lost. */
  readonly hasMark: boolean;
  /** The number of the next event, whether or not the queue has room for it. */
  readonly next: number;
}

/** A group of page requests. */
export interface InspectedFaultGroup {
  /** The cookie for its response; undefined before the group has been read. */
  readonly cookie: number | undefined;
  /** The device's own number of the group, `grpid`. */
  readonly group: number;
  readonly pasid: number;
  readonly addresses: readonly bigint[];
}

/** A queue of page faults. */
export interface InspectedFaultQueue {
  readonly kind: 'fault';
  /** Groups that wait to be read, followed by those that wait for a response. */
  readonly groups: readonly InspectedFaultGroup[];
}

/** A queue in guest memory that the hardware reads. */
export interface InspectedHwQueue {
  readonly kind: 'hw_queue';
  /** Of `iommu_hw_queue_type`. */
  readonly type: number;
  readonly base: bigint;
  readonly length: bigint;
}

/** Numbers for objects without an id, in the order in which they were seen. */
class Numbers {
  private readonly known = new WeakMap<object, number>();
  private count = 0;

  of(thing: object): number {
    let number = this.known.get(thing);
    if (number === undefined) this.known.set(thing, (number = ++this.count));
    return number;
  }
}

/** Inspects a kernel, any number of times. Contexts and pages keep the numbers that they got first. */
export class KernelInspector {
  private readonly contexts = new Numbers();
  private readonly pages = new Numbers();

  constructor(private readonly kernel: FakeKernel) {}

  /** The current state of the kernel. */
  look(): InspectedContext[] {
    return [...this.kernel.contexts].map((context) => ({
      number: this.contexts.of(context),
      objects: [...context.objects].map((object) => this.object(context, object)),
      tombstones: tombstonesOf(context),
    }));
  }

  /**
   * The number of the context that a file belongs to: the context itself, one of its queues, or a device bound to it. undefined
   * for other files.
   */
  contextOf(file: unknown): number | undefined {
    const context =
      file instanceof EventFile ? file['context'] : file instanceof VfioDeviceFile ? file['context'] : file;
    return context instanceof IommufdContext ? this.contexts.of(context) : undefined;
  }

  private object(context: IommufdContext, object: IommufdObject): InspectedObject {
    const { id, userCount: users } = object;
    const uses = [...usesOf(context, object)];
    return { id, users, uses, ...this.kindOf(object) };
  }

  private kindOf(object: IommufdObject): InspectedKind {
    if (object instanceof IommufdDevice) return this.device(object);
    if (object instanceof Ioas) return this.ioas(object);
    if (object instanceof Hwpt) return hwpt(object);
    if (object instanceof Viommu) return { kind: object.kind, type: object.type };
    if (object instanceof Vdevice) return { kind: object.kind, virtualId: object.virtualId };
    if (object instanceof Veventq) return veventq(object);
    if (object instanceof FaultQueue) return faultQueue(object);
    if (object instanceof HwQueue) {
      const { kind, type, base, length } = object;
      return { kind, type, base, length };
    }
    const { kind } = object;
    // The classes above are exactly those of KnownKind.
    return { kind: kind as Exclude<typeof kind, KnownKind> };
  }

  private device({ kind, device }: IommufdDevice): InspectedDevice {
    const slot = this.kernel['devices'].slots.find((vfio) => vfio.device === device);
    return { kind, node: slot?.path, pasids: device.maxPasids };
  }

  private ioas({ kind, table }: Ioas): InspectedIoas {
    return {
      kind,
      alignment: table.iovaAlignment,
      allowed: [...table['allowed']].map(({ start, last }) => ({ start, last })),
      reserved: table.reserved['ranges'].map(({ start, last, owner }) => {
        if (owner === TEST_OWNER) return { start, last, by: 'test' };
        const isDomain = table.attachedDomains.some((domain) => domain === owner);
        return { start, last, by: isDomain ? 'aperture' : 'device' };
      }),
      areas: table.allAreas().map((area) => this.area(area)),
    };
  }

  private area(area: Area): InspectedArea {
    const { start, last, protection, pages, startByte } = area;
    const { source } = pages;
    const base = source.kind === 'user' ? source.address : source.page * 4096;
    return {
      start,
      last,
      read: protection.read,
      write: protection.write,
      source: source.kind,
      from: BigInt(base) + BigInt(startByte),
      pages: this.pages.of(pages),
      sharing: pages['references'],
      isMapped: area.filled,
      accesses: area.accesses,
      locks: area.locks,
      pinned: pages.pinnedCount,
    };
  }
}

function tombstonesOf({ objects }: IommufdContext): number[] {
  // Slot 0 is not an id.
  return objects['slots'].flatMap((slot, id) => (slot === 'tombstone' && id > 0 ? [id] : []));
}

function* usesOf(context: IommufdContext, object: IommufdObject): Generator<InspectedUse> {
  if (object instanceof IommufdDevice) {
    for (const [pasid, { hwpt, devices }] of object.group.attachments)
      if (devices.has(object)) yield { id: hwpt.id, as: pasid === 0 ? 'attached to' : `PASID ${pasid}` };
  } else if (object instanceof HwptPaging) yield { id: object.ioas.id, as: 'maps' };
  else if (object instanceof HwptNested) {
    const { viommu, parent } = object;
    if (viommu !== undefined) yield { id: viommu.id, as: 'made on' };
    yield { id: parent.id, as: 'nested in' };
  } else if (object instanceof Viommu) yield { id: object.parent.id, as: 'nest parent' };
  else if (object instanceof Vdevice) {
    yield { id: object.viommu.id, as: 'vIOMMU' };
    yield { id: object['bound'].id, as: 'device' };
  } else if (object instanceof Veventq) yield { id: object.viommu.id, as: 'events of' };
  else if (object instanceof HwQueue) yield { id: object.viommu.id, as: 'queue of' };
  else if (object instanceof Access) {
    const ioas = object['ioas'];
    if (ioas !== undefined) yield { id: ioas.id, as: 'accesses' };
  } else if (object instanceof MockDeviceObject && object.bound?.context === context)
    yield { id: object.bound.id, as: 'binds' };
  if (object instanceof Hwpt && object.faults !== undefined) yield { id: object.faults.id, as: 'faults to' };
}

function hwpt(object: Hwpt): InspectedHwpt {
  const { kind } = object;
  if (!(object instanceof HwptPaging))
    return { kind, type: 'nested', aperture: undefined, pageSizes: 0n, dirty: undefined };
  const { domain, isAutomatic, isNestParent } = object;
  return {
    kind,
    type: isAutomatic ? 'automatic' : isNestParent ? 'nest parent' : 'paging',
    aperture: domain.aperture,
    pageSizes: domain.pageSizes,
    dirty: domain.dirty === undefined ? undefined : dirtyOf(object),
  };
}

/** The dirty ranges of an HWPT. Reading them here does not clear them. */
function dirtyOf({ domain, ioas }: HwptPaging): Range[] {
  const dirty: { start: bigint; last: bigint }[] = [];
  for (const { start, length } of ioas.table.allAreas())
    domain.dirty?.read(start, length, false, (iova, bytes) => {
      const before = dirty.at(-1);
      if (before !== undefined && before.last + 1n === iova) before.last = iova + bytes - 1n;
      else dirty.push({ start: iova, last: iova + bytes - 1n });
    });
  return dirty;
}

function veventq(queue: Veventq): InspectedVeventq {
  const { kind, type } = queue;
  return {
    kind,
    type,
    depth: queue['depth'],
    count: queue['count'],
    hasMark: queue['hasMark'],
    next: queue['next'],
  };
}

function faultQueue(queue: FaultQueue): InspectedFaultQueue {
  const groupOf = ({ requests }: FaultGroup, cookie: number | undefined): InspectedFaultGroup => {
    const [first] = requests;
    const addresses = requests.map(({ addr }) => addr);
    return { cookie, group: first?.grpid ?? 0, pasid: first?.pasid ?? 0, addresses };
  };
  const waiting = queue['waiting'].map((group) => groupOf(group, undefined));
  const open = [...queue['response']].map(([cookie, group]) => groupOf(group, cookie));
  return { kind: queue.kind, groups: [...waiting, ...open] };
}
