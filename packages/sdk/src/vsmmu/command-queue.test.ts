import { describe, expect, test } from '@jest/globals';
import { BAD, cfgiCdAll, cfgiSte, type Command, SYNC, syncIrq, tlbiAsid } from '@iommufd/testkit/guest';
import { BATCH, issue, MOST_COMMANDS } from './issue-commands.js';
import { asidWord, CMDQ, Guest, RAM_BASE, refusal, StubBackend } from './vsmmu.testing.js';

const ILL = 0x0100_0000;
const ABT = 0x0200_0000;
const asids = (count: number, from = 0): Command[] =>
  Array.from({ length: count }, (_, i) => tlbiAsid(from + i));
const words = (count: number, from = 0): bigint[] =>
  Array.from({ length: count }, (_, i) => asidWord(from + i));

describe('runs', () => {
  test('adjacent invalidations are one call, in order', () => {
    const guest = new Guest({ streams: [1] }).start(6);
    guest.issue(...asids(40), SYNC);
    expect(guest.taken()).toEqual(['invalidate 40']);
    expect(guest.backend.ran).toEqual(words(40));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(41);
  });

  test('CMD_SYNC and CMD_CFGI_STE end a run; hints and commands for absent devices do not', () => {
    const guest = new Guest({ streams: [1] }).start(6, 0xd);
    guest.taken();
    const prefetch: Command = { Opcode: 1, SSec: 0, SSV: 0, SubstreamID: 0, StreamID: 1 };
    guest.issue(
      ...[tlbiAsid(1), prefetch, cfgiCdAll(9), cfgiCdAll(1), SYNC],
      ...[tlbiAsid(2), cfgiSte(1), tlbiAsid(3), SYNC, SYNC],
    );
    expect(guest.taken()).toEqual(['invalidate 2', 'invalidate 1', 'stream 1 abort', 'invalidate 1']);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(10);
  });

  test('a run across the end of the queue is one call', () => {
    const guest = new Guest().start(3);
    guest.issue(...asids(5));
    guest.issue(...asids(8, 100));
    expect(guest.taken()).toEqual(['invalidate 5', 'invalidate 8']);
    expect(guest.backend.ran).toEqual([...words(5), ...words(8, 100)]);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(13);
    for (let i = 0; i < 50; i++) guest.issue(...asids(7, i));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe((13 + 350) % 16);
    expect(guest.backend.ran).toHaveLength(363);
  });

  test('a long run is divided where Linux begins a batch', () => {
    const guest = new Guest({ budget: Infinity }).start(12);
    guest.issue(...asids(4095));
    expect(MOST_COMMANDS % BATCH).toBe(0);
    expect(guest.taken()).toEqual([`invalidate ${MOST_COMMANDS}`, `invalidate ${4095 - MOST_COMMANDS}`]);
    expect(guest.backend.ran).toEqual(words(4095));
  });

  test('a queue of one entry works', () => {
    const guest = new Guest().start(0);
    for (let i = 0; i < 5; i++) guest.issue(tlbiAsid(i));
    expect(guest.backend.ran).toEqual(words(5));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(1);
  });

  test('a size above the limit of SMMU_IDR1 acts as the limit', () => {
    const guest = new Guest({ commandQueueBits: 2 });
    guest.set64('SMMU_CMDQ_BASE', CMDQ | 31n);
    guest.set('SMMU_CR0', 8);
    guest.ram.write64(CMDQ, asidWord(0), 0n, asidWord(1), 0n, asidWord(2), 0n, asidWord(3), 0n);
    guest.set('SMMU_CMDQ_PROD', 4);
    guest.set('SMMU_CMDQ_PROD', 6);
    expect(guest.backend.ran).toEqual([...words(4), ...words(2)]);
  });

  test('the queue is aligned to its size', () => {
    const guest = new Guest();
    guest.set64('SMMU_CMDQ_BASE', CMDQ | 0xe0n | 4n);
    guest.set('SMMU_CR0', 8);
    guest.ram.write64(CMDQ, asidWord(7), 0n);
    guest.set('SMMU_CMDQ_PROD', 1);
    expect(guest.backend.ran).toEqual([asidWord(7)]);
  });

  test('indexes that are not a valid state of a queue do not cause an endless loop', () => {
    const guest = new Guest().start(3);
    guest.put(...asids(8));
    guest.set('SMMU_CMDQ_PROD', 15);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(15);
    expect(guest.backend.ran).toHaveLength(15);
  });

  test('nothing is consumed while the queue is disabled', () => {
    const guest = new Guest().start(4, 0);
    guest.issue(...asids(3));
    expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([[], 0]);
    guest.set('SMMU_CR0', 8);
    expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([['invalidate 3'], 3]);
  });
});

describe('an illegal command', () => {
  test('stops the queue: earlier commands are executed, later ones are not', () => {
    const guest = new Guest().start();
    guest.issue(tlbiAsid(1), tlbiAsid(2), BAD, tlbiAsid(3), SYNC);
    expect(guest.taken()).toEqual(['invalidate 2', 'irq gerror']);
    expect(guest.backend.ran).toEqual([asidWord(1), asidWord(2)]);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ILL | 2);
    expect([guest.get('SMMU_GERROR'), guest.get('SMMU_GERRORN')]).toEqual([1, 0]);
    // The queue stays stopped until the error is acknowledged.
    guest.issue(tlbiAsid(4));
    guest.set('SMMU_CR0', 4);
    guest.set('SMMU_CR0', 0xc);
    expect([guest.taken(), guest.get('SMMU_CMDQ_CONS')]).toEqual([[], ILL | 2]);
  });

  test('can be overwritten by the guest, and the queue continues', () => {
    const guest = new Guest().start();
    guest.issue(tlbiAsid(1), BAD, tlbiAsid(2), syncIrq());
    guest.taken();
    guest.ram.write64(CMDQ + 16n, 0x46n, 0n);
    guest.set('SMMU_GERRORN', 1);
    expect(guest.taken()).toEqual(['invalidate 1', 'irq sync']);
    expect(guest.get('SMMU_CMDQ_CONS') & 0xff).toBe(4);
    expect([guest.get('SMMU_GERROR'), guest.get('SMMU_GERRORN')]).toEqual([1, 1]);
    // The next error makes the bit differ again.
    guest.issue(BAD);
    expect([guest.taken(), guest.get('SMMU_GERROR')]).toEqual([['irq gerror'], 0]);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ILL | 4);
  });

  test('stops the queue again if it is acknowledged and still there', () => {
    const guest = new Guest().start();
    guest.issue(BAD);
    guest.set('SMMU_GERRORN', 1);
    expect(guest.taken()).toEqual(['irq gerror', 'irq gerror']);
    expect([guest.get('SMMU_GERROR'), guest.get('SMMU_GERRORN')]).toEqual([0, 1]);
  });

  test('can be corrected in the interrupt handler, and the outer call continues', () => {
    const guest: Guest = new Guest({
      interrupts: {
        gerror: () => {
          guest.log.push(`irq gerror, CONS ${guest.get('SMMU_CMDQ_CONS').toString(16)}`);
          guest.ram.write64(CMDQ + 16n, 0x46n, 0n);
          guest.set('SMMU_GERRORN', guest.get('SMMU_GERROR'));
          guest.log.push('acknowledged');
        },
      },
    }).start();
    guest.issue(tlbiAsid(1), BAD, tlbiAsid(2));
    expect(guest.taken()).toEqual([
      'invalidate 1',
      'irq gerror, CONS 1000001',
      'acknowledged',
      'invalidate 1',
    ]);
    expect(guest.get('SMMU_CMDQ_CONS') & 0xff).toBe(3);
  });

  test('does not interrupt unless the guest enabled it', () => {
    const guest = new Guest().start();
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.issue(BAD);
    expect([guest.taken(), guest.get('SMMU_GERROR')]).toEqual([[], 1]);
  });
});

describe('a command that the kernel refuses', () => {
  test.each([
    [1, 1],
    [10, 0],
    [10, 9],
    [10, 5],
    [62, 61],
    [63, 62],
    [64, 63],
    [100, 64],
    [200, 126],
    [200, 125],
    [200, 199],
  ])('of %i: number %i', (count, bad) => {
    const guest = new Guest().start(8);
    guest.backend.refuses = (low) => low === asidWord(bad);
    guest.issue(...asids(count), SYNC);
    const { ran } = guest.backend;
    if (bad >= count) {
      expect(ran).toEqual(words(count));
      return;
    }
    // All commands before it were executed, although Linux had not issued those of its batch.
    expect(ran).toEqual(words(bad));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ILL | bad);
    const again = bad % BATCH;
    expect(guest.taken()).toEqual([
      `invalidate ${count}`,
      ...(again > 0 ? [`invalidate ${again}`] : []),
      'irq gerror',
    ]);
    // After the correction the other commands are executed.
    guest.ram.write64(CMDQ + BigInt(16 * bad), 0x46n, 0n);
    guest.set('SMMU_GERRORN', 1);
    expect(ran).toEqual(words(count).filter((word) => word !== asidWord(bad)));
    expect(guest.get('SMMU_CMDQ_CONS') & 0xfff).toBe(count + 1);
  });

  test('is reported by its index in the queue, whatever is in between', () => {
    const guest = new Guest({ streams: [1] }).start();
    guest.backend.refuses = (low) => low === asidWord(2);
    guest.issue(cfgiCdAll(7), tlbiAsid(1), cfgiCdAll(7), cfgiCdAll(7), tlbiAsid(2), tlbiAsid(3));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ILL | 4);
    expect(guest.backend.ran).toEqual([asidWord(1)]);
  });

  test('may be another one when the rest is issued again', () => {
    const stub = new StubBackend(() => undefined);
    let calls = 0;
    stub.refuses = (low) => low === asidWord(9) || (calls > 0 && low === asidWord(4));
    const backend = {
      invalidate: (commands: Parameters<StubBackend['invalidate']>[0]) => {
        try {
          stub.invalidate(commands);
        } finally {
          calls++;
        }
      },
    };
    expect(
      issue(
        backend,
        words(12).map((word) => ({ cmd: [word, 0n] })),
      ),
    ).toBe(4);
    expect(stub.ran).toEqual(words(4));
  });
});

describe('a host that fails', () => {
  test.each([
    ['with an error of its own', new Error('out of order'), 'out of order'],
    ['by a refusal of all', refusal([], 0, 12), 'ENOMEM'],
    ['by a time-out', refusal([{ cmd: [0n, 0n] }], 0, 110), 'IOMMU_HWPT_INVALIDATE'],
    ['by EIO for no command', refusal([], 0), 'EIO'],
  ])('%s is no fault of the guest: the commands wait', (_, failure, message) => {
    const guest = new Guest({ streams: [1] }).start(4, 0xd);
    guest.backend.failure = failure;
    expect(() => guest.issue(tlbiAsid(1), tlbiAsid(2), cfgiSte(1))).toThrow(message);
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([0, 0]);
    guest.backend.failure = undefined;
    guest.taken();
    guest.issue();
    expect(guest.taken()).toEqual(['invalidate 2', 'stream 1 abort']);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(3);
  });
});

describe('CMD_SYNC', () => {
  test('raises the line when it is consumed, whatever SMMU_IRQ_CTRL is', () => {
    const guest: Guest = new Guest({
      interrupts: { cmdqSync: () => guest.log.push(`irq sync, CONS ${guest.get('SMMU_CMDQ_CONS')}`) },
    }).start();
    guest.set('SMMU_IRQ_CTRL', 0);
    guest.issue(tlbiAsid(1), syncIrq(), syncIrq());
    expect(guest.taken()).toEqual(['invalidate 1', 'irq sync, CONS 2', 'irq sync, CONS 3']);
  });

  test('sends its MSI only if the guest has MSIs', () => {
    const plain = new Guest().start();
    plain.issue(syncIrq(0x800_0040n, 7));
    expect(plain.taken()).toEqual(['irq sync']);
    const guest = new Guest({ msi: true }).start();
    guest.issue(syncIrq(0x800_0040n, 7), syncIrq(0n, 7));
    expect(guest.taken()).toEqual(['msi 0x8000040 7', 'irq sync']);
  });

  test('writes its MSI to memory, for a guest that polls: over the command itself, as in Linux', () => {
    const guest = new Guest({ msi: true }).start();
    guest.issue(tlbiAsid(1), syncIrq(CMDQ + 16n, 0));
    expect(guest.ram.read64(CMDQ + 16n) & 0xffff_ffffn).toBe(0n);
    expect(guest.taken()).toEqual(['invalidate 1']);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(2);
  });

  test('whose MSI fails is a global error, and is consumed', () => {
    const guest = new Guest({ msi: true, interrupts: { msi: () => false } }).start();
    guest.issue(syncIrq(0x800_0040n, 7), tlbiAsid(1));
    expect(guest.taken()).toEqual(['irq gerror', 'invalidate 1']);
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([2, 0x10]);
  });

  test('signals an event to processors if the guest has SEV', () => {
    const event: Command = { ...SYNC, CS: 2 };
    const plain = new Guest().start();
    plain.issue(event);
    const guest = new Guest({ sev: true }).start();
    guest.issue(event);
    expect([plain.taken(), guest.taken()]).toEqual([[], ['sev']]);
    expect([plain.get('SMMU_CMDQ_CONS'), guest.get('SMMU_CMDQ_CONS')]).toEqual([1, 1]);
  });

  test('allows the guest to issue commands, disable the queue, or reset the SMMU in its interrupt', () => {
    let act: (guest: Guest) => void = () => undefined;
    const guest: Guest = new Guest({ interrupts: { cmdqSync: () => act(guest) } }).start();
    act = () => {
      act = () => undefined;
      guest.issue(tlbiAsid(9));
      // The outer call continues.
      expect(guest.backend.ran).toEqual([]);
    };
    guest.issue(syncIrq(), tlbiAsid(1));
    expect(guest.backend.ran).toEqual([asidWord(1), asidWord(9)]);
    act = () => guest.set('SMMU_CR0', 0);
    guest.issue(syncIrq(), tlbiAsid(2));
    expect(guest.backend.ran).toHaveLength(2);
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(4);
    guest.set('SMMU_CR0', 8);
    expect(guest.backend.ran).toHaveLength(3);
    act = () => guest.smmu.reset();
    guest.issue(syncIrq(), tlbiAsid(2));
    expect(guest.backend.ran).toHaveLength(3);
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_CMDQ_PROD'), guest.get('SMMU_CR0')]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('a queue that is not in memory', () => {
  test('stops with CERROR_ABT where its memory ends, after executing the commands before', () => {
    const guest = new Guest().start(4);
    guest.ram.hole = { from: CMDQ + 48n, to: CMDQ + 64n };
    guest.ram.all.set([0x11], 0);
    guest.ram.write64(
      CMDQ,
      asidWord(0),
      0n,
      asidWord(1),
      0n,
      asidWord(2),
      0n,
      asidWord(3),
      0n,
      asidWord(4),
      0n,
    );
    guest.set('SMMU_CMDQ_PROD', 5);
    expect(guest.backend.ran).toEqual(words(3));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ABT | 3);
    expect(guest.taken().at(-1)).toBe('irq gerror');
    guest.ram.hole = undefined;
    guest.set('SMMU_GERRORN', 1);
    expect(guest.backend.ran).toEqual(words(5));
    expect(guest.get('SMMU_CMDQ_CONS') & 0xff).toBe(5);
  });

  test('may be missing only at its beginning', () => {
    const guest = new Guest().start(3);
    guest.issue(...asids(6));
    guest.put(...asids(4, 6));
    guest.ram.hole = { from: RAM_BASE, to: RAM_BASE + 16n };
    guest.set('SMMU_CMDQ_PROD', 10);
    expect(guest.backend.ran).toEqual(words(8));
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(ABT | 8);
  });

  test('may be missing completely', () => {
    const guest = new Guest();
    guest.set64('SMMU_CMDQ_BASE', 0xff_0000_0000_0004n);
    guest.set('SMMU_CR0', 8);
    guest.set('SMMU_CMDQ_PROD', 1);
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([ABT, 1]);
  });
});
