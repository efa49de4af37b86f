import { expect, test } from '@jest/globals';
import { FakeKernel, FakeSmmuv3, smmuv3Config } from '../../index.js';
import { IOVA, SmmuProgram } from './smmu.testing.js';

test('removing a device fails its pending page request, and later ones', async () => {
  const smmu = new FakeSmmuv3(new FakeKernel());
  const device = smmu.addDevice({ streamId: 0x28 });
  smmu.holdInterrupts();
  const answer = device.requestPage(0x1000n);
  smmu.removeDevice(device);
  smmu.releaseInterrupts();
  expect(await answer).toBe('failure');
  expect(await device.requestPage(0x1000n)).toBe('failure');
});

test('removing a device aborts its stalled access', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28, canStall: true });
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, 0, program.faultQueue()))));
  program.smmu.holdInterrupts();
  const read = bound.device.dma.read(IOVA, 1);
  program.process.exit();
  program.kernel.unplug(bound.device);
  program.smmu.removeDevice(bound.device);
  await expect(read).rejects.toThrow('answered as invalid');
  program.smmu.releaseInterrupts();
});

test.each([
  [{ eventQueueLog2: 31 }, 'eventQueueLog2: expected a number of bits from 0 to 19, found 31'],
  [{ ssidBits: 21 }, 'ssidBits'],
  [{ ats: false, pri: true }, 'pri: requires ats'],
])('hardware that the architecture does not have is not made: %j', (options, message) => {
  expect(() => smmuv3Config(options)).toThrow(message);
});
