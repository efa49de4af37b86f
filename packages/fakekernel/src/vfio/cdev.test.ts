import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  type ErrnoName,
  iommufd_hwpt_alloc_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  vfio_device_detach_iommufd_pt,
  VFIO_DEVICE_GET_INFO,
  vfio_device_info,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_QUERY_GFX_PLANE,
  VFIO_DEVICE_RESET,
  vfio_irq_info,
  vfio_region_info,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { DmaProgram, PAGE } from '../hardware/dma.testing.js';
import { FakeKernel, MockDevice, mockModule } from '../index.js';
import { TestProgram } from '../program.testing.js';

const { IOMMU_HWPT_ALLOC_PASID } = iommufd_hwpt_alloc_flags;
const RW = PROT_READ | PROT_WRITE;

/** The return value of a call that fails. */
const is = (name: ErrnoName): number => -errno[name];

test('a device gets the lowest free number, and keeps it until it is closed everywhere', () => {
  const kernel = new FakeKernel([mockModule]);
  const [first, second, third] = [new MockDevice(), new MockDevice(), new MockDevice()];
  expect([kernel.plug(first), kernel.plug(second)]).toEqual([
    '/dev/vfio/devices/vfio0',
    '/dev/vfio/devices/vfio1',
  ]);
  expect(() => kernel.plug(first)).toThrow('plugged in already, as /dev/vfio/devices/vfio0');
  const process = kernel.spawn();
  const fd = process.open('/dev/vfio/devices/vfio0');
  expect(() => kernel.unplug(first)).toThrow('/dev/vfio/devices/vfio0 is still open:');
  process.close(fd);
  kernel.unplug(first);
  expect(() => kernel.unplug(first)).toThrow('not plugged in');
  expect(process.open('/dev/vfio/devices/vfio0')).toBe(is('ENOENT'));
  expect(kernel.plug(third)).toBe('/dev/vfio/devices/vfio0');
});

describe('bind', () => {
  let program: TestProgram;
  let device: MockDevice;
  let cdev: number;
  const fields = { argsz: 24, flags: 0, iommufd: 3, out_devid: 0, token_uuid_ptr: 0n };
  const bind = (changed: Partial<typeof fields> = {}, fd = cdev): number => {
    program.memory.set(encode(vfio_device_bind_iommufd, { ...fields, ...changed }));
    return program.process.ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD.request, program.at);
  };

  beforeEach(() => {
    program = new TestProgram(2);
    device = new MockDevice();
    cdev = program.process.open(program.kernel.plug(device));
  });

  test('before it nothing else is possible', () => {
    const requests = [
      VFIO_DEVICE_ATTACH_IOMMUFD_PT,
      VFIO_DEVICE_DETACH_IOMMUFD_PT,
      VFIO_DEVICE_GET_INFO,
      VFIO_DEVICE_RESET,
      { request: 0 },
    ];
    for (const { request } of requests) expect(program.process.ioctl(cdev, request, 8n)).toBe(is('EINVAL'));
    expect(program.process.read(cdev, program.at, 8)).toBe(is('EINVAL'));
    expect(program.process.mmap(0n, PAGE, RW, 1, cdev, 0n)).toBe(BigInt(is('EINVAL')));
  });

  test('accepts a struct of argsz bytes, whose unknown bytes must be zero', () => {
    const ioctl = (at: bigint): number => program.process.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at);
    expect(ioctl(8n)).toBe(is('EFAULT'));
    expect(bind({ argsz: 15 })).toBe(is('EINVAL'));
    program.memory[30] = 1;
    expect(bind({ argsz: 31, iommufd: -1 })).toBe(is('E2BIG'));
    program.memory[30] = 0;
    expect(bind({ argsz: 3 * PAGE })).toBe(is('EFAULT'));
    expect(bind({ argsz: 31 })).toBe(0);
  });

  test.each<[string, Partial<typeof fields>, ErrnoName]>([
    ['a negative fd', { iommufd: -1 }, 'EINVAL'],
    ['a flag that is not known', { flags: 2 }, 'EINVAL'],
    ['a token that cannot be read', { flags: 1, token_uuid_ptr: 8n, iommufd: 99 }, 'EFAULT'],
    ['a token, which the device does not have', { flags: 1, token_uuid_ptr: 0n, iommufd: 99 }, 'EINVAL'],
    ['an fd that is not open', { iommufd: 99 }, 'EBADF'],
    ['an fd of another kind', { iommufd: 0 }, 'EBADFD'],
    ['the device itself', { iommufd: 4 }, 'EBADFD'],
  ])('%s is refused', (_name, changed, name) => {
    // The token is at the address of the struct.
    const token = changed.token_uuid_ptr === 0n ? { token_uuid_ptr: program.at } : {};
    expect(bind({ ...changed, ...token })).toBe(is(name));
    expect(bind()).toBe(0);
  });

  test('returns an id, and fails the second time', () => {
    expect(bind()).toBe(0);
    expect(view(vfio_device_bind_iommufd, program.memory).out_devid).toBe(2);
    expect(bind()).toBe(is('EINVAL'));
    const other = program.process.open('/dev/vfio/devices/vfio0');
    expect(bind({ iommufd: 99 }, other)).toBe(is('EBADF'));
    expect(bind({}, other)).toBe(is('EINVAL'));
    expect(() => program.kernel.unplug(device)).toThrow('open and bound to an iommufd');
    program.process.close(cdev);
    expect(bind({}, other)).toBe(0);
    expect(view(vfio_device_bind_iommufd, program.memory).out_devid).toBe(2);
  });

  test('is undone if the id cannot be copied to the caller', () => {
    const bytes = new Uint8Array(PAGE);
    bytes.set(encode(vfio_device_bind_iommufd, fields));
    const at = program.process.mapHost(bytes, PROT_READ);
    expect(program.process.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at)).toBe(is('EFAULT'));
    program.process.close(program.fd);
    expect(program.kernel.leftOver()).toEqual(['a process with open files: 1']);
  });

  test('it keeps the iommufd open', () => {
    expect(bind()).toBe(0);
    program.process.close(program.fd);
    expect(program.kernel.leftOver()).toEqual([
      'a process with open files: 1',
      'an open /dev/iommu with ioas 1 (1 users), device 2 (2 users)',
      'a bound device: /dev/vfio/devices/vfio0',
    ]);
    program.process.close(cdev);
    expect(program.kernel.leftOver()).toEqual([]);
  });
});

describe('attach', () => {
  let program: DmaProgram;
  const fields = { argsz: 16, flags: 0, pt_id: 1, pasid: 0 };
  const ioctl = (request: number, bytes: Uint8Array): number => {
    program.memory.set(bytes);
    return program.process.ioctl(program.cdev, request, program.at);
  };
  const attach = (changed: Partial<typeof fields> = {}): number =>
    ioctl(
      VFIO_DEVICE_ATTACH_IOMMUFD_PT.request,
      encode(vfio_device_attach_iommufd_pt, { ...fields, ...changed }),
    );
  const detach = (changed: { argsz?: number; flags?: number; pasid?: number } = {}): number =>
    ioctl(
      VFIO_DEVICE_DETACH_IOMMUFD_PT.request,
      encode(vfio_device_detach_iommufd_pt, { argsz: 12, flags: 0, pasid: 0, ...changed }),
    );
  const attachedTo = (pasid: number): unknown => program.device.group.handle(pasid)?.domain;

  beforeEach(() => {
    program = new DmaProgram(8, { pasids: true });
  });

  test('invalid arguments are refused, and the first version of a struct is accepted', () => {
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT.request, 8n)).toBe(is('EFAULT'));
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_DETACH_IOMMUFD_PT.request, 8n)).toBe(is('EFAULT'));
    expect([attach({ argsz: 11 }), attach({ flags: 2 }), attach({ flags: 1, argsz: 15 })]).toEqual(
      Array(3).fill(is('EINVAL')),
    );
    expect([detach({ argsz: 7 }), detach({ flags: 2 }), detach({ flags: 1, argsz: 11 })]).toEqual(
      Array(3).fill(is('EINVAL')),
    );
    expect(attach({ pt_id: 99 })).toBe(is('ENOENT'));
    expect(attach({ pt_id: program.deviceId })).toBe(is('EINVAL'));
    expect([attach({ argsz: 12 }), detach({ argsz: 8 })]).toEqual([0, 0]);
  });

  test('attach returns the page table, a second attach moves the device, and a detach without an attachment does nothing', () => {
    expect(attach()).toBe(0);
    const automatic = view(vfio_device_attach_iommufd_pt, program.memory).pt_id;
    expect(automatic).toBe(3);
    const first = attachedTo(0);
    const hwpt = program.hwpt(1, 0);
    expect(attach({ pt_id: hwpt })).toBe(0);
    expect(attachedTo(0)).not.toBe(first);
    expect(view(vfio_device_attach_iommufd_pt, program.memory).pt_id).toBe(hwpt);
    expect([detach(), detach()]).toEqual([0, 0]);
    expect(attachedTo(0)).toBeUndefined();
  });

  test('PASIDs are attached, moved and detached on their own', () => {
    const [first, second] = [
      program.hwpt(1, IOMMU_HWPT_ALLOC_PASID),
      program.hwpt(1, IOMMU_HWPT_ALLOC_PASID),
    ];
    expect(attach({ flags: 1, pasid: 1 << 20, pt_id: first })).toBe(is('EINVAL'));
    expect(attach({ flags: 1, pasid: 0x8000_0000, pt_id: first })).toBe(is('ENOSPC'));
    expect(attach({ flags: 1, pasid: 7, pt_id: first })).toBe(0);
    const domain = attachedTo(7);
    expect(attach({ flags: 1, pasid: 7, pt_id: second })).toBe(0);
    expect(attachedTo(7)).not.toBe(domain);
    expect(attachedTo(0)).toBeUndefined();
    expect([detach({ flags: 1, pasid: 7 }), detach({ flags: 1, pasid: 7 })]).toEqual([0, 0]);
    expect(attachedTo(7)).toBeUndefined();
    expect(detach({ flags: 1, pasid: 0x8000_0000 })).toBe(0);
  });

  test('the device is detached if the page table id cannot be copied out, even for a PASID', () => {
    const bytes = new Uint8Array(PAGE);
    const at = program.process.mapHost(bytes, PROT_READ);
    const unheard = (changed: Partial<typeof fields>): number => {
      bytes.set(encode(vfio_device_attach_iommufd_pt, { ...fields, ...changed }));
      return program.process.ioctl(program.cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT.request, at);
    };
    expect(unheard({})).toBe(is('EFAULT'));
    expect(attachedTo(0)).toBeUndefined();
    const hwpt = program.hwpt(1, IOMMU_HWPT_ALLOC_PASID);
    expect(attach({ pt_id: hwpt })).toBe(0);
    expect(unheard({ flags: 1, pasid: 7, pt_id: hwpt })).toBe(is('EFAULT'));
    expect([attachedTo(0) === undefined, attachedTo(7) === undefined]).toEqual([true, false]);
  });

  test('a close detaches whatever is attached', () => {
    const hwpt = program.hwpt(1, IOMMU_HWPT_ALLOC_PASID);
    expect([attach({ pt_id: hwpt }), attach({ flags: 1, pasid: 9, pt_id: hwpt })]).toEqual([0, 0]);
    expect(attach({ flags: 1, pasid: 3, pt_id: hwpt })).toBe(0);
    program.process.close(program.cdev);
    expect([0, 3, 9].map(attachedTo)).toEqual([undefined, undefined, undefined]);
    expect(program.kernel.leftOver()).toEqual([
      'a process with open files: 1',
      `an open /dev/iommu with ioas 1 (2 users), hwpt ${hwpt} (1 users)`,
    ]);
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
  });

  test('the end of the process leaves nothing, whatever is attached', () => {
    const hwpt = program.hwpt(1, IOMMU_HWPT_ALLOC_PASID);
    expect([attach({ pt_id: hwpt }), attach({ flags: 1, pasid: 9, pt_id: hwpt })]).toEqual([0, 0]);
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
    program.kernel.unplug(program.device);
  });
});

describe('a PCI function', () => {
  let program: DmaProgram;
  const ioctl = (request: number, at = program.at): number =>
    program.process.ioctl(program.cdev, request, at);

  beforeEach(() => {
    program = new DmaProgram(1);
  });

  test('returns information limited to argsz', () => {
    program.memory.fill(0xff).set([24, 0, 0, 0]);
    expect(ioctl(VFIO_DEVICE_GET_INFO.request)).toBe(0);
    const { flags, num_regions, num_irqs, cap_offset } = view(vfio_device_info, program.memory);
    expect([flags, num_regions, num_irqs, cap_offset]).toEqual([3, 9, 5, 0]);
    program.memory.fill(0xff).set([18, 0, 0, 0]);
    expect(ioctl(VFIO_DEVICE_GET_INFO.request)).toBe(0);
    expect([...program.memory.subarray(15, 20)]).toEqual([0, 0, 0, 0xff, 0xff]);
    program.memory.set([15, 0, 0, 0]);
    expect(ioctl(VFIO_DEVICE_GET_INFO.request)).toBe(is('EINVAL'));
    expect(ioctl(VFIO_DEVICE_GET_INFO.request, 8n)).toBe(is('EFAULT'));
  });

  test('has configuration space and no other region', () => {
    const region = (index: number, argsz = 32): unknown => {
      const zero = { flags: 0xf, cap_offset: 5, size: 7n, offset: 9n };
      program.memory.set(encode(vfio_region_info, { argsz, index, ...zero }));
      const done = ioctl(VFIO_DEVICE_GET_REGION_INFO.request);
      const { flags, size, offset, cap_offset } = view(vfio_region_info, program.memory);
      return done === 0 ? [flags, size, offset, cap_offset] : done;
    };
    for (let index = 0; index < 7; index++) {
      expect(region(index)).toEqual([0, 0n, BigInt(index) << 40n, 5]);
    }
    expect(region(7)).toEqual([3, 4096n, 7n << 40n, 5]);
    expect([region(8), region(9), region(0, 31)]).toEqual(Array(3).fill(is('EINVAL')));
  });

  test('has interrupts for errors and requests', () => {
    const irq = (index: number, argsz = 16): unknown => {
      program.memory.set(encode(vfio_irq_info, { argsz, index, flags: 0, count: 0 }));
      const done = ioctl(VFIO_DEVICE_GET_IRQ_INFO.request);
      const { flags, count } = view(vfio_irq_info, program.memory);
      return done === 0 ? [flags, count] : done;
    };
    expect([0, 1, 2, 3, 4].map((index) => irq(index))).toEqual([
      [7, 0],
      [9, 0],
      [9, 0],
      [9, 1],
      [9, 1],
    ]);
    expect([irq(5), irq(0, 15)]).toEqual([is('EINVAL'), is('EINVAL')]);
  });

  test('can be reset, and nothing else', () => {
    expect(ioctl(VFIO_DEVICE_RESET.request, 0n)).toBe(0);
    expect([ioctl(VFIO_DEVICE_QUERY_GFX_PLANE.request), ioctl(0)]).toEqual([is('ENOTTY'), is('ENOTTY')]);
  });
});

test('a device that is bound can be reached through no other file', () => {
  const program = new DmaProgram(1);
  const other = program.kernel.spawn();
  const at = other.mmap(0n, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  const iommufd = other.open('/dev/iommu');
  const cdev = other.open('/dev/vfio/devices/vfio0');
  const bind = { argsz: 16, flags: 0, iommufd, out_devid: 0, token_uuid_ptr: 0n };
  other.memory(at, 24).set(encode(vfio_device_bind_iommufd, bind));
  expect(other.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at)).toBe(is('EINVAL'));
  expect(other.ioctl(cdev, VFIO_DEVICE_RESET.request, 0n)).toBe(is('EINVAL'));
  program.process.exit();
  expect(other.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at)).toBe(0);
});
