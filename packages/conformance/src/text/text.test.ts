/**
 * Parses the output of `iommufd trace`. The calls of real kernels' tapes are printed as lines, and the lines are converted to a tape again.
 * That tape must print the same lines, and if the lines have everything that the calls depend on, its replay must be identical.
 */

import { expect, test } from '@jest/globals';
import { boot, play, prepare, readTapes, type Tape, tapeOfTrace, trace } from '@iommufd/tape';
import { TAPES } from '../tapes/checked-in.js';

const PRINTED = /^(open|dup|dup2|fcntl|close|mmap|ioctl|read|write|pread|pwrite)\(/;

/** The calls of a tape that a tracer sees, as lines. */
const linesOf = (tape: Tape): string[] =>
  [...trace(tape)].flatMap(({ call, result, notes }) => {
    const isOfFiles = PRINTED.test(call) && !/^mmap\(.*, -1, \w+\)$/.test(call);
    return isOfFiles ? [[`${call} = ${result}`, ...notes.map((note) => `    ${note}`)].join('\n')] : [];
  });

const tapeOf = (lines: readonly string[], { kernel, arch }: Tape): Tape =>
  tapeOfTrace(
    [`# Linux ${kernel} ${arch}: a program`, ...lines.map((line) => `0.000000 [1] ${line}`)].join('\n'),
  );

/** Missing information that no call depends on: memory that is mapped and never read. */
const HARMLESS =
  /^the privileges|^the contents of memory before|^the memory behind (user_va|check_map\.uptr)/;

// The number is a step: every nth tape of a file is tested, because the generated tapes are many and similar. `whole` counts the tapes
// without missing information, `identical` those that replay. A tape does not replay if a device or a check reads memory that no line has.
test.each<[keyof typeof TAPES, number, { tapes: number; whole: number; identical: number }]>([
  ['kselftest', 5, { tapes: 41, whole: 0, identical: 37 }],
  ['scenarios', 1, { tapes: 30, whole: 21, identical: 24 }],
  ['random', 5, { tapes: 40, whole: 8, identical: 35 }],
  ['gen2Minimal', 1, { tapes: 29, whole: 10, identical: 16 }],
  ['smmuv3', 1, { tapes: 31, whole: 23, identical: 19 }],
  ['vfio', 5, { tapes: 37, whole: 13, identical: 20 }],
  ['recorded', 1, { tapes: 1, whole: 1, identical: 1 }],
])('%s', (name, step, expected) => {
  const counts = { tapes: 0, whole: 0, identical: 0 };
  const others: string[] = [];
  for (const tape of readTapes(TAPES[name]).filter((_, i) => i % step === 0)) {
    counts.tapes++;
    const lines = linesOf(tape);
    const read = tapeOf(lines, tape);
    if ((read.lacks ?? []).every((lack) => HARMLESS.test(lack))) {
      counts.whole++;
      const again = new Set(linesOf(read));
      others.push(...lines.filter((line) => !again.has(line)).map((line) => `${tape.name}: ${line}`));
    }
    const { machine } = tape;
    const { finding } = play(prepare({ ...read, ...(machine !== undefined && { machine }) }), boot);
    if (finding === undefined) counts.identical++;
  }
  expect(others).toEqual([]);
  expect(counts).toEqual(expected);
});

test('tapeOfTrace() lists the information that is missing in a text', () => {
  const text = `a line of the program's own
0.000100 [70] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000010>
    returns {out_ioas_id=1}
0.000200 [71/72] ioctl(3, IOMMU_IOAS_MAP, {size=40, flags=IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_READABLE, ioas_id=1, user_va=0x7f0000000000, length=4096, iova=0x0}) = 0 <0.000010>
0.000300 [71] ioctl(3, IOMMU_IOAS_MAP_FILE, {size=40, flags=IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_READABLE, ioas_id=1, fd=9, start=0x0, length=4096, iova=0x1000}) = 0 <0.000010>
0.000400 [71] ioctl(3, IOMMU_NONSENSE, {size=40}) = 0 <0.000010>
0.000500 [71] ioctl(3, IOMMU_DESTROY, {size=8, id=7}) = ?
0.000600 [71] ioctl(3, IOMMU_DESTROY, {size=8, id=7, more=1}) = 0 <0.000010>
0.000700 [71] ioctl(3, IOMMU_DESTROY, {size=8, id=7}) = -1 ENOENT (There is no object of this id) <0.000010>
`;
  const tape = tapeOfTrace(text);
  expect(tape.kernel).toBe('7.3');
  expect(tape.lacks).toEqual([
    'the version of Linux (assumed: the newest known)',
    'the privileges (assumed: those of root)',
    'the contents of memory before a call writes to it (assumed: zeros)',
    'the order of calls that threads made at the same time (assumed: the order of their ends)',
    'earlier calls of process 70 on file 3 (assumed: a new /dev/iommu)',
    'how process 71 got file 3 (assumed: from process 70)',
    'the memory behind user_va of IOMMU_IOAS_MAP',
    'file 9 of IOMMU_IOAS_MAP_FILE (assumed: a memfd of zeros)',
    'ioctl(), which cannot be parsed: unknown ioctl IOMMU_NONSENSE in (3, IOMMU_NONSENSE, {size=40})',
    'the result of ioctl(): ?',
    'ioctl(), which cannot be parsed: iommu_destroy has no field more=1',
  ]);
  expect(play(prepare(tape), boot).finding).toBeUndefined();
  // A result that differs from the fake kernel's is found.
  expect(play(prepare(tapeOfTrace(text.replace('-1 ENOENT', '-1 EBUSY'))), boot).finding).toBeDefined();
});

test('processes have the files that they inherit, until they execute another program or end', () => {
  const text = `# Linux 7.3 x86_64: a program
0.000100 [70] open("/dev/iommu", O_RDWR) = 3 <0.000010>
0.000200 [71] +++ forked by 70 +++
0.000300 [71] close(3) = 0 <0.000010>
0.000400 [71] open("/dev/iommu", O_RDWR|O_CLOEXEC) = 3 <0.000010>
0.000500 [71] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000010>
    returns {out_ioas_id=1}
0.000600 [71] +++ executes "/bin/true", which closes 3 +++
0.000700 [71] open("/dev/iommu", O_RDWR) = 3 <0.000010>
0.000800 [71] +++ killed by SIGSEGV +++
0.000900 [71] +++ forked by 70 +++
0.001000 [71] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000010>
    returns {out_ioas_id=1}
0.001100 [70] +++ exited with 0 +++
`;
  const tape = tapeOfTrace(text);
  expect(tape.lacks?.filter((lack) => !HARMLESS.test(lack))).toEqual([]);
  expect(tape.calls).toBe(6);
  expect(tape.steps.flatMap((step) => (step.op === 'dup' ? [[step.pid, step.of]] : []))).toEqual([
    [2, 1],
    [3, 1],
  ]);
  expect(tape.steps.flatMap((step) => (step.op === 'exit' ? [step.pid ?? 1] : []))).toEqual([2, 1]);
  expect(play(prepare(tape), boot).finding).toBeUndefined();
});

test('the output of iommufd run --trace has results in the line of the call, and opens without flags', () => {
  const text = `0.000100 [70] openat("/sys/class/iommu/dmar0") = 512
0.000150 [70] openat("/dev/iommu") = 512
0.000200 [70] ioctl(512, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 {out_ioas_id=1}
0.000300 [70] ioctl(512, IOMMU_DESTROY, {size=8, id=9}) = -1 ENOENT (No object has this id)
0.000400 [70] ioctl(512, IOMMU_DESTROY, {size=8, id=1}) = 0
`;
  const tape = tapeOfTrace(text);
  expect(tape.lacks).toEqual([
    'the version of Linux (assumed: the newest known)',
    'the privileges (assumed: those of root)',
    'the contents of memory before a call writes to it (assumed: zeros)',
    'the effect of open() of /sys/class/iommu/dmar0',
    'the flags of open() of /dev/iommu (assumed: O_RDWR)',
  ]);
  expect(play(prepare(tape), boot).finding).toBeUndefined();
  // The result in the line is compared with that of the fake kernel.
  expect(
    play(prepare(tapeOfTrace(text.replace('out_ioas_id=1', 'out_ioas_id=2'))), boot).finding,
  ).toBeDefined();
});

test('a process continues to exist if the tracer detaches from it', () => {
  const text = `# Linux 7.3 x86_64: a program
0.000100 [70] open("/dev/iommu", O_RDWR) = 3 <0.000010>
0.000200 [70] +++ detached +++
`;
  expect(tapeOfTrace(text).steps.map(({ op }) => op)).toEqual(['open']);
});

test('a new eventfd with the number of an earlier one replaces it', () => {
  const set =
    'VFIO_DEVICE_SET_IRQS, {argsz=24, flags=VFIO_IRQ_SET_DATA_EVENTFD|VFIO_IRQ_SET_ACTION_TRIGGER, index=9';
  const call = `ioctl(3, ${set}, start=0, count=1, data=05000000}) = -1 EINVAL (invalid) <0.000010>`;
  const text = `# Linux 7.3 x86_64: a program
0.000100 [70] open("/dev/vfio/devices/vfio0", O_RDWR) = 3 <0.000010>
0.000150 [70] open("/dev/iommu", O_RDWR) = 4 <0.000010>
0.000200 [70] eventfd2(0, 0x80000) = 5 <0.000010>
0.000300 [70] ${call}
0.000400 [70] eventfd2(3, 0x1) = 5 <0.000010>
0.000500 [70] ${call}
`;
  const tape = tapeOfTrace(text);
  expect(tape.lacks?.filter((lack) => lack.includes('file 5'))).toEqual([]);
  const seen = tape.steps.filter(({ op }) => op === 'eventfd' || op === 'close' || op === 'ioctl');
  expect(seen).toMatchObject([
    { op: 'eventfd', init: 0, flags: 0x80000, ret: 5 },
    { op: 'ioctl' },
    { op: 'close', fd: 5 },
    { op: 'eventfd', init: 3, flags: 1, ret: 5 },
    { op: 'ioctl' },
  ]);
});

test('free file descriptors below a new one are occupied as runs', () => {
  const text = `# Linux 7.3 x86_64: a program
0.000100 [70] open("/dev/iommu", O_RDWR) = 5 <0.000010>
0.000200 [70] open("/dev/iommu", O_RDWR) = 9 <0.000010>
`;
  const tape = tapeOfTrace(text);
  expect(tape.steps.filter(({ op }) => op === 'occupy')).toEqual([
    { op: 'occupy', fd: 3, to: 4 },
    { op: 'occupy', fd: 3, to: 4 },
    { op: 'occupy', fd: 6, to: 8 },
  ]);
  expect(play(prepare(tape), boot).finding).toBeUndefined();
});
