/** A chart over the calls of a tape, in steps; a click goes to the call. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** A line of a chart. */
export interface ChartLine {
  readonly name: string;
  /** Of the palette of the page, from 1 on. */
  readonly colour: number;
  readonly values: readonly number[];
}

interface Props {
  /** The call of each value. */
  readonly calls: readonly number[];
  readonly lines: readonly ChartLine[];
  /** The last call that is known. */
  readonly end: number;
  readonly current: number;
  readonly onCall: (index: number) => void;
}

const HEIGHT = 150;

/** A colour of the page as it is now: a canvas knows neither variables nor light and dark. */
function css(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A chart. */
export function Chart({ calls, lines, end, current, onCall }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef({ current, onCall });
  latest.current = { current, onCall };
  const drawn = useRef<uPlot>(null);
  const theme = document.documentElement.dataset['theme'] ?? '';

  useEffect(() => {
    const at = place.current;
    if (at === null) return;
    const grid = { stroke: css('--line'), width: 1 };
    const axis = { stroke: css('--dim'), grid, ticks: grid, font: '11px system-ui' };
    const steps = uPlot.paths.stepped?.({ align: 1 });
    const plot = new uPlot(
      {
        width: Math.max(200, at.clientWidth),
        height: HEIGHT,
        cursor: { y: false, points: { show: false } },
        legend: { live: true },
        scales: { x: { time: false, range: [0, Math.max(end, 1)] } },
        axes: [axis, { ...axis, size: 56 }],
        series: [
          { label: 'call' },
          ...lines.map(({ name, colour }) => ({
            label: name,
            stroke: css(`--series-${colour}`),
            width: 2,
            ...(steps !== undefined && { paths: steps }),
            points: { show: false },
          })),
        ],
        hooks: {
          draw: [
            (self) => {
              const x = self.valToPos(latest.current.current, 'x', true);
              const { ctx, bbox } = self;
              ctx.save();
              ctx.strokeStyle = css('--accent');
              ctx.setLineDash([4, 3]);
              ctx.lineWidth = 1.5;
              ctx.beginPath();
              ctx.moveTo(x, bbox.top);
              ctx.lineTo(x, bbox.top + bbox.height);
              ctx.stroke();
              ctx.restore();
            },
          ],
        },
      },
      [[...calls, end], ...lines.map(({ values }) => [...values, values.at(-1) ?? 0])],
      at,
    );
    drawn.current = plot;
    const goes = (): void => {
      const { left } = plot.cursor;
      if (left !== undefined && left >= 0) latest.current.onCall(Math.round(plot.posToVal(left, 'x')));
    };
    plot.over.addEventListener('click', goes);
    const sizes = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(200, at.clientWidth), height: HEIGHT }),
    );
    sizes.observe(at);
    return () => {
      sizes.disconnect();
      plot.destroy();
    };
  }, [calls.length, end, lines.map(({ values }) => values.at(-1)).join(), theme]);

  useEffect(() => drawn.current?.redraw(), [current]);

  const last = lines.map(({ name, values }) => `${name} ${values.at(-1) ?? 0}`).join(', ');
  return <div ref={place} class="chart" role="img" aria-label={`Over ${end} calls, at the end ${last}`} />;
}
