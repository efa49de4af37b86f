import { expect, test } from '@jest/globals';
import { contextDescriptor, leafOf, streamTableEntry } from '@iommufd/testkit/guest';
import { smmuv3_register as register, smmuv3_ste_config } from '@iommufd/uapi';
import { smmuv3Config } from './config.js';
import { physicalPlaces } from './memory.js';
import { TestMemory } from './memory.testing.js';
import { Smmuv3 } from './smmuv3.js';

test('an SMMU over plain memory returns physical addresses', () => {
  const memory = new TestMemory();
  const smmu = new Smmuv3(smmuv3Config(), physicalPlaces(memory), {
    eventq: () => undefined,
    priq: () => undefined,
    gerror: () => undefined,
    cmdqSync: () => undefined,
  });
  const access = { streamId: 1, substreamId: undefined, write: false } as const;
  expect(smmu.translate({ ...access, address: 0x1234n })).toEqual({ kind: 'place', place: 0x1234n });
  const [streams, contexts, table] = [128, 64, 4096].map((length) => memory.alloc(length));
  if (!streams || !contexts || !table) throw new Error('there are three');
  const Config = smmuv3_ste_config.S1_TRANSLATE;
  streams.bytes.set(streamTableEntry({ Config, S1ContextPtr: contexts.address }), 64);
  contexts.bytes.set(contextDescriptor({ T0SZ: 39, TTB0: table.address }));
  new DataView(table.bytes.buffer).setBigUint64(8, leafOf(0x8_0020_0000n, { level: 2 }), true);
  smmu.write64(register.SMMU_STRTAB_BASE, streams.address);
  smmu.write32(register.SMMU_STRTAB_BASE_CFG, 1);
  smmu.write32(register.SMMU_CR0, 1);
  for (let i = 0; i < 2; i++)
    expect(smmu.translate({ ...access, address: 0x20_1234n })).toEqual({
      kind: 'place',
      place: 0x8_0020_1234n,
    });
  expect(smmu.translate({ ...access, address: 0x1234n })).toEqual({ kind: 'abort' });
});
