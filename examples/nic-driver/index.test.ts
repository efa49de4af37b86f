import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('frames are sent and received by DMA and MSI-X, and the device is closed when the host requests it', async () => {
  expect(await runExample('./nic-driver/index.ts')).toEqual([
    '/dev/vfio/devices/vfio0 is 1af4:f0c0',
    'sent      level stressed drawer reward',
    'received  level desserts reward drawer',
    'vector 0 completed 4 buffers, and 4 frames were on the wire',
    'the host requests /dev/vfio/devices/vfio0 back: still plugged in',
    'the device is closed: unplugged',
    'left over in the kernel: nothing',
  ]);
});
