import { expect, test } from '@jest/globals';
import { runExample } from './run.testing.js';

test('the bytes that a device wrote are in memory, until the page is unmapped', () => {
  expect(runExample('./hello-ioas.ts')).toEqual([
    'opened device 2 (/dev/vfio/devices/vfio0)',
    'mapped 65536 bytes; the device sees them at 0x1000000',
    'the program reads "hello from the wire"',
    'after unmap() a device could not write at 0x1001000: not mapped',
    'the program still reads "hello from the wire"',
    'the kernel holds nothing any more',
  ]);
});
