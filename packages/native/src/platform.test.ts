import { expect, test } from '@jest/globals';
import { errno as errnos, MAP_ANONYMOUS, MAP_FIXED_NOREPLACE, MAP_PRIVATE } from '@iommufd/uapi';
import { errno } from './linux/libc.js';
import { platform } from './platform.js';

test('user space ends at the last address at which Linux maps memory', () => {
  const { libc, taskSize } = platform();
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  const map = (address: number): number => {
    const place = BigInt(libc.mmap(address, 4096, 0, flags, -1, 0n));
    if (place === -1n) return -errno();
    libc.munmap(place, 4096);
    return Number(place);
  };
  expect([map(taskSize - 4096), map(taskSize)]).toEqual([taskSize - 4096, -errnos.ENOMEM]);
});
