import { defaultSmmuv3Config, type Smmuv3Config } from '@iommufd/smmuv3';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import type { DriverLog } from '../../iommu/driver.js';
import { ArmSmmu } from './arm-smmu.js';
import { SmmuDevice, type SmmuDeviceOptions } from './smmu-device.js';

/** An Arm SMMUv3 in a machine, with the driver that Linux has for it. Devices that are added to it do DMA through it. */
export class FakeSmmuv3 {
  private readonly smmu: ArmSmmu;

  /**
   * Puts an SMMU into a machine; the driver turns it on.
   * @param kernel its kernel, which has the driver's messages in {@link FakeKernel.messages}
   * @param config what it is: {@link defaultSmmuv3Config} unless this says something else
   * @param name what the messages begin with
   * @throws Error for hardware that Linux does not take
   */
  constructor(
    kernel: DriverLog,
    config: Smmuv3Config = defaultSmmuv3Config,
    name = 'arm-smmu-v3 9050000.smmuv3',
  ) {
    this.smmu = new ArmSmmu(config, (message) => kernel.log(`${name}: ${message}`));
  }

  /**
   * Reads a register of the hardware.
   * @param offset of `smmuv3_register`
   */
  readRegister(offset: number): number {
    return this.smmu.hardware.read32(offset);
  }

  /** @internal */
  get hardware(): SmmuHardware {
    return this.smmu.hardware;
  }

  /**
   * Puts a device behind it, which is to be plugged in then ({@link FakeKernel.plug}).
   * @throws Error if one of its StreamIDs is taken; RangeError if the SMMU has none so high
   */
  addDevice(options: SmmuDeviceOptions): SmmuDevice {
    const device = new SmmuDevice(this.smmu, options);
    this.smmu.add(device);
    return device;
  }

  /**
   * Takes a device away that was unplugged. Its StreamIDs are free again; what it still waits for ends: stalled accesses are
   * aborted, page requests fail.
   * @throws Error if it is attached to something
   */
  removeDevice(device: SmmuDevice): void {
    if (device.domain !== undefined)
      throw new Error('the device is attached: unplug it before it is removed');
    this.smmu.remove(device);
  }

  /** Keeps the kernel from handling interrupts: events and page requests stay in their queues, which may overflow. */
  holdInterrupts(): void {
    this.smmu.eventThread.hold();
    this.smmu.priThread.hold();
  }

  /** Lets it handle them again; what has come meanwhile is handled when this returns. */
  releaseInterrupts(): void {
    this.smmu.eventThread.release();
    this.smmu.priThread.release();
  }
}
