import { field32, mask64 } from '@iommufd/smmuv3';
import {
  type iommu_hw_info_arm_smmuv3,
  iommu_hw_info_arm_smmuv3_flags,
  SMMU_IDR0,
  smmuv3_command,
  smmuv3_stall_model,
  smmuv3_ste,
} from '@iommufd/uapi';
import { type Decoded, encode } from '@iommufd/uapi/struct';
import type { Device } from '../objects/device.js';
import { IommufdError } from '../calls/error.js';
import type { NestedHwpt } from '../objects/nested-hwpt.js';
import type { Vdevice } from '../objects/vdevice.js';
import type { Viommu } from '../objects/viommu.js';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';
import { type StreamConfig, steWords } from './stream-config.js';

/** What a backend over the SDK needs. */
export interface SdkBackendOptions {
  /** The virtual IOMMU that the guest's SMMU is. */
  readonly viommu: Viommu<'arm-smmuv3'>;
  /** Devices by the StreamID that the guest knows them by: 32 bits. More may come: {@link SdkBackend.addDevice}. */
  readonly devices?: Iterable<readonly [streamId: number, device: Device]>;
  /**
   * What the kernel tells of the hardware ({@link Device.hwInfo}): its errata, and whether it stalls. Without it a guest
   * can have its device wait for an answer that never comes.
   */
  readonly hardware?: Pick<Decoded<typeof iommu_hw_info_arm_smmuv3>, 'flags' | 'idr'>;
}

const { IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI } = iommu_hw_info_arm_smmuv3_flags;

const STALL_MODEL = field32(SMMU_IDR0, 'STALL_MODEL');
const S1STALLD = mask64(smmuv3_ste, 'S1STALLD');
const EATS = mask64(smmuv3_ste, 'EATS');

/** A device of the guest, and what was made for it. */
interface Stream {
  readonly device: Device;
  /** From the first on: Linux puts the StreamID into events that the device has when it is attached. */
  readonly vdevice: Vdevice;
  hwpt?: NestedHwpt;
  /** What the page table was made from. */
  ste?: readonly [bigint, bigint];
}

/**
 * The host of a virtual SMMU over the objects of this SDK. It owns the vDEVICEs and the nested page tables that it
 * makes, and how its devices are attached; not the devices, nor the virtual IOMMU.
 */
export class SdkBackend implements VsmmuBackend, Disposable {
  private readonly viommu: Viommu<'arm-smmuv3'>;
  private readonly byStreamId = new Map<number, Stream>();
  private readonly ids = new Set<number>();
  private readonly times: number;
  /** Set in every entry that translates. */
  private readonly always: bigint;

  /** @throws RangeError as {@link addDevice} */
  constructor({ viommu, devices = [], hardware }: SdkBackendOptions) {
    const flags = hardware?.flags ?? 0;
    this.viommu = viommu;
    this.times = (flags & IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI) === 0 ? 1 : 2;
    // The guest sees that nothing stalls. Hardware that stalls is configured so: a context descriptor of the guest's
    // that asks for stalls is not legal then, as it says itself.
    const model = hardware === undefined ? undefined : STALL_MODEL.get(hardware.idr[0] ?? 0);
    this.always = model === smmuv3_stall_model.STALL ? S1STALLD : 0n;
    for (const [streamId, device] of devices) this.addDevice(streamId, device);
  }

  /** {@inheritDoc VsmmuBackend.streams} */
  get streams(): ReadonlySet<number> {
    return this.ids;
  }

  /**
   * Gives the guest a device, and the device its vDEVICE. What it is attached to stays until the stream is configured:
   * {@link VirtualSmmuv3.configureStream}.
   * @param streamId what the guest knows it by, 32 bits
   * @throws RangeError for an invalid StreamID, or one of another device
   * @throws IommufdError EEXIST if the device has a vDEVICE already
   */
  addDevice(streamId: number, device: Device): void {
    if (streamId >>> 0 !== streamId) throw new RangeError(`streamId: expected 32 bits, found ${streamId}`);
    if (this.ids.has(streamId)) throw new RangeError(`streamId: ${streamId} is another device's`);
    const vdevice = this.viommu.allocVdevice({ device, virtualId: BigInt(streamId) });
    this.byStreamId.set(streamId, { device, vdevice });
    this.ids.add(streamId);
  }

  /**
   * Takes a device from the guest: it is detached, and its page table and vDEVICE are closed, in this order. Does
   * nothing if there is none.
   * @throws IommufdError what the kernel refused; called again, it goes on from there
   */
  removeDevice(streamId: number): void {
    const stream = this.byStreamId.get(streamId);
    if (stream === undefined) return;
    const { device, hwpt, vdevice } = stream;
    // A device that has gone has taken its attachment and its vDEVICE along.
    if (!device.isClosed && hwpt !== undefined && device.attachment()?.to === hwpt) device.detach();
    hwpt?.close();
    vdevice.close();
    this.byStreamId.delete(streamId);
    this.ids.delete(streamId);
  }

  /** {@inheritDoc VsmmuBackend.invalidate} */
  invalidate(commands: readonly InvalidationCommand[]): void {
    for (let i = 0; i < this.times; i++) this.viommu.invalidate({ type: 'arm-smmuv3', entries: commands });
  }

  /** {@inheritDoc VsmmuBackend.setStream} */
  setStream(streamId: number, config: StreamConfig): void {
    const stream = this.byStreamId.get(streamId);
    if (stream === undefined) throw new RangeError(`streamId: ${streamId} has no device`);
    const ste = this.physicalWords(config);
    const { hwpt: old, ste: before } = stream;
    // The same entry once more would change nothing for Linux, which then drops nothing either.
    if (before !== undefined && before[0] === ste[0] && before[1] === ste[1]) {
      if (config.kind === 'translate') this.dropContextDescriptors(streamId);
      return;
    }
    const next = this.allocHwpt(stream.device, ste);
    try {
      stream.device.attach(next);
    } catch (cause) {
      next.close();
      throw cause;
    }
    stream.hwpt = next;
    stream.ste = ste;
    old?.close();
    // For a device without ATS Linux leaves EATS out, and may find that nothing has changed.
    if (before !== undefined && before[0] === ste[0] && ((before[1] ^ ste[1]) & ~EATS) === 0n)
      this.dropContextDescriptors(streamId);
  }

  /**
   * Takes all devices from the guest. One that cannot be taken does not keep the others.
   * @throws IommufdError what the kernel refused first; called again, it goes on from there
   */
  close(): void {
    const errors: unknown[] = [];
    for (const streamId of [...this.ids]) {
      try {
        this.removeDevice(streamId);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What the kernel is given: with what is always set, which an entry of the guest must not set by itself. */
  private physicalWords(config: StreamConfig): readonly [bigint, bigint] {
    if (config.kind !== 'translate') return steWords(config);
    const [word0, word1] = config.ste;
    return (word1 & this.always) === 0n ? [word0, word1 | this.always] : steWords({ kind: 'invalid' });
  }

  private allocHwpt(device: Device, ste: readonly [bigint, bigint]): NestedHwpt {
    const alloc = (words: readonly [bigint, bigint]): NestedHwpt =>
      device.allocNestedHwpt({ on: this.viommu, data: { type: 'arm-smmuv3', ste: [...words] } });
    try {
      return alloc(ste);
    } catch (cause) {
      // What the kernel finds illegal is for the guest as an entry that is not valid.
      if (cause instanceof IommufdError && cause.code === 'EIO') return alloc(steWords({ kind: 'invalid' }));
      throw cause;
    }
  }

  private dropContextDescriptors(StreamID: number): void {
    const command = encode(smmuv3_command, { Opcode: 0x06, SSec: 0, StreamID });
    const view = new DataView(command.buffer);
    this.invalidate([{ cmd: [view.getBigUint64(0, true), view.getBigUint64(8, true)] }]);
  }
}
