import { accessSync, constants } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { edu, FakeKernel } from '@iommufd/fakekernel';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

/** The tests use the host's KVM, and are skipped without it. */
function hasKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
const withKvm = hasKvm() ? test : test.skip;

/** Creates a virtual machine with KVM's VFIO pseudo device, and adds files to it. */
const KVM = `
  const kvmVfio = () => {
    const kvm = c.open('/dev/kvm', O_RDWR | O_CLOEXEC, 0);
    const machine = c.ioctlAt(kvm, 0xae01, 0);
    const create = struct(4, 0, 0);
    c.ioctl(machine, 0xc00caee0, create);
    c.close(kvm);
    return { machine, device: create.readInt32LE(4) };
  };
  const set = (device, attribute, file, group = 1) => {
    const number = struct(file);
    return c.ioctl(device, 0x4018aee1, struct(0, group, BigInt(attribute), addressOf(number)));
  };
  const [ADD, DEL] = [1, 2];`;

withKvm('KVM accepts each VFIO device once, and fails with the right errno for other files', async () => {
  const kernel = new FakeKernel();
  kernel.plug(edu(), { at: '00:05.0' });
  const result = await runScript(
    kernel,
    `${KVM}
     const { device } = kvmVfio();
     const second = kvmVfio().device;
     const vfio = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     const fd = iommu();
     const copy = c.dup(vfio);
     report({
       iommufd: set(device, ADD, fd),
       closed: set(device, ADD, 700),
       foreign: set(device, ADD, 0),
       notThere: set(device, DEL, vfio),
       added: set(device, ADD, vfio),
       again: set(device, ADD, copy),
       other: [set(second, ADD, vfio), set(second, DEL, vfio)],
       removed: set(c.dup(device), DEL, copy),
       once: set(device, DEL, vfio),
       attribute: set(device, 9, vfio),
       group: set(device, ADD, vfio, 7),
       fault: c.ioctlAt(device, 0x4018aee1, 0),
       bound: bind(vfio, fd).result,
     });`,
  );
  const [EBADF, EEXIST, EINVAL, EFAULT, ENOENT, ENXIO] = [-9, -17, -22, -14, -2, -6];
  expect(result).toEqual({
    iommufd: EINVAL,
    closed: EBADF,
    foreign: EINVAL,
    notThere: ENOENT,
    added: 0,
    again: EEXIST,
    other: [0, 0],
    removed: 0,
    once: ENOENT,
    attribute: ENXIO,
    group: ENXIO,
    fault: EFAULT,
    bound: 0,
  });
  expect(kernel.leftOver()).toEqual([]);
});

withKvm('a device that KVM was given stays open until its own device is closed', async () => {
  const kernel = new FakeKernel();
  kernel.plug(edu(), { at: '00:05.0' });
  const program = await TestProgram.start(
    kernel,
    `${KVM}
     const { device } = kvmVfio();
     const copy = c.dup(device);
     const vfio = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     bind(vfio, iommu());
     set(device, ADD, vfio);
     c.close(vfio);
     c.close(device);
     // A watched call: files that were closed before it are closed in the fake kernel then.
     c.close(c.open('/dev/vfio/devices/vfio0', O_RDWR, 0));
     meet('held');
     c.close(copy);
     c.close(c.open('/dev/vfio/devices/vfio0', O_RDWR, 0));
     meet('closed');
     const again = kvmVfio().device;
     set(again, ADD, c.open('/dev/vfio/devices/vfio0', O_RDWR, 0));
     report('ends');`,
  );
  await program.meet('held');
  expect(kernel.leftOver().some((line) => line.includes('vfio'))).toBe(true);
  program.goOn();
  await program.meet('closed');
  expect(kernel.leftOver().filter((line) => line.includes('vfio'))).toEqual([]);
  program.goOn();
  expect(await program.result()).toBe('ends');
  expect(kernel.leftOver()).toEqual([]);
});

withKvm(
  'a pseudo device that is made with the number of one that was closed has been given nothing',
  async () => {
    const kernel = new FakeKernel();
    kernel.plug(edu(), { at: '00:05.0' });
    const result = await runScript(
      kernel,
      `${KVM}
     const { machine, device } = kvmVfio();
     const vfio = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     const first = set(device, ADD, vfio);
     // No lower descriptor is free.
     while (c.eventfd(0, 0) < device);
     c.close(device);
     const create = struct(4, 0, 0);
     c.ioctl(machine, 0xc00caee0, create);
     const again = create.readInt32LE(4);
     report({ first, same: again === device, added: set(again, ADD, vfio) });`,
    );
    expect(result).toEqual({ first: 0, same: true, added: 0 });
  },
);
