import { closeSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TapeFile } from './tape-file.js';

/** The descriptor of an open file of this process. */
const descriptorOf = (path: string): number =>
  Number(
    readdirSync('/proc/self/fd').find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        // The descriptor that read the directory is closed.
        return false;
      }
    }),
  );

test('a close that fails is reported once, like a write that fails', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'iommufd-tape-')), 'tape.jsonl');
  const errors: unknown[] = [];
  const tape = new TapeFile(path, (error) => errors.push(error));
  closeSync(descriptorOf(path));
  tape.close();
  expect(errors).toMatchObject([{ code: 'EBADF' }]);
});
