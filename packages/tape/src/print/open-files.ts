/**
 * The open files of a process as a tracer knows them from its calls: which are iommufd contexts, with the objects that their IDs name,
 * and which are queues, with the records that reads of them return.
 */
import { invalidationEntries, veventData } from '@iommufd/uapi';
import type { AnyType, ObjectKind, Pointee } from '@iommufd/uapi/struct';
import { numbersOf, rolesIn, type Values } from '../calls/pointers.js';
import type { Words } from './fields.js';
import type { QueueEvents } from './traced-memory.js';

/** An object of an iommufd context. */
interface KnownObject {
  readonly kind: ObjectKind;
  /** The object that it is allocated on, or its path: `on ioas 1`, `/dev/vfio/devices/vfio0`. */
  readonly text: string | undefined;
}

interface Context {
  readonly kind: 'iommufd';
  readonly objects: Map<number, KnownObject>;
}

export type OpenFile =
  | Context
  | { readonly kind: 'device'; readonly path: string; context?: Context | undefined }
  | { readonly kind: 'veventq'; readonly type: AnyType | undefined; after?: number }
  | { readonly kind: 'faults' }
  | { readonly kind: 'other' };

/**
 * The kind of the file that opening a path returns. `/dev/vfio/vfio` is an iommufd context too: iommufd's VFIO container. Inherited
 * files without a path have the name that `/proc/PID/fd` shows.
 */
export function opened(path: string): OpenFile {
  if (path === '/dev/iommu' || path === '/dev/vfio/vfio') return { kind: 'iommufd', objects: new Map() };
  if (path.startsWith('/dev/vfio/devices/') || path === 'anon_inode:[vfio-device]')
    return { kind: 'device', path };
  if (path === 'anon_inode:[iommufd-pgfault]') return { kind: 'faults' };
  if (path === 'anon_inode:[iommufd-viommu-event]') return { kind: 'veventq', type: undefined };
  return { kind: 'other' };
}

/** Kinds of objects that an allocation names and that the new object is not allocated on. */
const BESIDE: ReadonlySet<ObjectKind> = new Set<ObjectKind>(['device', 'fault', 'mock_device']);

const NO_WORDS: Words = new Map();

/** @see the head of this file */
export class OpenFiles {
  private readonly files = new Map<number, OpenFile>();

  get(fd: number): OpenFile | undefined {
    return this.files.get(fd);
  }

  set(fd: number, file: OpenFile): void {
    this.files.set(fd, file);
  }

  delete(fd: number): void {
    this.files.delete(fd);
  }

  /** The records that reads of a queue return: page faults, or events of a type. */
  eventsOf(fd: number): QueueEvents {
    const file = this.files.get(fd);
    if (file?.kind === 'faults') return 'faults';
    return file?.kind === 'veventq' ? file.type : undefined;
  }

  /** The context whose objects the ids of a struct name. */
  private contextOf(struct: AnyType, values: Values, file: OpenFile | undefined): Context | undefined {
    if (file?.kind === 'iommufd') return file;
    if (file?.kind !== 'device') return undefined;
    // VFIO_DEVICE_BIND_IOMMUFD passes the file of the context.
    for (const { type, value, direction } of numbersOf(struct, values)) {
      const named = type.role.kind === 'fd' && direction === 'in' ? this.files.get(Number(value)) : undefined;
      if (named?.kind === 'iommufd') file.context = named;
    }
    return file.context;
  }

  /** Remarks on the objects whose ids are in a struct. */
  wordsFor(struct: AnyType, values: Values, file: OpenFile | undefined): Words {
    if (!rolesIn(struct).has('id')) return NO_WORDS;
    const words = new Map<string, string>();
    const context = this.contextOf(struct, values, file);
    for (const { path, type, value, direction } of numbersOf(struct, values)) {
      if (type.role.kind !== 'id' || direction === 'out') continue;
      const text = context?.objects.get(Number(value))?.text;
      if (text !== undefined) words.set(path, text);
    }
    return words;
  }

  /** Remembers the objects and files that a call created. */
  remember(struct: AnyType, values: Values, file: OpenFile | undefined): void {
    const numbers = numbersOf(struct, values);
    for (const { type, value, direction } of numbers)
      if (type.role.kind === 'fd' && direction === 'out') this.files.set(Number(value), { kind: 'other' });
    const context = this.contextOf(struct, values, file);
    if (context === undefined || file === undefined) return;
    const bases = numbers.flatMap(({ type, value, direction }) => {
      const base = context.objects.get(Number(value));
      const isBase = type.role.kind === 'id' && direction !== 'out' && base !== undefined;
      return isBase && !BESIDE.has(base.kind) ? [{ kind: base.kind, id: Number(value) }] : [];
    });
    const on = bases.map(({ kind, id }) => `${kind} ${id}`).join(' and ');
    const isNested = bases.some(({ kind }) => kind === 'hwpt' || kind === 'viommu');
    for (const { type, value, direction } of numbers) {
      const [kind] = type.role.kind === 'id' && direction === 'out' ? type.role.of : [];
      if (kind === undefined) continue;
      const base = on === '' ? undefined : `${kind === 'hwpt' && isNested ? 'nested ' : ''}on ${on}`;
      const text = file.kind === 'device' ? file.path : BESIDE.has(kind) ? undefined : base;
      context.objects.set(Number(value), { kind, text });
    }
    const { out_veventq_fd: queue, out_fault_fd: faults, type } = values;
    if (typeof queue === 'number') {
      const data: Readonly<Record<number, AnyType>> = veventData;
      this.files.set(queue, { kind: 'veventq', type: data[Number(type)] });
    }
    if (typeof faults === 'number') this.files.set(faults, { kind: 'faults' });
  }
}

/** The type behind a pointer, if the declaration or another field of the struct determines it. */
export function entryType(to: Pointee, values: Values, file: OpenFile | undefined): AnyType | undefined {
  if (to.type !== undefined) return to.type;
  const by = Number(values[to.by ?? '']);
  // The mock driver uses one number for two formats. The kind of the object decides which one it is.
  const kind = file?.kind === 'iommufd' ? file.objects.get(Number(values['hwpt_id']))?.kind : undefined;
  const ofViommu: Readonly<Record<number, AnyType>> = invalidationEntries.viommu;
  return (to.count === 'entry_num' && kind === 'viommu' ? ofViommu[by] : undefined) ?? to.cases?.[by];
}
