import { afterEach, expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

/** Fault injection by a program: settings in debugfs, and `fail-nth` of its thread. */
const TOOLS = `
  const fs = await import('node:fs');
  const debugfs = c.open('/sys/kernel/debug', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY, 0);
  const put = (name, text, how = 1) => {
    const fd = c.openat(debugfs, name, how, 0);
    if (fd < 0) return fd;
    const done = Number(c.write(fd, Buffer.from(text), text.length));
    c.close(fd);
    return done;
  };
  const own = c.open('/proc/self/task/' + c.getpid() + '/fail-nth', O_RDWR, 0);
  const bytes = Buffer.alloc(64);
  const show = (fd = own) => {
    const length = Number(c.pread(fd, bytes, bytes.length, 0));
    return length < 0 ? length : bytes.toString('latin1', 0, length);
  };
  const set = (nth, fd = own) => Number(c.pwrite(fd, Buffer.from(String(nth)), String(nth).length, 0));
`;

test('fail-nth makes every failure point of a call fail once, and no object is left over', async () => {
  const kernel = new FakeKernel([mockModule]);
  const result = await runScript(
    kernel,
    `${TOOLS}
     const names = fs.readdirSync('/sys/kernel/debug').filter((name) => name.startsWith('fail')).sort();
     const fd = iommu();
     /** Makes the n-th failure point of a call fail, for n from 1 until the call succeeds. */
     const sweep = (work) => {
       const results = [];
       for (let nth = 1; nth < 50; nth++) {
         set(nth);
         const result = work();
         const left = show();
         while (set(0) < 0);
         results.push(result < 0 ? result : 0);
         if (left !== '0\\n') return results;
       }
     };
     const alloc = () => call(fd, 0x81, 12, 0, 0).result;
     const copies = sweep(alloc);
     const before = put('failslab/ignore-gfp-wait', 'N');
     const all = sweep(alloc);
     const open = sweep(() => { const opened = c.open('/dev/iommu', O_RDWR, 0); if (opened >= 0) c.close(opened); return opened; });
     report({ names, before, copies, all, open, end: show() });`,
  );
  expect(result).toEqual({
    names: ['fail_iommufd', 'fail_page_alloc', 'fail_usercopy', 'failslab'],
    before: 1,
    // Without the setting only copies of user memory fail: of the size, the struct and the result.
    copies: [-14, -14, -14, 0],
    all: [-14, -14, -12, -12, -14, 0],
    open: [-12, 0],
    end: '0\n',
  });
  expect(kernel.leftOver()).toEqual([]);
});

test('each thread has its own fail-nth, and values are checked', async () => {
  const result = await runScript(
    new FakeKernel([mockModule]),
    `${TOOLS}
     const thread = c.open('/proc/thread-self/fail-nth', O_RDWR, 0);
     const mark = c.open('/proc/self/make-it-fail', O_RDWR, 0);
     const others = [1, process.ppid].map((thread) => c.open('/proc/self/task/' + thread + '/fail-nth', O_RDWR, 0));
     put('fail_usercopy/verbose', '0');
     // Reading fail-nth copies it to the program, which is a failure point.
     const numbers = [set(7), show(thread), show(), show(), set('0x10'), show(), set(0), show()];
     const wrong = [set('x'), set(-1), set('99999999999'), set(2, mark), set(1, mark), show(mark), set(0)];
     // The file has a position: the second read is at the end.
     const reads = [Number(c.read(thread, bytes, 64)), Number(c.read(thread, bytes, 64))];
     report({ numbers, wrong, reads, others,
              missing: put('failslab/nothing', '1'), directory: c.open('/sys/kernel/debug/failslab/verbose/x', 0, 0) });`,
  );
  expect(result).toEqual({
    numbers: [1, '7\n', '6\n', '5\n', 4, '16\n', 1, '0\n'],
    wrong: [-22, -22, -34, -22, 1, '1\n', 1],
    reads: [2, 0],
    others: [-2, -2],
    missing: -2,
    directory: -2,
  });
});

test('settings of debugfs make every n-th failure point fail, with task-filter only in marked processes', async () => {
  const result = await runScript(
    new FakeKernel([mockModule]),
    `${TOOLS}
     const fd = iommu();
     for (const [name, value] of [['ignore-gfp-wait', 'N'], ['interval', '3'], ['times', '-1'], ['task-filter', 'Y'], ['probability', '100']])
       put('failslab/' + name, value);
     const allocs = () => Array.from({ length: 6 }, () => { return call(fd, 0x81, 12, 0, 0).result; });
     const unmarked = allocs();
     set(1, c.open('/proc/self/make-it-fail', O_RDWR, 0));
     const marked = allocs();
     const shown = fs.readFileSync('/sys/kernel/debug/failslab/interval', 'latin1');
     put('failslab/probability', '0');
     report({ unmarked, marked, shown, after: allocs(), file: c.open('/sys/kernel/debug/failslab/times', O_RDWR, 0) >= 0 });`,
  );
  expect(result).toEqual({
    unmarked: [0, 0, 0, 0, 0, 0],
    // Each call that does not fail has two failure points.
    marked: [0, -12, 0, -12, 0, -12],
    shown: '3\n',
    after: [0, 0, 0, 0, 0, 0],
    file: true,
  });
});
