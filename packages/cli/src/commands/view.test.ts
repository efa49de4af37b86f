/** The page as a file, and served: what is in it, and who gets it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { iommufd } from '../program.testing.js';
import { serve, type Served } from './view.js';

const folder = mkdtempSync(join(tmpdir(), 'iommufd-view-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('iommufd view --out', () => {
  const out = join(folder, 'page.html');

  test('writes a page that holds the files, and allows its own script alone', async () => {
    const files = { 'a "b".jsonl': '{"tape":1}\n', log: 'nothing' };
    const {
      status,
      complaint,
      out: printed,
    } = await iommufd(['view', ...Object.keys(files), '--out', out], { files });
    expect([status, complaint, printed]).toEqual([0, undefined, '']);
    const html = readFileSync(out, 'utf8');
    const held = [
      ...html.matchAll(/<script type="application\/octet-stream" data-name="([^"]*)">([^<]*)<\/script>/g),
    ];
    expect(
      held.map(([, name, text = '']) => [name, gunzipSync(Buffer.from(text, 'base64')).toString()]),
    ).toEqual([
      ['a &#34;b&#34;.jsonl', '{"tape":1}\n'],
      ['log', 'nothing'],
    ]);
    expect(html).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/,
    );
    expect(html).not.toMatch(/ (src|href)="(?!data:)/);
  });

  test('says which file cannot be read, and which not be written', async () => {
    const missing = await iommufd(['view', 'missing.jsonl', '--out', out]);
    expect(missing.status).toBe(2);
    expect(missing.complaint).toMatch(/^cannot read missing\.jsonl: /);
    const nowhere = join(folder, 'no', 'page.html');
    const unwritten = await iommufd(['view', '--out', nowhere]);
    expect([unwritten.status, unwritten.complaint]).toEqual([
      2,
      expect.stringContaining(`cannot write ${nowhere}: `),
    ]);
  });
});

describe('a page that is served', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve('<p>here</p>');
  });
  afterAll(() => new Promise((resolve) => served.server.close(resolve)));

  const get = (path: string, host?: string, method = 'GET') =>
    new Promise<{
      readonly status: number | undefined;
      readonly body: string;
      readonly policy: string | undefined;
    }>((resolve, reject) => {
      const { port, pathname } = new URL(served.url);
      const headers = host === undefined ? {} : { host };
      request(
        { host: '127.0.0.1', port, method, path: path === '' ? pathname : path, headers, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('end', () =>
            resolve({
              status: response.statusCode,
              body,
              policy: [response.headers['content-security-policy']].flat()[0],
            }),
          );
        },
      )
        .on('error', reject)
        .end();
    });

  test('is on the loopback interface, at a path that cannot be guessed', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    expect(await get('')).toEqual({ status: 200, body: '<p>here</p>', policy: "frame-ancestors 'none'" });
    const other = await serve('');
    expect(new URL(other.url).pathname).not.toBe(new URL(served.url).pathname);
    await new Promise((resolve) => other.server.close(resolve));
  });

  test('is there for no other path, name, or method', async () => {
    const { port } = new URL(served.url);
    const refused = [await get('/'), await get('', `evil.example:${port}`), await get('', undefined, 'POST')];
    expect(refused.map(({ status, body }) => [status, body])).toEqual(
      refused.map(() => [404, 'not found\n']),
    );
    expect((await get('', `localhost:${port}`)).status).toBe(200);
  });
});
