/**
 * `iommufd view`: shows tapes, traces, logs and bytes in a browser. The page is one HTML file that contains its data. `--out` writes it;
 * otherwise it is served on the loopback interface, at a path that other programs of the machine cannot guess.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';

/** Replaced in the bundle; see `bundle.mjs`. */
declare const IOMMUFD_VERSION: string | undefined;
/** Path of the bundle, which is CommonJS. The page is in the same folder. */
declare const __dirname: string;

/** Options of the command. */
export interface ViewOptions {
  readonly out?: string;
  /** False with `--no-open`. */
  readonly open: boolean;
}

/** A server of the page. */
export interface Served {
  readonly url: string;
  readonly server: Server;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The page without files: built in advance, or built now if the command runs from its sources. */
async function emptyPage(): Promise<string> {
  if (typeof IOMMUFD_VERSION === 'string') return readFileSync(join(__dirname, 'viewer.html'), 'utf8');
  const builder = new URL('../../../viewer/build.mjs', import.meta.url).href;
  const { buildPage } = (await import(builder)) as { buildPage(): Promise<string> };
  return buildPage();
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Embeds a file in an element of the page, compressed. @throws Failure if the file cannot be read */
function elementOf(io: Pick<Io, 'read'>, path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = io.read(path);
  } catch (error) {
    throw new Failure(`cannot read ${path === '-' ? 'standard input' : path}: ${reason(error)}`);
  }
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = Buffer.from(isZipped ? bytes : gzipSync(bytes)).toString('base64');
  const name = path === '-' ? 'standard input' : basename(path);
  return `<script type="application/octet-stream" data-name="${escaped(name)}">${text}</script>`;
}

/** The page with files in it. @throws Failure if a file cannot be read */
export async function pageOf(io: Pick<Io, 'read'>, paths: readonly string[]): Promise<string> {
  const elements = paths.map((path) => elementOf(io, path)).join('\n');
  const page = await emptyPage();
  return page.replace('<!-- files -->', () => elements);
}

/** Serves a page on the loopback interface. */
export function serve(html: string): Promise<Served> {
  const path = `/${randomBytes(16).toString('hex')}/`;
  const body = Buffer.from(html);
  const server = createServer((request, response) => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    // Another name in Host belongs to a web site that resolves its name to this address (DNS rebinding).
    const isMeant =
      request.headers.host === `127.0.0.1:${port}` || request.headers.host === `localhost:${port}`;
    if (!isMeant || request.method !== 'GET' || request.url !== path) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': body.length,
        'cache-control': 'no-store',
        'content-security-policy': "frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      .end(body);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
      resolve({ url: `http://127.0.0.1:${address.port}${path}`, server });
    });
  });
}

/**
 * Writes a page that redirects to an address, readable by this user only. A program's arguments are visible to all users of the
 * machine, so the address must not be one. The page exists as long as the command runs.
 */
function pageThatLeadsTo(url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-view-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit());
  const path = join(folder, 'index.html');
  writeFileSync(path, `<!doctype html><meta http-equiv="refresh" content="0;url=${url}">`, { mode: 0o600 });
  return path;
}

/** Opens a page in the desktop's browser. Without a desktop, the printed address is enough. */
function openInBrowser(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', path]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', path]
        : ['xdg-open', path];
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
  // The program that opens pages is not installed.
  child.on('error', () => undefined);
  child.unref();
}

/**
 * Shows files.
 * @returns the server of the page, which runs until the process ends; undefined with `out`
 * @throws Failure if a file cannot be read, or the page cannot be written
 */
export async function view(
  io: Pick<Io, 'read' | 'write'>,
  paths: readonly string[],
  { out, open }: ViewOptions,
): Promise<Served | undefined> {
  const html = await pageOf(io, paths);
  if (out !== undefined) {
    try {
      writeFileSync(out, html);
    } catch (error) {
      throw new Failure(`cannot write ${out}: ${reason(error)}`);
    }
    return undefined;
  }
  const served = await serve(html);
  io.write(`${served.url}\nCtrl+C ends it.\n`);
  if (open) openInBrowser(pageThatLeadsTo(served.url));
  return served;
}
