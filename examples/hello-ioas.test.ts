import { expect, test } from '@jest/globals';
import { runExample } from './run.testing.js';

test('a device can write to mapped memory, and faults after it is unmapped', async () => {
  expect(await runExample('./hello-ioas.ts')).toEqual([
    'opened device 2 (/dev/vfio/devices/vfio0)',
    'mapped 65536 bytes for the device at IOVA 0x1000000',
    'the program reads "hello from the wire"',
    'after unmap() a device could not write at 0x1001000: not mapped',
    'the program still reads "hello from the wire"',
    'left over in the kernel: nothing',
  ]);
});
