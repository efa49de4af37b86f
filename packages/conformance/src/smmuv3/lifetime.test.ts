import { describe, expect, test } from '@jest/globals';
import { IOMMU_IOAS_ALLOC, POLLIN, VFIO_DEVICE_BIND_IOMMUFD } from '@iommufd/uapi';
import { Guest, ID, translate } from './guest.testing.js';
import { UNMAPPED, VSID } from './program.testing.js';

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]];
  return all.flatMap((first) =>
    permutations(all.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

describe('Destroying', () => {
  test('fails with EBUSY for an attached page table, a parent of objects, and a queue with an open fd', () => {
    const guest = new Guest();
    for (const id of [guest.s1, guest.s2, guest.vsmmu, guest.queue.id, guest.ioas, guest.dev.id])
      expect(guest.destroy(id)).toBe('EBUSY');
    guest.detach();
    for (const id of [guest.s2, guest.vsmmu]) expect(guest.destroy(id)).toBe('EBUSY');
    expect(guest.destroy(guest.s1)).toBe('ok');
    expect(guest.destroy(guest.vsmmu)).toBe('EBUSY');
    expect(guest.destroy(guest.vdev)).toBe('ok');
    expect(guest.destroy(guest.vsmmu)).toBe('EBUSY');
    expect(guest.destroy(guest.queue.id)).toBe('EBUSY');
    guest.close(guest.queue.fd);
    for (const id of [guest.queue.id, guest.vsmmu, guest.s2, guest.ioas])
      expect(guest.destroy(id)).toBe('ok');
    for (const id of [guest.queue.id, guest.vsmmu, guest.s2, guest.ioas])
      expect(guest.destroy(id)).toBe('ENOENT');
  });

  test('succeeds for a vDEVICE whose device is attached', () => {
    const guest = new Guest();
    expect(guest.destroy(guest.vdev)).toBe('ok');
    expect(guest.destroy(guest.vdev)).toBe('ENOENT');
  });
});

describe('Closing', () => {
  test('the device destroys it and its vDEVICE, and leaves the nested page table', () => {
    const guest = new Guest();
    guest.close(guest.dev.fd);
    expect(guest.destroy(guest.vdev)).toBe('ENOENT');
    expect(guest.destroy(guest.dev.id)).toBe('ENOENT');
    expect(guest.vdevice(guest.vsmmu, 1n)).toBe('ENOENT');
    expect(guest.nested(guest.vsmmu, translate())).toBe('ENOENT');
    expect(guest.destroy(guest.s1)).toBe('ok');
    guest.close(guest.queue.fd);
    for (const id of [guest.queue.id, guest.vsmmu, guest.s2, guest.ioas])
      expect(guest.destroy(id)).toBe('ok');
  });

  test('the device frees its id, but not that of its vDEVICE', () => {
    const guest = new Guest();
    guest.close(guest.dev.fd);
    const again = guest.bind(0);
    expect(again.id).toBe(guest.dev.id);
    const ids = Array.from({ length: 8 }, () => guest.newIoas());
    expect(ids).not.toContain(guest.vdev);
    // The virtual id is free.
    expect(guest.vdevice(guest.vsmmu, BigInt(VSID), again.id)).toEqual(ID);
  });

  test('the iommufd leaves the attachment and the queue working', () => {
    const guest = new Guest();
    guest.fault();
    guest.close(guest.iommufd);
    expect(guest.call(IOMMU_IOAS_ALLOC)).toBe('EBADF');
    guest.fault();
    expect(guest.sequences()).toEqual([0, 1]);
    expect(guest.attach(guest.s2)).toBe('ok');
    expect(guest.attach(guest.s1)).toBe('ok');
    guest.fault();
    expect(guest.sequences()).toEqual([2]);
    expect(guest.detach()).toBe('ok');
    expect(guest.attach(guest.s1)).toBe('ok');
  });

  test('the device leaves its events in the queue', () => {
    const guest = new Guest();
    guest.fault(2);
    guest.close(guest.dev.fd);
    expect(guest.poll(guest.queue)).toBe(POLLIN);
    expect(guest.sequences()).toEqual([0, 1]);
  });

  for (const order of permutations(['device', 'iommufd', 'queue'] as const))
    test(`${order.join(', ')}, in this order, leaves nothing`, () => {
      const guest = new Guest();
      const open = new Set<string>(order);
      const fds = { device: guest.dev.fd, iommufd: guest.iommufd, queue: guest.queue.fd };
      guest.fault();
      const gone = new Set<number>();
      const destroyFree = (isUsed: boolean, id: number): void => {
        expect(guest.destroy(id)).toBe(isUsed ? 'EBUSY' : gone.has(id) ? 'ENOENT' : 'ok');
        if (!isUsed) gone.add(id);
      };
      let waiting = 1;
      for (const name of order) {
        expect(guest.close(fds[name])).toBe('ok');
        expect(guest.close(fds[name])).toBe('EBADF');
        open.delete(name);
        expect(guest.dma(false, UNMAPPED)).toBe(open.has('device') ? 'ok' : 'EBADF');
        if (open.has('device')) waiting++;
        if (open.has('queue')) {
          expect(guest.poll(guest.queue)).toBe(waiting > 0 ? POLLIN : 0);
          expect(guest.sequences()).toHaveLength(waiting);
          waiting = 0;
        }
        if (open.has('iommufd')) {
          destroyFree(open.has('device'), guest.s1);
          destroyFree(open.has('queue'), guest.queue.id);
          expect(guest.destroy(guest.dev.id)).toBe(open.has('device') ? 'EBUSY' : 'ENOENT');
        }
      }
      // The device is free for another iommufd.
      const iommufd = guest.process.open('/dev/iommu');
      const fd = guest.open(0);
      expect(guest.call(VFIO_DEVICE_BIND_IOMMUFD, { iommufd }, fd)).toBe('ok');
      guest.process.exit();
      expect(guest.kernel.leftOver()).toEqual([]);
    });

  test('everything as the process exits leaves nothing', () => {
    const guest = new Guest();
    guest.fault(3);
    guest.process.exit();
    expect(guest.kernel.leftOver()).toEqual([]);
  });
});
