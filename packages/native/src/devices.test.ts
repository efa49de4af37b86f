import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { edu, FakeKernel, FakeSmmuv3, FakeVtd, MockDevice, mockModule } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const ADDRESS = '0000:01:00.0';

describe('devices of the fake kernel', () => {
  test('are found through sysfs, as a VMM searches for them, and can be opened', async () => {
    const kernel = new FakeKernel();
    const smmu = new FakeSmmuv3(kernel);
    kernel.pci.addBridge('00:1c.0', { secondary: 1 });
    kernel.plug(smmu.addDevice({ streamId: 0x100 }), { at: ADDRESS });
    const result = await runScript(
      kernel,
      `const fs = await import('node:fs');
       const home = '/sys/bus/pci/devices/${ADDRESS}';
       const [name] = fs.readdirSync(home + '/vfio-dev');
       const number = fs.readFileSync(home + '/vfio-dev/' + name + '/dev', 'latin1').trim();
       const numberOf = ({ rdev }) => ((rdev >> 8) & 0xfff) + ':' + ((rdev & 0xff) | ((rdev >> 12) & ~0xff));
       const { rdev, mode } = fs.statSync('/dev/vfio/devices/' + name);
       const device = c.open('/dev/vfio/devices/' + name, O_RDWR, 0);
       const fd = iommu();
       const codeOf = (work) => { try { work(); return 'done'; } catch (error) { return error.code; } };
       fs.accessSync('/dev/iommu', fs.constants.R_OK | fs.constants.W_OK);
       // Relative to an open directory, as fdopendir() and openat() do.
       const directory = c.open(home, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY, 0);
       const bytes = Buffer.alloc(128);
       const vendor = c.openat(directory, 'vendor', 0, 0);
       c.read(vendor, bytes, 100);
       report({
         link: fs.readlinkSync(home),
         real: fs.realpathSync(home),
         realNative: fs.realpathSync.native(home + '/iommu_group'),
         isLink: fs.lstatSync(home).isSymbolicLink(),
         kinds: fs.readdirSync(home, { withFileTypes: true }).filter((each) => ['driver', 'vfio-dev', 'class'].includes(each.name))
           .map((each) => [each.name, each.isSymbolicLink(), each.isDirectory()]),
         subsystem: fs.readlinkSync(home + '/subsystem'),
         vendor: bytes.toString('latin1', 0, 7),
         class: fs.readFileSync('/sys/class/vfio-dev/' + name + '/device/class', 'latin1'),
         config: fs.readFileSync(home + '/config').subarray(0, 4).toString('hex'),
         above: fs.readFileSync(home + '/../../../../kernel/iommu_groups/1/type', 'latin1'),
         group: fs.readdirSync(home + '/iommu_group/devices'),
         listed: fs.readdirSync('/sys/bus/pci/devices'),
         nodes: fs.readdirSync('/dev/vfio/devices'),
         same: number === numberOf({ rdev }) && number === numberOf(fs.fstatSync(device)) &&
           fs.realpathSync('/sys/dev/char/' + number) === fs.realpathSync(home) + '/vfio-dev/' + name,
         iommu: fs.readFileSync('/sys/class/misc/iommu/dev', 'latin1').trim() === numberOf(fs.statSync('/dev/iommu')),
         groupNode: numberOf(fs.statSync('/dev/vfio/1')) === fs.readFileSync('/sys/class/vfio/1/dev', 'latin1').trim(),
         isNode: (mode & 0o170000) === 0o020000,
         bound: bind(device, fd).result, attached: attach(device, ioasAlloc(fd)),
         missing: codeOf(() => fs.statSync(home + '/nothing')),
         write: c.open(home + '/vendor', O_RDWR, 0),
         executable: codeOf(() => fs.accessSync(home + '/vendor', fs.constants.X_OK)),
         others: fs.existsSync('/sys/kernel'),
       });`,
      { onlyFake: true },
    );
    expect(result).toEqual({
      link: `../../../devices/pci0000:00/0000:00:1c.0/${ADDRESS}`,
      real: `/sys/devices/pci0000:00/0000:00:1c.0/${ADDRESS}`,
      realNative: '/sys/kernel/iommu_groups/1',
      isLink: true,
      kinds: [
        ['class', false, false],
        ['driver', true, false],
        ['vfio-dev', false, true],
      ],
      subsystem: '../../../../bus/pci',
      vendor: '0x1234\n',
      class: '0x00ff00\n',
      config: '3412e811',
      above: 'DMA-FQ\n',
      group: [ADDRESS],
      listed: ['0000:00:1c.0', ADDRESS],
      nodes: ['vfio0'],
      same: true,
      iommu: true,
      groupNode: true,
      isNode: true,
      bound: 0,
      attached: 0,
      missing: 'ENOENT',
      write: -13,
      executable: 'EACCES',
      others: true,
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('are on sysfs and devtmpfs, and have the extended attributes of files there', async () => {
    const kernel = new FakeKernel();
    kernel.plug(edu(), { at: '00:05.0' });
    const program = await TestProgram.start(
      kernel,
      `const { execFileSync } = await import('node:child_process');
       const { statfsSync } = await import('node:fs');
       const filesystem = (path) => Number(statfsSync(path).type);
       const list = execFileSync('ls', ['-l', '/dev/iommu', '/dev/vfio/devices', '/sys/class/vfio-dev/vfio0/device/class'], { stdio: ['ignore', 'pipe', 'inherit'] });
       const long = Buffer.alloc(300, 'x').toString();
       report({
         lines: list.toString().split('\\n').length > 4,
         sysfs: [filesystem('/sys/class/vfio-dev/vfio0/device/class'), filesystem('/sys/bus/pci/devices/0000:00:05.0')],
         like: filesystem('/sys/kernel'),
         node: filesystem('/dev/iommu') === filesystem('/dev/null'),
         acl: c.getxattr('/sys/class/vfio-dev/vfio0/device/class', 'system.posix_acl_access', null, 0) ===
           c.getxattr('/sys/kernel', 'system.posix_acl_access', null, 0),
         long: c.getxattr('/dev/iommu', long, null, 0),
         missing: c.getxattr('/sys/class/vfio-dev/vfio0/device/nothing', 'user.x', null, 0),
         listed: [c.listxattr('/dev/iommu', null, 0) === c.listxattr('/dev/null', null, 0), c.llistxattr('/sys/class/vfio-dev/vfio0', null, 0)],
         fault: c.getxattrAt('/dev/iommu', 8, 0, 0),
       });`,
    );
    const result = await program.result();
    const [ENOENT, EFAULT, ERANGE] = [-2, -14, -34];
    expect(result).toMatchObject({
      lines: true,
      node: true,
      acl: true,
      long: ERANGE,
      missing: ENOENT,
      fault: EFAULT,
    });
    const { sysfs, like, listed } = result as { sysfs: number[]; like: number; listed: [boolean, number] };
    expect(sysfs).toEqual([like, like]);
    expect(listed[0]).toBe(true);
    expect(listed[1]).toBeGreaterThanOrEqual(0);
    expect(await program.complaints()).toBe('');
  });

  test('appear and disappear in sysfs while a program runs', async () => {
    const kernel = new FakeKernel();
    const device = edu();
    kernel.plug(device, { at: '00:05.0' });
    const program = await TestProgram.start(
      kernel,
      `const fs = await import('node:fs');
       const look = () => report([fs.readdirSync('/sys/bus/pci/devices'), fs.existsSync('/sys/bus/pci/devices/0000:00:05.0/class')]);
       look();
       meet('unplugged');
       look();
       meet('plugged');
       look();`,
      { onlyFake: true },
    );
    expect(await program.next()).toEqual([['0000:00:05.0'], true]);
    await program.meet('unplugged');
    kernel.unplug(device);
    program.goOn();
    expect(await program.next()).toEqual([[], false]);
    await program.meet('plugged');
    kernel.plug(edu(), { at: '00:06.0' });
    program.goOn();
    expect(await program.result()).toEqual([['0000:00:06.0'], false]);
  });

  test('are unbound from their driver and bound again by sysfs, with its errors', async () => {
    const kernel = new FakeKernel();
    kernel.plug(edu(), { at: '00:05.0' });
    const notices: string[] = [];
    const program = await TestProgram.start(
      kernel,
      `const fs = await import('node:fs');
       const { execFileSync } = await import('node:child_process');
       const driver = '/sys/bus/pci/drivers/vfio-pci';
       const write = (path, text, flags = 'w') => { try { fs.writeFileSync(path, text, { flag: flags }); return 'done'; } catch (error) { return error.code; } };
       const devices = () => fs.readdirSync('/sys/class/vfio-dev');
       // A child that also had it open would wait for itself.
       const device = c.open('/dev/vfio/devices/vfio0', O_RDWR | O_CLOEXEC, 0);
       const fd = c.open(driver + '/unbind', 1 | O_CLOEXEC, 0);
       report({ unknown: write(driver + '/unbind', '0000:00:09.0'), readOnly: write(driver + '/../../devices/0000:00:05.0/vendor', '1'),
         both: c.open(driver + '/bind', O_RDWR, 0), size: fs.fstatSync(fd).size, type: fs.fstatSync(fd).mode });
       // Another process waits until the device is closed, as the driver does.
       const { spawn } = await import('node:child_process');
       const child = spawn(process.execPath, ['-e', "require('fs').writeFileSync('" + driver + "/unbind', '0000:00:05.0'); console.log('unbound')"], { stdio: ['ignore', 'pipe', 'inherit'] });
       while (fs.existsSync('/dev/vfio/devices/vfio0')) await new Promise((resolve) => setImmediate(resolve));
       meet('waiting');
       c.close(device);
       const [said] = await (await import('node:events')).once(child.stdout, 'data');
       report([String(said), devices()]);
       // A shell writes to its standard output.
       execFileSync('sh', ['-c', 'echo 0000:00:05.0 > ' + driver + '/bind; echo 0000:00:07.0 > ' + driver + '/bind']);
       report(devices());`,
      { onlyFake: true, onNotice: (what) => void notices.push(what) },
    );
    expect(await program.next()).toEqual({
      unknown: 'ENODEV',
      readOnly: 'EACCES',
      both: -13,
      size: 4096,
      type: 0o100200,
    });
    await program.meet('waiting');
    program.goOn();
    expect(await program.next()).toEqual(['unbound\n', []]);
    expect(await program.result()).toEqual(['vfio0']);
    expect(notices).toEqual(['a write to /sys/bus/pci/drivers/vfio-pci/bind has failed: ENODEV']);
    expect(kernel.leftOver()).toEqual([]);
  });

  test('take each write to sysfs as a whole, watched or not, in one segment or several', async () => {
    const kernel = new FakeKernel();
    for (const at of ['00:05.0', '00:06.0', '00:07.0']) kernel.plug(edu(), { at });
    const result = await runScript(
      kernel,
      `const { readdirSync } = await import('node:fs');
       const fd = c.open('/sys/bus/pci/drivers/vfio-pci/unbind', 1 | O_CLOEXEC, 0);
       const devices = () => readdirSync('/sys/class/vfio-dev');
       const text = (words) => Buffer.from(words);
       const low = c.dup2(fd, 40);
       c.write(low, text('0000:00:05.0'), 12);
       c.write(low, text('0000:00:06.0'), 12);
       const unseen = devices();
       const parts = ['', '0000:00:', '07.0'].map(text);
       const segments = Buffer.alloc(48);
       parts.forEach((part, i) => { segments.writeBigUInt64LE(part.length === 0 ? 0n : addressOf(part), 16 * i); segments.writeBigUInt64LE(BigInt(part.length), 16 * i + 8); });
       report({ unseen, empty: Number(c.write(fd, text(''), 0)), pieces: Number(c.writev(fd, segments, 3)), left: devices() });
       process.exit(0);`,
      { onlyFake: true },
    );
    expect(result).toEqual({ unseen: ['vfio2'], empty: 0, pieces: 12, left: [] });
  });

  test('do not hide other files of the machine', async () => {
    const kernel = new FakeKernel([mockModule]);
    kernel.plug(new MockDevice());
    const result = await runScript(
      kernel,
      `const fs = await import('node:fs');
       report({ lists: ['/sys', '/sys/class', '/sys/bus/pci/devices'].map((path) => fs.existsSync(path) ? fs.readdirSync(path) : []),
         file: fs.readFileSync('/sys/devices/system/cpu/online', 'latin1'),
         missing: fs.existsSync('/sys/kernel/no-such-file'), node: fs.existsSync('/dev/vfio/devices/vfio0'),
         relative: (process.chdir('/dev'), fs.existsSync('iommu')), dots: fs.existsSync('/dev/../dev//iommu') });`,
    );
    const here = (path: string): string[] => (existsSync(path) ? readdirSync(path) : []);
    expect(result).toEqual({
      lists: [
        here('/sys'),
        expect.arrayContaining([...here('/sys/class'), 'vfio-dev']),
        expect.arrayContaining([...here('/sys/bus/pci/devices'), '0000:00:01.0']),
      ],
      file: readFileSync('/sys/devices/system/cpu/online', 'latin1'),
      missing: false,
      node: true,
      relative: true,
      dots: true,
    });
  });

  test('do DMA into the memory of a program, and send it messages', async () => {
    const kernel = new FakeKernel();
    kernel.plug(edu(), { at: '00:05.0', iommu: new FakeVtd() });
    const result = await runScript(
      kernel,
      `const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
       const fd = iommu();
       const ioas = ioasAlloc(fd);
       const done = [bind(device, fd).result, attach(device, ioas)];
       const place = memory(4096);
       done.push(ioasMap(fd, ioas, place, 4096, 0x10000));
       // Configuration space is region 7: memory decoding and bus mastering on.
       done.push(c.pwrite(device, Buffer.from([6, 0]), 2, 7 * 2 ** 40 + 4));
       const message = c.eventfd(0, 0);
       // VFIO_DEVICE_SET_IRQS: MSI has index 1.
       done.push(call(device, 110, 24, 0x24, 1, 0, 1, message).result);
       const bytes = at(place, 4096);
       bytes.write('from the program');
       const copy = (source, destination, command) => {
         for (const [register, value] of [[0x80, source], [0x88, destination], [0x90, 16], [0x98, command]])
           c.pwrite(device, struct(BigInt(value)), 8, register);
         const count = Buffer.alloc(128);
         poll(message, 1, -1);
         c.read(message, count, 8);
         // The interrupt is acknowledged.
         c.pwrite(device, struct(0x100), 4, 0x64);
         return Number(count.readBigUInt64LE(0));
       };
       // Into the buffer of the device, and from there to another address.
       const messages = [copy(0x10000, 0x40000, 5), copy(0x40000, 0x10800, 7)];
       report({ done, messages, text: bytes.toString('latin1', 0x800, 0x810) });`,
    );
    expect(result).toEqual({ done: [0, 0, 0, 2, 0], messages: [1, 1], text: 'from the program' });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('can be mapped, and stay mapped until the program unmaps them', async () => {
    const kernel = new FakeKernel([mockModule]);
    const result = await runScript(
      kernel,
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { device, idev } = mockDomain(fd, ioas);
       const parent = call(fd, 0x89, 48, 1, idev, ioas, 0, 0, 0, 0, 0n, 0, 0).bytes.readUInt32LE(16);
       const data = struct(0x1234, 0, 0n, 0n);
       const viommu = call(fd, 0x90, 40, 0, 0xdeadbeef, idev, parent, 0, 24, 0, addressOf(data)).bytes.readUInt32LE(20);
       const offset = Number(data.readBigUInt64LE(8));
       const length = Number(data.readBigUInt64LE(16));
       const map = (size, prot, flags, at) => c.mmap(0, size, prot, flags, fd, at);
       const wrong = [map(4096, 3, 1, offset), map(length, 3, 2, offset), map(length, 7, 1, offset), map(length, 3, 1, offset + 4096 * 64)];
       const place = map(length, 3, 1, offset);
       const seen = at(place, 4).readUInt32LE(0);
       const busy = destroy(fd, viommu);
       const pinned = ioasMap(fd, ioas, place, 4096, 1 << 24);
       c.munmap(place, length);
       report({ length, wrong: wrong.map(Number), seen, busy, pinned, gone: destroy(fd, viommu) });`,
    );
    expect(result).toEqual({
      length: 8192,
      wrong: [-6, -22, -1, -6],
      seen: 0x1234,
      busy: -16,
      pinned: -14,
      gone: 0,
    });
    expect(kernel.leftOver()).toEqual([]);
  });
});
