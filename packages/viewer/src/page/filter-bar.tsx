/** The filter of the timeline: search text, kinds of rows, process, file and call. */
import type { Ref } from 'preact';
import type { Facets, Filter } from '../model/row-list.js';

interface Props {
  readonly filter: Filter;
  /** The values to choose from; undefined while they are computed. */
  readonly facets: Facets | undefined;
  /** Number of rows that differ from the replay; undefined if the document is not compared with one. */
  readonly different: number | undefined;
  readonly search: Ref<HTMLInputElement>;
  readonly onFilter: (filter: Filter) => void;
}

export function FilterBar({ filter, facets, different, search, onFilter }: Props) {
  const toggle = (name: 'failed' | 'lost' | 'different') => (
    <button
      type="button"
      class="chip"
      aria-pressed={filter[name] === true}
      onClick={() => onFilter({ ...filter, [name]: filter[name] === true ? undefined : true })}
    >
      {name === 'failed'
        ? 'errors'
        : name === 'lost'
          ? 'losses'
          : `differs${different !== undefined && different > 0 ? ` ${different}` : ''}`}
    </button>
  );
  const choice = (name: 'file' | 'name', values: readonly string[], all: string) =>
    values.length > 1 && (
      <select
        aria-label={all}
        value={filter[name] ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onFilter({ ...filter, [name]: value === '' ? undefined : value })
        }
      >
        <option value="">{all}</option>
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    );
  return (
    <>
      <input
        ref={search}
        type="search"
        placeholder="Search  /"
        aria-label="Search"
        value={filter.text}
        onInput={({ currentTarget: { value } }) => onFilter({ ...filter, text: value })}
      />
      {toggle('failed')}
      {toggle('lost')}
      {different !== undefined && toggle('different')}
      {facets !== undefined && facets.pids.length > 1 && (
        <select
          aria-label="Process"
          value={filter.pid ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onFilter({ ...filter, pid: value === '' ? undefined : Number(value) })
          }
        >
          <option value="">all processes</option>
          {facets.pids.map((pid) => (
            <option key={pid} value={pid}>
              process {pid}
            </option>
          ))}
        </select>
      )}
      {choice('file', facets?.files ?? [], 'all files')}
      {choice('name', facets?.names ?? [], 'all calls')}
    </>
  );
}
