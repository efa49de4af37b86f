/** The page: a list of documents, the timeline of the shown one, and panels about the selected call. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { GivenFile } from '../model/documents.js';
import type { Action, PlayMachine } from '../model/playground.js';
import type { LabAction } from '../model/smmu-lab.js';
import type { Filter } from '../model/row-list.js';
import type { DocumentSummary, Opened, Progress } from '../model/session.js';
import type { HeldFile } from '../worker.js';
import { connect } from './client.js';
import { FilterBar } from './filter-bar.js';
import { pageStateIn, useAnswer, writePageState } from './hooks.js';
import { Inspector, isTab, type Tab, TABS } from './inspector.js';
import { Help, useKeys } from './keys.js';
import { LabPanel } from './lab.js';
import { sharedIn } from './link.js';
import { useNavigation } from './navigation.js';
import { BytesPanel } from './read-bytes.js';
import { Start } from './start.js';
import { Status } from './status.js';
import { Timeline } from './timeline.js';

const NO_PROGRESS: Progress = { rows: 0, calls: 0, played: 0, isDone: true, refusal: '', different: 0 };
const ALL: Filter = { text: '' };

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
        ({ progress: current, count: shownCount }) => {
          setProgress(current);
          setCount(shownCount);
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
  /** Number of documents selected so far: each one starts with new panels. */
  const [selection, countSelection] = useReducer((n: number) => n + 1, 0);
  const [filter, setFilter] = useState(ALL);
  const navigation = useNavigation(client, progress.rows, count);
  const { index, setIndex } = navigation;
  const [tab, setTab] = useState<Tab>('call');
  const [isLab, setLab] = useState(pageStateIn(location.hash).tab === 'smmuv3');
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
    countSelection(undefined);
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
      const state = pageStateIn(location.hash);
      const named = opened.documents.findIndex(({ name }) => name === state.document);
      const first = known === 0 && named !== -1 ? named : known;
      if (opened.documents[first] === undefined) return;
      if (known > 0) setLab(false);
      if (known === 0 && isTab(state.tab)) setTab(state.tab);
      await select(first, known === 0 ? state.call : 0);
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
  const isBytes = shown?.kind === 'bytes';
  const facets = useAnswer(number === undefined ? undefined : () => client.facets(), [
    number,
    progress.rows === 0,
    progress.isDone,
  ]);
  useEffect(() => {
    // A playground has a link of its own.
    if (shown !== undefined && shown.kind !== 'playground' && !isLab)
      writePageState({ document: shown.name, call: index, tab });
  }, [shown, index, tab, isLab]);

  const apply = useCallback(async (wanted: Filter) => {
    setFilter(wanted);
    setCount(await client.setFilter(wanted));
    renew(undefined);
  }, []);

  useKeys(
    {
      step: navigation.step,
      seek: navigation.seek,
      focusSearch: () => search.current?.focus(),
      toggleTheme,
      toggleHelp: () => setHelp((is) => !is),
      closeHelp: () => setHelp(false),
      showTab: (at) => setTab((before) => TABS[at]?.id ?? before),
    },
    TABS.length,
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
          <FilterBar
            filter={filter}
            facets={facets}
            different={shown.kind === 'tape' ? progress.different : undefined}
            search={search}
            onFilter={(wanted) => void apply(wanted)}
          />
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
        <Start isBusy={isBusy} onChoose={() => picker.current?.click()} onPlay={() => void play('mock')} />
      ) : shown.kind === 'bytes' ? (
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
          <Inspector
            key={selection}
            client={client}
            generation={generation}
            kind={shown.kind}
            progress={progress}
            navigation={navigation}
            tab={tab}
            onTab={setTab}
          />
        </main>
      )}
      <footer>
        {shown !== undefined && !isBytes && !isLab && (
          <Status shown={shown} progress={progress} count={count} />
        )}
      </footer>
      {isHelp && <Help />}
    </div>
  );
}
