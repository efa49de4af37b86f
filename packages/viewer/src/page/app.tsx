/** The page: a list of documents, the timeline of the shown one, and panels about the selected call. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { GivenFile } from '../model/documents.js';
import type { Action, PlayMachine } from '../model/playground.js';
import type { LabAction } from '../model/smmu-lab.js';
import type { Filter } from '../model/row-list.js';
import type { DocumentSummary, Opened, Progress } from '../model/session.js';
import { objectKey } from '../model/history.js';
import type { HeldFile } from '../worker.js';
import { CallPanel } from './call.js';
import { connect } from './client.js';
import { placeOf, useAnswer, writePlace } from './hooks.js';
import { MapPanel } from './map.js';
import { LabPanel } from './lab.js';
import { sharedIn } from './link.js';
import { ObjectsPanel } from './objects.js';
import { PlayPanel } from './play.js';
import { QueuesPanel } from './queues.js';
import { BytesPanel } from './read-bytes.js';
import { Timeline } from './timeline.js';

const TABS = [
  { id: 'call', name: 'Call' },
  { id: 'objects', name: 'Objects' },
  { id: 'map', name: 'IOVAs' },
  { id: 'queues', name: 'Queues' },
  { id: 'play', name: 'Play' },
] as const;

type Tab = (typeof TABS)[number]['id'];

const isTab = (text: string | undefined): text is Tab => TABS.some(({ id }) => id === text);

const NO_PROGRESS: Progress = { rows: 0, played: 0, isDone: true, refusal: '', different: 0 };
const ALL: Filter = { text: '' };

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j k ↑ ↓', 'next and previous call'],
  ['PgDn PgUp Home End', 'scroll by a page, or to an end'],
  ['e E', 'next and previous error'],
  ['l L', 'next and previous loss'],
  ['d D', 'next and previous difference'],
  ['1 to 5', 'the panels'],
  ['/', 'search'],
  ['t', 'light or dark'],
  ['?', 'this list'],
];

/** Reads files that the user has dropped or selected. */
const readFiles = (files: Iterable<File>): Promise<GivenFile[]> =>
  Promise.all(
    [...files].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );

function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset['theme'] === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : dataset['theme'] === 'dark';
  dataset['theme'] = isDark ? 'light' : 'dark';
}

/** The page. @param held files that are embedded in the page */
export function App({ held }: { readonly held: readonly HeldFile[] }) {
  const [progress, setProgress] = useState(NO_PROGRESS);
  const [count, setCount] = useState(0);
  const [problems, setProblems] = useState<Opened['problems']>([]);
  const client = useMemo(
    () =>
      connect(
        (told) => {
          setProgress(told.progress);
          setCount(told.count);
        },
        (message) => {
          // The rows read so far stay in the page.
          setProgress((before) => ({ ...before, isDone: true }));
          setProblems((before) => [...before, { file: 'the shown file', message }]);
        },
      ),
    [],
  );
  const [documents, setDocuments] = useState<readonly DocumentSummary[]>([]);
  const [number, setNumber] = useState<number>();
  const [generation, renew] = useReducer((n: number) => n + 1, 0);
  const [filter, setFilter] = useState(ALL);
  const [index, setIndex] = useState(0);
  const [tab, setTab] = useState<Tab>('call');
  const [chosen, setChosen] = useState<string>();
  const [otherContext, setContext] = useState<number>();
  const [isLab, setLab] = useState(placeOf(location.hash).tab === 'smmuv3');
  const [labActions, setLabActions] = useState<readonly LabAction[]>([]);
  const [isHelp, setHelp] = useState(false);
  const [isOver, setOver] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  const select = useCallback(async (which: number, call = 0) => {
    const begun = await client.select(which);
    setProgress(begun);
    setNumber(which);
    setFilter(ALL);
    setIndex(call);
    setChosen(undefined);
    setContext(undefined);
    renew(undefined);
  }, []);

  /** Shows the first of the opened documents; at the start, the one in the address. */
  const opening = useCallback(
    async (asked: () => Promise<Opened>) => {
      setBusy(true);
      const known = documents.length;
      const opened = await asked();
      setBusy(false);
      setDocuments(opened.documents);
      setProblems(opened.problems);
      const place = placeOf(location.hash);
      const named = opened.documents.findIndex(({ name }) => name === place.document);
      const first = known === 0 && named !== -1 ? named : known;
      if (opened.documents[first] === undefined) return;
      if (known > 0) setLab(false);
      if (known === 0 && isTab(place.tab)) setTab(place.tab);
      await select(first, known === 0 ? place.call : 0);
    },
    [documents.length],
  );
  const open = useCallback(
    async (files: readonly GivenFile[]) => {
      if (files.length > 0) await opening(() => client.open(files));
    },
    [opening],
  );

  const play = useCallback(async (machine: PlayMachine, actions: readonly Action[] = []) => {
    const opened = await client.play(machine, actions);
    setDocuments(opened.documents);
    setProblems(opened.problems);
    setTab('play');
    setLab(false);
    await select(opened.documents.length - 1);
  }, []);

  useEffect(() => {
    void (async () => {
      try {
        const shared = await sharedIn(location.hash);
        if (shared?.machine === 'lab') {
          setLab(true);
          setLabActions(shared.actions);
        } else if (shared !== undefined) await play(shared.machine, shared.actions);
        else if (held.length > 0) await opening(() => client.openHeld(held));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        setProblems([{ file: 'the address', message: error.message }]);
      }
    })();
  }, []);

  const shown = number === undefined ? undefined : documents[number];
  const isPlay = shown?.kind === 'playground';
  const isTape = shown?.kind === 'tape' || isPlay;
  const isBytes = shown?.kind === 'bytes';
  const facets = useAnswer(number === undefined ? undefined : () => client.facets(), [
    number,
    progress.rows === 0,
    progress.isDone,
  ]);
  const detail = useAnswer(progress.rows > index ? () => client.detail(index) : undefined, [
    index,
    generation,
    progress.rows > index,
    progress.played > index,
    progress.isDone,
  ]);
  const contexts = useAnswer(isTape ? () => client.contexts(index) : undefined, [
    index,
    generation,
    progress.played > index,
  ]);
  const context =
    otherContext ??
    (contexts === undefined || contexts.current === 0 ? (contexts?.all[0] ?? 1) : contexts.current);

  useEffect(() => {
    // The place of a playground is its own link.
    if (shown !== undefined && shown.kind !== 'playground' && !isLab)
      writePlace({ document: shown.name, call: index, tab });
  }, [shown, index, tab, isLab]);

  const apply = useCallback(async (wanted: Filter) => {
    setFilter(wanted);
    setCount(await client.setFilter(wanted));
    renew(undefined);
  }, []);

  const go = useCallback(
    (to: number) => setIndex(Math.max(0, Math.min(to, Math.max(0, progress.rows - 1)))),
    [progress.rows],
  );
  // Keys may arrive faster than answers: each step starts at the result of the step before it.
  const latest = useRef({ index, count, moves: Promise.resolve() });
  latest.current.index = index;
  latest.current.count = count;
  const move = useCallback((find: (from: number) => Promise<number | undefined>) => {
    const { current } = latest;
    current.moves = current.moves.then(async () => {
      const found = await find(current.index);
      if (found === undefined) return;
      current.index = found;
      setIndex(found);
    });
  }, []);
  /** Moves by `rows` of the filtered rows. */
  const step = useCallback((rows: number) => {
    move(async (from) => {
      const last = latest.current.count - 1;
      const position = Math.max(0, Math.min(last, (await client.positionOf(from)) + rows));
      const [row] = await client.page(position, position + 1);
      return row?.index;
    });
  }, []);
  const seek = useCallback((kind: 'failed' | 'lost' | 'different', direction: 1 | -1) => {
    move((from) => client.seek(from, direction, kind));
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isField = target instanceof HTMLElement && target.matches('input, select, textarea');
      if (key === 'Escape') {
        setHelp(false);
        if (isField) target.blur();
        return;
      }
      if (isField) return;
      const act: Readonly<Record<string, () => void>> = {
        j: () => step(1),
        ArrowDown: () => step(1),
        k: () => step(-1),
        ArrowUp: () => step(-1),
        PageDown: () => step(20),
        PageUp: () => step(-20),
        Home: () => step(-Infinity),
        End: () => step(Infinity),
        e: () => seek('failed', 1),
        E: () => seek('failed', -1),
        l: () => seek('lost', 1),
        L: () => seek('lost', -1),
        d: () => seek('different', 1),
        D: () => seek('different', -1),
        '/': () => search.current?.focus(),
        t: toggleTheme,
        '?': () => setHelp((is) => !is),
        ...Object.fromEntries(TABS.map(({ id }, i) => [String(i + 1), () => setTab(id)])),
      };
      const found = act[key];
      if (found === undefined) return;
      event.preventDefault();
      found();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const toggle = (name: 'failed' | 'lost' | 'different') => (
    <button
      type="button"
      class="chip"
      aria-pressed={filter[name] === true}
      onClick={() => void apply({ ...filter, [name]: filter[name] === true ? undefined : true })}
    >
      {name === 'failed'
        ? 'errors'
        : name === 'lost'
          ? 'losses'
          : `differs${progress.different > 0 ? ` ${progress.different}` : ''}`}
    </button>
  );
  const choice = (name: 'file' | 'name', values: readonly string[], all: string) =>
    values.length > 1 && (
      <select
        aria-label={all}
        value={filter[name] ?? ''}
        onChange={({ currentTarget: { value } }) =>
          void apply({ ...filter, [name]: value === '' ? undefined : value })
        }
      >
        <option value="">{all}</option>
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    );

  return (
    <div
      class={`app${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void readFiles(event.dataTransfer?.files ?? []).then(open);
      }}
    >
      <header>
        <h1>
          iommufd <span>view</span>
        </h1>
        {documents.length > 0 && (
          <select
            class="documents"
            aria-label="What is shown"
            value={number}
            onChange={({ currentTarget: { value } }) => {
              setLab(false);
              void select(Number(value));
            }}
          >
            {documents.map(({ name, about }, i) => (
              <option key={i} value={i}>
                {name} ({about})
              </option>
            ))}
          </select>
        )}
        {shown !== undefined && !isBytes && !isLab && (
          <>
            <input
              ref={search}
              type="search"
              placeholder="Search  /"
              aria-label="Search"
              value={filter.text}
              onInput={({ currentTarget: { value } }) => void apply({ ...filter, text: value })}
            />
            {toggle('failed')}
            {toggle('lost')}
            {shown.kind === 'tape' && toggle('different')}
            {facets !== undefined && facets.pids.length > 1 && (
              <select
                aria-label="Process"
                value={filter.pid ?? ''}
                onChange={({ currentTarget: { value } }) =>
                  void apply({ ...filter, pid: value === '' ? undefined : Number(value) })
                }
              >
                <option value="">all processes</option>
                {facets.pids.map((pid) => (
                  <option key={pid} value={pid}>
                    process {pid}
                  </option>
                ))}
              </select>
            )}
            {choice('file', facets?.files ?? [], 'all files')}
            {choice('name', facets?.names ?? [], 'all calls')}
          </>
        )}
        <span class="space" />
        <select
          class="playgrounds"
          aria-label="Playground"
          value=""
          onChange={({ currentTarget }) => {
            const { value } = currentTarget;
            currentTarget.value = '';
            if (value === 'mock' || value === 'smmuv3') void play(value);
            if (value === 'lab') {
              setLab(true);
              history.replaceState(null, '', '#tab=smmuv3');
            }
          }}
        >
          <option value="">Playground</option>
          <option value="mock">with a mock device</option>
          <option value="smmuv3">with a device behind an SMMUv3</option>
          <option value="lab">an SMMUv3 to explore</option>
        </select>
        <button type="button" onClick={() => picker.current?.click()}>
          Open…
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={({ currentTarget }) => void readFiles(currentTarget.files ?? []).then(open)}
        />
        <button
          type="button"
          class="icon"
          aria-label="Light or dark"
          title="Light or dark (t)"
          onClick={toggleTheme}
        >
          ◐
        </button>
        <button
          type="button"
          class="icon"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => setHelp(!isHelp)}
        >
          ?
        </button>
      </header>
      {problems.length > 0 && (
        <div class="problems" role="alert">
          {problems.map(({ file, message }) => (
            <p key={file}>
              <b>{file}</b>: {message}
            </p>
          ))}
          <button type="button" aria-label="Close" onClick={() => setProblems([])}>
            ×
          </button>
        </div>
      )}
      {isLab ? (
        <main class="one">
          <LabPanel key={labActions.length} client={client} shared={labActions} />
        </main>
      ) : shown === undefined ? (
        <main class="start">
          <div class="drop">
            <h2>{isBusy ? 'Reading…' : 'Drop a tape, a trace, a kernel log or hex here'}</h2>
            <p>
              Or{' '}
              <button type="button" class="link" onClick={() => picker.current?.click()}>
                choose files
              </button>
              , or{' '}
              <button type="button" class="link" onClick={() => void play('mock')}>
                play with a fake kernel
              </button>
              . Nothing leaves this page: it has no network.
            </p>
            <pre>iommufd run --record vmm.jsonl -- ./my-vmm{'\n'}iommufd view vmm.jsonl</pre>
          </div>
        </main>
      ) : isBytes ? (
        <main class="one">
          <BytesPanel client={client} generation={generation} />
        </main>
      ) : (
        <main>
          <Timeline
            client={client}
            count={count}
            generation={generation}
            selected={index}
            showsPids={(facets?.pids.length ?? 0) > 1}
            onSelect={setIndex}
          />
          <section class="inspector" aria-label="About the call">
            <div class="tabs">
              <div role="tablist" aria-label="About the call">
                {TABS.filter(({ id }) => (id === 'play' ? isPlay : isTape || id === 'call')).map(
                  ({ id, name }) => (
                    <button
                      key={id}
                      type="button"
                      role="tab"
                      id={`tab-${id}`}
                      aria-selected={tab === id}
                      aria-controls="panel"
                      onClick={() => setTab(id)}
                    >
                      {name}
                    </button>
                  ),
                )}
              </div>
              <span class="space" />
              {tab !== 'call' &&
                tab !== 'queues' &&
                tab !== 'play' &&
                contexts !== undefined &&
                contexts.all.length > 1 && (
                  <select
                    aria-label="Context"
                    value={context}
                    onChange={({ currentTarget: { value } }) => setContext(Number(value))}
                  >
                    {contexts.all.map((each) => (
                      <option key={each} value={each}>
                        context {each}
                      </option>
                    ))}
                  </select>
                )}
              <span class="stepper">
                <button type="button" aria-label="Previous call" onClick={() => step(-1)}>
                  ◀
                </button>
                <output>
                  {index} / {Math.max(0, progress.rows - 1)}
                </output>
                <button type="button" aria-label="Next call" onClick={() => step(1)}>
                  ▶
                </button>
              </span>
            </div>
            <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
              {tab !== 'call' && <h2 class="unseen">{TABS.find(({ id }) => id === tab)?.name}</h2>}
              {tab === 'call' && detail !== undefined && (
                <CallPanel
                  detail={detail}
                  onObject={(id) => {
                    setChosen(objectKey(context, id));
                    setTab('objects');
                  }}
                />
              )}
              {tab === 'play' && isPlay && (
                <PlayPanel client={client} rows={progress.rows} onDone={setIndex} />
              )}
              {tab !== 'call' && progress.refusal !== '' && (
                <p class="empty">
                  What the kernel held is known when the tape is played, and it cannot be played here:{' '}
                  {progress.refusal}.
                </p>
              )}
              {tab === 'objects' && progress.refusal === '' && (
                <ObjectsPanel
                  client={client}
                  index={index}
                  played={progress.played}
                  context={context}
                  chosen={chosen}
                  onChoose={setChosen}
                  onCall={go}
                />
              )}
              {tab === 'map' && progress.refusal === '' && (
                <MapPanel
                  client={client}
                  index={index}
                  played={progress.played}
                  context={context}
                  onCall={go}
                />
              )}
              {tab === 'queues' && (
                <QueuesPanel
                  client={client}
                  index={index}
                  played={progress.played}
                  isPlayed={progress.refusal === ''}
                  onCall={go}
                />
              )}
            </div>
          </section>
        </main>
      )}
      <footer>
        {shown !== undefined && !isBytes && !isLab && (
          <>
            <span role="status">
              {count.toLocaleString('en')} of {progress.rows.toLocaleString('en')}{' '}
              {shown.kind === 'log' ? 'events' : 'calls'}
            </span>
            {isTape && !isPlay && progress.refusal === '' && (
              <span>
                {progress.played < progress.rows
                  ? `${progress.played.toLocaleString('en')} played`
                  : progress.different === 0
                    ? 'all replayed on the fake kernel, with the same results'
                    : `all replayed on the fake kernel, ${progress.different} results differ`}
              </span>
            )}
            {isTape && progress.refusal !== '' && <span>not played: {progress.refusal}</span>}
            <span class="dim">{shown.about}</span>
          </>
        )}
      </footer>
      {isHelp && (
        <div class="help" role="dialog" aria-label="Keys">
          <h2>Keys</h2>
          <dl>
            {KEYS.map(([keys, what]) => (
              <div key={keys}>
                <dt>{keys}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </div>
  );
}
