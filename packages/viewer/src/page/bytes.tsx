/** A struct beside its bytes: pointing at a field highlights its bytes, and pointing at a byte highlights its field. */
import { useState } from 'preact/hooks';
import type { Block, Field } from '../model/call-detail.js';

const WIDTH = 16;

const hex = (value: number | bigint, digits = 2): string => value.toString(16).padStart(digits, '0');

/** The field that each byte belongs to, by its number. */
function ownersOf(fields: readonly Field[], length: number): (number | undefined)[] {
  const owners = new Array<number | undefined>(length).fill(undefined);
  for (const [i, { offset, length: count }] of fields.entries())
    for (let at = offset; at < Math.min(offset + count, length); at++) owners[at] = i;
  return owners;
}

interface BytesProps {
  readonly bytes: Uint8Array;
  readonly other: Uint8Array | undefined;
  readonly owners: readonly (number | undefined)[];
  readonly lit: number | undefined;
  readonly onPoint: (field: number | undefined) => void;
}

function Bytes({ bytes, other, owners, lit, onPoint }: BytesProps) {
  const lines = Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, i) => i * WIDTH);
  return (
    <div class="hex" onMouseLeave={() => onPoint(undefined)}>
      {lines.map((start) => (
        <div class="line" key={start}>
          <span class="offset">{hex(start, 4)}</span>
          {[...bytes.subarray(start, start + WIDTH)].map((byte, i) => {
            const at = start + i;
            const owner = owners[at];
            const isChanged = other !== undefined && other[at] !== byte;
            const parity = owner === undefined ? '' : owner % 2 === 0 ? ' even' : ' odd';
            const classes = `byte${parity}${lit !== undefined && owner === lit ? ' lit' : ''}${isChanged ? ' changed' : ''}`;
            return (
              <span key={at} class={classes} data-field={owner} onMouseEnter={() => onPoint(owner)}>
                {hex(byte)}
              </span>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function Value({ field, onObject }: { readonly field: Field; readonly onObject: OnObject }) {
  const { before, after, isId } = field;
  const id = Number(after ?? before);
  const shown =
    isId && onObject !== undefined && Number.isInteger(id) && id > 0 ? (
      <button
        type="button"
        class="link value"
        title="show it in the Objects panel"
        onClick={() => onObject(id)}
      >
        {id}
      </button>
    ) : (
      (after ?? before)
    );
  if (before === undefined || after === undefined || before === after)
    return <span class="value">{shown}</span>;
  return (
    <span class="value">
      <s>{before}</s> <span aria-label="becomes">→</span> <ins>{shown}</ins>
    </span>
  );
}

/** Shows an object in the Objects panel. */
type OnObject = ((id: number) => void) | undefined;

/** One block of memory of a call. */
export function BlockView({
  block,
  opened = true,
  onObject,
}: {
  readonly block: Block;
  readonly opened?: boolean;
  readonly onObject?: OnObject;
}) {
  const [lit, setLit] = useState<number>();
  const [side, setSide] = useState<'before' | 'after'>('after');
  const { name, type, address, before, after, fields } = block;
  const hasBoth = before !== undefined && after !== undefined && before.some((byte, i) => byte !== after[i]);
  const bytes = (hasBoth && side === 'before' ? before : after) ?? before;
  const other = hasBoth ? (side === 'before' ? after : before) : undefined;
  return (
    <details class="block" open={opened}>
      <summary>
        <b>{name}</b> {type !== '' && <code>{type}</code>}
        <span class="dim">
          {bytes === undefined ? 'unreadable' : `${bytes.length} bytes`}
          {address > 0n && ` at 0x${hex(address, 1)}`}
        </span>
        {hasBoth && (
          <span class="sides" role="group" aria-label="Memory before or after the call">
            {(['before', 'after'] as const).map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={side === each}
                onClick={(event) => {
                  event.preventDefault();
                  setSide(each);
                }}
              >
                {each}
              </button>
            ))}
          </span>
        )}
      </summary>
      <div class="beside">
        {bytes !== undefined && (
          <Bytes
            bytes={bytes}
            other={other}
            owners={ownersOf(fields, bytes.length)}
            lit={lit}
            onPoint={setLit}
          />
        )}
        {fields.length > 0 && (
          <table class="fields">
            <tbody>
              {fields.map((field, i) => (
                <tr
                  key={i}
                  class={`${lit === i ? 'lit' : ''} ${field.kind} ${field.direction}`}
                  data-field={i}
                  onMouseEnter={() => setLit(i)}
                  onMouseLeave={() => setLit(undefined)}
                >
                  <td class="offset">{hex(field.offset, 2)}</td>
                  <th scope="row" title={`${field.type} ${field.path}: ${field.doc}`}>
                    {field.path === '' ? field.kind : field.path}
                  </th>
                  <td>
                    {field.bits.length === 0 && <Value field={field} onObject={onObject} />}
                    {field.problem !== undefined && <span class="problem">{field.problem}</span>}
                    {field.bits.length > 0 && (
                      <table class="bits">
                        <tbody>
                          {field.bits.map((bit) => (
                            <tr key={bit.name + bit.range} title={bit.doc}>
                              <th scope="row">{bit.name}</th>
                              <td class="dim">{bit.range}</td>
                              <td class="value">{bit.text}</td>
                            </tr>
                          ))}
                        </tbody>
                      </table>
                    )}
                    <div class="doc">{lit === i ? field.doc : ''}</div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </details>
  );
}
