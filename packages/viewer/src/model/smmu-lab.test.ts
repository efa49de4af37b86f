/** The SMMU to explore: walks, caches, queues that wrap and overflow, errors. */
import { expect, test } from '@jest/globals';
import { type LabAction, SmmuLab } from './smmu-lab.js';

function lab(...actions: readonly LabAction[]) {
  const smmu = new SmmuLab();
  for (const action of actions) smmu.perform(action);
  return smmu;
}
const access = (address: string, write = false, stream = 5): LabAction => ({
  do: 'translate',
  stream,
  address,
  write,
});

test('a walk reads an STE, a context descriptor and three descriptors, and the next one nothing', () => {
  const smmu = lab(access('0x1234'));
  expect(smmu.view().steps.map(({ what }) => what)).toEqual([
    'reads the entry of stream 5',
    'reads the context descriptor',
    expect.stringMatching(/^reads the descriptor of level 1: a table of level 2 at 0x8000/),
    expect.stringMatching(/^reads the descriptor of level 2: a table of level 3 at 0x8000/),
    'reads the descriptor of level 3: the page at 0x80020000, for reading and writing',
  ]);
  expect(smmu.view().outcome).toBe('stream 5 reads 0x1234: goes to 0x80020234');
  smmu.perform(access('0x1000'));
  expect(smmu.view().outcome).toContain('from the caches: nothing was read');
  // A cached translation outlives the mapping, until a command invalidates it.
  smmu.perform({ do: 'map', address: '0x1000', rights: 'none' });
  smmu.perform(access('0x1000'));
  expect(smmu.view().outcome).toContain('goes to');
  smmu.perform({ do: 'command', name: 'CMD_TLBI_NH_ALL' });
  smmu.perform(access('0x1000'));
  expect(smmu.view().outcome).toContain('is aborted');
});

test('faults become records, which overflow the queue', () => {
  const smmu = lab(access('0x9000'), access('0x3000', true), access('0x1000', false, 6));
  expect(smmu.view().steps.at(-1)?.block.type).toBe('smmuv3_event');
  const texts = () => smmu.view().queues[1]?.entries.map(({ text }) => text);
  expect(texts()).toEqual(['F_TRANSLATION', 'F_PERMISSION', 'C_BAD_STE', '']);
  smmu.perform(access('0x9000'));
  expect(smmu.view().queues[1]).toMatchObject({
    used: 4,
    prod: { index: 0, wrap: 1 },
    cons: { index: 0, wrap: 0 },
    overflow: { flag: 0 },
  });
  smmu.perform(access('0x9000'));
  expect(smmu.view().queues[1]).toMatchObject({ used: 4, overflow: { flag: 1, acknowledged: 0 } });
  smmu.perform({ do: 'take' });
  expect(smmu.view().outcome).toBe('the event was consumed: F_TRANSLATION');
  smmu.perform({ do: 'acknowledge' });
  expect(smmu.view().queues[1]).toMatchObject({ used: 3, overflow: { flag: 1, acknowledged: 1 } });
});

test('an illegal command stops the queue', () => {
  const smmu = lab({ do: 'command', name: 'CMD_SYNC' }, { do: 'command', name: 'a reserved opcode' });
  const { queues, registers, outcome } = smmu.view();
  expect(outcome).toContain('has stopped');
  expect(queues[0]).toMatchObject({ used: 1, prod: { index: 2 }, cons: { index: 1 } });
  expect(registers.find(({ name }) => name === 'SMMU_GERROR')?.value).toBe('0x1');
  expect(registers.every(({ fields }) => fields.length > 0)).toBe(true);
});

test('an invalid action is refused with its field, and has no effect', () => {
  const smmu = lab(access('0x1000'));
  const before = smmu.view();
  expect(() => smmu.perform(access('there'))).toThrow('address: "there" is not a number');
  expect(() => smmu.perform(access('0x0', false, 99))).toThrow('stream: expected 0 to 15, found 99');
  expect(() => smmu.perform({ do: 'take' })).toThrow('the event queue is empty');
  expect(() => smmu.perform({ do: 'map', address: '0x1001', rights: 'read' })).toThrow('expected a page');
  expect(() => smmu.perform({ do: 'write', register: 'SMMU_IDR0', value: '0' })).toThrow('SMMU_IDR0');
  expect(smmu.view()).toEqual(before);
});
