/** Queues over time, and the groups of faults that wait for a response. */
import type { QueueView, ReadsView } from '../model/bounded.js';
import type { Loss, OpenGroup, QueuePoint, ReportedLoss } from '../model/queues.js';
import { Chart } from './chart.js';
import type { Client } from './client.js';
import { Columns } from './columns.js';
import { useAnswer } from './hooks.js';

interface Props {
  readonly client: Client;
  readonly index: number;
  readonly played: number;
  /** False for a tape that cannot be replayed: then only its reads are known. */
  readonly isPlayed: boolean;
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
      <Columns names={['cookie', 'group', 'PASID', 'requests', 'since call', 'age']} />
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

const numbers = ({ first, last }: Pick<Loss, 'first' | 'last'>): string =>
  first === last ? `${first}` : `${first} to ${last}`;

const howOf = ({ how }: ReportedLoss): string =>
  how === 'mark' ? 'a header with LOST_EVENTS' : 'a gap in the sequence';

/** The losses of a queue: the call, the number of events, the reason, and the read that reported it. */
function Losses({
  losses,
  count,
  depth,
  index,
  onCall,
}: {
  readonly losses: readonly Loss[];
  /** Number of all losses. */
  readonly count: number;
  readonly depth: number | undefined;
  readonly index: number;
  readonly onCall: (index: number) => void;
}) {
  if (losses.length === 0) return null;
  const link = (call: number) => (
    <button type="button" class="link" onClick={() => onCall(call)}>
      call {call}
    </button>
  );
  return (
    <table class="list losses">
      <caption>
        Where events were lost
        {losses.length < count && ` (${losses.length} of ${count}, those around this call)`}
      </caption>
      <Columns names={['lost at', 'events', 'numbers', 'reason', 'reported to the reader']} />
      <tbody>
        {losses.map(({ call, count: lost, waiting, hadRoom, reported, ...range }) => (
          <tr key={call} class={call === index || reported?.call === index ? 'current' : ''}>
            <td>{link(call)}</td>
            <td>{lost}</td>
            <td>{numbers(range)}</td>
            <td>
              {hadRoom
                ? `no memory for the event: ${waiting} of ${depth ?? 0} waited`
                : `queue full: ${waiting} of ${depth ?? 0} waited`}
            </td>
            <td>
              {reported === undefined ? (
                <span class="bad">not read</span>
              ) : (
                <>
                  {link(reported.call)}, by {howOf(reported)}
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The losses that the reads of a queue report, for a tape that is not replayed. */
function Reads({
  reads,
  index,
  onCall,
}: {
  readonly reads: ReadsView;
  readonly index: number;
  readonly onCall: (index: number) => void;
}) {
  const { file, reported, reportedCount } = reads;
  return (
    <section class="card queue" aria-label={file}>
      <h3>{file}</h3>
      <p class="dim">
        This tape is not played, so that only its reads say what was lost: when it came, and how full the
        queue was, is not known.
        {reported.length < reportedCount &&
          ` Of ${reportedCount} losses, the ${reported.length} around this call are shown.`}
      </p>
      <table class="list losses">
        <Columns names={['read at', 'events lost before', 'numbers', 'reported by']} />
        <tbody>
          {reported.map((each) => (
            <tr key={`${each.call} ${each.first}`} class={each.call === index ? 'current' : ''}>
              <td>
                <button type="button" class="link" onClick={() => onCall(each.call)}>
                  call {each.call}
                </button>
              </td>
              <td>{each.count}</td>
              <td>{numbers(each)}</td>
              <td>{howOf(each)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Queue({
  series,
  index,
  played,
  groups,
  onCall,
}: {
  readonly series: QueueView;
  readonly index: number;
  readonly played: number;
  readonly groups: readonly OpenGroup[];
  readonly onCall: (index: number) => void;
}) {
  const { kind, id, depth, now, points, marks, losses, lossCount, context, from, end } = series;
  const isEvents = kind === 'veventq';
  const calls = points.map(({ call }) => call);
  const line = (name: string, colour: number, of: (point: QueuePoint) => number) => ({
    name,
    colour,
    values: points.map(of),
  });
  const level = [
    line('wait', 1, ({ waiting }) => waiting),
    ...(isEvents ? [] : [line('open', 3, ({ open }) => open)]),
  ];
  const sums = [
    line('came', 2, ({ came }) => came),
    line('read', 4, ({ read }) => read),
    ...(isEvents ? [line('lost', 3, ({ lost }) => lost)] : []),
  ];
  const shared = { calls, end: played, current: index, onCall };
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
        {...shared}
        lines={level}
        limit={depth === undefined ? undefined : { name: `depth ${depth}`, value: depth }}
        marks={marks.map(({ call, count }) => ({ call, text: `−${count}` }))}
        height={110}
      />
      <Chart {...shared} lines={sums} height={120} />
      <Losses losses={losses} count={lossCount} depth={depth} index={index} onCall={onCall} />
      {!isEvents && <Groups groups={groups} index={index} onCall={onCall} />}
    </section>
  );
}

/** The panel of queues. */
export function QueuesPanel({ client, index, played, isPlayed, onCall }: Props) {
  const queues = useAnswer(() => client.queues(index), [index, played]);
  if (queues === undefined) return null;
  if (queues.series.length === 0 && queues.reads.length === 0)
    return isPlayed ? <p class="empty">This tape has no queue.</p> : null;
  return (
    <div class="queues">
      {queues.reads.map((reads) => (
        <Reads key={`${reads.context} ${reads.file}`} reads={reads} index={index} onCall={onCall} />
      ))}
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
