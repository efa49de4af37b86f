import type { Io } from './io.js';
import { run } from './program.js';

/** What a run of the program printed, and how it ended. */
export interface Printed {
  readonly out: string;
  readonly status: number;
  readonly complaint: string | undefined;
}

/** What a test gives the program. */
export interface Given {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly stdin?: string | Uint8Array;
  readonly colour?: boolean;
  readonly width?: number;
}

/** Runs the program on files and standard input that the test gives. */
export async function iommufd(
  args: readonly string[],
  { files = {}, stdin, colour = false, width }: Given = {},
): Promise<Printed> {
  let out = '';
  const io: Io = {
    colour,
    width,
    piped: stdin !== undefined,
    write: (text) => (out += text),
    read: (path) => {
      const content = path === '-' ? stdin : files[path];
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
  };
  const { status, complaint } = await run(args, io);
  return { out, status, complaint };
}
