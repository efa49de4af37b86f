/**
 * `iommufd view`: shows tapes, traces, logs and bytes in a browser. The page is one file, which holds what it shows: it is written with
 * `--out`, or served on the loopback interface, at a path that no other program of the machine can guess.
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

/** What the bundle has in place of it; see `bundle.mjs`. */
declare const IOMMUFD_VERSION: string | undefined;
/** Of the bundle, which is CommonJS: the page stands beside it. */
declare const __dirname: string;

/** What the command was asked for. */
export interface ViewOptions {
  readonly out?: string;
  /** False with `--no-open`. */
  readonly open: boolean;
}

/** A page that is served. */
export interface Served {
  readonly url: string;
  readonly server: Server;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The page without files: built beforehand, or here if this runs from its sources. */
async function emptyPage(): Promise<string> {
  if (typeof IOMMUFD_VERSION === 'string') return readFileSync(join(__dirname, 'viewer.html'), 'utf8');
  const builder = new URL('../../../viewer/build.mjs', import.meta.url).href;
  const { buildPage } = (await import(builder)) as { buildPage(): Promise<string> };
  return buildPage();
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A file as an element of the page, compressed if it is not yet. @throws Failure if it cannot be read */
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

/** The page with files in it. @throws Failure */
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
    // Another name in Host is that of a web site which has its name lead here.
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
 * A page that leads to an address, which only this user can read: what a program is started with, all users of the machine see.
 * It is there as long as the command runs.
 */
function pageThatLeadsTo(url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-view-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit());
  const path = join(folder, 'index.html');
  writeFileSync(path, `<!doctype html><meta http-equiv="refresh" content="0;url=${url}">`, { mode: 0o600 });
  return path;
}

/** Has the desktop open a page. Where there is none, the address that is printed is enough. */
function openInBrowser(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', path]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', path]
        : ['xdg-open', path];
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
  // There is no such program here.
  child.on('error', () => undefined);
  child.unref();
}

/**
 * Shows files.
 * @returns what serves them, until the process ends; undefined with `out`
 * @throws Failure if a file cannot be read, or the page not be written
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
