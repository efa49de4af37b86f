import { describe, expect, test } from '@jest/globals';
import { ABORT, BYPASS, Guest, MSI, translate, vsmmu } from './guest.testing.js';
import { Program, sure } from './program.testing.js';

describe('Attaching a device', () => {
  test('to a stage 1 of the guest fails with ENOENT without a vDEVICE, to ABORT, BYPASS and V=0 succeeds', () => {
    const { program, viommu } = vsmmu();
    expect(program.attach(sure(program.nested(viommu, translate())))).toBe('ENOENT');
    for (const word of [ABORT, BYPASS, 0n]) {
      expect(program.attach(sure(program.nested(viommu, word)))).toBe('ok');
      expect(program.attach(sure(program.nested(viommu, translate())))).toBe('ENOENT');
    }
  });

  test('fails with EINVAL for an id of another object, and with ENOENT for an unknown one', () => {
    const guest = new Guest();
    for (const id of [guest.vsmmu, guest.queue.id, guest.vdev, guest.dev.id])
      expect(guest.attach(id)).toBe('EINVAL');
    for (const id of [0, 99]) expect(guest.attach(id)).toBe('ENOENT');
  });

  test('in place of another of the same IOAS gives back the MSI window if it fails', () => {
    const { program, viommu } = vsmmu();
    expect(program.attach(sure(program.nested(viommu, BYPASS)))).toBe('ok');
    expect(program.map(MSI)).toBe('EINVAL');
    expect(program.attach(sure(program.nested(viommu, translate())))).toBe('ENOENT');
    // iommufd_device_do_replace() removes the reservations of its IOAS, which are those of the page table that stays attached.
    expect(program.map(MSI)).toBe('ok');
  });

  test('with EATS=1 succeeds without ATS', () => {
    const guest = new Guest();
    expect(guest.attach(sure(guest.nested(guest.vsmmu, translate(), 1n << 28n)))).toBe('ok');
  });

  test('fails with EADDRINUSE over a mapped MSI window, and leaves the device attached where it was', () => {
    const program = new Program();
    expect(program.map(MSI)).toBe('ok');
    const table = sure(program.hwpt({}));
    const parent = program.parent();
    const viommu = sure(program.viommu(parent));
    const nested = sure(program.nested(viommu, BYPASS));
    for (const id of [table, parent, nested, program.ioas]) expect(program.attach(id)).toBe('EADDRINUSE');
    const other = program.newIoas();
    expect(program.attach(other)).toBe('ok');
    for (const id of [table, parent, nested, program.ioas]) expect(program.attach(id)).toBe('EADDRINUSE');
    // What was attached still is: its window is still taken.
    expect(program.map(MSI, 1, { ioas: other })).toBe('EINVAL');
    program.unmap(MSI);
    expect(program.attach(nested)).toBe('ok');
    expect(program.map(MSI)).toBe('EINVAL');
    expect(program.map(MSI, 1, { ioas: other })).toBe('ok');
  });
});
