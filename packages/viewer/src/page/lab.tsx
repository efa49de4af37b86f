/** An SMMUv3 to explore: its registers, its queues as rings, and the structures that it reads for a transaction. */
import { useEffect, useState } from 'preact/hooks';
import {
  LAB_COMMANDS,
  type LabAction,
  type LabCommand,
  type LabQueue,
  type LabRegister,
  type LabView,
} from '../model/smmu-lab.js';
import { BlockView } from './bytes.js';
import type { Client } from './client.js';
import { useFreshAnswer } from './hooks.js';
import { linkOf } from './link.js';

type Perform = (action: LabAction) => void;

const CENTRE = 110;
const OUTER = 82;
const INNER = 48;

/** A point on a circle. @param turn 0 at the top, 1 after one turn */
function point(turn: number, radius: number): readonly [x: number, y: number] {
  const angle = turn * 2 * Math.PI - Math.PI / 2;
  return [CENTRE + radius * Math.cos(angle), CENTRE + radius * Math.sin(angle)];
}

/** The segment of a ring for an entry. */
function segment(index: number, size: number): string {
  const from = index / size + 0.004;
  const to = (index + 1) / size - 0.004;
  const [a, b, c, d] = [point(from, OUTER), point(to, OUTER), point(to, INNER), point(from, INNER)];
  const large = to - from > 0.5 ? 1 : 0;
  return `M${a} A${OUTER},${OUTER} 0 ${large} 1 ${b} L${c} A${INNER},${INNER} 0 ${large} 0 ${d} Z`;
}

function Pointer({
  name,
  index,
  size,
  radius,
  wrap,
}: {
  readonly name: string;
  readonly index: number;
  readonly size: number;
  readonly radius: number;
  readonly wrap: number;
}) {
  const isOut = radius > OUTER;
  const [x, y] = point(index / size, isOut ? OUTER + 3 : INNER - 3);
  const [tx, ty] = point(index / size, radius);
  return (
    <g class={`pointer ${name.toLowerCase()}`}>
      <line x1={tx} y1={ty} x2={x} y2={y} marker-end="url(#tip)" />
      {/* That of the inner one stands in the middle, where there is room. */}
      <text x={isOut ? tx : CENTRE} y={isOut ? ty + (ty < CENTRE ? -3 : 11) : CENTRE + 4}>
        {name} {wrap}:{index}
      </text>
    </g>
  );
}

function Ring({ queue }: { readonly queue: LabQueue }) {
  const { name, log2size, entries, prod, cons, overflow, used } = queue;
  const size = 1 << log2size;
  const isFull = used === size;
  const isLosing = overflow !== undefined && overflow.flag !== overflow.acknowledged;
  return (
    <figure class="ring">
      <svg
        viewBox="-24 -12 268 244"
        role="img"
        aria-label={`${name}: PROD ${prod.index} wrap ${prod.wrap}, CONS ${cons.index} wrap ${cons.wrap}, ${used} of ${size} used`}
      >
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0,0 L8,4 L0,8 z" />
          </marker>
        </defs>
        {entries.map(({ isUsed, text }, i) => {
          const [x, y] = point((i + 0.5) / size, (OUTER + INNER) / 2);
          return (
            <g key={i} class={isUsed ? 'entry used' : 'entry'}>
              <path d={segment(i, size)}>
                <title>{text === '' ? `entry ${i} is free` : `entry ${i}: ${text}`}</title>
              </path>
              <text x={x} y={y + 4}>
                {i}
              </text>
            </g>
          );
        })}
        <Pointer name="PROD" index={prod.index} size={size} radius={OUTER + 22} wrap={prod.wrap} />
        <Pointer name="CONS" index={cons.index} size={size} radius={INNER - 22} wrap={cons.wrap} />
      </svg>
      <figcaption>
        <b>{name}</b>{' '}
        <span class="dim">
          {used} of {size} used
        </span>
        {isFull && <span class="badge">full: equal indexes, different wrap bits</span>}
        {overflow !== undefined && (
          <p>
            OVFLG {overflow.flag}, OVACKFLG {overflow.acknowledged}{' '}
            {isLosing ? (
              <span class="badge">different: events were lost</span>
            ) : (
              <span class="dim">equal: no unacknowledged loss</span>
            )}
          </p>
        )}
        <ol start={0}>
          {entries.map(({ text, isUsed }, i) => (
            <li key={i} class={isUsed ? '' : 'dim'}>
              {text === '' ? 'free' : text}
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  );
}

function Register({ register, perform }: { readonly register: LabRegister; readonly perform: Perform }) {
  const { name, value, offset, fields } = register;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <tr>
      <td class="offset">{offset.toString(16).padStart(3, '0')}</td>
      <th scope="row">{name}</th>
      <td>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            perform({ do: 'write', register: name, value: text });
          }}
        >
          <input
            aria-label={name}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {text !== value && <button type="submit">write</button>}
        </form>
      </td>
      <td class="dim">
        {fields
          .filter((field) => field.text !== '0' && field.text !== '0x0')
          .map((field) => (
            <span key={field.name} title={field.doc}>
              {field.name}={field.text}{' '}
            </span>
          ))}
      </td>
    </tr>
  );
}

function Access({ view, perform }: { readonly view: LabView; readonly perform: Perform }) {
  const [stream, setStream] = useState('5');
  const [address, setAddress] = useState('0x1234');
  const [command, setCommand] = useState<LabCommand>('CMD_SYNC');
  const go = (write: boolean): void => perform({ do: 'translate', stream: Number(stream), address, write });
  return (
    <section class="card" aria-label="A transaction">
      <h3>A transaction</h3>
      <form
        class="file"
        onSubmit={(event) => {
          event.preventDefault();
          go(false);
        }}
      >
        <label>
          StreamID{' '}
          <select value={stream} onChange={({ currentTarget }) => setStream(currentTarget.value)}>
            {view.streams.map((each) => (
              <option key={each.stream} value={each.stream}>
                {each.stream}: {each.text}
              </option>
            ))}
          </select>
        </label>
        <label>
          address{' '}
          <input
            value={address}
            list="pages"
            onInput={({ currentTarget }) => setAddress(currentTarget.value)}
          />
        </label>
        <datalist id="pages">
          {view.pages.map((page) => (
            <option key={page.address} value={page.address} />
          ))}
        </datalist>
        <button type="submit" class="go">
          read
        </button>
        <button type="button" class="go" onClick={() => go(true)}>
          write
        </button>
        <span class="dim">the page:</span>
        {(['write', 'read', 'none'] as const).map((rights) => (
          <button
            key={rights}
            type="button"
            onClick={() => {
              const page = /^(0x[0-9a-f]+|\d+)$/i.test(address)
                ? `0x${(BigInt(address) & ~0xfffn).toString(16)}`
                : address;
              perform({ do: 'map', address: page, rights });
            }}
          >
            {rights === 'none' ? 'unmap' : rights === 'read' ? 'map read-only' : 'map'}
          </button>
        ))}
      </form>
      <p class="dim">
        Mapped:{' '}
        {view.pages
          .map((page) => `${page.address}${page.rights === 'read' ? ' (read-only)' : ''}`)
          .join(', ')}
      </p>
      <p class="file">
        <label>
          command{' '}
          <select
            value={command}
            onChange={({ currentTarget: { value } }) =>
              setCommand(LAB_COMMANDS.find((each) => each === value) ?? 'CMD_SYNC')
            }
          >
            {LAB_COMMANDS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => perform({ do: 'command', name: command })}>
          put it into the queue
        </button>
        <button type="button" onClick={() => perform({ do: 'take' })}>
          take an event
        </button>
        <button type="button" onClick={() => perform({ do: 'acknowledge' })}>
          acknowledge the overflow
        </button>
      </p>
    </section>
  );
}

/** The SMMU. */
export function LabPanel({
  client,
  shared,
}: {
  readonly client: Client;
  /** Actions from a link, performed first. */
  readonly shared: readonly LabAction[];
}) {
  const [view, setView] = useState<LabView>();
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState<readonly LabAction[]>([]);
  const link = useFreshAnswer(() => linkOf({ machine: 'lab', actions: done }), [done]);
  const ask = async (action: LabAction | 'reset'): Promise<void> => {
    try {
      setView(await client.lab(action));
      setProblem('');
      setDone((before) => (action === 'reset' ? [] : [...before, action]));
    } catch (error) {
      // The action is invalid: the worker's error says why.
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    void (async () => {
      await ask('reset');
      for (const action of shared) await ask(action);
    })();
  }, []);
  if (view === undefined) return null;
  return (
    <div class="lab play">
      <div>
        <h2>
          An SMMUv3 to explore{' '}
          <button type="button" onClick={() => void ask('reset')}>
            begin again
          </button>
        </h2>
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Access view={view} perform={(action) => void ask(action)} />
        <section class="card" aria-label="Memory accesses">
          <h3>Memory accesses</h3>
          <p class="outcome">{view.outcome === '' ? 'Nothing yet.' : view.outcome}</p>
          <ol class="walk">
            {view.steps.map(({ what, block }, i) => (
              <li key={`${i} ${what}`}>
                <span>{what}</span>
                <BlockView block={block} opened={false} />
              </li>
            ))}
          </ol>
        </section>
        <section class="card" aria-label="Before that">
          <h3>Before that</h3>
          <p class="file">
            <label>
              link{' '}
              <input readonly value={link ?? ''} onFocus={({ currentTarget }) => currentTarget.select()} />
            </label>
          </p>
          {view.log
            .slice()
            .reverse()
            .map((line, i) => (
              <p key={i} class="note">
                {line}
              </p>
            ))}
        </section>
      </div>
      <div>
        <section class="card rings" aria-label="Queues">
          {view.queues.map((queue) => (
            <Ring key={queue.name} queue={queue} />
          ))}
        </section>
        <section class="card" aria-label="Registers">
          <h3>Registers</h3>
          <table class="registers">
            <tbody>
              {view.registers.map((register) => (
                <Register key={register.name} register={register} perform={(action) => void ask(action)} />
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </div>
  );
}
