import { describe, expect, test } from '@jest/globals';
import {
  createDevice,
  express,
  type FakePciDevice,
  FakeKernel,
  FakeSmmuv3,
  FakeVtd,
  MockDevice,
  ram,
  sriov,
} from '@iommufd/fakekernel';
import { filesOf } from '@iommufd/fakekernel/task';
import { Errno } from '../errno.js';
import type { Writing } from './tree.js';

const TOTAL = 4;

/**
 * Returns a function that writes to `sriov_numvfs` of a physical function bound to vfio-pci, and returns 0 or a negative errno.
 */
function writer(numVfs: number): (text: string) => string | number | undefined {
  const kernel = new FakeKernel();
  const device = createDevice({
    vendor: 0x1234,
    device: 1,
    capabilities: [sriov({ totalVfs: TOTAL, vfDevice: 2 })],
  });
  kernel.plug(device, { at: '00:05.0' });
  const at = device.findExtended(0x10) ?? 0;
  device.writeConfig(at + 0x10, 2, numVfs);
  const { entry } = filesOf(kernel).walk('/sys/bus/pci/devices/0000:00:05.0/sriov_numvfs', true);
  if (entry?.kind !== 'attribute') throw new Error('the entry is not a file');
  return (text) => {
    try {
      return entry.write?.(text).status;
    } catch (cause) {
      if (cause instanceof Errno) return cause.result;
      throw cause;
    }
  };
}

const [ENOENT, EBUSY, EINVAL, ERANGE] = [-2, -16, -22, -34];

test.each([
  ['0', 0],
  ['0\n', 0],
  ['+0x0', 0],
  ['2', ENOENT],
  ['0x4\n', ENOENT],
  ['04', ENOENT],
  ['5', ERANGE],
  ['65535', ERANGE],
  ['65536', EINVAL],
  ['', EINVAL],
  ['-1', EINVAL],
  ['08', EINVAL],
  ['two', EINVAL],
  ['2 ', EINVAL],
] as const)(
  'sriov_numvfs of a function of vfio-pci without virtual functions takes %j: %i',
  (text, expected) => {
    expect(writer(0)(text)).toBe(expected);
  },
);

test.each([
  ['2', 0],
  ['0', ENOENT],
  ['3', EBUSY],
  ['9', ERANGE],
] as const)('with two virtual functions it takes %j: %i', (text, expected) => {
  expect(writer(2)(text)).toBe(expected);
});

function errnoOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (cause) {
    if (cause instanceof Errno) return cause.name;
    throw cause;
  }
}

describe('with enable_sriov', () => {
  const numVfs = '/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs';
  const make = (): FakePciDevice =>
    createDevice({
      vendor: 0x1234,
      device: 1,
      capabilities: [express(), sriov({ totalVfs: TOTAL, vfDevice: 2 })],
      virtualFunction: (index) => ({
        bars: [ram(4096)],
        class: index,
        capabilities: [express({ flr: true })],
      }),
    });

  function machine(plug: (kernel: FakeKernel, device: FakePciDevice) => string = plugBehindVtd): {
    readonly kernel: FakeKernel;
    readonly path: string;
    readonly text: (file: string) => string;
    readonly write: (text: string, file?: string) => Writing;
    readonly functions: () => string[];
  } {
    const kernel = new FakeKernel();
    kernel.pci.addBridge('00:1c.0', { secondary: 1 });
    const path = plug(kernel, make());
    return {
      kernel,
      path,
      text: (file) => new TextDecoder().decode(filesOf(kernel).read(file)).trim(),
      write: (text, file = numVfs) => filesOf(kernel).write(file, text),
      functions: () =>
        [...filesOf(kernel).list('/sys/bus/pci/drivers/vfio-pci').keys()].filter((name) =>
          name.startsWith('0000'),
        ),
    };
  }

  function plugBehindVtd(kernel: FakeKernel, device: FakePciDevice): string {
    return kernel.plug(device, { at: '01:00.0', iommu: new FakeVtd() });
  }

  const PARAMETER = '/sys/module/vfio_pci/parameters/enable_sriov';

  test('virtual functions come and go with what is written to sriov_numvfs', () => {
    const { kernel, text, write, functions } = machine();
    expect(errnoOf(() => write('2'))).toBe('ENOENT');
    expect(text(PARAMETER)).toBe('N');
    expect(errnoOf(() => write('maybe', PARAMETER))).toBe('EINVAL');
    write('1\n', PARAMETER);
    expect(text(PARAMETER)).toBe('Y');
    expect(write('2').status).toBe(0);
    expect(text(numVfs)).toBe('2');
    expect(functions()).toEqual(['0000:01:00.0', '0000:01:10.0', '0000:01:10.2']);
    const files = filesOf(kernel);
    expect(files.target('/sys/bus/pci/devices/0000:01:00.0/virtfn1')).toBe('../0000:01:10.2');
    expect(files.target('/sys/bus/pci/devices/0000:01:10.2/physfn')).toBe('../0000:01:00.0');
    const [first, second] = ['10.0', '10.2'].map((at) =>
      Number(text(`/sys/bus/pci/devices/0000:01:${at}/resource`).split(' ')[0]),
    );
    expect(Number(second) - Number(first)).toBe(4096);
    expect(text('/sys/bus/pci/devices/0000:01:10.0/device')).toBe('0x0002');
    expect(errnoOf(() => write('3'))).toBe('EBUSY');
    expect(write('0').status).toBe(0);
    expect(functions()).toEqual(['0000:01:00.0']);
    // Their places are free again.
    expect(write('4').status).toBe(0);
    expect(functions()).toHaveLength(5);
  });

  test('they are removed one after the other, each when no program has it open any more', () => {
    const { kernel, write, functions, text } = machine();
    write('Y', PARAMETER);
    write('2');
    const program = kernel.spawn();
    const first = program.open('/dev/vfio/devices/vfio1');
    const removal = write('0');
    expect(removal.status).toBeUndefined();
    expect(text(numVfs)).toBe('2');
    expect(functions()).toContain('0000:01:10.2');
    // The links of the first one are removed, and the second one keeps its index.
    const files = filesOf(kernel);
    expect(errnoOf(() => files.target('/sys/bus/pci/devices/0000:01:00.0/virtfn0'))).toBe('ENOENT');
    expect(errnoOf(() => files.target('/sys/bus/pci/devices/0000:01:10.0/physfn'))).toBe('ENOENT');
    expect(files.target('/sys/bus/pci/devices/0000:01:00.0/virtfn1')).toBe('../0000:01:10.2');
    // The second one can still be opened.
    const second = program.open('/dev/vfio/devices/vfio2');
    expect(second).toBeGreaterThan(0);
    program.close(first);
    expect(removal.status).toBeUndefined();
    program.close(second);
    expect(removal.status).toBe(0);
    expect(text(numVfs)).toBe('0');
    expect(kernel.leftOver()).toEqual([]);
  });

  test('vfio-pci does not bind a physical function that has virtual functions already', () => {
    const kernel = new FakeKernel();
    kernel.pci.addBridge('00:1c.0', { secondary: 1 });
    const physical = make();
    kernel.plug(physical, { at: '01:00.0', iommu: new FakeVtd() });
    const driver = '/sys/bus/pci/drivers/vfio-pci';
    const files = filesOf(kernel);
    files.write(`${driver}/unbind`, '0000:01:00.0');
    createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction: physical });
    expect(errnoOf(() => files.write(`${driver}/bind`, '0000:01:00.0'))).toBe('EBUSY');
    physical.virtualFunctions.length = 0;
    files.write(`${driver}/bind`, '0000:01:00.0');
    expect(kernel.hasNode('/dev/vfio/devices/vfio0')).toBe(true);
  });

  test('a physical function whose device cannot have siblings fails with ENOMEM and is unchanged', () => {
    const { write, text, functions } = machine((kernel, pci) =>
      kernel.plug(new MockDevice({ pci }), { at: '01:00.0' }),
    );
    write('Y', PARAMETER);
    expect(errnoOf(() => write('2'))).toBe('ENOMEM');
    expect(text(numVfs)).toBe('0');
    expect(functions()).toEqual(['0000:01:00.0']);
  });

  test('if a virtual function cannot be created, those before it are removed', () => {
    let created = 0;
    const device = createDevice({
      vendor: 0x1234,
      device: 1,
      capabilities: [express(), sriov({ totalVfs: TOTAL, vfDevice: 2 })],
      virtualFunction: () => {
        if (created++ === 1) throw new RangeError('the second one is invalid');
        return { capabilities: [express({ flr: true })] };
      },
    });
    const { write, text, functions } = machine((kernel) => plugBehindVtd(kernel, device));
    write('Y', PARAMETER);
    const at = device.findExtended(0x10) ?? 0;
    const control = device.readConfig(at + 8, 2);
    expect(() => write('2')).toThrow('the second one is invalid');
    expect(text(numVfs)).toBe('0');
    expect(device.readConfig(at + 8, 2)).toBe(control);
    expect(functions()).toEqual(['0000:01:00.0']);
    expect(write('3').status).toBe(0);
    expect(functions()).toHaveLength(4);
  });

  test('a virtual function that is being unbound can be removed too, and both writes end', () => {
    const { kernel, write, functions } = machine();
    write('Y', PARAMETER);
    write('1');
    const program = kernel.spawn();
    const virtual = program.open('/dev/vfio/devices/vfio1');
    const unbinding = write('0000:01:10.0', '/sys/bus/pci/drivers/vfio-pci/unbind');
    const removal = write('0');
    expect([unbinding.status, removal.status]).toEqual([undefined, undefined]);
    program.close(virtual);
    expect([unbinding.status, removal.status]).toEqual([0, 0]);
    expect(functions()).toEqual(['0000:01:00.0']);
    // Its place is free again.
    expect(write('1').status).toBe(0);
  });

  test('a removal that waits for an open function continues in a restored kernel', () => {
    const kernel = new FakeKernel([], { enableSriov: true });
    kernel.pci.addBridge('00:1c.0', { secondary: 1 });
    const capabilities = [express(), sriov({ totalVfs: TOTAL, vfDevice: 2 })];
    kernel.plug(createDevice({ vendor: 0x1234, device: 1, capabilities }), {
      at: '01:00.0',
      iommu: new FakeVtd(),
    });
    filesOf(kernel).write(numVfs, '2');
    const process = kernel.spawn();
    const fd = process.open('/dev/vfio/devices/vfio1');
    const removal = filesOf(kernel).write(numVfs, '0');
    const unbinding = filesOf(kernel).write('/sys/bus/pci/drivers/vfio-pci/unbind', '0000:01:00.0');
    let calls = 0;
    removal.whenDone(() => calls++);
    const restored = FakeKernel.restore(kernel.snapshot({ keep: { process, removal, unbinding } }));
    const { kept } = restored;
    kept.process.close(fd);
    expect([kept.removal.status, kept.unbinding.status]).toEqual([0, 0]);
    expect([...filesOf(restored).list('/sys/bus/pci/drivers/vfio-pci').keys()]).not.toContain('0000:01:00.0');
    // The callback belongs to the original's caller.
    expect([removal.status, unbinding.status, calls]).toEqual([undefined, undefined, 0]);
    process.close(fd);
    expect([removal.status, unbinding.status, calls]).toEqual([0, 0, 1]);
  });

  test('the driver that is taken from the physical function removes them first', () => {
    const { kernel, write, functions } = machine();
    write('Y', PARAMETER);
    write('1');
    const program = kernel.spawn();
    const virtual = program.open('/dev/vfio/devices/vfio1');
    const unbinding = write('0000:01:00.0', '/sys/bus/pci/drivers/vfio-pci/unbind');
    expect(unbinding.status).toBeUndefined();
    program.close(virtual);
    expect(unbinding.status).toBe(0);
    expect(functions()).toEqual([]);
  });

  test('the driver that is taken from the physical function removes functions that vfio-pci has not created', () => {
    const { kernel, write, functions } = machine((kernel, physicalFunction) => {
      const path = plugBehindVtd(kernel, physicalFunction);
      kernel.plug(createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction }), {
        at: '01:10.0',
        iommu: new FakeVtd(),
      });
      return path;
    });
    expect(functions()).toEqual(['0000:01:00.0', '0000:01:10.0']);
    const program = kernel.spawn();
    const virtual = program.open('/dev/vfio/devices/vfio1');
    const unbinding = write('0000:01:00.0', '/sys/bus/pci/drivers/vfio-pci/unbind');
    expect(unbinding.status).toBeUndefined();
    program.close(virtual);
    expect(unbinding.status).toBe(0);
    expect(functions()).toEqual([]);
  });

  test('behind an SMMUv3 each has the StreamID of its requester id', () => {
    const { write, functions } = machine((kernel, pci) => {
      const smmu = new FakeSmmuv3(kernel);
      return kernel.plug(smmu.addDevice({ streamId: 0x100, pci }), { at: '01:00.0' });
    });
    write('Y', PARAMETER);
    for (const count of ['2', '0', '2']) expect(write(count).status).toBe(0);
    expect(functions()).toHaveLength(3);
  });

  test('behind an SMMUv3 their StreamIDs have the distance of the requester ids from the first of the physical function', () => {
    const found: FakeSmmuv3[] = [];
    const { write } = machine((kernel, pci) => {
      const smmu = new FakeSmmuv3(kernel);
      found.push(smmu);
      return kernel.plug(smmu.addDevice({ streamIds: [0x20, 0x21], pci }), { at: '01:00.0' });
    });
    write('Y', PARAMETER);
    expect(write('2').status).toBe(0);
    const isInUse = (streamId: number): boolean => {
      try {
        found[0]?.addDevice({ streamId });
        return false;
      } catch {
        return true;
      }
    };
    expect([0xa0, 0xa1, 0xa2, 0xa3, 0x180, 0x182].filter(isInUse)).toEqual([0xa0, 0xa2]);
  });

  test('with a bus that ends before the last of them it is ENOMEM', () => {
    const kernel = new FakeKernel([], { enableSriov: true });
    kernel.pci.addBridge('00:1c.0', { secondary: 1 });
    const capabilities = [express(), sriov({ totalVfs: 2, vfDevice: 2, firstOffset: 0xff, stride: 1 })];
    kernel.plug(createDevice({ vendor: 0x1234, device: 1, capabilities }), {
      at: '01:00.0',
      iommu: new FakeVtd(),
    });
    const files = filesOf(kernel);
    expect(errnoOf(() => files.write(numVfs, '2'))).toBe('ENOMEM');
    expect(files.write(numVfs, '1').status).toBe(0);
  });
});

test('a function that was unplugged can be plugged in again behind the same VT-d unit', () => {
  const kernel = new FakeKernel();
  const iommu = new FakeVtd();
  const device = createDevice({ vendor: 0x1234, device: 1 });
  kernel.plug(device, { at: '00:05.0', iommu });
  kernel.unplug(device);
  expect(kernel.plug(device, { at: '00:05.0', iommu })).toBe('/dev/vfio/devices/vfio0');
});
