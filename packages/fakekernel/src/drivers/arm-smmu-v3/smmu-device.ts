import type { AtcInvalidation, StreamPort } from '@iommufd/smmuv3';
import { arm_smmu_features } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { DmaDevice } from '../../hardware/dma-device.js';
import { Dma } from '../../hardware/dma.js';
import type { RefusalOutcome, Place, Refusal, Transaction, Translation } from '../../hardware/transaction.js';
import type { Device } from '../../iommu/device.js';
import type { FaultGroup, FaultResponse } from '../../iommu/page-fault.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import { AnonymousMemory } from '../../process/memory-object.js';
import { PAGE_SIZE } from '../../process/page.js';
import type { PciFunction } from '../../iommu/pci-function.js';
import type { ArmSmmu } from './arm-smmu.js';
import { resume } from './command.js';
import { ContextTable, pasidBitsOf } from './context-table.js';
import { type PageAnswer, PageRequests } from './page-requests.js';
import type { SmmuDomain } from './paging-domain.js';

/** `MSI_IOVA_BASE` and `MSI_IOVA_LENGTH`: where the kernel maps what devices write their interrupts to. */
const MSI_IOVA_BASE = 0x0800_0000n;
const MSI_IOVA_LENGTH = 0x0010_0000n;

/** What a device behind an SMMU is: what the SMMU knows it by, and what it can do. */
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
       * Its StreamIDs: several for a device that sends with more than one, or that is behind a bridge; none if the
       * firmware does not say. Only a device with one can have a virtual id.
       */
      readonly streamIds: readonly number[];
    };

/** What a device behind an SMMU can do. */
export interface SmmuDeviceAbilities {
  /** Bits of a PASID that it can send: 0, which is none, unless this says more. The SMMU may have fewer. */
  readonly pasidBits?: number | undefined;
  /** May its transactions stall when they fault? Not unless this says so; an SMMU whose transactions always stall does not ask. */
  readonly canStall?: boolean | undefined;
  /** Does it have a cache of translations (ATS)? Not unless this says so. */
  readonly ats?: boolean | undefined;
  /**
   * Do all its transactions see what the processors' caches hold, whatever a guest asks for (CANWBS)? Not unless this
   * says so. Without it only an SMMU with SMMU_IDR3.FWB has virtual IOMMUs.
   */
  readonly canwbs?: boolean | undefined;
  /** What a program sees of it through VFIO. */
  readonly pci?: PciFunction | undefined;
}

/** To whom the events of a device go: fixed when it is attached. */
export interface Vmaster {
  readonly viommu: ViommuCore;
  readonly vsid: bigint;
}

/** A device behind a {@link FakeSmmuv3}, which does DMA: a test plugs it in ({@link FakeKernel.plug}), a program binds it. */
export class SmmuDevice extends DmaDevice {
  /** What the SMMU knows it by. */
  readonly streamIds: readonly number[];
  /**
   * The same as Linux keeps it: in order if the device has ATS, and one that was given twice is there twice. The first
   * stands for the device where there is room for one only. @internal
   */
  readonly streams: readonly number[];
  /** Each of {@link streams} once: "Bridged PCI devices may end up with duplicated IDs". @internal */
  readonly ownStreams: ReadonlySet<number>;
  /** Its transactions may stall. @internal */
  readonly canStall: boolean;
  /** @internal */
  readonly canwbs: boolean;
  /** It has a cache of translations that the SMMU can fill. @internal */
  readonly supportsAts: boolean;
  /** @internal */
  readonly contexts: ContextTable;
  /** The page tables whose changes concern it, by PASID. @internal */
  readonly pageTables = new Map<number, SmmuDomain>();
  /** @internal */
  vmaster: Vmaster | undefined;
  /** Told when its cache of translations is to drop some. */
  onAtcInvalidate: ((invalidation: AtcInvalidation) => void) | undefined;
  /** @internal */
  readonly pageRequests = new PageRequests();
  /** Its stream table entry leads to its context descriptors. @internal */
  usesContexts = false;
  /** Its stream table entry lets it use ATS. @internal */
  steAts = false;
  /** @internal */
  atsEnabled = false;

  /** @internal */
  constructor(
    /** @internal */
    readonly smmu: ArmSmmu,
    options: SmmuDeviceOptions,
  ) {
    const { pasidBits = 0, canStall = false, ats = false, canwbs = false, pci } = options;
    const bits = pasidBitsOf(smmu, pasidBits);
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
    this.contexts = new ContextTable(this, bits);
  }

  /** Lets the SMMU talk to it. @internal */
  connect(): void {
    const port: StreamPort = {
      priResponse: ({ prgIndex, response }) => this.pageRequests.answer(prgIndex, response),
      atcInvalidate: (invalidation) => {
        this.onAtcInvalidate?.(invalidation);
        return true;
      },
    };
    for (const streamId of this.ownStreams) this.smmu.hardware.connect(streamId, port);
  }

  /** The first StreamID that it was given; undefined if it has none. */
  get streamId(): number | undefined {
    return this.streamIds[0];
  }

  /** The name that a PCI function with this requester ID has. @internal */
  get name(): string {
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    const rid = (this.streamId ?? 0) & 0xffff;
    return `0000:${hex(rid >> 8, 2)}:${hex((rid >> 3) & 0x1f, 2)}.${rid & 7}`;
  }

  override reservedRegions(): readonly { readonly start: bigint; readonly last: bigint }[] {
    return [{ start: MSI_IOVA_BASE, last: MSI_IOVA_BASE + MSI_IOVA_LENGTH - 1n }];
  }

  /**
   * What the device does with memory under another StreamID than its first, which is that of {@link dma}.
   * @throws RangeError for a StreamID of which it is not
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

  /** Under its first StreamID. Without one no stream table entry lets it through. @internal */
  override translate(transaction: Transaction): Translation {
    const { streamId } = this;
    return streamId === undefined ? { reason: 'blocked' } : this.translateOf(streamId, transaction);
  }

  /** The SMMU records an event for what it refuses before this returns. */
  private translateOf(streamId: number, { iova, write, pasid }: Transaction): Translation {
    const { hardware } = this.smmu;
    const outcome = hardware.translate({ streamId, substreamId: pasid, address: iova, write });
    switch (outcome.kind) {
      case 'place':
        return outcome.place;
      case 'abort':
        if (outcome.silent === true) return nowhere();
        return { reason: this.domain === undefined ? 'blocked' : 'aborted' };
      case 'stall':
        return { reason: 'answered as invalid', stalled: outcome.resumed };
    }
  }

  /** @internal */
  override refused(_transaction: Transaction, { stalled }: Refusal): RefusalOutcome {
    return stalled === undefined ? 'abort' : { stalled };
  }

  /**
   * Sends a PCIe page request, a group of its own, and waits for the answer. Linux never allows them: it answers `failure`.
   * The SMMU itself answers `success`, which means to ask again, when its queue has overflown.
   * @param address of the page
   * @param options what it wants: to read, without a PASID, unless this says something else
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

  /** A stalled transaction is made again, or aborted: `arm_smmu_page_response()`. */
  protected override answered({ requests }: FaultGroup, response: FaultResponse): void {
    const last = requests.at(-1);
    if (last !== undefined) this.resume(last.grpid, response);
  }

  /**
   * Ends the wait of a transaction of the first StreamID. One of another StreamID, and one that may not stall and does so all
   * the same, waits for ever. @internal
   */
  resume(tag: number, response: FaultResponse): void {
    const [first] = this.streams;
    if (first !== undefined && this.canStall) this.smmu.commands.issue([resume(first, tag, response)], false);
  }
}

/** Where reads give zeros and writes do nothing. */
function nowhere(): Place {
  return { object: new AnonymousMemory(1), byte: 0, length: PAGE_SIZE };
}

/** The device that a domain of this driver was given: it gets no others. */
export function smmuDevice(device: Device): SmmuDevice {
  if (!(device instanceof SmmuDevice)) throw fail('EINVAL');
  return device;
}
