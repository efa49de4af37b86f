/** The panel of the playground: ioctls as forms, a device to operate, and exports. */
import { useEffect, useState } from 'preact/hooks';
import type { Form, FormField, Values } from '../model/forms.js';
import type { Action, PlayState } from '../model/playground.js';
import type { Client } from './client.js';
import { useAnswer, useFreshAnswer } from './hooks.js';
import { linkOf } from './link.js';

interface Props {
  readonly client: Client;
  /** Number of rows; it changes with each action. */
  readonly rows: number;
  readonly onDone: (row: number) => void;
}

type Perform = (action: Action) => void;

function FlagsInput({
  field,
  value,
  onValue,
}: {
  readonly field: FormField;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const set = new Set(value.split('|').filter((name) => name !== ''));
  return (
    <span class="flags">
      {field.options.map(({ name, doc }) => (
        <label key={name} title={doc}>
          <input
            type="checkbox"
            checked={set.has(name)}
            onChange={({ currentTarget: { checked } }) =>
              onValue(
                field.options
                  .map((option) => option.name)
                  .filter((option) => (option === name ? checked : set.has(option)))
                  .join('|'),
              )
            }
          />{' '}
          {name.replace(/^IOMMU_|^VFIO_/, '')}
        </label>
      ))}
    </span>
  );
}

function FieldInput({
  field,
  value,
  state,
  onValue,
}: {
  readonly field: FormField;
  readonly value: string;
  readonly state: PlayState | undefined;
  readonly onValue: (value: string) => void;
}) {
  const { kind, name, options, of } = field;
  const id = `field-${name}`;
  if (kind === 'flags') return <FlagsInput field={field} value={value} onValue={onValue} />;
  if (kind === 'enum')
    return (
      <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {options.map((option) => (
          <option key={option.name} value={option.name}>
            {option.name}
          </option>
        ))}
      </select>
    );
  const objects = (state?.objects ?? []).filter(
    (object) => of.length === 0 || of.some((each) => each === object.kind),
  );
  const hints: Readonly<Record<string, string>> = {
    id: 'an id',
    pointer: 'an address, bytes in hex, or JSON',
    json: 'JSON',
    fd: 'a file descriptor',
  };
  return (
    <>
      <input
        id={id}
        value={value}
        placeholder={hints[kind] ?? 'a number'}
        list={kind === 'id' ? `${id}-list` : undefined}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
      {kind === 'id' && (
        <datalist id={`${id}-list`}>
          {objects.map((object) => (
            <option key={object.id} value={String(object.id)}>
              {object.kind}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}

/** The initial values of a form: an id is that of the last suitable object. */
function initialValues(form: Form, state: PlayState | undefined): Values {
  return Object.fromEntries(
    form.fields.map(({ name, kind, of, initial }) => {
      // The first of the suitable kinds that has an object.
      const objects = state?.objects ?? [];
      const wanted = of.find((each) => objects.some((object) => object.kind === each));
      const fits = objects.findLast((object) => object.kind === wanted);
      return [name, kind === 'id' && initial === '' && fits !== undefined ? String(fits.id) : initial];
    }),
  );
}

function Ioctl({
  forms,
  state,
  perform,
}: {
  readonly forms: readonly Form[];
  readonly state: PlayState | undefined;
  readonly perform: Perform;
}) {
  const [name, setName] = useState('VFIO_DEVICE_BIND_IOMMUFD');
  const [values, setValues] = useState<Values>({});
  const [wanted, setFd] = useState<number>();
  const form = forms.find((each) => each.name === name);
  const isDevice = form?.on === 'vfio-device';
  const files = state?.files ?? [];
  const fitting = files.find((file) =>
    isDevice ? file.name.startsWith('/dev/vfio/devices') : file.name === '/dev/iommu',
  )?.fd;
  const fd = wanted ?? fitting ?? 3;
  const isReady = form !== undefined && state !== undefined;
  const ids = state?.objects.map(({ id }) => id).join();
  useEffect(() => {
    setFd(undefined);
    if (isReady) setValues(initialValues(form, state));
  }, [name, isReady, ids]);
  return (
    <form
      class="card"
      aria-label="An ioctl"
      onSubmit={(event) => {
        event.preventDefault();
        perform({ do: 'ioctl', fd, name, values });
      }}
    >
      <h3>
        ioctl{' '}
        <select
          aria-label="Which file"
          value={fd}
          onChange={({ currentTarget }) => setFd(Number(currentTarget.value))}
        >
          {files.map((file) => (
            <option key={file.fd} value={file.fd}>
              {file.fd} {file.name}
            </option>
          ))}
        </select>{' '}
        <select
          aria-label="Which ioctl"
          class="wide"
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        >
          {forms.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
      </h3>
      <p class="dim">{form?.doc}</p>
      {(form?.fields ?? []).map((field) => (
        <div class="field" key={`${name} ${field.name}`}>
          <label for={`field-${field.name}`} title={field.doc}>
            {field.name}
          </label>
          <div>
            <FieldInput
              field={field}
              state={state}
              value={values[field.name] ?? field.initial}
              onValue={(value) => setValues((old) => ({ ...old, [field.name]: value }))}
            />
            <span class="doc">{field.doc}</span>
          </div>
        </div>
      ))}
      <button type="submit" class="go">
        {name}
      </button>
    </form>
  );
}

function Files({ state, perform }: { readonly state: PlayState; readonly perform: Perform }) {
  const [bytes, setBytes] = useState('01 00 00 00 00 00 00 00');
  return (
    <section class="card" aria-label="Files">
      <h3>
        Files{' '}
        <button type="button" onClick={() => perform({ do: 'open', path: '/dev/iommu' })}>
          open /dev/iommu
        </button>{' '}
        <button type="button" onClick={() => perform({ do: 'open', path: state.node })}>
          open {state.node.replace('/dev/vfio/devices/', '')}
        </button>
      </h3>
      {state.files.map(({ fd, name }) => (
        <p key={fd} class="file">
          <span class="dim">{fd}</span> {name}{' '}
          {/^(veventq|fault)/.test(name) && (
            <button
              type="button"
              onClick={() => perform({ do: 'read', fd, length: name.startsWith('fault') ? 400 : 256 })}
            >
              read
            </button>
          )}
          {name.startsWith('fault') && (
            <>
              <input
                aria-label="Response, in hex"
                value={bytes}
                onInput={({ currentTarget }) => setBytes(currentTarget.value)}
              />
              <button
                type="button"
                title="cookie, then code"
                onClick={() => perform({ do: 'write', fd, hex: bytes })}
              >
                write
              </button>
            </>
          )}
          <button type="button" onClick={() => perform({ do: 'close', fd })}>
            close
          </button>
        </p>
      ))}
    </section>
  );
}

function Hardware({ state, perform }: { readonly state: PlayState; readonly perform: Perform }) {
  const [iova, setIova] = useState('0x1000000');
  const [hex, setHex] = useState('68 65 6c 6c 6f');
  return (
    <section class="card" aria-label="The device">
      <h3>
        The device{' '}
        <span class="dim">
          {state.machine === 'mock' ? 'a mock device' : 'behind an SMMUv3, StreamID 0x10'}
        </span>
      </h3>
      <p class="file">
        <label>
          DMA at{' '}
          <input
            aria-label="IOVA"
            value={iova}
            onInput={({ currentTarget }) => setIova(currentTarget.value)}
          />
        </label>
        <input
          aria-label="Bytes to write"
          value={hex}
          onInput={({ currentTarget }) => setHex(currentTarget.value)}
        />
        <button type="button" onClick={() => perform({ do: 'dma', write: true, iova, hex, length: 0 })}>
          write
        </button>
        <button type="button" onClick={() => perform({ do: 'dma', write: false, iova, hex: '', length: 16 })}>
          read 16
        </button>
      </p>
      <p class="file">
        {state.machine === 'mock' ? (
          <button type="button" onClick={() => perform({ do: 'event' })}>
            report an event
          </button>
        ) : (
          <button type="button" onClick={() => perform({ do: 'interrupts', held: !state.isHeld })}>
            {state.isHeld ? 'run the interrupt threads' : 'hold the interrupt threads'}
          </button>
        )}
        <button type="button" disabled={!state.isPlugged} onClick={() => perform({ do: 'unplug' })}>
          unplug
        </button>
      </p>
      {state.log.length > 0 && <pre aria-label="Kernel log">{state.log.join('\n')}</pre>}
    </section>
  );
}

/** Downloads a text as a file. */
function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Elsewhere({ client, rows }: { readonly client: Client; readonly rows: number }) {
  const exported = useFreshAnswer(() => client.exported(), [rows]);
  const link = useFreshAnswer(exported === undefined ? undefined : () => linkOf(exported), [exported]);
  const [isCopied, setCopied] = useState(false);
  if (exported === undefined) return null;
  return (
    <section class="card" aria-label="Export">
      <h3>Export</h3>
      <p class="file">
        <label>
          link <input readonly value={link ?? ''} onFocus={({ currentTarget }) => currentTarget.select()} />
        </label>
        <button
          type="button"
          onClick={() => {
            void navigator.clipboard.writeText(link ?? '').then(() => setCopied(true));
          }}
        >
          {isCopied ? 'copied' : 'copy'}
        </button>
        <button type="button" onClick={() => save('playground.jsonl', exported.tape)}>
          tape
        </button>
        <button type="button" onClick={() => save('playground.test.ts', exported.test)}>
          test for the SDK
        </button>
      </p>
      <details>
        <summary>The test</summary>
        <pre class="code">{exported.test}</pre>
      </details>
    </section>
  );
}

/** The panel of the playground. */
export function PlayPanel({ client, rows, onDone }: Props) {
  const [problem, setProblem] = useState('');
  const forms = useAnswer(() => client.forms(), []);
  const state = useAnswer(() => client.playState(), [rows]);
  const perform: Perform = (action) => {
    client.perform(action).then(
      (row) => {
        setProblem('');
        onDone(row);
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <div class="play">
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Ioctl forms={forms ?? []} state={state} perform={perform} />
      {state !== undefined && <Hardware state={state} perform={perform} />}
      {state !== undefined && <Files state={state} perform={perform} />}
      <Elsewhere client={client} rows={rows} />
    </div>
  );
}
