/** Queues over time, and the groups of faults that wait for an answer. */
import type { OpenGroup, QueueSeries } from '../model/queues.js';
import { Chart } from './chart.js';
import type { Client } from './client.js';
import { useAnswer } from './hooks.js';

interface Props {
  readonly client: Client;
  readonly index: number;
  readonly played: number;
  readonly onCall: (index: number) => void;
}

function Groups({
  groups,
  index,
  onCall,
}: {
  readonly groups: readonly OpenGroup[];
  readonly index: number;
  readonly onCall: (index: number) => void;
}) {
  if (groups.length === 0) return <p class="dim">No group is open after this call.</p>;
  return (
    <table class="list">
      <thead>
        <tr>
          {['cookie', 'group', 'PASID', 'requests', 'since call', 'age'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {groups.map((group, i) => (
          <tr key={i}>
            <td>{group.cookie ?? <span class="dim">not read yet</span>}</td>
            <td>{group.group}</td>
            <td>{group.pasid}</td>
            <td>{group.addresses.map((address) => `0x${address.toString(16)}`).join(', ')}</td>
            <td>
              <button type="button" class="link" onClick={() => onCall(group.since)}>
                {group.since}
              </button>
            </td>
            <td>{index - group.since} calls</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Queue({
  series,
  index,
  played,
  groups,
  onCall,
}: {
  readonly series: QueueSeries;
  readonly index: number;
  readonly played: number;
  readonly groups: readonly OpenGroup[];
  readonly onCall: (index: number) => void;
}) {
  const { kind, id, depth, points, context, from, end } = series;
  const now = points.findLast(({ call }) => call <= index);
  const isEvents = kind === 'veventq';
  const losses = points.filter(({ lost }, i) => lost > (points[i - 1]?.lost ?? 0));
  const lines = [
    { name: 'wait', colour: 1, values: points.map(({ waiting }) => waiting) },
    { name: 'came', colour: 2, values: points.map(({ came }) => came) },
    { name: 'read', colour: 4, values: points.map(({ read }) => read) },
    isEvents
      ? { name: 'lost', colour: 3, values: points.map(({ lost }) => lost) }
      : { name: 'open', colour: 3, values: points.map(({ open }) => open) },
  ];
  return (
    <section class="card queue" aria-label={`${isEvents ? 'vEVENTQ' : 'Fault queue'} ${id}`}>
      <h3>
        {isEvents ? 'vEVENTQ' : 'Fault queue'} {id}{' '}
        <span class="dim">
          of context {context}
          {depth !== undefined && `, room for ${depth}`}, from call {from}
          {end !== undefined && ` to ${end}`}
        </span>
      </h3>
      {now !== undefined && (
        <dl class="figures">
          <div>
            <dt>came</dt>
            <dd>{now.came}</dd>
          </div>
          <div>
            <dt>read</dt>
            <dd>{now.read}</dd>
          </div>
          <div>
            <dt>wait</dt>
            <dd>
              {now.waiting}
              {now.hasMark && <span class="badge">and a mark</span>}
            </dd>
          </div>
          {isEvents ? (
            <div class={now.lost > 0 ? 'bad' : ''}>
              <dt>lost</dt>
              <dd>{now.lost}</dd>
            </div>
          ) : (
            <div>
              <dt>open</dt>
              <dd>{now.open}</dd>
            </div>
          )}
        </dl>
      )}
      <Chart
        calls={points.map(({ call }) => call)}
        lines={lines}
        end={played}
        current={index}
        onCall={onCall}
      />
      {losses.length > 0 && (
        <p>
          Lost at call{losses.length === 1 ? ' ' : 's '}
          {losses.slice(0, 20).map(({ call, lost }, i) => (
            <span key={call}>
              {i > 0 && ', '}
              <button type="button" class="link" onClick={() => onCall(call)}>
                {call}
              </button>{' '}
              <span class="dim">
                ({lost - (points[points.findIndex((point) => point.call === call) - 1]?.lost ?? 0)})
              </span>
            </span>
          ))}
          {losses.length > 20 && ` and ${losses.length - 20} more`}: the queue was full.
        </p>
      )}
      {!isEvents && <Groups groups={groups} index={index} onCall={onCall} />}
    </section>
  );
}

/** The panel of queues. */
export function QueuesPanel({ client, index, played, onCall }: Props) {
  const queues = useAnswer(() => client.queues(index), [index, played]);
  if (queues === undefined) return null;
  if (queues.series.length === 0) return <p class="empty">This tape has no queue.</p>;
  return (
    <div class="queues">
      {queues.series.map((series, i) => (
        <Queue
          key={`${series.key} ${i}`}
          series={series}
          index={index}
          played={played}
          groups={queues.open.find(({ key }) => key === series.key)?.groups ?? []}
          onCall={onCall}
        />
      ))}
    </div>
  );
}
