/**
 * Devices behind an SMMU: the hardware that a test controls (`dma`, `requestPage()`), and the driver's state of the device, which
 * is `struct arm_smmu_master` in Linux. `FakeSmmuv3.addDevice()` creates one.
 */
import type { AtcInvalidation, StreamPort } from '@iommufd/smmuv3';
import { arm_smmu_features } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { DmaDevice } from '../../hardware/dma-device.js';
import { Dma } from '../../hardware/dma.js';
import type { PciIommu } from '../../hardware/pci/pci-iommu.js';
import type {
  RefusalOutcome,
  MemoryTarget,
  Refusal,
  Transaction,
  Translation,
} from '../../hardware/transaction.js';
import type { Device, ReservedRegion } from '../../iommu/device.js';
import type { Group } from '../../iommu/group.js';
import { ItsEvents } from '../../iommu/its-events.js';
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
      /** Must not be combined with `streamId`. */
      readonly streamIds?: undefined;
    }
  | {
      /** Must not be combined with `streamIds`. */
      readonly streamId?: undefined;
      /**
       * Its StreamIDs: several if it uses more than one or is behind a bridge, none if the firmware does not describe any. Only a
       * device with exactly one StreamID can have a vDEVICE.
       */
      readonly streamIds: readonly number[];
    };

/** Capabilities of a device behind an SMMU. */
export interface SmmuDeviceAbilities {
  /** Number of PASID bits that it can send, at most the SMMU's SSIDSIZE. Default: 0, which means no PASIDs. */
  readonly pasidBits?: number | undefined;
  /** True if its faulting transactions may stall. Default: false. Behind an SMMU with the stall model FORCE it is always true. */
  readonly canStall?: boolean | undefined;
  /** True if it supports ATS. Default: false. */
  readonly ats?: boolean | undefined;
  /**
   * True if all of its transactions are cache-coherent, whatever memory attributes a guest chooses (CANWBS). Default: false. If
   * false, a virtual IOMMU requires SMMU_IDR3.FWB.
   */
  readonly canwbs?: boolean | undefined;
  /** Its PCI function, as VFIO exposes it. */
  readonly pci?: PciEndpoint | PciFunction | undefined;
}

/** The receiver of a device's events, determined when it is attached: `struct arm_smmu_vmaster`. */
export interface Vmaster {
  readonly viommu: ViommuCore;
  readonly vsid: bigint;
}

/** A device that does DMA behind a {@link FakeSmmuv3}. A test plugs it in ({@link FakeKernel.plug}), and a program binds it. */
export class SmmuDevice extends DmaDevice {
  /** Its StreamIDs. */
  readonly streamIds: readonly number[];
  /**
   * Its StreamIDs as Linux stores them: sorted if the device has ATS, with duplicates. Where Linux uses a single StreamID, it is
   * the first one.
   * @internal
   */
  readonly streams: readonly number[];
  /** Each of {@link streams} once: "Bridged PCI devices may end up with duplicated IDs". @internal */
  readonly ownStreams: ReadonlySet<number>;
  /** True if its transactions may stall. @internal */
  readonly canStall: boolean;
  /** @internal */
  readonly canwbs: boolean;
  /** True if both the device and the SMMU support ATS. @internal */
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
  /** True if its STE uses its CD table. @internal */
  usesContexts = false;
  /** True if its STE enables ATS. @internal */
  steAts = false;
  /** @internal */
  atsEnabled = false;

  /** @internal */
  override readonly messages: Messages = new Messages(this);
  /** Its events in the ITS, which knows it by its StreamID. */
  private readonly events: ItsEvents;
  /** The page of the doorbell for writes of this device. */
  private readonly doorbellPage: MemoryObject;

  /** @internal */
  constructor(
    /** @internal */
    readonly smmu: ArmSmmu,
    private readonly options: SmmuDeviceOptions,
    group?: Group,
  ) {
    const { pasidBits = 0, canStall = false, ats = false, canwbs = false, pci } = options;
    const bits = pasidBitsOf(smmu.probed, pasidBits);
    super(smmu, bits === 0 ? 0 : 1 << bits, group, pci);
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
    this.events = this.streamId === undefined ? new ItsEvents() : smmu.eventsOf(this.streamId);
    this.doorbellPage = smmu.its.pageFor(Messages.sink(this.messages));
    this.contexts = new ContextTable(smmu.memory, smmu.commands, this.streams, bits);
  }

  /** Connects the device to the SMMU, which can then send it PRI responses and ATC invalidations. @internal */
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

  /**
   * Adds its virtual functions: with the same options, and one StreamID each. The firmware maps requester IDs to StreamIDs linearly
   * (`iort_id_map()`): the distance of the StreamIDs is the distance of the requester IDs.
   * @internal
   */
  override get siblings(): PciIommu {
    return SmmuDevice.siblingsOf(this);
  }

  private static readonly siblingsOf = restorable('SmmuDevice.siblings', (device: SmmuDevice): PciIommu => ({
    addFunction({ pci, group, requesterId, physicalRequesterId = requesterId }) {
      const { smmu, options, streamId } = device;
      const own = streamId === undefined ? [] : [streamId + requesterId - physicalRequesterId];
      const added = new SmmuDevice(smmu, { ...options, streamId: undefined, streamIds: own, pci }, group);
      smmu.add(added);
      return added;
    },
    removeFunction(removed) {
      if (removed instanceof SmmuDevice) removed.smmu.remove(removed);
    },
  }));

  /** The first of its StreamIDs in the order of the options; undefined if it has none. */
  get streamId(): number | undefined {
    return this.streamIds[0];
  }

  /** Its name in the log. One that is not plugged in is at the PCI address of its requester ID. @internal */
  get clientName(): string {
    if (this.name !== undefined) return this.name;
    const rid = (this.streamId ?? 0) & 0xffff;
    return formatAddress({ bus: rid >> 8, slot: (rid >> 3) & 0x1f, fn: rid & 7 });
  }

  override reservedRegions(): readonly ReservedRegion[] {
    return [{ start: MSI_IOVA_BASE, last: MSI_IOVA_BASE + MSI_IOVA_LENGTH - 1n, isSwMsi: true }];
  }

  /** Interrupt messages are writes to an ITS, and are translated like all other writes. @internal */
  override get doorbell(): MsiDoorbell {
    const { address, page } = this.smmu.its;
    return { address, page, events: this.events };
  }

  /**
   * DMA with any of its StreamIDs. {@link dma} uses the first one.
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

  /** Translates with its first StreamID. A device without StreamIDs has no STE and is blocked. @internal */
  override translate(transaction: Transaction): Translation {
    const { streamId } = this;
    return streamId === undefined ? { reason: 'blocked' } : this.translateOf(streamId, transaction);
  }

  /** Translates an access. If the SMMU refuses it, the SMMU has recorded the event when this returns. */
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
   * Sends a PCIe page request as a group of its own, and waits for the response. Linux does not support page requests and
   * responds with `failure`. When the SMMU's PRI queue has overflowed, the SMMU itself responds with `success`, so that the
   * device retries.
   * @param address the page
   * @param options the kind of access. Default: a read without a PASID
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
   * Resumes a stalled transaction of the first StreamID. A stall of another StreamID, or of a device that is not declared to
   * stall, is never resumed.
   * @internal
   */
  resume(tag: number, response: FaultResponse): void {
    const [first] = this.streams;
    if (first !== undefined && this.canStall) this.smmu.commands.issue([resume(first, tag, response)], false);
  }
}

/** Memory that reads as zero and ignores writes. */
function nowhere(): MemoryTarget {
  return { object: new AnonymousMemory(1), byte: 0, length: PAGE_SIZE };
}

/** Casts a device to this driver's class. @throws EINVAL if it belongs to another driver */
export function smmuDevice(device: Device): SmmuDevice {
  if (!(device instanceof SmmuDevice)) throw fail('EINVAL');
  return device;
}
