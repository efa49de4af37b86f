import { describe, expect, test } from '@jest/globals';
import { PAGE } from '@iommufd/testkit/guest';
import { POLLIN } from '@iommufd/uapi';
import { QEMU_SMMUV3 } from '@iommufd/tape';
import { Guest, ID, SID, translate } from './guest.testing.js';
import { DATA, IPA, PAGE_IPA, sure, sureQueue, UNMAPPED, VSID } from './program.testing.js';

/** Two SMMUs, each with a parent, a vIOMMU, a vDEVICE of one id, a queue, and a device on stage 1. */
function twoSmmus() {
  const guest = new Guest(64, { smmus: [QEMU_SMMUV3, QEMU_SMMUV3] });
  const dev = guest.bind(2);
  const s2 = guest.parent({ dev_id: dev.id });
  const viommu = sure(guest.viommu(s2, { dev_id: dev.id }));
  return { guest, dev, s2, viommu };
}

describe('Two SMMUs', () => {
  test('fail with EINVAL for objects of each other', () => {
    const { guest, dev, s2, viommu } = twoSmmus();
    expect(guest.viommu(guest.s2, { dev_id: dev.id })).toBe('EINVAL');
    expect(guest.viommu(s2)).toBe('EINVAL');
    expect(guest.vdevice(guest.vsmmu, 1n, dev.id)).toBe('EINVAL');
    expect(guest.nested(guest.vsmmu, translate(), 0n, { dev_id: dev.id })).toBe('EINVAL');
    expect(guest.nested(viommu, translate())).toBe('EINVAL');
    expect(guest.attach(guest.s2, dev)).toBe('EINVAL');
    expect(guest.attach(guest.s1, dev)).toBe('EINVAL');
    expect(guest.attach(s2)).toBe('EINVAL');
    // The first device is where it was.
    guest.fault();
    expect(guest.sequences()).toEqual([0]);
  });

  test('with one virt_id on one IOAS have each the events of its own device', () => {
    const { guest, dev, viommu } = twoSmmus();
    const fields = { dev_id: dev.id };
    expect(guest.vdevice(viommu, BigInt(VSID), dev.id)).toEqual(ID);
    const queue = sureQueue(guest.veventq(viommu));
    expect(guest.attach(sure(guest.nested(viommu, translate(), 0n, fields)), dev)).toBe('ok');
    guest.fault(1, dev);
    expect([guest.poll(queue), guest.poll(guest.queue)]).toEqual([POLLIN, 0]);
    guest.fault(2);
    expect(guest.sequences()).toEqual([0, 1]);
    expect(guest.read(queue)).toEqual([0n, SID | 0x10n, 0x208_0000_0000n, UNMAPPED, 0n]);
  });

  test('have each a page table of its own for an IOAS', () => {
    const { guest, dev } = twoSmmus();
    expect(guest.attach(guest.ioas)).toBe('ok');
    expect(guest.attach(guest.ioas, dev)).toBe('ok');
    guest.guestPage(DATA)[0] = 6;
    for (const [i, each] of [guest.dev, dev].entries()) {
      guest.dma(false, PAGE_IPA, 4, each);
      guest.dma(true, IPA + BigInt((DATA + 1 + i) * PAGE), 4, each);
      expect(guest.guestPage(DATA + 1 + i)[0]).toBe(6);
    }
  });
});
