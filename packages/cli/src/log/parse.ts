/** Finds the messages of Linux's IOMMU drivers in a kernel log. */
import { AmdLog } from './amd.js';
import type { Entry } from './entry.js';
import { type LogLine, logLines } from './lines.js';
import { Scanner } from './scanner.js';
import { Smmuv3Log } from './smmuv3.js';
import { tegra241Entry } from './tegra241.js';
import { vtdEntry } from './vtd.js';

/** The lines of a log and the entries that were found. */
export interface ParsedLog {
  readonly lines: readonly LogLine[];
  /** In the order of their first lines. */
  readonly entries: readonly Entry[];
}

/** Parses a log. Ignores lines that are not messages of IOMMU drivers. */
export function parseLog(text: string): ParsedLog {
  const lines = logLines(text);
  const entries: Entry[] = [];
  const found = (entry: Entry): void => void entries.push(entry);
  const smmuv3 = new Smmuv3Log(found);
  const amd = new AmdLog(found);
  const scanner = new Scanner(lines);
  for (let line = scanner.next(); line !== undefined; line = scanner.next()) {
    const entry = tegra241Entry(line, scanner) ?? vtdEntry(line, scanner);
    if (entry !== undefined) found(entry);
    else if (!smmuv3.read(line, scanner)) amd.read(line, scanner);
  }
  smmuv3.end();
  amd.end();
  return { lines, entries: entries.sort((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0)) };
}
