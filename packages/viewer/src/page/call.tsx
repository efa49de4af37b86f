/** The panel of one call: its arguments and result, why it failed, and whether the fake kernel returns the same. */
import type { CallDetail } from '../model/call-detail.js';
import { hex } from '../model/hex.js';
import { BlockView } from './bytes.js';

interface Props {
  readonly detail: CallDetail;
  /** Shows an object in the Objects panel. */
  readonly onObject: (id: number) => void;
}

function Errno({ detail }: { readonly detail: CallDetail }) {
  const { errno, row } = detail;
  if (errno === undefined) return null;
  return (
    <section class="card bad" aria-label="Why it failed">
      <h3>
        {errno.name} <span class="dim">{errno.meaning}</span>
      </h3>
      {errno.here !== undefined && (
        <p>
          Of {row.name}: <strong>{errno.here}</strong>
        </p>
      )}
    </section>
  );
}

function Held({ detail, onObject }: Props) {
  const { locked } = detail;
  const held = detail.held.filter(({ by, others }) => by.length > 0 || others !== '');
  if (held.length === 0 && locked.length === 0) return null;
  const link = (kind: string, id: number) => (
    <button type="button" class="link" onClick={() => onObject(id)}>
      {kind} {id}
    </button>
  );
  return (
    <section class="card" aria-label="Users of the object">
      <h3>Users of the object</h3>
      {held.map(({ id, kind, users, by, others }) => (
        <p key={id}>
          {link(kind, id)} had {users} references before the call: its own
          {by.map((holder) => (
            <span key={`${holder.id} ${holder.as}`}>
              , that of {link(holder.kind, holder.id)} <span class="dim">({holder.as} it)</span>
            </span>
          ))}
          {others !== '' && `, and that ${others}`}.
        </p>
      ))}
      {locked.map(({ ioas, start, last, locks }) => (
        <p key={String(start)}>
          An access inside the kernel pins{' '}
          <code>
            {hex(start)} to {hex(last)}
          </code>{' '}
          of {link('IOAS', ioas)} {locks === 1 ? 'once' : `${locks} times`}, and does not release it on an
          unmap.
        </p>
      ))}
    </section>
  );
}

function Rule({ detail }: { readonly detail: CallDetail }) {
  const { rule } = detail;
  if (rule === undefined) return null;
  return (
    <section class="card" aria-label="The rule that failed the call">
      <h3>
        The rule{' '}
        <span class="dim">
          fakekernel/src/{rule.file}:{rule.line}
        </span>
      </h3>
      <pre>{rule.code}</pre>
      {rule.doc !== '' && <p>{rule.doc}</p>}
    </section>
  );
}

function Answers({ detail }: { readonly detail: CallDetail }) {
  const { replay, difference, refusal } = detail;
  if (replay === 'agrees') return <p class="verdict good">The fake kernel returns the same result.</p>;
  if (replay === 'pending') return <p class="verdict">The call has not been replayed yet.</p>;
  if (replay === 'none')
    return refusal === undefined ? null : <p class="verdict">The tape cannot be replayed here: {refusal}.</p>;
  if (difference === undefined) return null;
  return (
    <section class="card differs" aria-label="Both results">
      <h3>The fake kernel returns a different result</h3>
      <table class="answers">
        <thead>
          <tr>
            <th />
            <th scope="col">the tape</th>
            <th scope="col">the fake kernel</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">result</th>
            <td>{difference.linux.result}</td>
            <td>{difference.ours.result}</td>
          </tr>
          {difference.fields.map(({ path, linux, ours }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{linux}</td>
              <td>{ours}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {difference.ours.notes.map((note) => (
        <p key={note} class="dim">
          {note}
        </p>
      ))}
    </section>
  );
}

/** The panel of a call. */
export function CallPanel({ detail, onObject }: Props) {
  const { row, doc, notes, blocks } = detail;
  return (
    <div class="call">
      <h2>
        <span class="dim">{row.index}</span> {row.name}{' '}
        <span class={row.failed ? 'outcome bad' : 'outcome'}>
          {/^-1 E\w+/.exec(row.result)?.[0] ?? row.result}
        </span>
      </h2>
      <p class="text">{row.text}</p>
      {doc !== '' && <p class="dim">{doc}</p>}
      <Answers detail={detail} />
      <Errno detail={detail} />
      <Held detail={detail} onObject={onObject} />
      <Rule detail={detail} />
      {blocks.map((block, i) => (
        <BlockView
          onObject={onObject}
          key={`${row.index} ${i}`}
          block={block}
          opened={i < 8 && (block.type !== '' || blocks.length === 1)}
        />
      ))}
      {notes.length > 0 && (
        <section class="card" aria-label="In words">
          <h3>In words</h3>
          {notes.map((note, i) => (
            <p key={i} class={/lost/.test(note) ? 'note lost' : 'note'}>
              {note}
            </p>
          ))}
        </section>
      )}
    </div>
  );
}
