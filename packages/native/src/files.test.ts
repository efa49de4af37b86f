import { afterEach, describe, expect, test } from '@jest/globals';
import { createDevice, express, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const EBADF = -9;

function machine(): FakeKernel {
  const kernel = new FakeKernel([mockModule]);
  kernel.plug(new MockDevice());
  return kernel;
}

test('calls that a pipe or a memfd supports fail for files of iommufd', async () => {
  const kernel = machine();
  const result = await runScript(
    kernel,
    `const fd = iommu();
     const { file, idev } = eventQueue(fd);
     const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     triggerEvent(fd, idev);
     const bytes = Buffer.alloc(128);
     c.pipe(bytes);
     const [out, into] = [bytes.readInt32LE(0), bytes.readInt32LE(4)];
     c.write(into, Buffer.alloc(128), 12);
     const memfd = c.memfd('other', 0);
     c.pwrite(memfd, Buffer.alloc(128), 12, 0);
     const iov = struct(addressOf(bytes), 12n);
     const [F_GETFL, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS] = [3, 1031, 1032, 1033, 1034];
     const of = (number) => [
       c.sendfile(memfd, number, null, 12), c.sendfile(number, memfd, null, 12),
       c.splice(number, null, into, null, 12, 2), c.splice(out, null, number, null, 12, 2),
       c.tee(number, into, 12, 2), c.tee(out, number, 12, 2), c.vmsplice(number, iov, 1, 2),
       c.copy_file_range(number, null, memfd, null, 12, 0), c.copy_file_range(memfd, null, number, null, 12, 0),
       c.fsync(number), c.fdatasync(number), c.fcntl(number, F_GETPIPE_SZ, 0), c.fcntl(number, F_SETPIPE_SZ, 4096),
       c.fcntl(number, F_ADD_SEALS, 1), c.fcntl(number, F_GET_SEALS, 0),
     ];
     const wrongWay = c.open('/dev/iommu', 0, 0);
     const [O_APPEND, O_SYNC] = [0o2000, 0o4010000];
     report({
       of: [file, fd, device].map(of),
       wrongWay: c.sendfile(wrongWay, memfd, null, 1),
       nothingLeft: [c.sendfile(file, c.memfd('empty', 0), null, 12), c.sendfile(file, memfd, struct(12n), 12), c.sendfile(file, memfd, null, 0)],
       others: [c.splice(out, null, into, null, 12, 2) , c.fsync(memfd), c.fcntl(out, F_GETPIPE_SZ, 0) > 0],
       event: c.read(file, Buffer.alloc(128), 128),
       modes: [file, fd, device, wrongWay].map((number) => c.fcntl(number, F_GETFL, 0) & 0o7777),
       flags: c.fcntl(c.open('/dev/iommu', O_RDWR | O_APPEND | O_SYNC, 0), F_GETFL, 0) & (O_APPEND | O_SYNC) ? 'kept' : 'lost',
       direct: c.open('/dev/iommu', O_RDWR | ${process.arch === 'arm64' ? 0o200000 : 0o40000}, 0),
     });`,
  );
  const [EINVAL, O_RDWR, O_RDONLY] = [-22, 2, 0];
  const refused = [
    ...[EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EBADF, EINVAL, EINVAL],
    ...[EINVAL, EINVAL, EBADF, EBADF, EINVAL, EINVAL],
  ];
  expect(result).toEqual({
    of: [refused, refused, refused],
    wrongWay: EBADF,
    nothingLeft: [0, 0, 0],
    others: [EINVAL, 0, true],
    event: 12,
    modes: [O_RDWR, O_RDWR, O_RDWR, O_RDONLY],
    flags: 'kept',
    direct: EINVAL,
  });
});

test('O_PATH names a node without opening it', async () => {
  const kernel = machine();
  const result = await runScript(
    kernel,
    `const fs = await import('node:fs');
     const O_PATH = 0o10000000;
     const of = (node) => {
       const named = c.open(node, O_RDWR | O_PATH | O_CLOEXEC, 0);
       const link = '/proc/self/fd/' + named;
       const again = c.open(link, O_RDWR, 0);
       const real = c.open(node, O_RDWR, 0);
       const { mode, rdev } = fs.fstatSync(named);
       return {
         none: call(named, 0x81, 12, 0, 0).result,
         link: fs.readlinkSync(link),
         same: [fs.fstatSync(again), fs.statSync(node), fs.statSync(link)].every((each) => each.rdev === rdev && each.mode === mode),
         open: [fs.readlinkSync('/proc/self/fd/' + again), again > 0, real > 0],
         directory: c.open(node, O_PATH | fs.constants.O_DIRECTORY, 0),
         below: ['/x', '//x', '/a/b', '/.'].map((rest) => c.open(node + rest, O_RDWR, 0)),
       };
     };
     const fd = iommu();
     const named = c.open('/dev/iommu', O_PATH, 0);
     const somewhere = c.open('/', O_PATH, 0);
     const vfio = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     report({
       nodes: ['/dev/iommu', '/dev/vfio/devices/vfio0'].map(of),
       bound: bind(vfio, named).result,
       mapped: ioasMapFile(fd, ioasAlloc(fd), somewhere, 0, 4096, 1 << 24),
       directory: fs.fstatSync(c.open('/sys/class/vfio-dev', O_PATH | fs.constants.O_DIRECTORY, 0)).isDirectory(),
     });`,
  );
  const ENOTDIR = -20;
  const of = (node: string): object => ({
    none: EBADF,
    link: node,
    same: true,
    open: [node, true, true],
    directory: ENOTDIR,
    below: [ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR],
  });
  expect(result).toEqual({
    nodes: [of('/dev/iommu'), of('/dev/vfio/devices/vfio0')],
    bound: EBADF,
    mapped: EBADF,
    directory: true,
  });
  expect(kernel.leftOver()).toEqual([]);
});

test('a file that is open with O_PATH returns its flags, can be duplicated and found, and is EBADF for other calls', async () => {
  const result = await runScript(
    machine(),
    `const fs = await import('node:fs');
     const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;
     const O_PATH = 0o10000000;
     const bytes = Buffer.alloc(128);
     const pipe = Buffer.alloc(128);
     c.pipe(pipe);
     const [out, into] = [pipe.readInt32LE(0), pipe.readInt32LE(4)];
     const memfd = c.memfd('other', 0);
     const iov = struct(addressOf(bytes), 8n);
     const of = (path) => {
       const named = c.open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
       return {
         used: [
           c.read(named, bytes, 8), c.write(named, bytes, 8), c.pread(named, bytes, 8, 0), c.readv(named, iov, 1), c.lseek(named, 0, 0),
           c.mmap(0, 4096, 1, MAP_SHARED, named, 0), c.fsync(named), c.ftruncate(named, 0), c.readahead(named, 0, 8), c.ioctl(named, 0x5421, bytes),
           c.splice(named, null, into, null, 8, 0), c.tee(out, named, 8, 0), c.vmsplice(named, iov, 1, 0), c.sendfile(memfd, named, null, 8),
           c.copy_file_range(named, null, memfd, null, 8, 0), ...[4, 5, 8, 9, 1024, 1032, 1033, 1034].map((command) => c.fcntl(named, command, 0)),
         ],
         flags: c.fcntl(named, 3, 0) === (O_PATH | O_NOFOLLOW),
         closes: [c.fcntl(named, 1, 0), c.fcntl(named, 2, 0), c.fcntl(named, 1, 0)],
         copies: [c.dup(named), c.fcntl(named, 0, 600), c.fcntl(named, 1030, 600)].map((copy) => [copy > 0, c.read(copy, bytes, 8)]),
         type: (fs.fstatSync(named).mode & fs.constants.S_IFMT).toString(8),
         link: [c.readlinkat(named, '', bytes, 128) > 0, fs.readlinkSync('/proc/self/fd/' + named) === path],
         directory: c.open(path, O_PATH | O_NOFOLLOW | O_DIRECTORY, 0),
       };
     };
     report(['/dev/iommu', '/sys/class/vfio-dev/vfio0', '/sys/class/vfio-dev/vfio0/dev'].map(of));`,
  );
  const of = (type: string, isLink: boolean): object => ({
    used: Array<number>(23).fill(EBADF),
    flags: true,
    closes: [1, 0, 0],
    copies: Array<[boolean, number]>(3).fill([true, EBADF]),
    type,
    link: [isLink, type === '100000' ? expect.any(Boolean) : true],
    directory: -20,
  });
  expect(result).toEqual([of('20000', false), of('120000', true), of('100000', false)]);
});

test('F_SETFL sets only the flags that a file supports, and a file without a path has a fixed access mode', async () => {
  const kernel = machine();
  kernel.plug(
    createDevice({
      vendor: 1,
      device: 2,
      capabilities: [express({ flr: true })],
      migration: { save: () => Uint8Array.of(9), load: () => true },
    }),
    { at: '00:05.0' },
  );
  const result = await runScript(
    kernel,
    `const fd = iommu();
     const { file } = eventQueue(fd);
     const faults = faultQueue(fd).fd;
     const vfio = c.open('/dev/vfio/devices/vfio1', O_RDWR, 0);
     bind(vfio, fd);
     const state = (number) => {
       const bytes = struct(16, 2 | (1 << 17), number, 0);
       return [c.ioctl(vfio, 0x3b75, bytes), bytes.readInt32LE(12)][1];
     };
     const resuming = state(4);
     state(1);
     const saving = state(3);
     const [GETFL, SETFL, SETLEASE, O_ASYNC] = [3, 4, 1024, 0o20000];
     const O_DIRECT = ${process.arch === 'arm64' ? 0o200000 : 0o40000};
     report({
       modes: [resuming, saving].map((number) => c.fcntl(number, GETFL, 0) & 3),
       files: [fd, file, faults].map((number) => ({
         direct: c.fcntl(number, SETFL, O_DIRECT),
         async: [c.fcntl(number, SETFL, O_ASYNC | O_NONBLOCK), c.fcntl(number, GETFL, 0) & (O_ASYNC | O_NONBLOCK)],
         lease: c.fcntl(number, SETLEASE, 0),
         readahead: c.readahead(number, 0, 4096),
       })),
       written: c.readahead(resuming, 0, 4096),
     });`,
  );
  const [EINVAL, O_NONBLOCK] = [-22, 0o4000];
  const file = { direct: EINVAL, async: [0, O_NONBLOCK], lease: EINVAL, readahead: EINVAL };
  expect(result).toEqual({ modes: [1, 0], files: [file, file, file], written: EBADF });
});

test('transfers check lengths, descriptors, offsets and modes in the order of Linux', async () => {
  const result = await runScript(
    machine(),
    `const fd = iommu();
     const readOnly = c.open('/dev/iommu', 0, 0);
     const memfd = c.memfd('other', 0);
     c.ftruncate(memfd, 4096);
     const directory = c.open('/', 0, 0);
     const iov = struct(addressOf(Buffer.alloc(128)), 0n);
     report({
       nothing: [c.splice(fd, null, 900, null, 0, 0), c.tee(fd, 900, 0, 0), c.vmsplice(fd, iov, 1, 0), c.vmsplice(fd, iov, 0, 0)],
       closed: [c.splice(readOnly, null, 900, null, 8, 0), c.tee(900, fd, 8, 0), c.copy_file_range(fd, null, 900, null, 8, 0), c.sendfile(900, fd, null, 8)],
       copies: [c.copy_file_range(memfd, null, readOnly, null, 8, 0), c.copy_file_range(fd, null, directory, null, 8, 0)],
       offset: [c.sendfile(fd, memfd, struct(-1n), 8), c.sendfile(readOnly, memfd, struct(-1n), 8), c.sendfile(readOnly, memfd, null, 8)],
       flags: [c.splice(fd, null, 900, null, 8, 16), c.tee(fd, 900, 0, 16)],
     });`,
  );
  const [EINVAL, EISDIR] = [-22, -21];
  expect(result).toEqual({
    nothing: [0, 0, 0, 0],
    closed: [EBADF, EBADF, EBADF, EBADF],
    copies: [EINVAL, EISDIR],
    offset: [EINVAL, EINVAL, EBADF],
    flags: [EINVAL, EINVAL],
  });
});

test('a thread may have its own descriptors', async () => {
  const kernel = machine();
  const result = await runScript(
    kernel,
    `const { Worker } = await import('node:worker_threads');
     const fd = iommu();
     const first = ioasAlloc(fd);
     const source = \`import('./src/programs/prelude.testing.mjs').then(({ c, iommu, ioasAlloc, ioasMapFile }) => {
       const { parentPort, workerData } = process.getBuiltinModule?.('node:worker_threads') ?? require('node:worker_threads');
       const CLONE_FILES = 0x400;
       const alone = c.unshare(CLONE_FILES);
       c.close(workerData);
       const own = iommu();
       c.dup2(own, workerData);
       const ioas = ioasAlloc(workerData);
       const memfd = c.memfd('own', 0);
       c.ftruncate(memfd, 4096);
       parentPort.postMessage([alone, ioas, ioasMapFile(own, ioas, memfd, 0, 4096, 1 << 24), ioasAlloc(c.dup(workerData))]);
     })\`;
     const worker = new Worker(source, { eval: true, workerData: fd });
     const inThread = await new Promise((resolve) => worker.on('message', resolve));
     const [PIDFD_OPEN, PIDFD_THREAD] = [434, 0o200];
     report({ first, inThread, after: ioasAlloc(fd), isKnown: c.syscall(PIDFD_OPEN, c.getpid(), PIDFD_THREAD, 0, 0) > 0 });
     // The descriptors are not those that the event loop of the thread uses.
     c.exit(0);`,
  );
  const { isKnown, ...said } = result as { isKnown: boolean };
  // Before Linux 6.9 the descriptor of the process is duplicated.
  const [copied, after] = isKnown ? [2, 2] : [2, 3];
  expect(said).toEqual({ first: 1, inThread: [0, 1, 0, copied], after });
});

describe.each([
  ['with files from 512 on', false],
  ['with exact fds', true],
])('files of a program, %s', (_name, exactFds) => {
  test('can be duplicated, inherited, sent and closed like other files', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `const fd = iommu();
       const { file, idev, queue, viommu, result } = eventQueue(fd);
       const buffer = Buffer.alloc(256);
       const event = () => { triggerEvent(fd, idev); return buffer; };
       const read = (number) => c.read(number, event(), 256);
       const copies = [c.dup(file), c.fcntl(file, 0, 700), c.fcntl(file, 1030, 700), c.dup2(file, 900)];
       const [here, there] = sockets();
       sendFd(here, file);
       sendFd(here, fd);
       const received = [receiveFd(there), receiveFd(there, 0x40000000)];
       const pipe = Buffer.alloc(128);
       c.pipe(pipe);
       sendFd(here, pipe.readInt32LE(0));
       const ordinary = receiveFd(there);
       c.write(pipe.readInt32LE(4), Buffer.from('x'.repeat(128)), 3);
       const inChildren = [
         inChild(() => (read(file) === 12 && ioasAlloc(fd) > 0 ? 0 : 1)),
         inChild(() => { c.close(file); c.close(fd); return c.read(copies[0], event(), 256) === 0 ? 0 : 1; }),
       ];
       const [to, from] = sockets();
       const sent = inChild(() => { const own = iommu(); ioasAlloc(own); return sendFd(to, own) === 1 ? 0 : 1; });
       const late = receiveFd(from);
       const waiting = fork();
       if (waiting === 0) { const got = receiveFd(there); c.exit(read(got) === 12 ? 0 : 1); }
       sendFd(here, file);
       const waited = statusOf(waiting);
       report({
         result,
         reads: [file, ...copies, received[0]].map(read),
         flags: [...copies.slice(0, 4), ...received].map((number) => c.fcntl(number, 1, 0)),
         sees: received.map((number) => number > 0),
         others: [ioasAlloc(received[1]) > 1, c.read(ordinary, buffer, 10)],
         inChildren, sent, late: ioasAlloc(late), waited,
         busy: destroy(fd, queue),
         closed: [file, ...copies, received[0]].map((number) => [c.close(number), destroy(fd, queue)]),
         after: c.close(file),
       });`,
      { exactFds },
    );
    expect(result).toEqual({
      result: 0,
      reads: Array<number>(6).fill(12),
      flags: [0, 0, 1, 0, 0, 1],
      sees: [true, true],
      others: [true, 3],
      inChildren: [0, 0],
      sent: 0,
      late: 2,
      waited: 0,
      busy: -16,
      closed: [...Array<[number, number]>(5).fill([0, -16]), [0, 0]],
      after: EBADF,
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('of queues can be polled, level- and edge-triggered, and are not readable after a read', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `const fd = iommu();
       const { file, idev } = eventQueue(fd);
       const faults = faultQueue(fd);
       const [level, edge] = [c.epoll_create(0), c.epoll_create(0)];
       const ET = 0x80000000;
       const added = [epollAdd(level, file, 5), epollAdd(edge, file, 5 + ET), epollAdd(level, fd, 5)];
       const buffer = Buffer.alloc(256);
       const seen = [];
       const look = () => seen.push([poll(file), epollWait(level), epollWait(edge)]);
       look();
       triggerEvent(fd, idev); look(); look();
       triggerEvent(fd, idev); look(); look();
       const parts = [c.read(file, buffer, 8), c.read(file, buffer, 11), c.read(file, buffer, 12)];
       look();
       const rest = [c.read(file, buffer, 256), c.read(file, buffer, 256), c.read(file, buffer, 7)];
       look();
       triggerEvent(fd, idev); look();
       report({ added, seen, parts, rest, faults: [faults.result, poll(faults.fd)], device: poll(fd, 0x145),
         wrong: [c.write(file, buffer, 12), c.pread(file, buffer, 12, 0), c.read(fd, buffer, 1), c.readAt(file, 16, 256)] });`,
      { exactFds },
    );
    expect(result).toEqual({
      added: [0, 0, -1],
      seen: [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1, 0],
        [1, 1, 1],
        [1, 1, 0],
        [1, 1, 0],
        [0, 0, 0],
        [1, 1, 1],
      ],
      parts: [-22, -22, 12],
      rest: [12, 0, -22],
      faults: [0, 4],
      device: 0x145,
      wrong: [-22, -29, -22, -14],
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('have their own links in /proc and /dev/fd, and can be opened again there', async () => {
    const result = await runScript(
      machine(),
      `const { readlinkSync, statSync, lstatSync } = await import('node:fs');
       const fd = iommu();
       const { file } = eventQueue(fd);
       const places = ['/proc/self/fd/', '/dev/fd/', '/proc/' + process.pid + '/fd/', '/proc/self/task/' + process.pid + '/fd/'];
       const again = c.open('/proc/self/fd/' + fd, O_RDWR, 0);
       report({
         links: [fd, file, faultQueue(fd).fd].map((number) => readlinkSync('/proc/self/fd/' + number)),
         types: places.flatMap((place) => [fd, file].map((number) => statSync(place + number).mode)),
         isLink: lstatSync('/proc/self/fd/' + fd).isSymbolicLink(),
         ioas: [ioasAlloc(again), ioasAlloc(again)],
         queue: c.open('/dev/fd/' + file, O_RDWR, 0),
         ofAnother: c.open('/proc/self/task/' + process.ppid + '/fd/' + fd, O_RDWR, 0),
         nofollow: c.open('/proc/self/fd/' + fd, ${process.arch === 'arm64' ? 0o100000 : 0o400000}, 0),
       });`,
      { exactFds },
    );
    expect(result).toEqual({
      links: ['/dev/iommu', 'anon_inode:[iommufd-viommu-event]', 'anon_inode:[iommufd-pgfault]'],
      types: [0o020660, 0o600, 0o020660, 0o600, 0o020660, 0o600, 0o020660, 0o600],
      isLink: true,
      ioas: [1, 2],
      queue: -6,
      ofAnother: -2,
      nofollow: -40,
    });
  });

  test('have the access mode of their open()', async () => {
    const result = await runScript(
      machine(),
      `const open = (flags) => c.open('/dev/iommu', flags, 0);
       const opened = [0, 1, O_RDWR, 3, O_RDWR | O_NONBLOCK].map(open);
       const pages = (prot, shared, fd) => c.mmap(0, 4096, prot, shared, fd, 0);
       report({
         flags: opened.map((fd) => c.fcntl(fd, 3, 0) & (3 | O_NONBLOCK)),
         ioas: opened.map((fd) => ioasAlloc(fd)),
         read: opened.map((fd) => c.read(fd, Buffer.alloc(8), 8)),
         write: opened.map((fd) => c.write(fd, Buffer.alloc(8), 8)),
         mapped: opened.map((fd) => pages(1, MAP_SHARED, fd)),
         writable: opened.map((fd) => pages(2, MAP_SHARED, fd)),
         directory: c.open('/dev/iommu/', 0, 0),
       });`,
      { exactFds },
    );
    const [ENXIO, EACCES, ENOTDIR, EINVAL] = [-6, -13, -20, -22];
    const O_NONBLOCK = 0o4000;
    expect(result).toEqual({
      flags: [0, 1, 2, 3, 2 | O_NONBLOCK],
      ioas: [1, 1, 1, 1, 1],
      read: [EINVAL, EBADF, EINVAL, EBADF, EINVAL],
      write: [EBADF, EINVAL, EINVAL, EBADF, EINVAL],
      // A file that is open for reading only has no VM_SHARED, which iommufd_fops_mmap() requires. Nothing is at offset 0.
      mapped: [EINVAL, EACCES, ENXIO, EACCES, ENXIO],
      writable: [EACCES, EACCES, ENXIO, EACCES, ENXIO],
      directory: ENOTDIR,
    });
  });

  test('fail if a range wraps, a mapping has no length, or huge pages are requested', async () => {
    const result = await runScript(
      machine(),
      `const fd = iommu();
       report([fd, eventQueue(fd).file, faultQueue(fd).fd].map((file) => ({
         seek: [0, 4, 5, -1].map((whence) => c.lseek(file, 0, whence)),
         mapped: [c.mmap(0, 0, 1, MAP_SHARED, file, 0), c.mmap(0, 4096, 1, MAP_SHARED | 0x40000, file, 0)],
         huge: c.read(file, Buffer.alloc(128), 2 ** 63),
       })));`,
      { exactFds },
    );
    const [EFAULT, EINVAL, ESPIPE] = [-14, -22, -29];
    const same = { seek: [ESPIPE, ESPIPE, EINVAL, EINVAL], mapped: [EINVAL, EINVAL] };
    expect(result).toEqual([
      { ...same, huge: EINVAL },
      { ...same, huge: EFAULT },
      { ...same, huge: EFAULT },
    ]);
  });

  test('have no position, and their size cannot be changed', async () => {
    const result = await runScript(
      machine(),
      `const fd = iommu();
       const sizes = (number) => [
         c.lseek(number, 0, 1), c.lseek(number, 0, 2), c.ftruncate(number, 0), c.ftruncate(number, 1 << 20),
         c.fallocate(number, 0, 0, 4096), c.fallocate(number, 3, 0, 4096), c.fallocate(number, 0, -1, 1),
         c.fallocate(number, 2, 0, 4096), c.fallocate(number, 0x80, 0, 4096), c.fallocate(number, 0x81, 0, 4096),
         c.fallocate(number, 0, 2 ** 62, 2 ** 62),
       ];
       const readOnly = c.open('/dev/iommu', 0, 0);
       const made = c.creat('/dev/iommu', 0o600);
       report({ all: [fd, faultQueue(fd).fd, c.open('/dev/vfio/devices/vfio0', O_RDWR, 0)].map(sizes), ioas: ioasAlloc(made),
         low: c.ftruncate(c.dup2(fd, 30), 0),
         readOnly: [c.fallocate(readOnly, 0, 0, 1), c.fallocate(readOnly, 2, 0, 1), c.fallocate(readOnly, 4, 0, 0)] });`,
      { exactFds },
    );
    const [EBADF, ENODEV, EINVAL, ESPIPE, EOPNOTSUPP] = [-9, -19, -22, -29, -95];
    const seek = [ESPIPE, ESPIPE];
    const allocated = [ENODEV, ENODEV, EINVAL, EOPNOTSUPP, ENODEV, EOPNOTSUPP, ENODEV];
    const each = [...seek, EINVAL, EINVAL, ...allocated];
    expect(result).toEqual({
      all: [each, each, each],
      ioas: 1,
      low: EINVAL,
      readOnly: [EBADF, EOPNOTSUPP, EINVAL],
    });
  });

  test('answer the ioctls that Linux implements for all files', async () => {
    const result = await runScript(
      machine(),
      `const fd = iommu();
       const { file } = eventQueue(fd);
       const number = struct(1);
       const [FIONBIO, FIONREAD, FIOASYNC, FIOQSIZE, FIGETBSZ, GETFLAGS] = [0x5421, 0x541b, 0x5452, 0x5460, 2, 0x80086601];
       const requests = [FIONREAD, FIOASYNC, FIOQSIZE, GETFLAGS, FIGETBSZ];
       const flags = () => c.fcntl(file, 3, 0) & O_NONBLOCK;
       const before = flags();
       const closes = [0x5450, 0x5451].map((request) => [c.ioctl(file, request, number), c.fcntl(file, 1, 0)]);
       report([requests.map((request) => c.ioctl(fd, request, number)), requests.map((request) => c.ioctl(file, request, number)),
         c.ioctl(file, FIONBIO, struct(1)), flags() - before, c.ioctl(file, FIONBIO, struct(0)), flags(), closes, c.ioctlAt(fd, 0x81, 0), c.ioctlAt(fd, 0x40086200, 0)]);`,
      { exactFds },
    );
    const each = [-25, -25, -25, -25, 0];
    expect(result).toEqual([
      each,
      each,
      0,
      2048,
      0,
      0,
      [
        [0, 0],
        [0, 1],
      ],
      -14,
      -25,
    ]);
  });

  test('can be read into several buffers, one after another', async () => {
    const result = await runScript(
      machine(),
      `const fd = iommu();
       const { file, idev } = eventQueue(fd);
       for (let i = 0; i < 6; i++) triggerEvent(fd, idev);
       const buffer = Buffer.alloc(4096);
       report([
         vectored(c.readv, file, buffer, [12, 12]),
         vectored(c.readv, file, buffer, [24, 0, 12]),
         vectored(c.readv, file, buffer, [13, 12]),
         vectored(c.readv, file, buffer, [12, 12]),
         vectored(c.readv, file, buffer, []),
         vectored(c.readv, file, buffer, Array(1025).fill(1)),
         vectored(c.readv, file, buffer, [2 ** 40]),
         vectored(c.readv, file, buffer, [2 ** 62]),
         vectored(c.writev, file, buffer, [12]),
       ]);`,
      { exactFds },
    );
    expect(result).toEqual([24, 24, 12, 12, 0, -22, 0, -14, -22]);
  });

  test('of a VFIO device can be bound, and have registers', async () => {
    const kernel = machine();
    const result = await runScript(
      kernel,
      `const fd = iommu();
       const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
       const buffer = Buffer.alloc(4096);
       const before = [attach(device, 1), c.pread(device, buffer, 4, 7n << 40n)];
       const bound = bind(device, fd).result;
       const ioas = ioasAlloc(fd);
       report({ before, bound, attached: attach(device, ioas), again: bind(device, fd).result, missing: c.open('/dev/vfio/devices/vfio1', O_RDWR, 0),
         other: bind(c.open('/dev/vfio/devices/vfio0', O_RDWR, 0), 0).result });`,
      { exactFds },
    );
    expect(result).toEqual({
      before: [-22, -22],
      bound: 0,
      attached: 0,
      again: -22,
      missing: -2,
      other: -77,
    });
    expect(kernel.leftOver()).toEqual([]);
  });
});
