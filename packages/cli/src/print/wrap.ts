/** Breaks a text between words into lines of at most `width` characters. A longer word has a line of its own. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined || text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The narrowest readable column of text, in characters. */
const NARROWEST = 24;

/** The width that is left for a text that begins at a column; undefined if the text must not be broken. */
export function roomAt(column: number, width: number | undefined): number | undefined {
  return width === undefined || width - column < NARROWEST ? undefined : width - column;
}
