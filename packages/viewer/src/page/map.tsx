/** The IOVAs of each IOAS of a context as a map: reserved, allowed, mapped, pinned and dirty ranges. */
import type { IoasView } from '../model/bounded.js';
import { mapScale } from '../model/map-scale.js';
import { Chart } from './chart.js';
import type { Client } from './client.js';
import { Columns } from './columns.js';
import { useAnswer } from './hooks.js';
import { hex } from '../model/hex.js';

interface Props {
  readonly client: Client;
  readonly index: number;
  readonly played: number;
  readonly context: number;
  readonly onCall: (index: number) => void;
}

const WIDTH = 720;
const LANE = 22;

function sizeText(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024n && value % 1024n === 0n && unit < units.length - 1) {
    value /= 1024n;
    unit++;
  }
  return `${value} ${units[unit] ?? ''}`;
}

interface Bar {
  readonly start: bigint;
  readonly last: bigint;
  readonly css: string;
  readonly title: string;
  readonly text?: string;
}

function Lane({
  name,
  bars,
  y,
  at,
}: {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly y: number;
  readonly at: (address: bigint) => number;
}) {
  return (
    <g transform={`translate(0 ${y})`} aria-label={name} role="group">
      <text class="lane" x="0" y="15">
        {name}
      </text>
      <rect class="ground" x="96" width={WIDTH - 96} height={LANE - 4} rx="3" />
      {bars.map(({ start, last, css, title, text }, i) => {
        const x = 96 + at(start) * (WIDTH - 96);
        const width = Math.max(2, (at(last + 1n) - at(start)) * (WIDTH - 96));
        return (
          <g key={i}>
            <rect class={`bar ${css}`} x={x} width={width} height={LANE - 4} rx="2">
              <title>{title}</title>
            </rect>
            {text !== undefined && width > text.length * 6 + 6 && (
              <text class="bartext" x={x + 5} y="13">
                {text}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function MapView({ map }: { readonly map: IoasView }) {
  const { ioas, areas, areaCount, hwpts } = map;
  const dirty = hwpts.flatMap(({ dirty: ranges, id }) => (ranges ?? []).map((range) => ({ ...range, id })));
  const scale = mapScale(
    [...ioas.reserved, ...ioas.allowed, ...dirty, ...hwpts.flatMap(({ aperture }) => aperture ?? [])],
    areas,
  );
  const range = ({ start, last }: { readonly start: bigint; readonly last: bigint }): string =>
    `${hex(start)} to ${hex(last)}`;
  const lanes: { readonly name: string; readonly bars: readonly Bar[] }[] = [
    {
      name: 'reserved',
      bars: ioas.reserved.map((each) => ({
        ...each,
        css: `reserved ${each.by}`,
        title: `reserved by the ${each.by}: ${range(each)}`,
        text: each.by,
      })),
    },
    {
      name: 'allowed',
      bars: ioas.allowed.map((each) => ({ ...each, css: 'allowed', title: `allowed: ${range(each)}` })),
    },
    {
      name: 'mapped',
      bars: areas.map((area) => ({
        start: area.start,
        last: area.last,
        css: `area pages-${area.pages % 6}${area.isMapped ? '' : ' unfilled'}`,
        title: `${range(area)}, ${sizeText(area.last - area.start + 1n)}, ${area.read ? 'r' : '-'}${area.write ? 'w' : '-'}, ${area.source} ${hex(area.from)}, pages ${area.pages}${area.sharing > 1 ? ', shared' : ''}`,
        text: sizeText(area.last - area.start + 1n),
      })),
    },
    {
      name: 'pins',
      bars: areas
        .filter(({ accesses }) => accesses > 0)
        .map((area) => ({
          start: area.start,
          last: area.last,
          css: area.locks > 0 ? 'pin locked' : 'pin',
          title: `${area.accesses} pins, ${area.locks} of which block an unmap`,
          text: `${area.accesses}`,
        })),
    },
    ...hwpts
      .filter(({ dirty: ranges }) => ranges !== undefined)
      .map(({ id }) => ({
        name: `dirty, HWPT ${id}`,
        bars: dirty
          .filter((each) => each.id === id)
          .map((each) => ({ ...each, css: 'dirty', title: `dirty: ${range(each)}` })),
      })),
  ].filter(({ name, bars }) => bars.length > 0 || name === 'mapped' || name === 'reserved');
  return (
    <section class="card map" aria-label={`IOAS ${ioas.id}`}>
      <h3>
        IOAS {ioas.id}{' '}
        <span class="dim">
          {areaCount} {areaCount === 1 ? 'area' : 'areas'}, aligned to {hex(ioas.alignment)}
          {hwpts.length > 0 && `, mapped by HWPT ${hwpts.map(({ id }) => id).join(', ')}`}
        </span>
      </h3>
      <svg
        viewBox={`0 0 ${WIDTH} ${lanes.length * LANE + 18}`}
        role="img"
        aria-label={`Map of IOAS ${ioas.id}`}
      >
        {lanes.map(({ name, bars }, i) => (
          <Lane key={name} name={name} bars={bars} y={i * LANE} at={(address) => scale.at(address)} />
        ))}
        <text class="tick" x="96" y={lanes.length * LANE + 12}>
          0
        </text>
        <text class="tick end" x={WIDTH} y={lanes.length * LANE + 12}>
          2⁶⁴; every piece as wide as the logarithm of its length
        </text>
      </svg>
      {areas.length > 0 && (
        <div class="scrolls">
          <table class="list">
            <Columns names={['IOVA', 'length', 'rights', 'from', 'pages', 'mapped', 'pinned', 'pins']} />
            <tbody>
              {areas.map((area) => (
                <tr key={String(area.start)}>
                  <td>{hex(area.start)}</td>
                  <td>{sizeText(area.last - area.start + 1n)}</td>
                  <td>
                    {area.read ? 'r' : '-'}
                    {area.write ? 'w' : '-'}
                  </td>
                  <td>
                    {area.source} {hex(area.from)}
                  </td>
                  <td>
                    <i class={`swatch pages-${area.pages % 6}`} /> {area.pages}
                    {area.sharing > 1 && <span class="dim"> in {area.sharing} areas</span>}
                  </td>
                  <td>{area.isMapped ? 'yes' : 'no domain'}</td>
                  <td>{area.pinned}</td>
                  <td>
                    {area.accesses}
                    {area.locks > 0 && <span class="problem"> {area.locks} locked</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {areaCount > areas.length && <p class="dim">{areaCount - areas.length} more areas are not shown.</p>}
    </section>
  );
}

/** The panel of IOVAs. */
export function MapPanel({ client, index, played, context, onCall }: Props) {
  const maps = useAnswer(() => client.maps(index, context), [index, context, played > index]);
  const usage = useAnswer(() => client.usage(context), [context, played]);
  if (maps === undefined) return null;
  return (
    <div class="maps">
      {maps.length === 0 && <p class="empty">The context has no IOAS after this call.</p>}
      {maps.map((map) => (
        <MapView key={map.ioas.id} map={map} />
      ))}
      {usage !== undefined && usage.length > 0 && (
        <section class="card" aria-label="Bytes over time">
          <h3>
            Bytes over time <span class="dim">all of context {context}</span>
          </h3>
          <Chart
            calls={usage.map(({ call }) => call)}
            lines={[
              { name: 'mapped', colour: 1, values: usage.map(({ mapped }) => mapped) },
              { name: 'pinned', colour: 2, values: usage.map(({ pinned }) => pinned) },
              { name: 'dirty', colour: 3, values: usage.map(({ dirty }) => dirty) },
            ]}
            end={played}
            current={index}
            onCall={onCall}
          />
        </section>
      )}
    </div>
  );
}
