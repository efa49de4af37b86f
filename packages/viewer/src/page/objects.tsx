/** The objects of a context after a call, as a graph, and the history of the selected object. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Graph, GraphEdge } from '../model/graph.js';
import type { Client } from './client.js';
import { useAnswer } from './hooks.js';

/** The minimum scale of the drawing by default. */
const MOST_SMALL = 0.62;

interface Props {
  readonly client: Client;
  readonly index: number;
  /** Number of replayed calls; a change updates the panel. */
  readonly played: number;
  readonly context: number;
  readonly chosen: string | undefined;
  readonly onChoose: (key: string | undefined) => void;
  readonly onCall: (index: number) => void;
}

/** A line through points, with round corners. */
function pathOf({ points }: GraphEdge): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x},${first.y}`;
  rest.forEach(({ x, y }, i) => {
    const next = rest[i + 1];
    path += next === undefined ? ` L${x},${y}` : ` Q${x},${y} ${(x + next.x) / 2},${(y + next.y) / 2}`;
  });
  return path;
}

function Drawing({
  graph,
  chosen,
  zoom,
  onChoose,
}: {
  readonly graph: Graph;
  readonly chosen: string | undefined;
  readonly zoom: number;
  readonly onChoose: (key: string) => void;
}) {
  const near = new Set(
    graph.edges.flatMap(({ from, to }) => (from === chosen ? [to] : to === chosen ? [from] : [])),
  );
  const dims = (key: string): string =>
    chosen === undefined || key === chosen || near.has(key) ? '' : ' far';
  return (
    <svg
      class="graph"
      role="group"
      aria-label={`Objects of context ${graph.context}`}
      width={graph.width * zoom}
      height={graph.height * zoom}
      viewBox={`0 0 ${graph.width} ${graph.height}`}
    >
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="8"
          refY="4"
          markerWidth="9"
          markerHeight="9"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0,0 L8,4 L0,8 z" />
        </marker>
      </defs>
      {graph.edges.map((edge) => {
        const isNear = edge.from === chosen || edge.to === chosen;
        return (
          <g
            key={`${edge.from} ${edge.to} ${edge.as}`}
            class={`edge${isNear ? ' near' : ''}${chosen !== undefined && !isNear ? ' far' : ''}`}
          >
            <path d={pathOf(edge)} marker-end="url(#arrow)" />
            <text x={edge.label.x} y={edge.label.y + 4}>
              {edge.as}
            </text>
          </g>
        );
      })}
      {graph.nodes.map((node) => (
        <g
          key={node.key}
          class={`node ${node.kind}${node.isTombstone ? ' tombstone' : ''}${node.isChanged ? ' changed' : ''}${node.key === chosen ? ' chosen' : ''}${dims(node.key)}`}
          transform={`translate(${node.x} ${node.y})`}
          role="button"
          tabindex={0}
          aria-pressed={node.key === chosen}
          aria-description={node.isTombstone ? '' : `${node.users} references`}
          data-id={node.id}
          onClick={() => onChoose(node.key)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === ' ') {
              event.preventDefault();
              event.stopPropagation();
              onChoose(node.key);
            }
          }}
        >
          <rect width={node.width} height={node.height} rx="8" />
          <rect class="stripe" width="5" height={node.height} rx="2.5" />
          <text class="title" x="16" y="22">
            {node.title}
          </text>
          {!node.isTombstone && (
            <g transform={`translate(${node.width - 34} 9)`}>
              <rect class="users" width="24" height="17" rx="8.5" />
              <text class="users" x="12" y="12.5">
                {node.users}
              </text>
            </g>
          )}
          {node.lines.map((line, i) => (
            <text key={i} class="fact" x="16" y={40 + i * 16}>
              {line.length > 25 ? `${line.slice(0, 24)}…` : line}
            </text>
          ))}
        </g>
      ))}
    </svg>
  );
}

function Life({
  client,
  name,
  index,
  played,
  onCall,
}: {
  readonly client: Client;
  readonly name: string;
  readonly index: number;
  readonly played: number;
  readonly onCall: (index: number) => void;
}) {
  const life = useAnswer(() => client.life(name, index), [name, index, played]);
  return (
    <section class="card life" aria-label="History of the object">
      <h3>History of {name.replace(/^(\d+)\/(\d+)$/, 'id $2 of context $1')}</h3>
      <ol>
        {(life?.events ?? []).map(({ call, what, text, by }) => (
          <li key={call} class={what}>
            <button type="button" class="link" onClick={() => onCall(call)}>
              {call} {by}
            </button>{' '}
            <span class="tag">{what}</span> {text}
          </li>
        ))}
      </ol>
      {life !== undefined && life.events.length < life.count && (
        <p class="dim">
          {life.events.length} of {life.count} changes, those around this call.
        </p>
      )}
    </section>
  );
}

/** The panel of objects. */
export function ObjectsPanel({ client, index, played, context, chosen, onChoose, onCall }: Props) {
  const [wanted, setZoom] = useState<number>();
  const [room, setRoom] = useState(0);
  const canvas = useRef<HTMLDivElement>(null);
  const graph = useAnswer(() => client.graph(index, context), [index, context, played > index]);
  useLayoutEffect(() => {
    const at = canvas.current;
    if (at === null) return;
    const sizes = new ResizeObserver(() => setRoom(at.clientWidth));
    sizes.observe(at);
    return () => sizes.disconnect();
  }, [graph === undefined || graph.nodes.length === 0]);
  if (graph === undefined) return null;
  // As large as the panel allows, and large enough to read.
  const fitting = Math.min(1, Math.max(MOST_SMALL, (room - 4) / graph.width));
  const zoom = wanted ?? (room === 0 ? 1 : fitting);
  return (
    <div class="objects">
      <div class="tools">
        <span class="dim">
          after call {index}; an arrow leads from what uses to what is used, the number is that of references
        </span>
        <span class="sides" role="group" aria-label="Size of the drawing">
          <button type="button" aria-label="smaller" onClick={() => setZoom(Math.max(0.4, zoom - 0.15))}>
            −
          </button>
          <button type="button" aria-label="larger" onClick={() => setZoom(Math.min(2, zoom + 0.15))}>
            +
          </button>
        </span>
      </div>
      {graph.nodes.length === 0 ? (
        <p class="empty">There are no objects after this call.</p>
      ) : (
        <div class="canvas" ref={canvas}>
          <Drawing
            graph={graph}
            chosen={chosen}
            zoom={zoom}
            onChoose={(key) => onChoose(key === chosen ? undefined : key)}
          />
        </div>
      )}
      {graph.more > 0 && <p class="dim">{graph.more} more are not drawn.</p>}
      {chosen === undefined ? (
        <p class="dim">Select an object to see its history.</p>
      ) : (
        <Life client={client} name={chosen} index={index} played={played} onCall={onCall} />
      )}
    </div>
  );
}
