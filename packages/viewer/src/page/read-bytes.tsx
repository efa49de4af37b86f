/** The panel of bytes that are neither a tape nor a log. The user selects their type. */
import { useState } from 'preact/hooks';
import { BlockView } from './bytes.js';
import type { Client } from './client.js';
import { useAnswer } from './hooks.js';

/** Bytes, decoded as the selected type. */
export function BytesPanel({ client, generation }: { readonly client: Client; readonly generation: number }) {
  const [type, setType] = useState<string>();
  const types = useAnswer(() => client.types(), []);
  const read = useAnswer(() => client.bytes(type), [type, generation]);
  return (
    <div class="call">
      <h2>Bytes</h2>
      <p>
        <label>
          They are{' '}
          <select
            value={type ?? read?.type ?? ''}
            onChange={({ currentTarget }) => setType(currentTarget.value)}
          >
            <option value="">choose a type</option>
            {(types ?? []).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </p>
      {read !== undefined && read.problem !== '' && <p class="problem">{read.problem}</p>}
      {(read?.blocks ?? []).map((block, i) => (
        <BlockView key={`${read?.type ?? ''} ${i}`} block={block} opened={i < 8} />
      ))}
    </div>
  );
}
