/**
 * Devices behind an SMMU: the hardware that a test drives (`dma`, `requestPage()`), and the driver's state of it, which in
 * Linux is `struct arm_smmu_master`. `FakeSmmuv3.addDevice()` makes one.
 */
import type { AtcInvalidation, StreamPort } from '@iommufd/smmuv3';
import { arm_smmu_features } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { DmaDevice } from '../../hardware/dma-device.js';
import { Dma } from '../../hardware/dma.js';
import type { RefusalOutcome, Place, Refusal, Transaction, Translation } from '../../hardware/transaction.js';
import type { Device, ReservedRegion } from '../../iommu/device.js';
import type { MsiDoorbell } from '../../iommu/msi.js';
import type { FaultResponse, PageRequest } from '../../iommu/page-fault.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import { AnonymousMemory, type MemoryObject } from '../../process/memory-object.js';
import { PAGE_SIZE } from '../../process/page.js';
import type { PciEndpoint, PciFunction } from '../../iommu/pci-function.js';
import type { ArmSmmu } from './arm-smmu.js';
import { resume } from './command.js';
import { ContextTable, pasidBitsOf } from './context-table.js';
import { Messages } from './messages.js';
import { type PageAnswer, PageRequests } from './page-requests.js';
import type { SmmuDomain } from './paging-domain.js';
import { restorable } from '../../lib/restorable.js';
import { formatAddress } from '../../hardware/pci/address.js';

/** `MSI_IOVA_BASE` and `MSI_IOVA_LENGTH`: the reserved range in which the kernel maps MSI doorbells. */
const MSI_IOVA_BASE = 0x0800_0000n;
const MSI_IOVA_LENGTH = 0x0010_0000n;

/** Options of a device behind an SMMU: its StreamIDs and capabilities. */
export type SmmuDeviceOptions = SmmuDeviceStreams & SmmuDeviceAbilities;

/** One StreamID, or any number of them. The lower 16 bits are a PCI requester ID. */
export type SmmuDeviceStreams =
  | {
      /** Its StreamID. */
      readonly streamId: number;
      /** Not with `streamId`. */
      readonly streamIds?: undefined;
    }
  | {
      /** Not with `streamIds`. */
      readonly streamId?: undefined;
      /**
       * Its StreamIDs: several for a device that uses more than one, or is behind a bridge; none if firmware does not
       * describe them. Only a device with exactly one can have a vDEVICE.
       */
      readonly streamIds: readonly number[];
    };

/** Capabilities of a device behind an SMMU. */
export interface SmmuDeviceAbilities {
  /** Bits of a PASID that it can send: 0 by default, for no PASIDs. Limited by the SMMU's SSIDSIZE. */
  readonly pasidBits?: number | undefined;
  /** May its faulting transactions stall? False by default. Always true behind an SMMU with the stall model FORCE. */
  readonly canStall?: boolean | undefined;
  /** Does it support ATS? False by default. */
  readonly ats?: boolean | undefined;
  /**
   * Are all its transactions cache-coherent, whatever memory attributes a guest chooses (CANWBS)? False by default. Without
   * it, a virtual IOMMU requires SMMU_IDR3.FWB.
   */
  readonly canwbs?: boolean | undefined;
  /** Its PCI function, as VFIO exposes it. */
  readonly pci?: PciEndpoint | PciFunction | undefined;
}

/** The receiver of a device's events, fixed when it is attached: `struct arm_smmu_vmaster`. */
export interface Vmaster {
  readonly viommu: ViommuCore;
  readonly vsid: bigint;
}

/** A device behind a {@link FakeSmmuv3}, which does DMA: a test plugs it in ({@link FakeKernel.plug}), a program binds it. */
export class SmmuDevice extends DmaDevice {
  /** Its StreamIDs. */
  readonly streamIds: readonly number[];
  /**
   * Its StreamIDs as Linux keeps them: sorted if the device has ATS, duplicates included. The first one is used where Linux
   * uses only one. @internal
   */
  readonly streams: readonly number[];
  /** Each of {@link streams} once: "Bridged PCI devices may end up with duplicated IDs". @internal */
  readonly ownStreams: ReadonlySet<number>;
  /** May its transactions stall? @internal */
  readonly canStall: boolean;
  /** @internal */
  readonly canwbs: boolean;
  /** Do device and SMMU support ATS? @internal */
  readonly supportsAts: boolean;
  /** @internal */
  readonly contexts: ContextTable;
  /** The page tables whose changes invalidate its caches, by PASID. @internal */
  readonly pageTables = new Map<number, SmmuDomain>();
  /** @internal */
  vmaster: Vmaster | undefined;
  /** Called for each ATC invalidation. */
  onAtcInvalidate: ((invalidation: AtcInvalidation) => void) | undefined;
  /** @internal */
  readonly pageRequests = new PageRequests();
  /** Does its STE use its CD table? @internal */
  usesContexts = false;
  /** Does its STE enable ATS? @internal */
  steAts = false;
  /** @internal */
  atsEnabled = false;

  /** @internal */
  override readonly messages: Messages = new Messages(this);
  /** The page of the doorbell as this device writes to it. */
  private readonly doorbellPage: MemoryObject;

  /** @internal */
  constructor(
    /** @internal */
    readonly smmu: ArmSmmu,
    options: SmmuDeviceOptions,
  ) {
    const { pasidBits = 0, canStall = false, ats = false, canwbs = false, pci } = options;
    const bits = pasidBitsOf(smmu.probed, pasidBits);
    super(smmu, bits === 0 ? 0 : 1 << bits, undefined, pci);
    const { features } = smmu.probed;
    const has = (feature: number): boolean => (features & feature) !== 0;
    this.streamIds = options.streamIds === undefined ? [options.streamId] : [...options.streamIds];
    this.streams = ats ? this.streamIds.toSorted((a, b) => a - b) : this.streamIds;
    this.ownStreams = new Set(this.streams);
    this.canwbs = canwbs;
    this.canStall =
      has(arm_smmu_features.ARM_SMMU_FEAT_STALL_FORCE) ||
      (canStall && has(arm_smmu_features.ARM_SMMU_FEAT_STALLS));
    this.supportsAts = ats && has(arm_smmu_features.ARM_SMMU_FEAT_ATS);
    this.doorbellPage = smmu.its.pageFor(Messages.sink(this.messages));
    this.contexts = new ContextTable(smmu.memory, smmu.commands, this.streams, bits);
  }

  /** Connects it to the SMMU, which sends PRI responses and ATC invalidations. @internal */
  connect(): void {
    const port = SmmuDevice.port(this);
    for (const streamId of this.ownStreams) this.smmu.hardware.connect(streamId, port);
  }

  private static readonly port = restorable('SmmuDevice.port', (device: SmmuDevice): StreamPort => ({
    priResponse: ({ prgIndex, response }) => device.pageRequests.answer(prgIndex, response),
    atcInvalidate: (invalidation) => {
      device.onAtcInvalidate?.(invalidation);
      return true;
    },
  }));

  /** The first StreamID that it was given; undefined if it has none. */
  get streamId(): number | undefined {
    return this.streamIds[0];
  }

  /** The PCI name of a function with this requester ID. @internal */
  get name(): string {
    const rid = (this.streamId ?? 0) & 0xffff;
    return formatAddress({ bus: rid >> 8, slot: (rid >> 3) & 0x1f, fn: rid & 7 });
  }

  override reservedRegions(): readonly ReservedRegion[] {
    return [{ start: MSI_IOVA_BASE, last: MSI_IOVA_BASE + MSI_IOVA_LENGTH - 1n, isSwMsi: true }];
  }

  /** Interrupt messages are writes to an ITS, which are translated like all others. @internal */
  override get doorbell(): MsiDoorbell {
    return this.smmu.its;
  }

  /**
   * DMA with another StreamID than the first, which {@link dma} uses.
   * @throws RangeError if it is not a StreamID of the device
   */
  dmaOf(streamId: number): Dma {
    if (!this.ownStreams.has(streamId))
      throw new RangeError(`StreamID 0x${streamId.toString(16)} is not one of the device`);
    return new Dma({
      maxPasids: this.maxPasids,
      translate: (transaction) => this.translateOf(streamId, transaction),
      refused: (transaction, refusal) => this.refused(transaction, refusal),
      reportFault: (request) => this.reportFault(request),
    });
  }

  /** Translates with its first StreamID. Without a StreamID it has no STE, and is blocked. @internal */
  override translate(transaction: Transaction): Translation {
    const { streamId } = this;
    return streamId === undefined ? { reason: 'blocked' } : this.translateOf(streamId, transaction);
  }

  /** If the SMMU refuses a transaction, it has recorded the event when this returns. */
  private translateOf(streamId: number, { iova, write, pasid }: Transaction): Translation {
    const { hardware } = this.smmu;
    const outcome = hardware.translate({ streamId, substreamId: pasid, address: iova, write });
    switch (outcome.kind) {
      case 'place':
        return outcome.place.object === this.smmu.its.page
          ? { ...outcome.place, object: this.doorbellPage }
          : outcome.place;
      case 'abort':
        if (outcome.silent === true) return nowhere();
        return { reason: this.domain === undefined ? 'blocked' : 'aborted' };
      case 'stall':
        return { reason: 'answered as invalid', stalled: outcome.whenResumed };
    }
  }

  /** @internal */
  override refused(_transaction: Transaction, { stalled }: Refusal): RefusalOutcome {
    return stalled === undefined ? 'abort' : { stalled };
  }

  /**
   * Sends a PCIe page request as a group of its own and waits for the answer. Linux does not support them and answers
   * `failure`. When its PRI queue has overflowed, the SMMU itself answers `success`, which means to retry.
   * @param address the page
   * @param options a read without a PASID by default
   */
  async requestPage(
    address: bigint,
    { write = false, pasid }: { readonly write?: boolean; readonly pasid?: number } = {},
  ): Promise<PageAnswer> {
    const { streamId } = this;
    if (streamId === undefined) return 'failure';
    return this.pageRequests.make((prgIndex) => {
      const wanted = { read: !write, write, last: true, prgIndex };
      this.smmu.hardware.pageRequest({ streamId, substreamId: pasid, address, ...wanted });
    });
  }

  /** `arm_smmu_page_response()`: retries or aborts a stalled transaction. */
  protected override answered(requests: readonly PageRequest[], response: FaultResponse): void {
    const last = requests.at(-1);
    if (last !== undefined) this.resume(last.grpid, response);
  }

  /**
   * Resumes a stalled transaction of the first StreamID. A stall with another StreamID, or of a device that is not declared
   * to stall, is never resumed. @internal
   */
  resume(tag: number, response: FaultResponse): void {
    const [first] = this.streams;
    if (first !== undefined && this.canStall) this.smmu.commands.issue([resume(first, tag, response)], false);
  }
}

/** A place that reads as zero and ignores writes. */
function nowhere(): Place {
  return { object: new AnonymousMemory(1), byte: 0, length: PAGE_SIZE };
}

/** A device of this driver. @throws EINVAL for another driver's device */
export function smmuDevice(device: Device): SmmuDevice {
  if (!(device instanceof SmmuDevice)) throw fail('EINVAL');
  return device;
}
