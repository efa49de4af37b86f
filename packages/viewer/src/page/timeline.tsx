/** The timeline: a list of calls. Only the visible rows are in the document. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Row } from '../model/timeline.js';
import type { Client } from './client.js';

const ROW = 26;
/** Number of rows per request. */
const PAGE = 200;

/** The requested rows, page by page. */
class Pages {
  private readonly pages = new Map<number, readonly Row[]>();
  private readonly asked = new Set<number>();
  private isCurrent = true;

  constructor(
    private readonly client: Client,
    private readonly changed: () => void,
  ) {}

  row(position: number): Row | undefined {
    const page = Math.floor(position / PAGE);
    const found = this.pages.get(page);
    const row = found?.[position - page * PAGE];
    // A page that was requested while rows were still being read may be incomplete.
    if (row === undefined && !this.asked.has(page)) void this.ask(page);
    return row;
  }

  private async ask(page: number): Promise<void> {
    this.asked.add(page);
    const rows = await this.client.page(page * PAGE, (page + 1) * PAGE);
    if (!this.isCurrent) return;
    this.pages.set(page, rows);
    if (rows.length < PAGE) this.asked.delete(page);
    this.changed();
  }

  end(): void {
    this.isCurrent = false;
  }
}

interface Props {
  readonly client: Client;
  readonly count: number;
  /** Changes with the document and the filter, which invalidates all rows. */
  readonly generation: number;
  readonly selected: number;
  readonly showsPids: boolean;
  readonly onSelect: (index: number) => void;
}

/** A list of calls. */
export function Timeline({ client, count, generation, selected, showsPids, onSelect }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [pages, setPages] = useState(() => new Pages(client, () => redraw(undefined)));
  const options = {
    count,
    estimateSize: () => ROW,
    getScrollElement: () => scroller.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 10,
    onChange: () => redraw(undefined),
  };
  const [list] = useState(() => new Virtualizer<HTMLDivElement, Element>(options));
  list.setOptions(options);
  useLayoutEffect(() => list._didMount(), []);
  useLayoutEffect(() => list._willUpdate());

  useEffect(() => {
    const fresh = new Pages(client, () => redraw(undefined));
    setPages(fresh);
    return () => fresh.end();
  }, [generation]);

  useEffect(() => {
    let isCurrent = true;
    if (count > 0)
      void client.positionOf(selected).then((position) => {
        if (isCurrent && position >= 0) list.scrollToIndex(position, { align: 'auto' });
      });
    return () => void (isCurrent = false);
  }, [selected, generation, count > 0]);

  const items = list.getVirtualItems();
  return (
    <div
      ref={scroller}
      class="timeline"
      role="listbox"
      aria-label="Calls"
      aria-activedescendant={`row-${selected}`}
      tabIndex={0}
      data-rendered={items.length}
    >
      <div class="rows" style={{ height: `${list.getTotalSize()}px` }}>
        {items.map(({ index: position, start }) => {
          const row = pages.row(position);
          return row === undefined ? (
            <div key={`p${position}`} class="row waiting" style={{ transform: `translateY(${start}px)` }} />
          ) : (
            <div
              key={row.index}
              id={`row-${row.index}`}
              class={`row ${row.kind}${row.failed ? ' failed' : ''}${row.lost ? ' lost' : ''}`}
              role="option"
              aria-selected={row.index === selected}
              aria-setsize={count}
              aria-posinset={position + 1}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onSelect(row.index)}
            >
              <span class="number">{row.index}</span>
              {showsPids && (
                <span class="pid">{row.tid === undefined ? row.pid : `${row.pid}/${row.tid}`}</span>
              )}
              <span class="file" title={row.file}>
                {row.file.replace(/^\/dev\/(vfio\/devices\/)?/, '')}
              </span>
              <span class="what">
                <b>{row.name}</b> <span class="arguments">{argumentsOf(row)}</span>
              </span>
              {row.lost && <span class="badge">lost</span>}
              <span class="result">{shortResult(row.result)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The arguments without the name of the call, which has its own column. */
function argumentsOf({ kind, name, text }: Row): string {
  if (kind !== 'call') return text === name ? '' : text;
  const inner = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  // The file has its own column.
  return (/^(ioctl|read|write|pread|pwrite)\(/.test(text) ? inner.replace(/^\d+, /, '') : inner)
    .split(/,\s(?![^{]*\})/)
    .filter((word) => word !== name)
    .join(', ')
    .replace(/\{size=\d+(, )?/, '{');
}

const shortResult = (result: string): string => /^-1 (\w+)/.exec(result)?.[1] ?? result;
