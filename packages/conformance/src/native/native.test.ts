/** Some tapes on native programs; `pnpm conformance --native` replays all. */

import { describe, expect, test } from '@jest/globals';
import { explain, type Finding, type Tape } from '@iommufd/tape';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_HUGETLB, MAP_PRIVATE } from '@iommufd/uapi';
import { TAPES } from '../tapes/checked-in.js';
import { whyImpossible } from './impossible.js';
import { playNative } from './native-files.js';

const isSupported = process.platform === 'linux' && process.arch === 'x64';

(isSupported ? describe : describe.skip)('native programs replay', () => {
  test.each([
    ['events, invalidations and the order of teardown', TAPES.scenarios, 'veventq', 6],
    ['memory, objects and their rules', TAPES.gen2Minimal, 'hw-queue', 3],
    ['the calls of the selftest', TAPES.kselftest, 'iommufd_ioas.mock_domain.', 20],
    ['an SMMUv3, whose devices reach the memory of the program', TAPES.smmuv3, 'faults', 3],
    ['PCI functions, their interrupts and eventfds', TAPES.vfio, 'ioeventfd', 2],
    ['memory of a BAR that the program maps', TAPES.vfio, 'map-bar-testdev', 3],
  ])('%s', async (_name, file, filter, least) => {
    const { identical, differences, impossible } = await playNative(file, filter);
    expect(differences).toEqual([]);
    expect(identical + impossible.length).toBeGreaterThanOrEqual(least);
    expect(impossible.length).toBeLessThan(identical);
  });
});

test('a difference is excused only by what a native program cannot do', () => {
  const place = { addr: '0x60000000', len: 2 << 20, prot: 3, fd: -1, off: 0, ret: '0x60000000' };
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  const tape = (more: number): Tape => ({
    name: 'by hand',
    kernel: '7.3.4',
    arch: 'aarch64',
    calls: 2,
    steps: [
      { op: 'mmap', ...place, flags: flags | more },
      { op: 'close', fd: 3, ret: 0 },
    ],
  });
  const finding: Finding = { step: 1, problem: { kind: 'answer', ours: { ret: -9, revents: 0 } } };
  expect(explain(tape(0), finding).ours.result).toMatch(/EBADF/);
  expect(whyImpossible(tape(0), finding)).toBeUndefined();
  const why = whyImpossible(tape(MAP_HUGETLB), finding);
  expect([undefined, expect.stringContaining('huge pages')]).toContainEqual(why);
});
