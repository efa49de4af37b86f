import { describe, expect, test } from '@jest/globals';
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import { IOVA, named, Program, sure } from './program.testing.js';

describe('The VFIO cdev', () => {
  test('fails with EINVAL before it is bound', () => {
    const program = new Program();
    const fd = program.open(1);
    const bound = { fd, id: 0 };
    expect(program.attach(program.ioas, bound)).toBe('EINVAL');
    expect(program.detach(bound)).toBe('EINVAL');
    for (const ioctl of [VFIO_DEVICE_GET_INFO, VFIO_DEVICE_RESET])
      expect(program.call(ioctl, {}, fd)).toBe('EINVAL');
    expect(named(program.process.ioctl(fd, 0x3bff, program.at))).toBe('EINVAL');
    expect(program.dma(false, IOVA, 4, bound)).toBe('EINVAL');
    expect(named(program.process.pread(fd, program.at, 4, 7n << 40n))).toBe('EINVAL');
  });

  for (const [fields, answer] of [
    [{ argsz: 8 }, 'EINVAL'],
    [{ argsz: 12 }, 'EINVAL'],
    [{ flags: 2 }, 'EINVAL'],
    [{ flags: 1 }, 'EFAULT'],
    [{ iommufd: -1 }, 'EINVAL'],
    [{ iommufd: 99 }, 'EBADF'],
  ] as const)
    test(`fails with ${answer} to bind with ${JSON.stringify(fields)}`, () => {
      const program = new Program();
      const all = { iommufd: program.iommufd, ...fields };
      expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, all, program.open(1))).toBe(answer);
    });

  test('fails with EBADFD if bound to another file, and with EINVAL a second time or from a second open', () => {
    const program = new Program();
    const fd = program.open(1);
    for (const iommufd of [fd, program.dev.fd])
      expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, { iommufd }, fd)).toBe('EBADFD');
    const { iommufd } = program;
    expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, { iommufd }, program.dev.fd)).toBe('EINVAL');
    expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, { iommufd }, program.open(0))).toBe('EINVAL');
  });

  test('fails with EINVAL to attach a PASID', () => {
    const program = new Program();
    const fields = { flags: 1, pasid: 1, pt_id: sure(program.hwpt({ flags: 8 })) };
    expect(program.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, fields, program.dev.fd)).toBe('EINVAL');
  });

  test('has an error interrupt, although edu is not a PCI Express function (vfio_pci_ioctl_get_irq_info)', () => {
    const program = new Program();
    const answer = (index: number): string =>
      program.call(VFIO_DEVICE_GET_IRQ_INFO, { index }, program.dev.fd);
    expect([0, 1, 2, 3, 4, 5].map(answer)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'EINVAL']);
  });

  test('can be detached twice, and not reset', () => {
    const program = new Program();
    program.attach(program.ioas);
    for (let i = 0; i < 2; i++)
      expect(program.call(VFIO_DEVICE_DETACH_IOMMUFD_PT, {}, program.dev.fd)).toBe('ok');
    expect(program.call(VFIO_DEVICE_RESET, {}, program.dev.fd)).toBe('EINVAL');
  });
});
