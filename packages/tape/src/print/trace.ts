import {
  decodeFaults,
  decodeVevents,
  errnoMeaning,
  errnoName,
  formatRequest,
  invalidationEntries,
  type Ioctl,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_veventq_flag,
  veventData,
  type VeventRecord,
} from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import {
  annotate,
  type AnyType,
  decode,
  encode,
  fromHex,
  Integer,
  type ObjectKind,
  type Pointee,
  Struct,
  StructError,
  toHex,
} from '@iommufd/uapi/struct';
import { mmapFlags, mmapProt, pollEvents } from './linux.js';
import { TapeMemory } from '../tapes/memory.js';
import type { Step, Tape } from '../tapes/tape.js';

/** A syscall in words. */
export interface TracedCall {
  /** `ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0})` */
  readonly call: string;
  /** `0`, `-1 EBUSY (…)` */
  readonly result: string;
  readonly failed: boolean;
  /** What the kernel returned in memory, and what is behind pointers; one line each. */
  readonly notes: readonly string[];
  /** Which ioctl it was, if it was one that is known. */
  readonly ioctl?: Ioctl | undefined;
}

type OpenFile =
  | { readonly kind: 'iommufd'; readonly objects: Map<number, ObjectKind> }
  | { readonly kind: 'veventq'; readonly type: AnyType | undefined; after?: number }
  | { readonly kind: 'faults' }
  | { readonly kind: 'other' };

/** What opening a node gives: VFIO's container is an iommufd as well. */
function opened(path: string): OpenFile {
  const isIommufd = path === '/dev/iommu' || path === '/dev/vfio/vfio';
  return isIommufd ? { kind: 'iommufd', objects: new Map() } : { kind: 'other' };
}

type Call<Op extends Step['op']> = Extract<Step, { readonly op: Op }>;

/** How many entries of an array are spelled out. */
const MOST_ENTRIES = 16;

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/**
 * A tape as strace would print it if it knew iommufd: fields by name, flags as names, what pointers lead to, and
 * every record that is read.
 */
export function* trace(tape: Tape): Generator<TracedCall> {
  const tracer = new Tracer();
  for (const [i, step] of tape.steps.entries()) {
    const after: Call<'peek'>[] = [];
    for (let next = i + 1; tape.steps[next]?.op === 'peek'; next++)
      after.push(tape.steps[next] as Call<'peek'>);
    const call = tracer.step(step, after);
    if (call !== undefined) yield call;
  }
}

class Tracer {
  private readonly memory = new TapeMemory();
  private readonly files = new Map<number, OpenFile>();

  /** A step; `after` shows the memory that the call left behind. Steps that are no calls give nothing. */
  step(step: Step, after: readonly Call<'peek'>[]): TracedCall | undefined {
    switch (step.op) {
      case 'poke':
        this.memory.write(BigInt(step.addr), fromHex(step.hex));
        return undefined;
      case 'peek':
      case 'occupy':
      case 'note':
      case 'settle':
        return undefined;
      case 'mmap':
        return this.mmap(step);
      case 'munmap':
        if (step.ret === 0) this.memory.unmap(BigInt(step.addr), step.len);
        return called(`munmap(${step.addr}, ${step.len})`, step.ret);
      case 'inherit':
        this.files.set(step.ret, opened(step.path));
        return called(`inherit(${JSON.stringify(step.path)})`, step.ret);
      case 'dup':
        return this.dup(step);
      case 'open':
        if (step.ret >= 0) this.files.set(step.ret, opened(step.path));
        return called(`open(${JSON.stringify(step.path)}, O_RDWR|O_CLOEXEC)`, step.ret);
      case 'memfd':
        if (step.ret >= 0) this.files.set(step.ret, { kind: 'other' });
        return called(`memfd_create() of ${step.size} bytes`, step.ret);
      case 'close':
        if (step.ret === 0) this.files.delete(step.fd);
        return called(`close(${step.fd})`, step.ret);
      case 'poll': {
        const { fd, events, timeout = 0, ret, revents } = step;
        const call = `poll([{fd=${fd}, events=${pollEvents.format(events)}}], 1, ${timeout})`;
        return called(call, ret, ret > 0 ? [`revents=${pollEvents.format(revents)}`] : []);
      }
      case 'ioctl':
        return this.ioctl(step, after);
      case 'pread':
        this.show(after);
        return called(`pread(${step.fd}, ${step.addr}, ${step.len}, ${position(step.off)})`, step.ret);
      case 'pwrite': {
        const bytes = this.memory.read(BigInt(step.addr), step.len);
        const call = `pwrite(${step.fd}, ${step.addr}, ${step.len}, ${position(step.off)})`;
        return called(call, step.ret, bytes === undefined ? [] : [toHex(bytes)]);
      }
      case 'dma': {
        const way = step.write ? 'writes' : 'reads';
        const call = `dma(${step.fd}, the device ${way} ${step.len} bytes at ${hex(BigInt(step.iova))})`;
        return called(call, step.ret);
      }
      case 'read':
        this.show(after);
        return called(`read(${step.fd}, ${step.addr}, ${step.len})`, step.ret, this.recordsRead(step));
      case 'write':
        return called(`write(${step.fd}, ${step.addr}, ${step.len})`, step.ret, this.responses(step));
    }
  }

  private dup({ fd, to, from, ret }: Call<'dup'>): TracedCall {
    const file = this.files.get(fd);
    if (file !== undefined && ret >= 0) this.files.set(ret, file);
    if (to !== undefined) return called(`dup2(${fd}, ${to})`, ret);
    return called(from === undefined ? `dup(${fd})` : `fcntl(${fd}, F_DUPFD, ${from})`, ret);
  }

  private mmap({ addr, len, prot, flags, fd, off, ret }: Call<'mmap'>): TracedCall {
    const address = BigInt(ret);
    if (address > 0n) this.memory.map(address, len);
    const hint = BigInt(addr) === 0n ? 'NULL' : addr;
    const call = `mmap(${hint}, ${len}, ${mmapProt.format(prot)}, ${mmapFlags.format(flags)}, ${fd}, ${off})`;
    return address > 0n
      ? { call, result: hex(address), failed: false, notes: [] }
      : called(call, Number(address));
  }

  private show(after: readonly Call<'peek'>[]): void {
    for (const peek of after) if ('hex' in peek) this.memory.write(BigInt(peek.addr), fromHex(peek.hex));
  }

  private ioctl({ fd, cmd, arg, ret }: Call<'ioctl'>, after: readonly Call<'peek'>[]): TracedCall {
    const file = this.files.get(fd);
    const ioctl = ioctlsByRequest(Number(cmd), file?.kind === 'iommufd' ? 'iommufd' : undefined)[0];
    const struct = ioctl?.struct;
    const address = BigInt(arg);
    const before = struct === undefined ? undefined : this.argument(struct, address);
    if (ioctl === undefined || struct === undefined || before === undefined) {
      const name = ioctl?.name ?? formatRequest(Number(cmd));
      return called(`ioctl(${fd}, ${name}, ${hex(address)})`, ret, [], ioctl);
    }
    const notes = this.pointees(struct, before, file, false);
    this.show(after);
    const behind = this.argument(struct, address) ?? before;
    notes.push(...this.returned(struct, before, behind, ret));
    if (ret >= 0) {
      notes.push(...this.pointees(struct, behind, file, true));
      this.remember(struct, behind, file);
    }
    const given = fields(struct, before, ({ direction }) => direction !== 'out');
    return called(`ioctl(${fd}, ${ioctl.name}, {${given}})`, ret, notes, ioctl);
  }

  /** As much of a struct as its first field says that the caller knows. */
  private argument(struct: AnyType, address: bigint): Uint8Array | undefined {
    const size = this.memory.read(address, 4);
    if (size === undefined) return undefined;
    const known = new DataView(size.buffer).getUint32(0, true);
    return this.memory.read(address, Math.max(4, Math.min(known, struct.byteLength)));
  }

  /** The fields that the kernel wrote: all that are its to write after success, what changed after failure. */
  private returned(struct: AnyType, before: Uint8Array, after: Uint8Array, ret: number): string[] {
    const old = new Map(annotate(struct, before).map(({ path, text }) => [path, text]));
    const out = fields(
      struct,
      after,
      ({ direction, path, text }) =>
        (direction === 'out' && ret >= 0) || (direction !== 'in' && old.get(path) !== text),
    );
    return out === '' ? [] : [`returns {${out}}`];
  }

  /** What the pointers of a struct lead to, on the way in or on the way out. */
  private pointees(struct: AnyType, bytes: Uint8Array, file: OpenFile | undefined, out: boolean): string[] {
    if (!(struct instanceof Struct)) return [];
    const values = valuesOf(struct, bytes);
    return struct.members.flatMap(({ name, type }) => {
      if (!(type instanceof Integer) || type.role.kind !== 'pointer') return [];
      const { to } = type.role;
      const address = values[name];
      if (typeof address !== 'bigint' || address === 0n || (to.out === true) !== out) return [];
      const entry = entryType(to, values, file);
      return entry === undefined ? [] : [`${name} -> ${this.entries(entry, to, address, values)}`];
    });
  }

  private entries(type: AnyType, to: Pointee, address: bigint, values: Values): string {
    const number = (field: string | undefined): number | undefined =>
      field === undefined || values[field] === undefined ? undefined : Number(values[field]);
    const stride = number(to.stride) ?? type.byteLength;
    const count = to.count === undefined ? 1 : (number(to.count) ?? 0);
    const length = Math.min(stride, number(to.length) ?? stride, type.byteLength);
    const shown = Array.from({ length: Math.min(count, MOST_ENTRIES) }, (_, i) => {
      const bytes = this.memory.read(address + BigInt(i * stride), length);
      return bytes === undefined ? 'unreadable' : `{${fields(type, bytes)}}`;
    });
    if (to.count === undefined) return shown.join('');
    const more = count > shown.length ? [`${count - shown.length} more`] : [];
    return `[${[...shown, ...more].join(', ')}]`;
  }

  /** Notes the objects and files that a call made. */
  private remember(struct: AnyType, bytes: Uint8Array, file: OpenFile | undefined): void {
    if (!(struct instanceof Struct) || file?.kind !== 'iommufd') return;
    const values = valuesOf(struct, bytes);
    for (const { name, type, direction } of struct.members) {
      const value = values[name];
      if (!(type instanceof Integer) || typeof value !== 'number' || direction !== 'out') continue;
      const [kind] = type.role.kind === 'id' ? type.role.of : [];
      if (kind !== undefined) file.objects.set(value, kind);
    }
    const { out_veventq_fd: queue, out_fault_fd: faults, type } = values;
    if (typeof queue === 'number') {
      const data: Readonly<Record<number, AnyType>> = veventData;
      this.files.set(queue, { kind: 'veventq', type: data[Number(type)] });
    }
    if (typeof faults === 'number') this.files.set(faults, { kind: 'faults' });
  }

  /** What was read, record by record. */
  private recordsRead({ fd, addr, ret }: Call<'read'>): string[] {
    const file = this.files.get(fd);
    const bytes = ret > 0 ? this.memory.read(BigInt(addr), ret) : undefined;
    if (file === undefined || bytes === undefined) return [];
    return explaining(bytes, () => {
      if (file.kind === 'faults') {
        return decodeFaults(bytes).map(
          (fault) => `fault {${fields(iommu_hwpt_pgfault, encode(iommu_hwpt_pgfault, fault))}}`,
        );
      }
      if (file.kind !== 'veventq' || file.type === undefined) return [toHex(bytes)];
      const { type, after } = file;
      const records = decodeVevents(type, bytes, after === undefined ? {} : { after });
      const last = records.at(-1);
      if (last !== undefined) file.after = last.sequence;
      return records.map((record) => describe(type, record));
    });
  }

  private responses({ fd, addr, len }: Call<'write'>): string[] {
    const bytes = this.memory.read(BigInt(addr), len);
    if (this.files.get(fd)?.kind !== 'faults' || bytes === undefined) return [];
    const { byteLength } = iommu_hwpt_page_response;
    return Array.from({ length: Math.floor(len / byteLength) }, (_, i) => {
      const response = bytes.subarray(i * byteLength, (i + 1) * byteLength);
      return `response {${fields(iommu_hwpt_page_response, response)}}`;
    });
  }
}

/** Where in the file of a PCI function something is: the region, and the place in it. */
function position(off: number | string): string {
  const at = BigInt(off);
  const region = Number(at >> 40n);
  const name = region === 7 ? 'config' : `BAR ${region}`;
  return `${hex(at)} /* ${name} + ${hex(at & 0xff_ffff_ffffn)} */`;
}

/** Bytes that turn out to be no records are shown as they are, with the reason. */
function explaining(bytes: Uint8Array, work: () => string[]): string[] {
  try {
    return work();
  } catch (error) {
    if (error instanceof StructError) return [`${toHex(bytes)} (${error.message})`];
    throw error;
  }
}

/** A record of a vEVENTQ; what is missing before it is said in words. */
function describe(type: AnyType, record: VeventRecord<unknown>): string {
  const { kind, sequence, lost } = record;
  const first = (sequence - lost + (kind === 'lost' ? 1 : 0)) & 0x7fff_ffff;
  const last = (first + lost - 1) & 0x7fff_ffff;
  const range = lost === 1 ? `number ${first}` : `numbers ${first} to ${last}`;
  if (kind === 'lost') {
    return `header {flags=${iommu_veventq_flag.format(record.flags)}, sequence=${sequence}} without data: the queue was full and lost ${plural(lost, 'event')}, ${range}`;
  }
  // The event was decoded from bytes of this type.
  const event = fields(type, encode(type, record.event as never));
  const gap = lost === 0 ? '' : `  (the gap in the sequence: ${plural(lost, 'event')} lost, ${range})`;
  return `header {flags=${iommu_veventq_flag.format(record.flags)}, sequence=${sequence}} event {${event}}${gap}`;
}

type Values = Readonly<Record<string, unknown>>;

/** The fields of a struct, those beyond its end as zero: what the kernel works with. */
function valuesOf(struct: AnyType, bytes: Uint8Array): Values {
  const full = new Uint8Array(struct.byteLength);
  full.set(bytes.subarray(0, full.length));
  return decode(struct, full, { lenient: true }) as Values;
}

/** The type behind a pointer, if the fields beside it name one. */
function entryType(to: Pointee, values: Values, file: OpenFile | undefined): AnyType | undefined {
  if (to.type !== undefined) return to.type;
  const by = Number(values[to.by ?? '']);
  // The mock driver gives one number to two formats; the object tells them apart.
  const kind = file?.kind === 'iommufd' ? file.objects.get(Number(values['hwpt_id'])) : undefined;
  const ofViommu: Readonly<Record<number, AnyType>> = invalidationEntries.viommu;
  return (to.count === 'entry_num' && kind === 'viommu' ? ofViommu[by] : undefined) ?? to.cases?.[by];
}

type Shown = Pick<ReturnType<typeof annotate>[number], 'direction' | 'path' | 'text'>;

/** Fields as `name=value`; reserved ones only where they are not zero. */
function fields(type: AnyType, bytes: Uint8Array, wanted: (field: Shown) => boolean = () => true): string {
  return annotate(type, bytes)
    .filter(({ kind, problem }) => kind === 'field' || problem !== undefined)
    .filter(wanted)
    .map(({ kind, path, text, problem, bytes: part }) => {
      if (kind === 'missing') return `... ${problem ?? ''}`;
      if (kind === 'padding' || kind === 'rest') return `${kind}=${toHex(part)}`;
      return `${path}=${text}`;
    })
    .join(', ');
}

function called(call: string, ret: number, notes: readonly string[] = [], ioctl?: Ioctl): TracedCall {
  const traced = { call, failed: ret < 0, notes, ioctl };
  const name = ret < 0 ? errnoName(ret) : undefined;
  if (name === undefined) return { ...traced, result: String(ret) };
  const meaning = ioctl?.errors[name] ?? errnoMeaning(name);
  return { ...traced, result: `-1 ${name} (${meaning.replace(/\.$/, '')})` };
}
