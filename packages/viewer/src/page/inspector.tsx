/** The panels about the selected call, with a tab for each. */
import { useState } from 'preact/hooks';
import { objectKey } from '../model/history.js';
import type { DocumentSummary, Progress } from '../model/session.js';
import { CallPanel } from './call.js';
import type { Client } from './client.js';
import { useAnswer } from './hooks.js';
import { MapPanel } from './map.js';
import type { Navigation } from './navigation.js';
import { ObjectsPanel } from './objects.js';
import { PlayPanel } from './play.js';
import { QueuesPanel } from './queues.js';

export const TABS = [
  { id: 'call', name: 'Call' },
  { id: 'objects', name: 'Objects' },
  { id: 'map', name: 'IOVAs' },
  { id: 'queues', name: 'Queues' },
  { id: 'play', name: 'Play' },
] as const;

export type Tab = (typeof TABS)[number]['id'];

export const isTab = (text: string | undefined): text is Tab => TABS.some(({ id }) => id === text);

interface Props {
  readonly client: Client;
  /** Increases whenever another document or another filter is shown. */
  readonly generation: number;
  readonly kind: Exclude<DocumentSummary['kind'], 'bytes'>;
  readonly progress: Progress;
  readonly navigation: Navigation;
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
}

export function Inspector({ client, generation, kind, progress, navigation, tab, onTab }: Props) {
  const { index, go, setIndex, step } = navigation;
  const [chosen, setChosen] = useState<string>();
  const [otherContext, setContext] = useState<number>();
  const isPlay = kind === 'playground';
  const isTape = kind === 'tape' || isPlay;
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
  return (
    <section class="inspector" aria-label="About the call">
      <div class="tabs">
        <div role="tablist" aria-label="About the call">
          {TABS.filter(({ id }) => (id === 'play' ? isPlay : isTape || id === 'call')).map(({ id, name }) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={tab === id}
              aria-controls="panel"
              onClick={() => onTab(id)}
            >
              {name}
            </button>
          ))}
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
              onTab('objects');
            }}
          />
        )}
        {tab === 'play' && isPlay && <PlayPanel client={client} rows={progress.rows} onDone={setIndex} />}
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
          <MapPanel client={client} index={index} played={progress.played} context={context} onCall={go} />
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
  );
}
