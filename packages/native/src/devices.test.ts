import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, FakeSmmuv3, MockDevice, mockModule } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const ADDRESS = '0000:01:00.0';

describe('devices of the fake kernel', () => {
  test('are found through sysfs as a monitor looks for them, and opened', async () => {
    const kernel = new FakeKernel();
    const smmu = new FakeSmmuv3(kernel);
    const node = kernel.plug(smmu.addDevice({ streamId: 0x100 }));
    const result = await runScript(
      kernel,
      `const fs = await import('node:fs');
       const home = '/sys/bus/pci/devices/${ADDRESS}';
       const [name] = fs.readdirSync(home + '/vfio-dev');
       const number = fs.readFileSync(home + '/vfio-dev/' + name + '/dev', 'latin1').trim();
       const { rdev, mode } = fs.statSync('/dev/vfio/devices/' + name);
       const device = c.open('/dev/vfio/devices/' + name, O_RDWR, 0);
       const fd = iommu();
       let missing;
       try { fs.statSync(home + '/nothing'); } catch (error) { missing = error.code; }
       fs.accessSync('/dev/iommu', fs.constants.R_OK | fs.constants.W_OK);
       report({
         link: fs.readlinkSync(home),
         real: fs.realpathSync(home),
         realNative: fs.realpathSync.native(home + '/iommu_group'),
         isLink: fs.lstatSync(home).isSymbolicLink(),
         subsystem: fs.readlinkSync(home + '/subsystem'),
         vendor: fs.readFileSync(home + '/vendor', 'latin1'),
         class: fs.readFileSync('/sys/class/vfio-dev/vfio0/device/class', 'latin1'),
         group: fs.readdirSync(home + '/iommu_group/devices'),
         listed: fs.readdirSync('/sys/bus/pci/devices'),
         nodes: fs.readdirSync('/dev/vfio/devices'),
         same: number === (rdev >> 8) + ':' + (rdev & 0xff) && number === (fs.fstatSync(device).rdev >> 8) + ':' + (fs.fstatSync(device).rdev & 0xff),
         isNode: (mode & 0o170000) === 0o020000,
         bound: bind(device, fd).result, attached: attach(device, ioasAlloc(fd)),
         missing,
         write: c.open(home + '/vendor', O_RDWR, 0),
         others: fs.existsSync('/sys/kernel'),
       });`,
      { sysfs: [{ node, address: ADDRESS, class: 0x020000 }], onlyFake: true },
    );
    expect(result).toEqual({
      link: `../../../devices/pci0000:01/${ADDRESS}`,
      real: `/sys/devices/pci0000:01/${ADDRESS}`,
      realNative: '/sys/kernel/iommu_groups/0',
      isLink: true,
      subsystem: '../../../bus/pci',
      vendor: '0x1234\n',
      class: '0x020000\n',
      group: [ADDRESS],
      listed: [ADDRESS],
      nodes: ['vfio0'],
      same: true,
      isNode: true,
      bound: 0,
      attached: 0,
      missing: 'ENOENT',
      write: -13,
      others: true,
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('leave the paths of the machine alone where there are none', async () => {
    const kernel = new FakeKernel([mockModule]);
    kernel.plug(new MockDevice());
    const paths = ['/sys/bus/pci/devices', '/sys/class/vfio-dev', '/dev/vfio'];
    const result = await runScript(
      kernel,
      `const fs = await import('node:fs');
       report({ seen: ${JSON.stringify(paths)}.map((path) => fs.existsSync(path)), node: fs.existsSync('/dev/vfio/devices/vfio0'),
         relative: (process.chdir('/dev'), fs.existsSync('iommu')), dots: fs.existsSync('/dev/../dev//iommu') });`,
    );
    expect(result).toEqual({
      seen: paths.map((path) => existsSync(path)),
      node: true,
      relative: true,
      dots: true,
    });
  });

  test('show pages that a program maps, for as long as it maps them', async () => {
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
