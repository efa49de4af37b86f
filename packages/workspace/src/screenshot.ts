/**
 * Images of a terminal for the documents: the output of a command, with its colours, as an SVG. `images.test.ts` compares the images in
 * `docs/images` with the output of the commands; with `UPDATE_IMAGES=1` it writes them.
 */

const LINE = 18;
const WIDTH = 8.43;
const MARGIN = 16;
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#1d2129';

/** Colours of ANSI sequences that the command uses. */
const COLOURS: Readonly<Record<string, string>> = {
  '1': `fill="#ffffff" font-weight="bold"`,
  '2': `fill="#7f8896"`,
  '31': `fill="#e06c75"`,
  '32': `fill="#98c379"`,
  '33': `fill="#e5c07b"`,
  '36': `fill="#56b6c2"`,
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A line as `tspan`s. */
function spans(line: string): string {
  let style = '';
  return line
    .split(/(\x1b\[\d+m)/)
    .map((piece) => {
      const code = /^\x1b\[(\d+)m$/.exec(piece)?.[1];
      if (code !== undefined) {
        style = COLOURS[code] ?? '';
        return '';
      }
      if (piece === '') return '';
      return style === '' ? escaped(piece) : `<tspan ${style}>${escaped(piece)}</tspan>`;
    })
    .join('');
}

/** A picture of a terminal. @param text with ANSI sequences @param columns width of the terminal */
export function screenshot(text: string, columns: number): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  const rows = lines.map(
    (line, i) => `<text x="${MARGIN}" y="${MARGIN + LINE * (i + 1) - 5}">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>text { font: 14px 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: ${FOREGROUND}; white-space: pre; }</style>
<rect width="${width}" height="${height}" rx="6" fill="${BACKGROUND}"/>
${rows.join('\n')}
</svg>
`;
}
