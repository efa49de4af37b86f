import { DmaFault, FakeKernel, FakeSmmuv3 } from '@iommufd/fakekernel';
import { queueEntriesUsed, SMMU_CMDQ_BASE, smmuv3_register as register } from '@iommufd/uapi';
import { count, hex, timeline } from './show.js';

/** The physical StreamID of the device. The guest uses a virtual one. */
const STREAM_ID = 0x28;

/** The host: a kernel, and an SMMU with a device behind it. */
export class Machine {
  readonly kernel = new FakeKernel();
  private readonly smmu = new FakeSmmuv3(this.kernel);
  private readonly device = this.smmu.addDevice({ streamId: STREAM_ID });
  /** The device's VFIO node. */
  readonly path = this.kernel.plug(this.device);

  /** The device writes to memory. */
  async write(iova: bigint, text: string): Promise<void> {
    await this.watchEvents(async () => {
      const what = `writes "${text}" to ${hex(iova)}`;
      const error = await faultOf(this.device.dma.write(iova, new TextEncoder().encode(text)));
      if (error === undefined) timeline.add('device', what);
      else timeline.alarm('device', `${what}: ${error.reason}`);
    });
  }

  /** The device reads memory. */
  async read(iova: bigint, length: number): Promise<void> {
    await this.watchEvents(async () => {
      const what = `reads ${count(length, 'byte')} at ${hex(iova)}`;
      const reading = this.device.dma.read(iova, length);
      const error = await faultOf(reading);
      if (error === undefined)
        timeline.add('device', `${what}: "${new TextDecoder().decode(await reading)}"`);
      else timeline.alarm('device', `${what}: ${error.reason}`);
    });
  }

  /** The device reads a byte of each of several pages at once, before any other code runs. */
  async readPages(first: bigint, pages: number): Promise<void> {
    await this.watchEvents(async () => {
      const iovas = Array.from({ length: pages }, (_, i) => first + BigInt(i) * 4096n);
      const errors = await Promise.all(iovas.map((iova) => faultOf(this.device.dma.read(iova, 1))));
      const aborted = errors.filter((error) => error !== undefined).length;
      const last = iovas.at(-1) ?? first;
      timeline.alarm('device', `reads ${pages} pages, ${hex(first)} to ${hex(last)}: ${aborted} aborted`);
    });
  }

  /** Runs an action, and shows the commands that the SMMU executed during it. @returns the result of the action */
  watchCommands<T>(action: () => T): T {
    const before = this.smmu.readRegister(register.SMMU_CMDQ_CONS);
    try {
      return action();
    } finally {
      const after = this.smmu.readRegister(register.SMMU_CMDQ_CONS);
      const done = this.distance(before, after, register.SMMU_CMDQ_BASE);
      // The last one is the kernel's own SYNC.
      timeline.add(
        'hardware',
        `has done ${done === 0 ? 'nothing' : `${count(done - 1, 'command')}, and a SYNC`}`,
      );
    }
  }

  /** Runs an action of the device, and shows the events that the SMMU recorded during it. */
  private async watchEvents(action: () => Promise<void>): Promise<void> {
    const before = this.smmu.readRegister(register.SMMU_EVENTQ_PROD);
    await action();
    const after = this.smmu.readRegister(register.SMMU_EVENTQ_PROD);
    const events = this.distance(before, after, register.SMMU_EVENTQ_BASE);
    if (events === 0) return;
    const moved = `SMMU_EVENTQ_PROD ${hex(before)} -> ${hex(after)}`;
    timeline.add('hardware', `records ${count(events, 'event')} of StreamID ${hex(STREAM_ID)}: ${moved}`);
  }

  /** The number of entries that an index of a queue has advanced by. @param base the queue's base register, with its size */
  private distance(before: number, after: number, base: number): number {
    const { LOG2SIZE } = SMMU_CMDQ_BASE.fields;
    const log2size = this.smmu.readRegister(base) & LOG2SIZE.max;
    return queueEntriesUsed(after, before, log2size);
  }
}

/** Why an access was aborted; undefined if it was not. */
async function faultOf(access: Promise<unknown>): Promise<DmaFault | undefined> {
  try {
    await access;
    return undefined;
  } catch (cause) {
    if (cause instanceof DmaFault) return cause;
    throw cause;
  }
}
