import { describe, expect, test } from '@jest/globals';
import { wrapSyscalls } from '@iommufd/testkit';
import { errno, IOMMU_IOAS_IOVA_RANGES } from '@iommufd/uapi';
import { Testbed } from '../../testing/testbed.testing.js';
import { errorOf, IOVA, PAGE, plugged, reserve } from '../../testing/devices.testing.js';
import { IommufdError } from '../../index.js';
import { type Row, tellsTheCause } from './causes.testing.js';

const ULONG_MAX = (1n << 64n) - 1n;

/** An IOAS with a device: 2048 bytes are the alignment, and 0x1000000-0x7fffffff the aperture, of which a page is reserved. */
function start(testbed: Testbed) {
  const ioas = testbed.iommufd.allocIoas();
  const { device } = plugged(testbed);
  device.attach(ioas);
  reserve(testbed, ioas, 0x200_0000n, 4096n);
  const memory = testbed.iommufd.allocMemory(4 * PAGE);
  ioas.mapMemory(memory, { iova: 0x300_0000n, length: 2 * PAGE });
  const map = (options: object): unknown =>
    ioas.map({ address: memory.address, length: BigInt(PAGE), iova: IOVA, ...options });
  return { testbed, ioas, device, memory, map };
}
type Things = ReturnType<typeof start>;

const ALLOWED = 'allowed are 0x1000000-0x1ffffff, 0x2001000-0x7fffffff';

const anywhere = { iova: undefined };
const mapRows: Row<Things>[] = [
  [
    'neither readable nor writable',
    'EINVAL',
    ({ map }) => [
      () => map({ read: false, write: false }),
      'read and write are both false: devices must be able to do one of them.',
    ],
  ],
  ['no bytes', 'EINVAL', ({ map }) => [() => map({ length: 0n }), 'length is 0.']],
  [
    'a length that is not aligned',
    'EINVAL',
    ({ map }) => [
      () => map({ length: 100n }),
      'length 100 is not a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'an IOVA that is not aligned',
    'EINVAL',
    ({ map }) => [
      () => map({ iova: IOVA + 1n }),
      'iova 0x1000001 is not a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'memory that is not aligned',
    'EINVAL',
    ({ memory, map }) => [
      () => map({ address: memory.address + 1n }),
      `The memory's address 0x${(memory.address + 1n).toString(16)} is not a multiple of 2048, the alignment of this IOAS.`,
    ],
  ],
  [
    'memory that is not aligned, without an IOVA',
    'EINVAL',
    ({ ioas, memory }) => [
      () => ioas.mapMemory(memory, { offset: 1024, length: 2048 }),
      `The memory's address 0x${(memory.address + 1024n).toString(16)} is not a multiple of 2048, the alignment of this IOAS.`,
    ],
  ],
  [
    'an IOVA below the aperture',
    'EINVAL',
    ({ map }) => [
      () => map({ iova: 0n }),
      `IOVA range 0x0-0xfff is not allowed: ${ALLOWED}. It is outside of the aperture, 0x1000000-0x7fffffff.`,
    ],
  ],
  [
    'an IOVA above the aperture',
    'EINVAL',
    ({ map }) => [
      () => map({ iova: 0x8000_0000n }),
      'IOVA range 0x80000000-0x80000fff is not allowed: allowed are 0x1000000-0x1ffffff, 0x2001000-0x7fffffff. It is outside ' +
        'of the aperture, 0x1000000-0x7fffffff.',
    ],
  ],
  [
    'a range that exceeds the aperture',
    'EINVAL',
    ({ map }) => [
      () => map({ iova: 0x7fff_f800n }),
      `IOVA range 0x7ffff800-0x800007ff is not allowed: ${ALLOWED}. It is outside of the aperture, 0x1000000-0x7fffffff.`,
    ],
  ],
  [
    'a range that overlaps a reserved one',
    'EINVAL',
    ({ map }) => [
      () => map({ iova: 0x1ff_f800n }),
      `IOVA range 0x1fff800-0x20007ff is not allowed: ${ALLOWED}. A device reserves the ranges between them.`,
    ],
  ],
  [
    'an IOVA of 2^64-1',
    'EOVERFLOW',
    ({ map }) => [() => map({ iova: ULONG_MAX }), 'iova is 2^64-1, which is not a valid address.'],
  ],
  [
    '2^64-1 bytes',
    'EOVERFLOW',
    ({ map }) => [() => map({ length: ULONG_MAX }), 'length is 2^64-1, more than can be mapped.'],
  ],
  [
    'memory beyond the end of the address space',
    'EOVERFLOW',
    ({ map }) => [
      () => map({ address: ULONG_MAX - 0xfffn, length: 8192n }),
      "The memory's address 0xfffffffffffff000 and length 8192 exceed 64 bits in sum.",
    ],
  ],
  [
    'IOVAs that go over the end',
    'EOVERFLOW',
    ({ map }) => [
      () => map({ iova: ULONG_MAX - 0xfffn, length: 8192n }),
      'iova 0xfffffffffffff000 and length 8192 exceed 64 bits in sum.',
    ],
  ],
  [
    'a length that cannot be placed',
    'EOVERFLOW',
    ({ map }) => [
      () => map({ ...anywhere, address: 0x10000n, length: 1n << 63n }),
      'length 9223372036854775808 is more than can be placed.',
    ],
  ],
  [
    'a range that is mapped',
    'EEXIST',
    ({ map }) => [
      () => map({ iova: 0x300_1000n, length: 8192n }),
      '0x3000000-0x3001fff is mapped already: unmap it first, or choose another iova.',
    ],
  ],
  [
    'longer than every range',
    'ENOSPC',
    ({ map }) => [
      () => map({ ...anywhere, length: 0x8000_0000n }),
      'length 2147483648 is longer than every range that is allowed: 0x1000000-0x1ffffff, 0x2001000-0x7fffffff.',
    ],
  ],
  [
    'longer than every gap',
    'ENOSPC',
    ({ map }) => [
      () => map({ ...anywhere, length: 0x7dff_f000n }),
      'No gap of 2113925120 bytes is left in 0x1000000-0x1ffffff, 0x2001000-0x7fffffff.',
    ],
  ],
  [
    'longer than the gaps in the allowed ranges',
    'ENOSPC',
    ({ ioas, map }) => [
      () => {
        ioas.allowIovas([{ start: 0x400_0000n, last: 0x400_07ffn }]);
        return map(anywhere);
      },
      'No gap of 4096 bytes is left in the ranges of allowIovas(), 0x4000000-0x40007ff: elsewhere, a mapping needs an iova.',
    ],
  ],
  [
    'memory that is not writable',
    'EFAULT',
    ({ map }) => [
      () => map({ address: 0x10000n }),
      'The memory 0x10000-0x10fff is not mapped in this process, or not writable: map read-only memory with write: false.',
    ],
  ],
  [
    'memory that is not readable',
    'EFAULT',
    ({ map }) => [
      () => map({ address: 0x10000n, write: false }),
      'The memory 0x10000-0x10fff is not mapped in this process, or not readable.',
    ],
  ],
];

describe('IOMMU_IOAS_MAP', () => tellsTheCause(start, mapRows));

function startFile(testbed: Testbed) {
  const things = start(testbed);
  const file = testbed.iommufd.allocMemory(2 * PAGE, { memfd: true });
  const mapFile = (options: object): unknown =>
    things.ioas.mapFile({ fd: file.fd ?? -1, length: BigInt(PAGE), iova: IOVA, ...options });
  const faultQueue = testbed.iommufd.allocFaultQueue();
  // A mapping that the SDK does not know.
  const foreign = testbed.process.open('/dev/iommu');
  return { ...things, file, mapFile, faultQueue, foreign };
}

const fileRows: Row<ReturnType<typeof startFile>>[] = [
  ['no file', 'EBADF', ({ mapFile }) => [() => mapFile({ fd: 99 }), 'fd is not open.']],
  [
    'a part beyond the end of a file',
    'EINVAL',
    ({ mapFile }) => [
      () => mapFile({ start: 4096n, length: 8192n }),
      'start 4096 and length 8192 go beyond the file, which has 8192 bytes.',
    ],
  ],
  [
    '/dev/iommu itself',
    'EINVAL',
    ({ testbed, mapFile }) => [
      () => mapFile({ fd: testbed.iommufd.fd }),
      `fd ${testbed.iommufd.fd} is /dev/iommu itself, not a memfd.`,
    ],
  ],
  [
    'the file of a queue',
    'EINVAL',
    ({ faultQueue, mapFile }) => [
      () => mapFile({ fd: faultQueue.fd }),
      `fd ${faultQueue.fd} is the file of ${faultQueue.describe()}, not a memfd.`,
    ],
  ],
  [
    'the file of a device',
    'EINVAL',
    ({ device, mapFile }) => [
      () => mapFile({ fd: device.fd }),
      `fd ${device.fd} is the file of ${device.describe()}, not a memfd.`,
    ],
  ],
  [
    'a file that the SDK does not know',
    'EINVAL',
    ({ foreign, mapFile }) => [
      () => mapFile({ fd: foreign }),
      'One of these: fd is not a memfd, or is shorter than start + length; the driver of the IOMMU of an attached device refuses it.',
    ],
  ],
  [
    'a start that is not aligned',
    'EINVAL',
    ({ mapFile }) => [
      () => mapFile({ start: 100n, length: 2048n }),
      'start 0x64 is not a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'an IOVA that is not allowed, of a file without memory',
    'EINVAL',
    ({ foreign, mapFile }) => [
      () => mapFile({ fd: foreign, iova: 0n }),
      `IOVA range 0x0-0xfff is not allowed: ${ALLOWED}. It is outside of the aperture, 0x1000000-0x7fffffff.`,
    ],
  ],
  [
    'a part beyond 64 bits',
    'EOVERFLOW',
    ({ mapFile }) => [
      () => mapFile({ start: ULONG_MAX - 0xfffn, length: 8192n }),
      'start 0xfffffffffffff000 and length 8192 exceed 64 bits in sum.',
    ],
  ],
];

describe('IOMMU_IOAS_MAP_FILE', () => tellsTheCause(startFile, fileRows));

function startCopy(testbed: Testbed) {
  const things = start(testbed);
  const from = testbed.iommufd.allocIoas();
  const { memory } = things;
  from.mapMemory(memory, { iova: 0x1_0000n, length: 2 * PAGE });
  from.mapMemory(memory, { iova: 0x1_3000n, length: PAGE, write: false });
  // Without a device an IOAS accepts every alignment, and every file.
  from.mapMemory(memory, { iova: 0x2_0001n, offset: 1, length: 2 * PAGE });
  from.mapFile({ fd: testbed.process.open('/dev/iommu'), iova: 0x3_0000n, length: BigInt(PAGE) });
  const copy = (options: object): unknown =>
    things.ioas.copy({ from, fromIova: 0x1_0000n, length: BigInt(PAGE), iova: IOVA, ...options });
  return { ...things, from, copy };
}

const copyRows: Row<ReturnType<typeof startCopy>>[] = [
  ['no bytes', 'EINVAL', ({ copy }) => [() => copy({ length: 0n }), 'length is 0.']],
  [
    'neither readable nor writable',
    'EINVAL',
    ({ copy }) => [
      () => copy({ read: false, write: false }),
      'read and write are both false: devices must be able to do one of them.',
    ],
  ],
  [
    'a length without the alignment of this IOAS',
    'EINVAL',
    ({ copy }) => [
      () => copy({ length: 100n }),
      'length 100 is not a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'an IOVA that is not allowed in this IOAS',
    'EINVAL',
    ({ copy }) => [
      () => copy({ iova: 0x1_0000n }),
      `IOVA range 0x10000-0x10fff is not allowed: ${ALLOWED}. It is outside of the aperture, 0x1000000-0x7fffffff.`,
    ],
  ],
  [
    'part of a page',
    'EINVAL',
    ({ copy }) => [
      () => copy({ fromIova: 0x1_0064n, length: 2048n }),
      'The memory at fromIova begins 0x64 past a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'memory without the alignment of this IOAS',
    'EINVAL',
    ({ copy }) => [
      () => copy({ fromIova: 0x2_0001n, length: 2048n }),
      'The memory at fromIova begins 0x1 past a multiple of 2048, the alignment of this IOAS.',
    ],
  ],
  [
    'a file without memory',
    'EINVAL',
    ({ copy }) => [
      () => copy({ fromIova: 0x3_0000n }),
      'One of these: the source maps a file that is not a memfd or is too short, or memory without the alignment of this ' +
        'IOAS; the driver of the IOMMU of an attached device refuses it.',
    ],
  ],
  [
    'a source that is not mapped at its start',
    'ENOENT',
    ({ copy, from }) => [
      () => copy({ fromIova: 0xf000n, length: 8192n }),
      `${from.describe()} does not map 0xf000-0xffff, which is part of the source range.`,
    ],
  ],
  [
    'a source with a gap',
    'ENOENT',
    ({ copy, from }) => [
      () => copy({ length: 0x4000n }),
      `${from.describe()} does not map 0x12000-0x12fff, which is part of the source range.`,
    ],
  ],
  [
    'a source that is not mapped at its end',
    'ENOENT',
    ({ copy, from }) => [
      () => copy({ fromIova: 0x1_3000n, length: 0x4000n, write: false }),
      `${from.describe()} does not map 0x14000-0x16fff, which is part of the source range.`,
    ],
  ],
  [
    'a source that is not mapped',
    'ENOENT',
    ({ copy, from }) => [
      () => copy({ fromIova: 0x9_0000n }),
      `${from.describe()} does not map 0x90000-0x90fff, which is part of the source range.`,
    ],
  ],
  [
    'a writable copy of read-only memory',
    'EPERM',
    ({ copy, from }) => [
      () => copy({ fromIova: 0x1_3000n }),
      `Devices may only read the memory that ${from.describe()} maps at 0x13000: copy it with write: false.`,
    ],
  ],
  [
    'to a range that is mapped',
    'EEXIST',
    ({ copy }) => [
      () => copy({ iova: 0x300_0000n }),
      '0x3000000-0x3001fff is mapped already: unmap it first, or choose another iova.',
    ],
  ],
  [
    'from IOVAs beyond the end of the address space',
    'EOVERFLOW',
    ({ copy }) => [
      () => copy({ fromIova: ULONG_MAX - 0xfffn, length: 8192n }),
      'fromIova 0xfffffffffffff000 and length 8192 exceed 64 bits in sum.',
    ],
  ],
];

describe('IOMMU_IOAS_COPY', () => tellsTheCause(startCopy, copyRows));

test('if the query for a cause fails, the errno has its general meaning for the call', () => {
  let refuses = false;
  const testbed = new Testbed((sys) => ({
    ...wrapSyscalls(sys),
    ioctl: (fd, request, arg) =>
      refuses && request === IOMMU_IOAS_IOVA_RANGES.request ? -errno.ENOMEM : sys.ioctl(fd, request, arg),
  }));
  const ioas = testbed.iommufd.allocIoas();
  plugged(testbed).device.attach(ioas);
  const memory = testbed.iommufd.allocMemory(PAGE);
  refuses = true;
  const error = errorOf(() => ioas.mapMemory(memory, { iova: 0n }));
  expect(error).toMatchObject({ call: 'IOMMU_IOAS_MAP', code: 'EINVAL', errno: errno.EINVAL });
  expect(error.meaning).toContain(
    'Neither READABLE nor WRITEABLE is set, length is 0, or the range is not within the ranges',
  );
  expect(error.args).toMatchObject({ ioas_id: ioas.id, iova: 0n, length: 4096n });
  expect(error.cause).toBeInstanceOf(IommufdError);
  expect(error.cause).toMatchObject({ call: 'IOMMU_IOAS_IOVA_RANGES', code: 'ENOMEM' });
  // A cause that follows from the arguments alone is still reported.
  expect(errorOf(() => ioas.map({ address: memory.address, length: 0n })).meaning).toBe('length is 0.');
  expect(testbed.end()).toEqual([]);
});

test('if there are many ranges, the message has those around the IOVA', () => {
  const testbed = new Testbed();
  const ioas = testbed.iommufd.allocIoas();
  for (let i = 1; i < 40; i++) reserve(testbed, ioas, BigInt(i) << 20n, 4096n);
  const memory = testbed.iommufd.allocMemory(PAGE);
  expect(errorOf(() => ioas.mapMemory(memory, { iova: 20n << 20n })).meaning).toBe(
    'IOVA range 0x1400000-0x1400fff is not allowed: allowed are 0x1301000-0x13fffff, 0x1401000-0x14fffff, ' +
      '0x1501000-0x15fffff, 0x1601000-0x16fffff and 36 more. A device reserves the ranges between them.',
  );
  expect(testbed.end()).toEqual([]);
});
