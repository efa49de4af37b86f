/** A step chart over the calls of a tape. A click selects the call. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** A line of a chart. */
export interface ChartLine {
  readonly name: string;
  /** Index in the page's palette, from 1. */
  readonly colour: number;
  readonly values: readonly number[];
}

/** An event at a call, marked above the lines. */
export interface ChartMark {
  readonly call: number;
  readonly text: string;
}

interface Props {
  /** The call of each value. */
  readonly calls: readonly number[];
  readonly lines: readonly ChartLine[];
  /** The maximum value, drawn as a dashed line. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined;
  readonly marks?: readonly ChartMark[];
  /** The last known call. */
  readonly end: number;
  readonly current: number;
  /** In pixels, without the legend. */
  readonly height?: number;
  readonly onCall: (index: number) => void;
}

/** The current value of a colour variable of the page, because a canvas does not resolve CSS variables. */
function css(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Minimum distance of two labels of marks, in pixels. */
const MARK_SPACE = 26;

/** Draws the limit and the marks: a triangle each, with its label if there is space. */
function drawExtra(self: uPlot, limit: Props['limit'], marks: readonly ChartMark[]): void {
  const { ctx, bbox } = self;
  const scale = window.devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * scale}px system-ui`;
  const y = limit === undefined ? -1 : self.valToPos(limit.value, 'y', true);
  // The limit of a queue that is never full may lie above the drawn range.
  if (limit !== undefined && y >= bbox.top) {
    ctx.strokeStyle = ctx.fillStyle = css('--dim');
    ctx.setLineDash([2 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.textAlign = 'left';
    ctx.fillText(limit.name, bbox.left + 4 * scale, y - 4 * scale);
  }
  ctx.fillStyle = css('--bad');
  ctx.textAlign = 'center';
  let free = -Infinity;
  for (const { call, text } of marks) {
    const x = self.valToPos(call, 'x', true);
    const { top } = bbox;
    ctx.beginPath();
    ctx.moveTo(x, top + 7 * scale);
    ctx.lineTo(x - 4 * scale, top);
    ctx.lineTo(x + 4 * scale, top);
    ctx.fill();
    if (x < free) continue;
    ctx.fillText(text, x, top - 4 * scale);
    free = x + MARK_SPACE * scale;
  }
  ctx.restore();
}

/** A chart. */
export function Chart({ calls, lines, limit, marks = [], end, current, height = 150, onCall }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef({ current, onCall });
  latest.current = { current, onCall };
  const drawn = useRef<uPlot>(null);
  const theme = document.documentElement.dataset['theme'] ?? '';
  const shownLines = lines.map(({ name, colour, values }) => `${name} ${colour} ${values.join()}`).join(';');

  useEffect(() => {
    const at = place.current;
    if (at === null) return;
    const grid = { stroke: css('--line'), width: 1 };
    const axis = { stroke: css('--dim'), grid, ticks: grid, font: '11px system-ui' };
    const steps = uPlot.paths.stepped?.({ align: 1 });
    const plot = new uPlot(
      {
        width: Math.max(200, at.clientWidth),
        height,
        cursor: { y: false, points: { show: false } },
        legend: { live: true },
        padding: [marks.length > 0 ? 16 : null, null, null, null],
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
              drawExtra(self, limit, marks);
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
    const sizes = new ResizeObserver(() => plot.setSize({ width: Math.max(200, at.clientWidth), height }));
    sizes.observe(at);
    return () => {
      sizes.disconnect();
      plot.destroy();
    };
    // The caller's arrays are new in each rendering of the page, so their contents decide whether to redraw.
  }, [
    calls.join(),
    shownLines,
    marks.map(({ call, text }) => `${call} ${text}`).join(),
    limit?.name,
    limit?.value,
    end,
    height,
    theme,
  ]);

  useEffect(() => drawn.current?.redraw(), [current]);

  const last = lines.map(({ name, values }) => `${name} ${values.at(-1) ?? 0}`).join(', ');
  return (
    <div ref={place} class="chart" role="img" aria-label={`Chart over ${end} calls; last values: ${last}`} />
  );
}
