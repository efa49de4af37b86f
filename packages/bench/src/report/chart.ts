import { type EChartsOption, init } from 'echarts';
import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import { per, SIGNS, time } from './format.js';

const WIDTH = 1120;
/** Two charts side by side. */
const COLUMN = WIDTH / 2;
/** Room for names on the left of a chart, and for numbers on its right. */
const LEFT = 250;
const RIGHT = 60;
const BAR = 22;
const TITLE = 50;
const AXIS = 40;
const LINES_HEIGHT = 240;

/** Room for what the colours mean. */
const LEGEND = 40;

/** Told apart also by those who tell no red from green, on the white that the picture brings along. */
const COLOURS: Readonly<Record<SubjectResult['kind'], string>> = {
  ours: '#0b62a4',
  'by hand': '#8a8f98',
  library: '#d98324',
  baseline: '#8a8f98',
};
const LINE_COLOURS = ['#0b62a4', '#d98324', '#5f9e6e'];
const TEXT = '#1b1f24';

/** Lines of one chart over the size of a problem. */
export interface Lines {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

interface Bars {
  readonly title: string;
  /** From the slowest to the fastest: the axis begins at the bottom. */
  readonly subjects: readonly SubjectResult[];
  readonly result: WorkloadResult;
}

/** All numbers in one picture, with axes that count in powers of ten: they lie far apart. */
export function chart(results: readonly WorkloadResult[], lines: readonly Lines[]): string {
  const bars = results.filter(({ workload }) => workload.kind === 'comparison').map(barsOf);
  const rows: (readonly (Bars | Lines)[])[] = [];
  for (let i = 0; i < bars.length; i += 2) rows.push(bars.slice(i, i + 2));
  for (let i = 0; i < lines.length; i += 2) rows.push(lines.slice(i, i + 2));

  const option: Parts = { grid: [], xAxis: [], yAxis: [], series: [], title: [legend()] };
  let top = LEGEND;
  for (const row of rows) {
    const height = Math.max(...row.map(heightOf));
    for (const [column, one] of row.entries()) {
      const at = { left: column * COLUMN, top, height };
      if ('subjects' in one) addBars(option, one, at);
      else addLines(option, one, at);
    }
    top += TITLE + height + AXIS;
  }
  const picture = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: top });
  try {
    picture.setOption({
      backgroundColor: '#ffffff',
      animation: false,
      textStyle: { color: TEXT, fontFamily: 'sans-serif' },
      ...option,
    } as EChartsOption);
    return `${picture.renderToSVGString()}\n`;
  } finally {
    picture.dispose();
  }
}

interface Parts {
  readonly grid: object[];
  readonly xAxis: object[];
  readonly yAxis: object[];
  readonly series: object[];
  readonly title: object[];
}

/** The area of one chart in the picture, in pixels. */
interface ChartArea {
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

const median = ({ alone }: SubjectResult): number => alone?.median ?? 0;

function barsOf(result: WorkloadResult): Bars {
  const { workload, subjects } = result;
  const measured = subjects.filter(({ alone }) => alone !== undefined);
  return {
    title: `${workload.title}, ${SIGNS[workload.unit]} ${per(workload.operation)}`,
    subjects: measured.sort((a, b) => median(b) - median(a)),
    result,
  };
}

/** What the colours mean, as a line of its own. */
function legend(): object {
  const entries = [
    ['ours', COLOURS.ours],
    ['by hand', COLOURS['by hand']],
    ['libraries', COLOURS.library],
  ] as const;
  return {
    text: entries.map(([name], i) => `{c${i}|■} ${name}`).join('     '),
    left: 10,
    top: 12,
    textStyle: {
      fontSize: 13,
      fontWeight: 'normal',
      color: TEXT,
      rich: Object.fromEntries(entries.map(([, color], i) => [`c${i}`, { color, fontSize: 16 }])),
    },
  };
}

const heightOf = (one: Bars | Lines): number =>
  'subjects' in one ? one.subjects.length * BAR : LINES_HEIGHT;

function addCommon(option: Parts, title: string, { left, top, height }: ChartArea): number {
  const index = option.grid.length;
  option.grid.push({ left: left + LEFT, top: top + TITLE, width: COLUMN - LEFT - RIGHT, height });
  option.title.push({
    text: title,
    left: left + 10,
    top: top + 14,
    textStyle: { fontSize: 14, color: TEXT },
  });
  return index;
}

const axis = { axisLabel: { color: TEXT }, axisLine: { lineStyle: { color: TEXT } } };

function addBars(option: Parts, { title, subjects, result: { workload } }: Bars, place: ChartArea): void {
  const index = addCommon(option, title, place);
  option.xAxis.push({
    ...axis,
    type: 'log',
    gridIndex: index,
    splitLine: { lineStyle: { color: '#dde1e6' } },
  });
  option.yAxis.push({
    ...axis,
    type: 'category',
    gridIndex: index,
    data: subjects.map(({ name }) => name),
    axisTick: { show: false },
    axisLabel: { color: TEXT, fontSize: 11, width: LEFT - 16, overflow: 'truncate', interval: 0 },
  });
  option.series.push({
    type: 'bar',
    xAxisIndex: index,
    yAxisIndex: index,
    barWidth: 14,
    data: subjects.map((subject) => ({
      value: median(subject),
      itemStyle: { color: COLOURS[subject.kind] },
      label: {
        show: true,
        position: 'right',
        fontSize: 11,
        color: TEXT,
        formatter: time(median(subject), workload.unit),
      },
    })),
  });
}

function addLines(option: Parts, { title, xName, yName, series }: Lines, place: ChartArea): void {
  const index = addCommon(option, `${title}, ${yName}`, place);
  const split = { splitLine: { lineStyle: { color: '#dde1e6' } } };
  option.xAxis.push({
    ...axis,
    ...split,
    type: 'log',
    gridIndex: index,
    name: xName,
    nameLocation: 'middle',
    nameGap: 24,
    nameTextStyle: { color: TEXT },
  });
  option.yAxis.push({ ...axis, ...split, type: 'log', gridIndex: index });
  for (const [i, { name, points }] of series.entries()) {
    const color = LINE_COLOURS[i % LINE_COLOURS.length];
    option.series.push({
      type: 'line',
      name,
      xAxisIndex: index,
      yAxisIndex: index,
      symbolSize: 7,
      lineStyle: { color },
      itemStyle: { color },
      // Its name is at its right end, so that no legend is needed.
      endLabel: { show: true, formatter: name, color, fontSize: 11, width: RIGHT - 6, overflow: 'break' },
      labelLayout: { moveOverlap: 'shiftY' },
      data: points,
    });
  }
}
