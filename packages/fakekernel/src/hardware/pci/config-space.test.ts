import { expect, test } from '@jest/globals';
import { ConfigSpace } from './config-space.js';

test('bits are read-only, writable, or cleared by writing one', () => {
  const config = new ConfigSpace(256, Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf0));
  config.define({ at: 0, size: 2, writable: 0x00ff, clearable: 0x3000 });
  config.write(0, 4, 0x1234_1f0f);
  expect(config.read(0, 4).toString(16)).toBe('f0f0e00f');
  config.write(1, 1, 0xff);
  expect(config.read(0, 2).toString(16)).toBe('c00f');
});

test('a watcher is called after a write to one of its bytes, and not when the function itself sets them', () => {
  const config = new ConfigSpace(256, new Uint8Array(0));
  config.define({ at: 4, size: 4, writable: 0xffff_ffff });
  const seen: number[] = [];
  config.watch(5, 1, () => seen.push(config.read(4, 4)));
  config.write(4, 1, 1);
  config.write(4, 2, 0x0202);
  config.write(6, 2, 3);
  config.set(4, 4, 0);
  config.write(4, 4, 0x0404_0404);
  expect(seen).toEqual([0x0202, 0x0404_0404]);
});
