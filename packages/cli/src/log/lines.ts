/**
 * Splits a kernel log into lines, as people paste it into a bug report: with time stamps, host names, syslog levels, quotation marks of
 * mail, escapes of a logger. A line's `body` is the text that the kernel printed.
 */

/** A line of the log. */
export interface LogLine {
  /** Counted from 1. */
  readonly number: number;
  /** The line in the input. */
  readonly source: string;
  /** The line without prefixes of a logger or of mail. */
  readonly body: string;
}

/** Prefixes of a message, in any order and number. */
const PREFIXES: readonly RegExp[] = [
  // Quotation of mails.
  /^\s*>+/,
  // A level of syslog, and the record header of /dev/kmsg.
  /^\s*<\d{1,3}>/,
  /^\s*\d+,\d+,\d+,[^;\s]*;/,
  // Times of dmesg: since boot, relative, readable; the thread or processor; additions of vendors' kernels.
  /^\s*\[\s*(?:\+?\d+\.\d+|[A-Z][a-z]{2}\s[^\]]*\d|[TC]?\d+|(?:pid|name|cpu):?[^\]]*|\d+:[^\]]*)\]/,
  /^\s*\(\d+\)/,
  // syslog and journalctl: time, host, sender.
  /^\s*[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d(?:\.\d+)?(?:\s\S+)?\s(?:kernel|klogd)(?:\[\d+\])?:/,
  /^\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?:(?:\s\S+)?\s(?:kernel|klogd)(?:\[\d+\])?:)?/,
  /^\s*\d\d:\d\d:\d\d(?:\.\d+)?\s/,
  /^\s*(?:\S+\s)?kernel(?:\[\d+\])?:/,
  // dmesg --decode.
  /^\s*(?:kern|user|daemon|syslog|auth)\s*:\s*[a-z]+\s*:/,
];

function bodyOf(line: string): string {
  let body = line;
  for (let prefix = nextPrefix(body); prefix > 0; prefix = nextPrefix(body)) body = body.slice(prefix);
  return body.trim();
}

function nextPrefix(text: string): number {
  return Math.max(...PREFIXES.map((prefix) => prefix.exec(text)?.[0].length ?? 0));
}

/** Decodes quoted-printable mail: `=3D` is `=`, and `=` at the end of a line continues it. */
function decodeMail(text: string): string {
  if (!/=3D/.test(text)) return text;
  return text
    .replace(/=\r?\n(?:>\s?)*/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  amp: '&',
  '#39': "'",
  nbsp: ' ',
};

/** Replaces escapes of terminals, loggers and web pages by the characters. */
function plainCharacters(text: string): string {
  return text
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
    .replace(/&(lt|gt|quot|amp|#39|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/#011|\\x09|\\t|\^I/g, '\t')
    .replace(/\u00a0/g, ' ')
    .replace(/[\u201c\u201d]/g, '"');
}

/** Removes the backquotes around a line that is marked as code. */
const withoutCodeMarks = (line: string): string => line.replace(/^(\s*(?:>\s*)*)(`+)(.*?)\2\s*$/, '$1$3');

/** Splits a log into lines. */
export function logLines(text: string): LogLine[] {
  return decodeMail(text)
    .split(/\r\n|\n|\r/)
    .map((source, i) => ({ number: i + 1, source, body: bodyOf(withoutCodeMarks(plainCharacters(source))) }));
}
