/**
 * The model of the viewer: a {@link Session} opens files, processes the shown one in small pieces, and answers the
 * queries of the panels. It uses neither the DOM nor a clock, so that it runs in a worker and in tests.
 */
import { allRecords, allStructs, typeByName } from '@iommufd/uapi/registry';
import { annotate, type AnyType, bitRange, Struct } from '@iommufd/uapi/struct';
import type { TracedCall, TraceLine } from '@iommufd/tape/browser';
import {
  type Block,
  blocksOf,
  type CallDetail,
  errnoOf,
  heldObject,
  idsNamed,
  lockedAreas,
  recordBlock,
} from './call-detail.js';
import { type Document, type GivenFile, readDocuments } from './documents.js';
import { contextsOf, type Graph, graphOf, linesOf, nameOfKind } from './graph.js';
import { type AreaEntity, type Entity, History, type ObjectEntity } from './history.js';
import { type GuestRow, guestTimeline } from './guest.js';
import {
  type OpenGroup,
  openGroups,
  type QueueReads,
  queueReads,
  type QueueSeries,
  queueSeries,
} from './queues.js';
import { type Action, type PlayMachine, Playground, type PlayState } from './playground.js';
import { type Played, Replaying } from './replaying.js';
import { ruleOf } from './rules.js';
import { type Row, timeline } from './timeline.js';

/** A document in the list of documents. */
export interface DocumentSummary {
  readonly file: string;
  readonly name: string;
  readonly kind: Document['kind'];
  /** `22 calls, Linux 7.3.4, x86_64` */
  readonly about: string;
}

/** The result of opening files. */
export interface Opened {
  readonly documents: readonly DocumentSummary[];
  /** Files that could not be read, and why. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/** The progress of the work on a document. */
export interface Progress {
  readonly rows: number;
  /** Number of replayed calls. */
  readonly played: number;
  readonly isDone: boolean;
  /** Why it is not replayed on the fake kernel; empty if it is. */
  readonly refusal: string;
  /** Number of rows whose result differs from the fake kernel's. */
  readonly different: number;
}

/** A filter of rows. */
export interface Filter {
  readonly text: string;
  /** All conditions must hold; undefined is no condition. */
  readonly failed?: boolean | undefined;
  readonly lost?: boolean | undefined;
  readonly different?: boolean | undefined;
  readonly pid?: number | undefined;
  readonly file?: string | undefined;
  readonly name?: string | undefined;
}

/** The values that rows can be filtered by. */
export interface Facets {
  readonly pids: readonly number[];
  readonly files: readonly string[];
  readonly names: readonly string[];
}

/** An IOAS, for the map. */
export interface IoasMap {
  readonly ioas: Extract<ObjectEntity, { readonly kind: 'ioas' }>;
  readonly areas: readonly AreaEntity[];
  /** The page tables that map it. */
  readonly hwpts: readonly Extract<ObjectEntity, { readonly kind: 'hwpt' }>[];
}

/** The queues up to a call. */
export interface Queues {
  readonly series: readonly QueueSeries[];
  /** For a tape that is not replayed: the losses that its reads report. */
  readonly reads: readonly QueueReads[];
  /** By the key of the fault queue. */
  readonly open: readonly { readonly key: string; readonly groups: readonly OpenGroup[] }[];
}

/** One change in the history of an object. */
export interface LifeEvent {
  readonly call: number;
  readonly what: 'made' | 'changed' | 'gone';
  readonly text: string;
  /** The call, as text. */
  readonly by: string;
}

/** Bytes, decoded as one type. */
export interface BytesRead {
  readonly type: string;
  readonly blocks: readonly Block[];
  /** Why they cannot be decoded so; empty if they can. */
  readonly problem: string;
}

type Worker = Generator<undefined, void>;

const plural = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

function aboutOf(document: Document): string {
  switch (document.kind) {
    case 'tape': {
      const { calls, kernel, arch } = document.tape;
      return `${plural(calls, 'call')}, Linux ${kernel}, ${arch}`;
    }
    case 'guest':
      return `${plural(document.steps.length, 'step')} of a guest that drives an SMMUv3: shown as recorded, not replayed`;
    case 'trace':
      return `${plural(document.lines.length, 'call')} of a trace`;
    case 'log':
      return `${plural(document.log.entries.length, 'event')} in ${plural(document.log.lines.length, 'line')} of a log`;
    case 'bytes':
      return plural(document.bytes.length, 'byte');
    case 'playground':
      return document.playground.machine === 'mock' ? 'a mock device' : 'a device behind an SMMUv3';
  }
}

const EMPTY: Filter = { text: '' };

/** The open files, and the shown one. */
export class Session {
  private readonly documents: Document[] = [];
  private shown: Document | undefined;
  private rows: Row[] = [];
  private calls: (TracedCall | undefined)[] = [];
  /** For a guest: its rows with their records. */
  private guestRows: GuestRow[] = [];
  private replaying: Played | undefined;
  private played = 0;
  private work_: Worker | undefined;
  private filter: Filter = EMPTY;
  /** Indexes of the rows that match the filter; undefined for all. */
  private matches: number[] | undefined;
  private matched = 0;

  /** Opens files. Files that cannot be read are reported as problems; the others are opened. */
  async open(files: readonly GivenFile[]): Promise<Opened> {
    const problems: { file: string; message: string }[] = [];
    for (const file of files) {
      try {
        this.documents.push(...(await readDocuments(file)));
      } catch (error) {
        // Any error is reported as a problem of the file: it is neither a tape, a log nor bytes.
        problems.push({ file: file.name, message: error instanceof Error ? error.message : String(error) });
      }
    }
    return { documents: this.summaries(), problems };
  }

  private summaries(): DocumentSummary[] {
    return this.documents.map((document) => {
      const { file, name, kind } = document;
      return { file, name, kind, about: aboutOf(document) };
    });
  }

  /** Starts a playground, and repeats the actions of another one. */
  play(machine: PlayMachine, actions: readonly Action[]): Opened {
    const playground = new Playground(machine);
    const problems: { file: string; message: string }[] = [];
    try {
      for (const action of actions) playground.perform(action);
    } catch (error) {
      // The actions may come from a link of another version, or from an edited one.
      problems.push({ file: 'playground', message: error instanceof Error ? error.message : String(error) });
    }
    this.documents.push({ kind: 'playground', file: '', name: `playground ${machine}`, playground });
    return { documents: this.summaries(), problems };
  }

  private get playground(): Playground {
    if (this.shown?.kind !== 'playground') throw new RangeError('the shown document is not a playground');
    return this.shown.playground;
  }

  /** Performs an action in the playground. @returns the index of its row */
  perform(action: Action): number {
    const { playground } = this;
    playground.perform(action);
    this.played = playground.rows.length;
    this.match();
    return playground.rows.length - 1;
  }

  /** The current state of the playground, for forms. */
  playState(): PlayState {
    return this.playground.state();
  }

  /** The actions of the playground: as a list, as a tape, and as a test for the SDK. */
  exported(): {
    readonly machine: PlayMachine;
    readonly actions: readonly Action[];
    readonly tape: string;
    readonly test: string;
  } {
    const { playground } = this;
    const { steps, ...head } = playground.tape();
    const tape = [{ tape: 1, ...head }, ...steps].map((line) => JSON.stringify(line)).join('\n');
    const { machine, actions } = playground;
    return { machine, actions, tape: `${tape}\n`, test: playground.test() };
  }

  /** Shows a document. @throws RangeError if no document has this number */
  select(number: number): void {
    const document = this.documents[number];
    if (document === undefined) throw new RangeError(`there is no document ${number}`);
    this.shown = document;
    const playground = document.kind === 'playground' ? document.playground : undefined;
    this.rows = playground?.rows ?? [];
    this.calls = playground?.calls ?? [];
    this.guestRows = [];
    this.played = this.rows.length;
    const replay = document.kind === 'tape' ? new Replaying(document.tape) : undefined;
    this.replaying = playground ?? replay;
    this.work_ = this.workOn(document, replay);
    this.setFilter(EMPTY);
  }

  /** Works on the shown document until it is done or `isOver` returns true. @returns true if it is done */
  work(isOver: () => boolean): boolean {
    while (this.work_ !== undefined) {
      if (this.work_.next().done === true) this.work_ = undefined;
      if (isOver()) break;
    }
    this.match();
    return this.work_ === undefined;
  }

  private *workOn(document: Document, replay: Replaying | undefined): Worker {
    if (document.kind === 'tape') {
      for (const { row, call } of timeline(document.tape)) {
        this.rows.push(row);
        this.calls.push(call);
        yield;
      }
      if (replay !== undefined) yield* this.replay(replay);
    } else if (document.kind === 'guest') {
      for (const each of guestTimeline(document.steps)) {
        this.rows.push(each.row);
        this.guestRows.push(each);
        yield;
      }
    } else if (document.kind === 'trace') {
      for (const [index, line] of document.lines.entries()) {
        this.rows.push(rowOfLine(index, line));
        yield;
      }
    } else if (document.kind === 'log') {
      for (const [index, { lines, device, text }] of document.log.entries.entries()) {
        const name = /\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/.exec(text)?.[0] ?? /^[\w-]+/.exec(text)?.[0] ?? '';
        const row = {
          index,
          step: (lines[0] ?? 1) - 1,
          kind: 'event',
          pid: 0,
          tid: undefined,
          fd: undefined,
          file: device,
        } as const;
        this.rows.push({
          ...row,
          name,
          text,
          result: '',
          failed: /error|fault|abort|bad/i.test(text),
          lost: /overflow|lost/i.test(text),
        });
        yield;
      }
    }
  }

  private *replay(replaying: Replaying): Worker {
    const { rows } = this;
    if (replaying.refusal !== undefined) return;
    for (const row of rows) {
      replaying.play(row);
      this.played++;
      yield;
    }
    const last = rows.at(-1);
    if (last !== undefined) replaying.finish(last);
  }

  /** The progress of the work. */
  progress(): Progress {
    return {
      rows: this.rows.length,
      played: this.played,
      isDone: this.work_ === undefined,
      refusal: this.shown?.kind === 'tape' ? (this.replaying?.refusal ?? '') : '',
      different: this.replaying?.different.length ?? 0,
    };
  }

  /** The values that rows can be filtered by. */
  facets(): Facets {
    const unique = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();
    return {
      pids: unique(this.rows.map(({ pid }) => pid)),
      files: unique(this.rows.map(({ file }) => file).filter((file) => file !== '')),
      names: unique(this.rows.map(({ name }) => name)),
    };
  }

  /** Sets the filter. @returns the number of matching rows */
  setFilter(filter: Filter): number {
    this.filter = filter;
    const isAll =
      filter.text === '' &&
      Object.entries(filter).every(([name, value]) => name === 'text' || value === undefined);
    this.matches = isAll ? undefined : [];
    this.matched = 0;
    return this.match();
  }

  /** Applies the filter to the rows that were added since. */
  private match(): number {
    const { matches, rows } = this;
    if (matches === undefined) return rows.length;
    const { text, failed, lost, different, pid, file, name } = this.filter;
    const wanted = text.toLowerCase();
    const differing = different === true ? new Set(this.replaying?.different) : undefined;
    if (differing !== undefined) {
      matches.length = 0;
      this.matched = 0;
    }
    for (; this.matched < rows.length; this.matched++) {
      const row = rows[this.matched];
      if (row === undefined) break;
      if (failed === true && !row.failed) continue;
      if (lost === true && !row.lost) continue;
      if (differing !== undefined && !differing.has(row.index)) continue;
      if (pid !== undefined && row.pid !== pid) continue;
      if (file !== undefined && row.file !== file) continue;
      if (name !== undefined && row.name !== name) continue;
      if (wanted !== '' && !`${row.text} = ${row.result} ${row.file}`.toLowerCase().includes(wanted))
        continue;
      matches.push(row.index);
    }
    return matches.length;
  }

  /** The number of rows that match the filter. */
  get count(): number {
    return this.matches?.length ?? this.rows.length;
  }

  /** A range of the rows that match the filter. */
  page(from: number, end: number): Row[] {
    const { matches } = this;
    if (matches === undefined) return this.rows.slice(from, end);
    return matches.slice(from, end).flatMap((index) => this.rows[index] ?? []);
  }

  /** The position of a row among those that match the filter; if it does not match, that of the next one. */
  positionOf(index: number): number {
    const { matches } = this;
    if (matches === undefined) return Math.min(index, this.rows.length - 1);
    const at = matches.findIndex((each) => each >= index);
    return at === -1 ? matches.length - 1 : at;
  }

  /** The next row of a kind, after or before another. @returns its index */
  seek(index: number, direction: 1 | -1, kind: 'failed' | 'lost' | 'different'): number | undefined {
    const differing = kind === 'different' ? new Set(this.replaying?.different) : undefined;
    for (let at = index + direction; at >= 0 && at < this.rows.length; at += direction) {
      const row = this.rows[at];
      if (row === undefined) return undefined;
      if (differing === undefined ? row[kind === 'lost' ? 'lost' : 'failed'] : differing.has(at)) return at;
    }
    return undefined;
  }

  /** The details of a row. @throws RangeError if no row has this index */
  detail(index: number): CallDetail {
    const row = this.rows[index];
    if (row === undefined) throw new RangeError(`there is no call ${index}`);
    const { shown } = this;
    const base: CallDetail = {
      row,
      notes: [],
      doc: '',
      errno: errnoOf(row, undefined),
      blocks: [],
      held: [],
      locked: [],
      replay: 'none',
      refusal: undefined,
      difference: undefined,
      rule: undefined,
      changed: [],
    };
    if (shown?.kind === 'log') return { ...base, ...this.logDetail(index) };
    const ofGuest = this.guestRows[index];
    if (ofGuest !== undefined) {
      const { notes, block } = ofGuest;
      return { ...base, notes, blocks: block === undefined ? [] : [block] };
    }
    if (shown?.kind === 'trace') return { ...base, notes: shown.lines[index]?.notes ?? [] };
    const call = this.calls[index];
    if (call === undefined) return base;
    const blocks = blocksOf(call);
    const difference = this.replaying?.differenceAt(index);
    const isPlayed = index < this.played;
    const refusal = this.replaying?.refusal;
    return {
      ...base,
      notes: call.notes,
      doc: call.ioctl?.doc ?? '',
      errno: errnoOf(row, call.ioctl),
      blocks,
      ...this.heldBefore(row, blocks),
      replay:
        refusal !== undefined
          ? 'none'
          : !isPlayed
            ? 'pending'
            : difference === undefined
              ? 'agrees'
              : 'differs',
      refusal,
      difference,
      rule: ruleOf(this.replaying?.ruleAt(index)),
      changed: this.replaying?.history.changed(index) ?? [],
    };
  }

  private logDetail(index: number): Partial<CallDetail> {
    if (this.shown?.kind !== 'log') return {};
    const { entries, lines } = this.shown.log;
    const entry = entries[index];
    if (entry === undefined) return {};
    const notes = [
      ...entry.lines.map((number) => lines[number - 1]?.source ?? ''),
      ...entry.notes.map(([name, value]) => `${name}: ${value}`),
    ];
    const { record } = entry;
    if (record === undefined) return { notes };
    if (record.known === undefined)
      return { notes, blocks: [recordBlock('record', record.type, record.bytes)] };
    // If the log has only a part of a record, show the known fields.
    const { known } = record;
    const bits = annotate(record.type, record.bytes).flatMap((each) => each.bits ?? []);
    const fields = bits
      .filter(({ name }) => known.has(name))
      .map((bit) => `${bit.name} ${bitRange(bit)} = ${bit.text}`);
    return { notes: [...notes, ...fields] };
  }

  /**
   * For a call that failed with EBUSY: the users of the objects that it names, and the mappings that could not be
   * unmapped.
   */
  private heldBefore(row: Row, blocks: readonly Block[]): Pick<CallDetail, 'held' | 'locked'> {
    const { replaying } = this;
    const { index, name } = row;
    const [argument] = blocks;
    const isBusy = row.result.startsWith('-1 EBUSY');
    if (!isBusy || argument === undefined || replaying === undefined || index >= this.played)
      return { held: [], locked: [] };
    const entities = this.history.at(index - 1);
    const context = replaying.contextAt(index);
    const ids = idsNamed([argument]);
    if (name === 'IOMMU_IOAS_UNMAP') {
      const areas = entities.filter((entity): entity is AreaEntity => entity.entity === 'area');
      const value = (path: string): bigint =>
        BigInt(argument.fields.find((field) => field.path === path)?.before ?? 0);
      const range = { start: value('iova'), length: value('length') };
      return { held: [], locked: ids.flatMap((ioas) => lockedAreas(areas, context, ioas, range)) };
    }
    const objects = entities.filter((entity): entity is ObjectEntity => entity.entity === 'object');
    const named = ids.flatMap(
      (id) => objects.find((each) => each.context === context && each.id === id) ?? [],
    );
    return { held: named.map((object) => heldObject(objects, object)), locked: [] };
  }

  private get history(): History {
    return this.replaying?.history ?? new History();
  }

  /** The contexts with entities after a call, and the context of the call. */
  contexts(index: number): { readonly all: readonly number[]; readonly current: number } {
    return { all: contextsOf(this.history.at(index)), current: this.replaying?.contextAt(index) ?? 0 };
  }

  /** The objects after a call. */
  graph(index: number, context: number): Graph {
    return graphOf(this.history.at(index), context, new Set(this.history.changed(index)));
  }

  /** Every IOAS of a context after a call. */
  maps(index: number, context: number): IoasMap[] {
    const here = this.history.at(index).filter((entity) => entity.context === context);
    const areas = here.filter((entity): entity is AreaEntity => entity.entity === 'area');
    return here.flatMap((ioas) => {
      if (ioas.entity !== 'object' || ioas.kind !== 'ioas') return [];
      const hwpts = here.flatMap((entity) =>
        entity.entity === 'object' &&
        entity.kind === 'hwpt' &&
        entity.uses.some(({ id, as }) => id === ioas.id && as === 'maps')
          ? [entity]
          : [],
      );
      const own = areas.filter((area) => area.ioas === ioas.id).sort((a, b) => (a.start < b.start ? -1 : 1));
      return [{ ioas, areas: own, hwpts }];
    });
  }

  /** All queues, and the open groups after a call. */
  queues(index: number): Queues {
    const { history, rows, calls } = this;
    const reads = queueReads(rows, calls, (call) => this.replaying?.contextAt(call) ?? 0);
    const series = queueSeries(history, reads);
    const open = series
      .filter(({ kind }) => kind === 'fault')
      .map(({ key }) => ({ key, groups: openGroups(history, key, index) }));
    // For a tape that is not replayed, the losses that its reads report are all that is known.
    return { series, open, reads: series.length > 0 ? [] : reads };
  }

  /** The number of mapped, pinned and dirty bytes of a context after each call that changed them. */
  usage(context: number): readonly {
    readonly call: number;
    readonly mapped: number;
    readonly pinned: number;
    readonly dirty: number;
  }[] {
    const { history } = this;
    const keys = history.keys().filter((key) => key.startsWith(`${context}/`));
    const changes = keys
      .flatMap((key) => history.life(key).map((change) => ({ key, ...change })))
      .sort((a, b) => a.call - b.call);
    const now = new Map<string, { mapped: number; pinned: number; dirty: number }>();
    const sum = { mapped: 0, pinned: 0, dirty: 0 };
    const points: { call: number; mapped: number; pinned: number; dirty: number }[] = [];
    for (const { key, call, value } of changes) {
      const before = now.get(key);
      const after = value === undefined ? undefined : bytesOf(value);
      if (after === undefined) now.delete(key);
      else now.set(key, after);
      for (const what of ['mapped', 'pinned', 'dirty'] as const)
        sum[what] += (after?.[what] ?? 0) - (before?.[what] ?? 0);
      if (points.at(-1)?.call === call) points.pop();
      points.push({ call, ...sum });
    }
    return points;
  }

  /** The history of an object. */
  life(key: string): LifeEvent[] {
    const changes = this.history.life(key);
    return changes.map(({ call, value }, i) => {
      const before = changes[i - 1]?.value;
      const what = value === undefined ? 'gone' : before === undefined ? 'made' : 'changed';
      return { call, what, text: lifeText(before, value), by: this.rows[call]?.name ?? '' };
    });
  }

  /** The names of the types that bytes can be decoded as. */
  types(): string[] {
    return [...allStructs.keys(), ...allRecords.keys()].sort();
  }

  /** Decodes the shown bytes. @param name name of a type; if undefined, the most likely type */
  bytes(name: string | undefined): BytesRead {
    if (this.shown?.kind !== 'bytes')
      return { type: '', blocks: [], problem: 'the shown document is not bytes' };
    const { bytes } = this.shown;
    const type = name === undefined ? likelyType(bytes) : typeByName(name);
    if (type === undefined)
      return { type: name ?? '', blocks: [], problem: 'no known type has this length: select one' };
    const length = type.open ? Math.max(bytes.length, 1) : type.byteLength;
    const count = Math.min(Math.ceil(bytes.length / length), MOST_RECORDS);
    const blocks = Array.from({ length: count }, (_, i) =>
      recordBlock(count === 1 ? type.name : `record ${i}`, type, bytes.slice(i * length, (i + 1) * length)),
    );
    const problem = blocks.flatMap(({ fields }) =>
      fields.flatMap((field) => (field.problem === undefined ? [] : [`${field.path}: ${field.problem}`])),
    )[0];
    return { type: type.name, blocks, problem: problem ?? '' };
  }
}

/** Maximum number of shown records. */
const MOST_RECORDS = 200;

/** The most likely type of bytes: a C struct whose first field is the length, or a hardware record of 16 or 32 bytes. */
function likelyType(bytes: Uint8Array): AnyType | undefined {
  const size = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const sized = [...allStructs.values()].find(
    (each) =>
      each instanceof Struct &&
      each.sized !== undefined &&
      each.byteLength === bytes.length &&
      size === bytes.length,
  );
  if (sized !== undefined) return sized;
  if (bytes.length % 32 === 0) return typeByName('smmuv3_event');
  return bytes.length % 16 === 0 ? typeByName('smmuv3_command') : undefined;
}

/** The notes of `iommufd run --trace` about lost events. */
const LOST = /LOST_EVENTS|the gap in the sequence/;

function rowOfLine(index: number, { pid, tid, call, result, notes }: TraceLine): Row {
  const name = /\b(?:IOMMU|VFIO)_\w+/.exec(call)?.[0] ?? /^\w+/.exec(call)?.[0] ?? '';
  const failed = /^-1|^-E/.test(result);
  return {
    index,
    step: index,
    kind: 'call',
    pid,
    tid,
    fd: undefined,
    file: '',
    name,
    text: call,
    result,
    failed,
    lost: notes.some((note) => LOST.test(note)),
  };
}

function bytesOf(entity: Entity): { mapped: number; pinned: number; dirty: number } {
  if (entity.entity === 'area') {
    const mapped = Number(entity.last - entity.start + 1n);
    return { mapped, pinned: entity.isMapped || entity.accesses > 0 ? entity.pinned * 4096 : 0, dirty: 0 };
  }
  if (entity.entity !== 'object' || entity.kind !== 'hwpt') return { mapped: 0, pinned: 0, dirty: 0 };
  const dirty = (entity.dirty ?? []).reduce((sum, { start, last }) => sum + Number(last - start + 1n), 0);
  return { mapped: 0, pinned: 0, dirty };
}

/** A change of an object in a few words. */
function lifeText(before: Entity | undefined, after: Entity | undefined): string {
  if (after === undefined) return 'destroyed';
  if (after.entity === 'tombstone') return 'destroyed; its id is never reused';
  if (after.entity === 'area') return before === undefined ? 'mapped' : `${after.accesses} pins`;
  const title = `${nameOfKind(after.kind)} ${after.id}`;
  if (before === undefined || before.entity !== 'object')
    return [title, ...linesOf(after, []), ...after.uses.map(({ as, id }) => `${as} ${id}`)].join(', ');
  const parts: string[] = [];
  if (before.users !== after.users) parts.push(`users ${before.users} → ${after.users}`);
  const usesOf = ({ uses }: ObjectEntity): string[] => uses.map(({ as, id }) => `${as} ${id}`);
  const old = usesOf(before);
  const now = usesOf(after);
  parts.push(...now.filter((use) => !old.includes(use)).map((use) => `now ${use}`));
  parts.push(...old.filter((use) => !now.includes(use)).map((use) => `no longer ${use}`));
  const oldLines = linesOf(before, []);
  parts.push(...linesOf(after, []).filter((line) => !oldLines.includes(line) && after.kind !== 'ioas'));
  return parts.length === 0 ? 'its ranges' : parts.join(', ');
}
