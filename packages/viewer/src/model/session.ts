/**
 * What a viewer knows of the files that it was given: a {@link Session} opens them, works on the one that is looked at in small
 * pieces, and answers what panels ask. It has no document and no clock, so that it runs in a worker, and in a test.
 */
import { allRecords, allStructs, typeByName } from '@iommufd/uapi/registry';
import { annotate, type AnyType, bitRange, Struct } from '@iommufd/uapi/struct';
import type { TracedCall } from '@iommufd/tape/browser';
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
import { type Document, type GivenFile, readDocuments, type TraceLine } from './documents.js';
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

/** A document, as a list shows it. */
export interface DocumentSummary {
  readonly file: string;
  readonly name: string;
  readonly kind: Document['kind'];
  /** `22 calls, Linux 7.3.4, x86_64` */
  readonly about: string;
}

/** What came of opening files. */
export interface Opened {
  readonly documents: readonly DocumentSummary[];
  /** Files that could not be read, and why. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/** How far the work on a document is. */
export interface Progress {
  readonly rows: number;
  /** Calls of it that have been played. */
  readonly played: number;
  readonly isDone: boolean;
  /** Why it is not played on the fake kernel; empty if it is. */
  readonly refusal: string;
  /** Rows whose answer differs from that of the fake kernel. */
  readonly different: number;
}

/** What rows are wanted. */
export interface Filter {
  readonly text: string;
  /** All of these must hold; undefined asks for nothing. */
  readonly failed?: boolean | undefined;
  readonly lost?: boolean | undefined;
  readonly different?: boolean | undefined;
  readonly pid?: number | undefined;
  readonly file?: string | undefined;
  readonly name?: string | undefined;
}

/** What rows can be filtered by. */
export interface Facets {
  readonly pids: readonly number[];
  readonly files: readonly string[];
  readonly names: readonly string[];
}

/** An IOAS, as the map shows it. */
export interface IoasMap {
  readonly ioas: Extract<ObjectEntity, { readonly kind: 'ioas' }>;
  readonly areas: readonly AreaEntity[];
  /** The page tables that map it. */
  readonly hwpts: readonly Extract<ObjectEntity, { readonly kind: 'hwpt' }>[];
}

/** The queues up to a call. */
export interface Queues {
  readonly series: readonly QueueSeries[];
  /** Of a tape that is not played on the fake kernel: what its reads say. */
  readonly reads: readonly QueueReads[];
  /** By the key of the fault queue. */
  readonly open: readonly { readonly key: string; readonly groups: readonly OpenGroup[] }[];
}

/** One change in the life of an object. */
export interface LifeEvent {
  readonly call: number;
  readonly what: 'made' | 'changed' | 'gone';
  readonly text: string;
  /** The call, in words. */
  readonly by: string;
}

/** A way to read bytes. */
export interface BytesRead {
  readonly type: string;
  readonly blocks: readonly Block[];
  /** What is wrong with reading them so. */
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
      return `${plural(document.steps.length, 'step')} of a guest that drives an SMMUv3: shown as recorded, and not played`;
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

/** The files that a viewer was given, and the one that it shows. */
export class Session {
  private readonly documents: Document[] = [];
  private shown: Document | undefined;
  private rows: Row[] = [];
  private calls: (TracedCall | undefined)[] = [];
  /** Of a guest: what its rows are about. */
  private guestRows: GuestRow[] = [];
  private replaying: Played | undefined;
  private played = 0;
  private work_: Worker | undefined;
  private filter: Filter = EMPTY;
  /** Indexes of the rows that the filter wants; undefined for all. */
  private matches: number[] | undefined;
  private matched = 0;

  /** Opens files. What cannot be read is said; the others are there. */
  async open(files: readonly GivenFile[]): Promise<Opened> {
    const problems: { file: string; message: string }[] = [];
    for (const file of files) {
      try {
        this.documents.push(...(await readDocuments(file)));
      } catch (error) {
        // There are as many reasons as ways to be no tape, no log and no bytes; none of them is this program's fault.
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

  /** Starts a playground, and does in it what was done in another. */
  play(machine: PlayMachine, actions: readonly Action[]): Opened {
    const playground = new Playground(machine);
    const problems: { file: string; message: string }[] = [];
    try {
      for (const action of actions) playground.perform(action);
    } catch (error) {
      // Of a link that another version has made, or a person.
      problems.push({ file: 'playground', message: error instanceof Error ? error.message : String(error) });
    }
    this.documents.push({ kind: 'playground', file: '', name: `playground ${machine}`, playground });
    return { documents: this.summaries(), problems };
  }

  private get playground(): Playground {
    if (this.shown?.kind !== 'playground') throw new RangeError('this is no playground');
    return this.shown.playground;
  }

  /** Does something in the playground. @returns the row of what came of it */
  perform(action: Action): number {
    const { playground } = this;
    playground.perform(action);
    this.played = playground.rows.length;
    this.match();
    return playground.rows.length - 1;
  }

  /** What there is to choose from in the playground. */
  playState(): PlayState {
    return this.playground.state();
  }

  /** What was done in the playground: to be done again, as a tape, and as a test for the SDK. */
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

  /** Shows a document. @throws RangeError if there is none of this number */
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

  /** Works on what is shown until it is done, or the caller has something else to do. @returns whether it is done */
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

  /** How far the work is. */
  progress(): Progress {
    return {
      rows: this.rows.length,
      played: this.played,
      isDone: this.work_ === undefined,
      refusal: this.shown?.kind === 'tape' ? (this.replaying?.refusal ?? '') : '',
      different: this.replaying?.different.length ?? 0,
    };
  }

  /** What there is to filter by. */
  facets(): Facets {
    const unique = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();
    return {
      pids: unique(this.rows.map(({ pid }) => pid)),
      files: unique(this.rows.map(({ file }) => file).filter((file) => file !== '')),
      names: unique(this.rows.map(({ name }) => name)),
    };
  }

  /** Asks for some of the rows. @returns how many there are */
  setFilter(filter: Filter): number {
    this.filter = filter;
    const isAll =
      filter.text === '' &&
      Object.entries(filter).every(([name, value]) => name === 'text' || value === undefined);
    this.matches = isAll ? undefined : [];
    this.matched = 0;
    return this.match();
  }

  /** Looks at rows that have come since. */
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

  /** How many rows the filter wants. */
  get count(): number {
    return this.matches?.length ?? this.rows.length;
  }

  /** Rows of those that the filter wants. */
  page(from: number, end: number): Row[] {
    const { matches } = this;
    if (matches === undefined) return this.rows.slice(from, end);
    return matches.slice(from, end).flatMap((index) => this.rows[index] ?? []);
  }

  /** Where a row stands among those that the filter wants; the next one if it is not among them. */
  positionOf(index: number): number {
    const { matches } = this;
    if (matches === undefined) return Math.min(index, this.rows.length - 1);
    const at = matches.findIndex((each) => each >= index);
    return at === -1 ? matches.length - 1 : at;
  }

  /** The next row after one, or before it, that is of a kind. @returns its index */
  seek(index: number, direction: 1 | -1, kind: 'failed' | 'lost' | 'different'): number | undefined {
    const differing = kind === 'different' ? new Set(this.replaying?.different) : undefined;
    for (let at = index + direction; at >= 0 && at < this.rows.length; at += direction) {
      const row = this.rows[at];
      if (row === undefined) return undefined;
      if (differing === undefined ? row[kind === 'lost' ? 'lost' : 'failed'] : differing.has(at)) return at;
    }
    return undefined;
  }

  /** A row in full. @throws RangeError if there is none of this index */
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
    // Of a record that the log has in part, the fields that it has.
    const { known } = record;
    const bits = annotate(record.type, record.bytes).flatMap((each) => each.bits ?? []);
    const fields = bits
      .filter(({ name }) => known.has(name))
      .map((bit) => `${bit.name} ${bitRange(bit)} = ${bit.text}`);
    return { notes: [...notes, ...fields] };
  }

  /** Why a call failed with EBUSY: who used the objects that it names, and what of a range could not be unmapped. */
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

  /** Contexts that have something after a call, and the one that the call is about. */
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

  /** All queues, and the groups that are open after a call. */
  queues(index: number): Queues {
    const { history, rows, calls } = this;
    const reads = queueReads(rows, calls, (call) => this.replaying?.contextAt(call) ?? 0);
    const series = queueSeries(history, reads);
    const open = series
      .filter(({ kind }) => kind === 'fault')
      .map(({ key }) => ({ key, groups: openGroups(history, key, index) }));
    // Of a tape that is not played, what its reads say is all that there is.
    return { series, open, reads: series.length > 0 ? [] : reads };
  }

  /** How many bytes of a context were mapped, pinned and dirty after each call that changed it. */
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

  /** What became of an object. */
  life(key: string): LifeEvent[] {
    const changes = this.history.life(key);
    return changes.map(({ call, value }, i) => {
      const before = changes[i - 1]?.value;
      const what = value === undefined ? 'gone' : before === undefined ? 'made' : 'changed';
      return { call, what, text: lifeText(before, value), by: this.rows[call]?.name ?? '' };
    });
  }

  /** The names of types that bytes can be read as. */
  types(): string[] {
    return [...allStructs.keys(), ...allRecords.keys()].sort();
  }

  /** Reads the bytes that are shown. @param name of a type; without it the most likely one */
  bytes(name: string | undefined): BytesRead {
    if (this.shown?.kind !== 'bytes') return { type: '', blocks: [], problem: 'these are no bytes' };
    const { bytes } = this.shown;
    const type = name === undefined ? likelyType(bytes) : typeByName(name);
    if (type === undefined)
      return { type: name ?? '', blocks: [], problem: 'no type of this length is known: choose one' };
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

/** Records of bytes that are shown. */
const MOST_RECORDS = 200;

/** The most likely type of some bytes: of a C struct its first field says how long it is; records of hardware have 16 or 32 bytes. */
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

/** What a note of `iommufd run --trace` says of events that were lost. */
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

/** What a change of an object is, in a few words. */
function lifeText(before: Entity | undefined, after: Entity | undefined): string {
  if (after === undefined) return 'it is gone';
  if (after.entity === 'tombstone') return 'its number is never given again';
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
