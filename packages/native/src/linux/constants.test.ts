import { constants } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as ours from './constants.js';

/** Node has them from the headers of the machine that it was built for. */
test.each([
  'O_RDONLY',
  'O_WRONLY',
  'O_RDWR',
  'O_CREAT',
  'O_EXCL',
  'O_TRUNC',
  'O_APPEND',
  'O_NONBLOCK',
  'O_SYNC',
  'O_DIRECT',
  'O_DIRECTORY',
  'O_NOFOLLOW',
  'S_IFMT',
  'S_IFDIR',
  'S_IFREG',
] as const)('%s is that of this machine', (name) => {
  expect(ours[name]).toBe(constants[name]);
});
