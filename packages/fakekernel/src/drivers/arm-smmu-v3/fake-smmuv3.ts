import { defaultSmmuv3Config, type Smmuv3Config } from '@iommufd/smmuv3';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import type { DriverLog } from '../../iommu/driver.js';
import { ArmSmmu } from './arm-smmu.js';
import { SmmuDevice, type SmmuDeviceOptions } from './smmu-device.js';
import { restorable } from '../../lib/restorable.js';

/** The log function of an SMMU: adds lines with its name to a kernel's log. */
const logsTo = restorable(
  'FakeSmmuv3.log',
  (kernel: DriverLog, name: string) => (message: string) => kernel.log(`${name}: ${message}`),
);

/**
 * An Arm SMMUv3 with Linux's driver, for tests. A test creates it for a {@link FakeKernel}, adds devices and plugs them in. The
 * hardware model translates their DMA with the tables that the driver has written.
 */
export class FakeSmmuv3 {
  private readonly smmu: ArmSmmu;

  /**
   * Creates an SMMU. The driver probes and enables it.
   * @param kernel receives the driver's messages: {@link FakeKernel.messages}
   * @param config its identification registers. Default: {@link defaultSmmuv3Config}
   * @param name the prefix of the messages
   * @throws Error if Linux does not support the hardware
   */
  constructor(
    kernel: DriverLog,
    config: Smmuv3Config = defaultSmmuv3Config,
    name = 'arm-smmu-v3 9050000.smmuv3',
  ) {
    this.smmu = new ArmSmmu(config, logsTo(kernel, name));
  }

  /**
   * Reads a register of the hardware.
   * @param offset offset of the register, from `smmuv3_register`
   */
  readRegister(offset: number): number {
    return this.smmu.hardware.read32(offset);
  }

  /** @internal */
  get hardware(): SmmuHardware {
    return this.smmu.hardware;
  }

  /**
   * Adds a device, which can then be plugged in with {@link FakeKernel.plug}.
   * @throws Error if one of its StreamIDs is in use; RangeError if one is beyond the stream table
   */
  addDevice(options: SmmuDeviceOptions): SmmuDevice {
    const device = new SmmuDevice(this.smmu, options);
    this.smmu.add(device);
    return device;
  }

  /**
   * Removes an unplugged device. Its StreamIDs become free, its stalled accesses are aborted, and its page requests fail.
   * @throws Error if it is attached
   */
  removeDevice(device: SmmuDevice): void {
    if (device.domain !== undefined)
      throw new Error('the device is attached: unplug it before it is removed');
    this.smmu.remove(device);
  }

  /** Defers the interrupt threads. Events and page requests stay in their queues, which may overflow. */
  holdInterrupts(): void {
    this.smmu.eventThread.hold();
    this.smmu.priThread.hold();
  }

  /** Resumes the interrupt threads. Everything pending has been handled when this returns. */
  releaseInterrupts(): void {
    this.smmu.eventThread.release();
    this.smmu.priThread.release();
  }
}
