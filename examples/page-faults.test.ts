import { expect, test } from '@jest/globals';
import { runExample } from './run.testing.js';

test('pages are mapped on demand, and an address outside of guest memory is refused', async () => {
  expect(await runExample('./page-faults.ts')).toEqual([
    'group 0 of device 2 (/dev/vfio/devices/vfio0) requests 0x40004000 0x40005000 0x40006000 0x40007000',
    '  response: success',
    'the write completed: true',
    'read back: true',
    'group 0 of device 2 (/dev/vfio/devices/vfio0) requests 0x40100000',
    '  response: invalid',
    'a device could not read at 0x40100000: answered as invalid',
    // Four pages: only requested pages were mapped.
    'unmapped 16384 bytes',
    'left over in the kernel: nothing',
  ]);
});
