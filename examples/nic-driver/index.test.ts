import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('frames go out and answers come in by DMA and MSI-X, and the device is given back', () => {
  expect(runExample('./nic-driver/index.ts')).toEqual([
    '/dev/vfio/devices/vfio0 is 1af4:f0c0',
    'sent      level stressed drawer reward',
    'received  level desserts reward drawer',
    '4 buffers came back by vector 0, 4 frames were on the wire',
    'the host asks for /dev/vfio/devices/vfio0; it is still there',
    'given back; it is gone',
    'the kernel holds nothing any more',
  ]);
});
