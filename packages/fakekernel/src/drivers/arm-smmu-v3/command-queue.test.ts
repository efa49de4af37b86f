import { smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { isQueueEmpty, smmuv3_register } from '@iommufd/uapi';
import { ArmSmmu } from './arm-smmu.js';
import { atcInv, cfgiAll, tlbiNhAll } from './command.js';

function queue() {
  const log: string[] = [];
  const smmu = new ArmSmmu(smmuv3Config({ commandQueueLog2: 7 }), (message) => log.push(message));
  log.length = 0;
  const isEmpty = (): boolean => {
    const { SMMU_CMDQ_PROD, SMMU_CMDQ_CONS } = smmuv3_register;
    return isQueueEmpty(smmu.hardware.read32(SMMU_CMDQ_PROD), smmu.hardware.read32(SMMU_CMDQ_CONS), 7);
  };
  return { smmu, log, isEmpty };
}

test('an illegal command is skipped, and the following ones are executed', () => {
  const { smmu, log, isEmpty } = queue();
  const illegal = new Uint8Array(16).fill(0xff);
  expect(smmu.commands.issue([tlbiNhAll(1), illegal, tlbiNhAll(1)], true)).toBe(true);
  expect(isEmpty()).toBe(true);
  expect(log).toEqual([
    'unexpected global error reported (0x00000001), this could be serious',
    expect.stringMatching(/^CMDQ error \(cons 0x0100000[0-9a-f]\): Illegal command$/),
    'skipping command in error state:',
    '\t0xffffffffffffffff',
    '\t0xffffffffffffffff',
  ]);
  log.length = 0;
  expect(smmu.commands.issue([cfgiAll()], true)).toBe(true);
  expect(log).toEqual([]);
});

test('if a device does not respond to an ATC invalidation, the CMD_SYNC fails and is repeated', () => {
  const { smmu, log, isEmpty } = queue();
  smmu.hardware.connect(0x28, { atcInvalidate: () => false, priResponse: () => undefined });
  expect(smmu.commands.issue([atcInv(0x28, 0)], true)).toBe(true);
  expect(log).toEqual([
    'unexpected global error reported (0x00000001), this could be serious',
    expect.stringContaining('ATC invalidate timeout'),
  ]);
  expect(isEmpty()).toBe(true);
});

test('more commands than the queue has room for are issued in batches', () => {
  const { smmu, log, isEmpty } = queue();
  smmu.commands.submit(Array.from({ length: 1000 }, (_, vmid) => tlbiNhAll(vmid % 100)));
  expect(isEmpty()).toBe(true);
  expect(log).toEqual([]);
});

test('the driver does not wait for stopped hardware', () => {
  const { smmu, log } = queue();
  // While it is disabled, it reads no commands.
  smmu.hardware.write32(smmuv3_register.SMMU_CR0, 0);
  expect(smmu.commands.issue([tlbiNhAll(1)], true)).toBe(false);
  expect(log).toEqual([
    expect.stringMatching(/^CMD_SYNC timeout at 0x[0-9a-f]{8} \[hwprod .*, hwcons .*\]$/),
  ]);
  log.length = 0;
  smmu.commands.submit(Array.from({ length: 200 }, () => tlbiNhAll(1)));
  expect(log).toContain('CMDQ timeout');
});
