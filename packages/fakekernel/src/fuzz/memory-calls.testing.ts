/** Calls that change the mappings of memory, and writes of the program to its own memory. */

import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_HUGETLB,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import type { Prepared } from './calls.testing.js';
import type { CallOf } from './step.testing.js';
import type { Surroundings } from './values.testing.js';
import { PAGE, PLACES } from './world.testing.js';

const PROTECTIONS = [
  PROT_READ | PROT_WRITE,
  PROT_READ | PROT_WRITE,
  PROT_READ | PROT_WRITE,
  PROT_READ,
  0,
  PROT_WRITE,
  PROT_EXEC,
  PROT_READ | PROT_EXEC,
  PROT_READ | PROT_WRITE | PROT_EXEC,
];

const TYPES = [
  MAP_PRIVATE | MAP_ANONYMOUS,
  MAP_PRIVATE | MAP_ANONYMOUS,
  MAP_SHARED,
  MAP_SHARED,
  MAP_PRIVATE,
  MAP_SHARED | MAP_ANONYMOUS,
  MAP_SHARED_VALIDATE,
  MAP_SHARED_VALIDATE | MAP_ANONYMOUS,
  MAP_ANONYMOUS,
  0,
];

const HUGE = 2 << 20;
/** An address that is free at first. */
const FREE = 0x5000_0000n;

/** A mapping of any kind, at any address. */
export function mmap(around: Surroundings): CallOf<'mmap'> {
  const { random } = around;
  const type = random.pick(TYPES);
  const huge = random.oneIn(8) ? MAP_HUGETLB : 0;
  const length =
    huge !== 0 || random.oneIn(6)
      ? random.pick([HUGE, 2 * HUGE, HUGE + PAGE, 1])
      : random.pick([PAGE, PAGE, 2 * PAGE, 2 * PAGE, 4 * PAGE, 0, 1, PAGE + 1, 2 ** 47, 2 ** 63, -PAGE]);
  const isAnonymous = (type & MAP_ANONYMOUS) !== 0;
  return {
    name: 'mmap',
    at: placeFor(around),
    length,
    prot: random.pick(PROTECTIONS),
    flags: type | huge | (random.oneIn(3) ? 0 : random.oneIn(8) ? MAP_FIXED_NOREPLACE : MAP_FIXED),
    fd: isAnonymous && !random.oneIn(4) ? -1 : around.fd('memfd', 'iommufd', 'dmabuf', 'vfio', 'queue'),
    offset: BigInt(random.pick([0, 0, PAGE, PAGE, 2 * PAGE, 3 * PAGE, 5 * PAGE, 1, 2 ** 62, 2 ** 63])),
  };
}

function placeFor({ random }: Surroundings): bigint {
  const { mappable, huge } = PLACES;
  switch (random.below(6)) {
    case 0:
      return 0n;
    case 1:
      return FREE + BigInt(random.below(8) * PAGE);
    case 2:
      return huge.at + BigInt(random.below(3) * HUGE);
    case 3:
      return random.pick([
        0x7fff_ffff_f000n,
        0x7fff_ffff_e000n,
        1n,
        0x1000n,
        1n << 47n,
        0xffff_8880_0000_0000n,
      ]);
    default:
      return mappable.at + BigInt(random.below(mappable.pages) * PAGE + (random.oneIn(8) ? 2048 : 0));
  }
}

/** Maps other pages over the middle of memory that may be mapped in an IOAS. */
export function mapOver(around: Surroundings): CallOf<'mmap'> {
  const { random } = around;
  const { mappable } = PLACES;
  const fd = random.oneIn(3) ? around.fd('memfd') : -1;
  const type = fd === -1 ? MAP_PRIVATE | MAP_ANONYMOUS : random.pick([MAP_SHARED, MAP_PRIVATE]);
  return {
    name: 'mmap',
    at: mappable.at + BigInt(random.below(mappable.pages) * PAGE),
    length: PAGE * random.pick([1, 1, 2, 4]),
    prot: random.pick([PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, 0]),
    flags: type | MAP_FIXED,
    fd,
    offset: fd === -1 ? 0n : BigInt(random.below(3) * PAGE),
  };
}

export function munmap({ random }: Surroundings): CallOf<'munmap'> {
  const { mappable, huge } = PLACES;
  const pages = mappable.at + BigInt(random.below(mappable.pages) * PAGE);
  const at = random.pick([
    pages,
    pages,
    pages,
    FREE,
    huge.at + BigInt(random.below(HUGE)),
    pages + 1n,
    0n,
    1n << 47n,
  ]);
  return { name: 'munmap', at, length: random.pick([PAGE, PAGE, 2 * PAGE, 1, 0, HUGE, 2 ** 47]) };
}

/** Moves memory that may be mapped in an IOAS. */
export function mremap({ random }: Surroundings): CallOf<'mremap'> {
  const { mappable, huge } = PLACES;
  const page = (): bigint => mappable.at + BigInt(random.below(mappable.pages) * PAGE);
  const [at, to] = [
    random.pick([page(), page(), huge.at, FREE]),
    random.pick([page(), page(), FREE, FREE + 1n]),
  ];
  return { name: 'mremap', at, length: random.pick([PAGE, 2 * PAGE, 1, 0, HUGE]), to };
}

export function mapHost({ random }: Surroundings): CallOf<'mapHost'> {
  return { name: 'mapHost', pages: 1 + random.below(4), prot: random.pick(PROTECTIONS) };
}

/** The program writes to memory that may be mapped in an IOAS. */
export function write(around: Surroundings): Prepared {
  const { random } = around;
  const bytes = new Uint8Array(8).fill(random.next());
  return { call: { name: 'poll', fds: [], events: 0 }, pokes: [{ at: around.mappable(), bytes }] };
}
