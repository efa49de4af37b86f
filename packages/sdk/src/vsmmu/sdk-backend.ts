/**
 * The host of a virtual SMMU on iommufd: streams become nested page tables on a virtual IOMMU, and the kernel executes
 * invalidations. A VMM creates an {@link SdkBackend}, adds the guest's devices, and passes it to `VirtualSmmuv3`.
 */
import { field32, type IdRegisters, mask64 } from '@iommufd/smmuv3';
import {
  type iommu_hw_info_arm_smmuv3,
  iommu_hw_info_arm_smmuv3_flags,
  SMMU_IDR0,
  smmuv3_stall_model,
  smmuv3_ste,
} from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { Device } from '../objects/device.js';
import { IommufdError } from '../calls/error.js';
import type { NestedHwpt } from '../objects/nested-hwpt.js';
import type { Vdevice } from '../objects/vdevice.js';
import type { Viommu } from '../objects/viommu.js';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';
import { checkHost, type HostIdRegisters } from './host-requirements.js';
import { dropContextDescriptors } from './issue-commands.js';
import { type StreamConfig, steWords } from './stream-config.js';

/** Options of {@link SdkBackend}. */
export interface SdkBackendOptions {
  /** The virtual IOMMU of the guest's SMMU. */
  readonly viommu: Viommu<'arm-smmuv3'>;
  /** The initial devices by virtual StreamID; {@link SdkBackend.addDevice} adds more. */
  readonly devices?: Iterable<readonly [streamId: number, device: Device]>;
  /**
   * The hardware information ({@link Device.hwInfo}): errata, the stall model, and the features that a guest may have. Without it, a
   * guest can configure stalls that are never resumed, and use features that the host refuses.
   */
  readonly hardware?: Pick<Decoded<typeof iommu_hw_info_arm_smmuv3>, 'flags' | 'idr'>;
}

const { IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI } = iommu_hw_info_arm_smmuv3_flags;

const STALL_MODEL = field32(SMMU_IDR0, 'STALL_MODEL');
const S1STALLD = mask64(smmuv3_ste, 'S1STALLD');
const EATS = mask64(smmuv3_ste, 'EATS');

/** A device of the guest, with its vDEVICE and page table. */
interface Stream {
  readonly device: Device;
  /** Allocated before the first attachment, when Linux records the StreamID for events. */
  readonly vdevice: Vdevice;
  hwpt?: NestedHwpt;
  /** The STE words of the page table. */
  ste?: readonly [bigint, bigint];
}

/**
 * The backend. It owns the vDEVICEs and nested page tables that it allocates, and the attachments of its devices, but
 * neither the devices nor the virtual IOMMU.
 */
export class SdkBackend implements VsmmuBackend, Disposable {
  private readonly viommu: Viommu<'arm-smmuv3'>;
  private readonly byStreamId = new Map<number, Stream>();
  private readonly ids = new Set<number>();
  private readonly hardware: HostIdRegisters | undefined;
  private readonly times: number;
  /** Bits of word 1 that are set in every translating STE. */
  private readonly always: bigint;

  /** @throws RangeError as {@link addDevice} */
  constructor({ viommu, devices = [], hardware }: SdkBackendOptions) {
    const flags = hardware?.flags ?? 0;
    this.viommu = viommu;
    this.hardware = hardware;
    this.times = (flags & IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI) === 0 ? 1 : 2;
    // The guest's ID registers have the stall model TERMINATE. Hardware that can stall is configured accordingly: with S1STALLD, a
    // guest's CD that sets S is illegal.
    const model = hardware === undefined ? undefined : STALL_MODEL.get(hardware.idr[0] ?? 0);
    this.always = model === smmuv3_stall_model.STALL ? S1STALLD : 0n;
    for (const [streamId, device] of devices) this.addDevice(streamId, device);
  }

  /** {@inheritDoc VsmmuBackend.streams} */
  get streams(): ReadonlySet<number> {
    return this.ids;
  }

  /**
   * Adds a device and allocates its vDEVICE. Its attachment does not change until the stream is configured:
   * {@link VirtualSmmuv3.configureStream}.
   * @param streamId its virtual StreamID, 32 bits
   * @throws RangeError if the StreamID is invalid or in use
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
   * Removes a device: detaches it, then closes its page table and its vDEVICE. Does nothing if there is no such device.
   * @throws IommufdError if the kernel refuses a step; calling this again continues there
   */
  removeDevice(streamId: number): void {
    const stream = this.byStreamId.get(streamId);
    if (stream === undefined) return;
    const { device, hwpt, vdevice } = stream;
    // Closing the device has already ended its attachment and its vDEVICE.
    if (!device.isClosed && hwpt !== undefined && device.attachment()?.to === hwpt) device.detach();
    hwpt?.close();
    vdevice.close();
    this.byStreamId.delete(streamId);
    this.ids.delete(streamId);
  }

  /** Checks ID registers against `hardware`, if it was given. @throws RangeError that names the feature */
  check(ids: IdRegisters): void {
    if (this.hardware !== undefined) checkHost(ids, this.hardware);
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
    // Linux does not invalidate anything if the STE does not change.
    if (before !== undefined && before[0] === ste[0] && before[1] === ste[1]) {
      if (config.kind === 'translate') dropContextDescriptors(this, streamId);
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
    // For a device without ATS Linux ignores EATS, so it may find the STE unchanged.
    if (before !== undefined && before[0] === ste[0] && ((before[1] ^ ste[1]) & ~EATS) === 0n)
      dropContextDescriptors(this, streamId);
  }

  /**
   * Removes all devices, even if some of them fail.
   * @throws IommufdError the first failure; calling this again continues there
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

  /** The STE words for the kernel, with the bits that are always set. A guest's STE that sets one of them is invalid. */
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
      // An STE that the kernel refuses is treated as invalid.
      if (cause instanceof IommufdError && cause.code === 'EIO') return alloc(steWords({ kind: 'invalid' }));
      throw cause;
    }
  }
}
