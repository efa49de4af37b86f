/**
 * The model of the viewer: a {@link Session} opens files, processes the shown one in small pieces, and answers the
 * queries of the panels. It uses neither the DOM nor a clock, so that it runs in a worker and in tests.
 */
import { isCallLine, type TracedCall } from '@iommufd/tape/browser';
import { type BytesRead, readBytes, typeNames } from './bytes-read.js';
import { type Block, blocksOf, type CallDetail, errnoOf, obstaclesOf } from './call-detail.js';
import { type Document, type GivenFile, readDocuments } from './documents.js';
import { contextsOf, type Graph, graphOf } from './graph.js';
import { type GuestRow, guestTimeline } from './guest.js';
import { History } from './history.js';
import { type IoasMap, mapsOf } from './maps.js';
import { type LifeEvent, lifeOf } from './object-life.js';
import { type Action, type PlayMachine, Playground, type PlayState } from './playground.js';
import { type Queues, queuesAt } from './queues.js';
import { type Played, Replaying } from './replaying.js';
import { type Facets, type Filter, RowList } from './row-list.js';
import { ruleOf } from './rules.js';
import { logDetail, rowOfEntry, rowOfLine, rowOfProcess } from './text-rows.js';
import { type Row, timeline } from './timeline.js';
import { type Usage, usageOf } from './usage.js';

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
  /** Number of rows that are calls. The others are notes, events of processes, or events of a log or a guest. */
  readonly calls: number;
  /** Number of replayed calls. */
  readonly played: number;
  readonly isDone: boolean;
  /** Why it is not replayed on the fake kernel; empty if it is. */
  readonly refusal: string;
  /** Number of rows whose result differs from the fake kernel's. */
  readonly different: number;
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
      return `${plural(document.lines.filter(isCallLine).length, 'call')} of a trace`;
    case 'log':
      return `${plural(document.log.entries.length, 'event')} in ${plural(document.log.lines.length, 'line')} of a log`;
    case 'bytes':
      return plural(document.bytes.length, 'byte');
    case 'playground':
      return document.playground.machine === 'mock' ? 'a mock device' : 'a device behind an SMMUv3';
  }
}

/** The open files, and the shown one. */
export class Session {
  private readonly documents: Document[] = [];
  private shown: Document | undefined;
  private list = this.listOf([]);
  private calls: (TracedCall | undefined)[] = [];
  /** For a guest: its rows with their records. */
  private guestRows: GuestRow[] = [];
  private replaying: Played | undefined;
  private played = 0;
  /** The rows whose kind was looked at for {@link progress}, and how many of them are calls. */
  private counted = { rows: 0, calls: 0 };
  private work_: Worker | undefined;

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
    this.list.match();
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
    this.list = this.listOf(playground?.rows ?? []);
    this.calls = playground?.calls ?? [];
    this.guestRows = [];
    this.counted = { rows: 0, calls: 0 };
    this.played = this.list.rows.length;
    const replay = document.kind === 'tape' ? new Replaying(document.tape) : undefined;
    this.replaying = playground ?? replay;
    this.work_ = this.workOn(document, replay);
  }

  private listOf(rows: Row[]): RowList {
    return new RowList(rows, () => this.replaying?.different ?? []);
  }

  /** Works on the shown document until it is done or `isOver` returns true. @returns true if it is done */
  work(isOver: () => boolean): boolean {
    while (this.work_ !== undefined) {
      if (this.work_.next().done === true) this.work_ = undefined;
      if (isOver()) break;
    }
    this.list.match();
    return this.work_ === undefined;
  }

  private *workOn(document: Document, replay: Replaying | undefined): Worker {
    const { rows } = this.list;
    if (document.kind === 'tape') {
      for (const { row, call } of timeline(document.tape)) {
        rows.push(row);
        this.calls.push(call);
        yield;
      }
      if (replay !== undefined) yield* this.replay(replay);
    } else if (document.kind === 'guest') {
      for (const each of guestTimeline(document.steps)) {
        rows.push(each.row);
        this.guestRows.push(each);
        yield;
      }
    } else if (document.kind === 'trace') {
      for (const [index, line] of document.lines.entries()) {
        rows.push(isCallLine(line) ? rowOfLine(index, line) : rowOfProcess(index, line));
        yield;
      }
    } else if (document.kind === 'log') {
      for (const [index, entry] of document.log.entries.entries()) {
        rows.push(rowOfEntry(index, entry));
        yield;
      }
    }
  }

  private *replay(replaying: Replaying): Worker {
    const { rows } = this.list;
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
    const { rows } = this.list;
    const { counted } = this;
    for (; counted.rows < rows.length; counted.rows++)
      if (rows[counted.rows]?.kind === 'call') counted.calls++;
    return {
      rows: rows.length,
      calls: counted.calls,
      played: this.played,
      isDone: this.work_ === undefined,
      refusal: this.shown?.kind === 'tape' ? (this.replaying?.refusal ?? '') : '',
      different: this.replaying?.different.length ?? 0,
    };
  }

  /** The values that rows can be filtered by. */
  facets(): Facets {
    return this.list.facets();
  }

  /** Sets the filter. @returns the number of matching rows */
  setFilter(filter: Filter): number {
    return this.list.setFilter(filter);
  }

  /** The number of rows that match the filter. */
  get count(): number {
    return this.list.count;
  }

  /** A range of the rows that match the filter. */
  page(from: number, end: number): Row[] {
    return this.list.page(from, end);
  }

  /** The position of a row among those that match the filter; if it does not match, that of the next one. */
  positionOf(index: number): number {
    return this.list.positionOf(index);
  }

  /** The next row of a kind, after or before another. @returns its index */
  seek(...args: Parameters<RowList['seek']>): number | undefined {
    return this.list.seek(...args);
  }

  /** The details of a row. @throws RangeError if no row has this index */
  detail(index: number): CallDetail {
    const row = this.list.rows[index];
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
    if (shown?.kind === 'log') return { ...base, ...logDetail(shown.log, index) };
    const ofGuest = this.guestRows[index];
    if (ofGuest !== undefined) {
      const { notes, block } = ofGuest;
      return { ...base, notes, blocks: block === undefined ? [] : [block] };
    }
    if (shown?.kind === 'trace') {
      const line = shown.lines[index];
      return line !== undefined && isCallLine(line) ? { ...base, notes: line.notes } : base;
    }
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
      ...this.obstacles(row, blocks),
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

  private obstacles(row: Row, [argument]: readonly Block[]): Pick<CallDetail, 'held' | 'locked'> {
    const { replaying } = this;
    const { index, name, result } = row;
    const isBusy = result.startsWith('-1 EBUSY');
    if (!isBusy || argument === undefined || replaying === undefined || index >= this.played)
      return { held: [], locked: [] };
    return obstaclesOf(name, argument, replaying.history.at(index - 1), replaying.contextAt(index));
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
    return mapsOf(this.history.at(index), context);
  }

  /** All queues, and the open groups after a call. */
  queues(index: number): Queues {
    const { history, calls } = this;
    const played = { history, calls, rows: this.list.rows };
    return queuesAt(played, (call) => this.replaying?.contextAt(call) ?? 0, index);
  }

  /** The number of mapped, pinned and dirty bytes of a context after each call that changed them. */
  usage(context: number): readonly Usage[] {
    return usageOf(this.history, context);
  }

  /** The history of an object. */
  life(key: string): LifeEvent[] {
    return lifeOf(this.history.life(key), (call) => this.list.rows[call]?.name ?? '');
  }

  /** The names of the types that bytes can be decoded as. */
  types(): string[] {
    return typeNames();
  }

  /** Decodes the shown bytes. @param name name of a type; if undefined, the most likely type */
  bytes(name: string | undefined): BytesRead {
    if (this.shown?.kind !== 'bytes')
      return { type: '', blocks: [], problem: 'the shown document is not bytes' };
    return readBytes(this.shown.bytes, name);
  }
}
