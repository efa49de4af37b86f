import { expect, test } from '@jest/globals';
import { cfgiSte, SYNC, tlbiAsid } from '@iommufd/testkit/guest';
import { smmuv3_ste_config } from '@iommufd/uapi';
import { BLOCKS, type Context, type Machine, onGoodAndBadDays, RAM, STRTAB } from './guest.testing.js';

// Events that the kernel does not report to a guest: the architecture has an event for each, but the guest's queue stays empty. The
// list is in docs/virtual-smmuv3.md. The access is aborted nevertheless, and the next valid one succeeds.

const VSID = 5;
const VA = 0x1000_0000n;
/** The guest has no memory there. */
const NOWHERE = 0x1_0000_0000n;
const { S2_TRANSLATE, S1_S2_TRANSLATE, S1_TRANSLATE } = smmuv3_ste_config;

/** Replaces the guest's stream table. */
function tableAt(machine: Machine, base: bigint, config: number): void {
  machine.set('SMMU_CR0', 0b1100);
  machine.set64('SMMU_STRTAB_BASE', base);
  machine.set('SMMU_STRTAB_BASE_CFG', config);
  machine.set('SMMU_CR0', 0b1101);
}
const TWO_LEVEL = (1 << 16) | (6 << 6) | 12;
const entry = (machine: Machine, fields: Parameters<Machine['ste']>[1]): void => {
  machine.ste(VSID, fields);
  machine.issue(cfgiSte(VSID), SYNC);
};

/** For each event of the architecture: its cause in the guest, and whether the host's kernel logs an event. */
const rows: Readonly<
  Record<string, readonly [prepare: (machine: Machine, context: Context) => void, isLogged: boolean]>
> = {
  'C_BAD_STE: V of 0': [(machine) => entry(machine, { V: 0 }), false],
  'C_BAD_STE: Config 6, stage 2 alone': [(machine) => entry(machine, { Config: S2_TRANSLATE }), false],
  'C_BAD_STE: Config 7, both stages': [(machine) => entry(machine, { Config: S1_S2_TRANSLATE }), false],
  'C_BAD_STE: more substreams than there are': [
    (machine, { context }) =>
      entry(machine, { Config: S1_TRANSLATE, S1ContextPtr: context, S1CDMax: 31, S1Fmt: 1 }),
    false,
  ],
  'C_BAD_STREAMID: a StreamID beyond the table': [(machine) => tableAt(machine, STRTAB, 2), false],
  'C_BAD_STREAMID: a first-level descriptor with Span 0': [
    (machine) => tableAt(machine, machine.ram.alloc(), TWO_LEVEL),
    false,
  ],
  'F_STE_FETCH: a stream table outside of RAM': [(machine) => tableAt(machine, NOWHERE, 6), false],
  'F_STE_FETCH: a second-level table outside of RAM': [
    (machine) => {
      const first = machine.ram.alloc();
      machine.ram.write64(first, NOWHERE | 7n);
      tableAt(machine, first, TWO_LEVEL);
    },
    false,
  ],
  'F_CD_FETCH: a context descriptor outside of RAM': [
    (machine) => entry(machine, { Config: S1_TRANSLATE, S1ContextPtr: NOWHERE }),
    true,
  ],
  'F_WALK_EABT: a first page table outside of RAM': [
    (machine, { context }) => {
      machine.cd(context, { TTB0: NOWHERE });
      entry(machine, { Config: S1_TRANSLATE, S1ContextPtr: context });
    },
    true,
  ],
  'F_WALK_EABT: a further page table outside of RAM': [
    (machine, { root }) => {
      machine.ram.write64(machine.tables.slot(root, VA, 2), NOWHERE | 3n);
      machine.issue(tlbiAsid(1), SYNC);
    },
    true,
  ],
};

onGoodAndBadDays((start) => {
  test.each(Object.entries(rows))('%s', async (_name, [prepare, isLogged]) => {
    const machine = start();
    const context = machine.translate(VSID);
    machine.tables.map(context.root, VA, BLOCKS[0]);
    const from = machine.host.kernel.messages.length;
    prepare(machine, context);
    machine.interrupts();
    expect(await machine.read(VSID, VA)).toBe('aborted');
    expect([machine.events(), machine.interrupts()]).toEqual([[], []]);
    expect(machine.messages(from).includes('event')).toBe(isLogged);
  });

  test('an address outside of RAM that is mapped: the abort has no event on hardware either', async () => {
    const machine = start();
    const { root } = machine.translate(VSID);
    machine.tables.map(root, VA, NOWHERE);
    expect([await machine.read(VSID, VA), machine.events()]).toEqual(['aborted', []]);
    machine.tables.map(root, VA, RAM);
    machine.issue(tlbiAsid(1), SYNC);
    expect(await machine.read(VSID, VA)).not.toBe('aborted');
  });
});
