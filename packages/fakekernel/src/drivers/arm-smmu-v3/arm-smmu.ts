/**
 * The arm-smmu-v3 driver: Linux's `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c`. An {@link ArmSmmu} probes and resets one
 * SMMU (`probe.ts`, `reset.ts`), handles its interrupts (`event-thread.ts`, `pri-thread.ts`, `global-error.ts`), and implements
 * `IommuDriver`: page tables in `paging-domain.ts`, attachments in `attach.ts`, virtual IOMMUs in `vsmmu.ts`. The hardware is
 * `Smmuv3` of `@iommufd/smmuv3`; the driver accesses it only through registers and shared memory.
 */
import { type InterruptLines, Smmuv3, type Smmuv3Config } from '@iommufd/smmuv3';
import {
  arm_smmu_features,
  iommu_hw_info_arm_smmuv3,
  iommu_hw_info_type,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
  smmuv3_register,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import { Its } from '../../hardware/its.js';
import { PhysicalMemory } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import type { Device } from '../../iommu/device.js';
import type { PagingDomain } from '../../iommu/domain.js';
import type { Capabilities, HardwareInfo, IommuDriver } from '../../iommu/driver.js';
import { ItsEvents } from '../../iommu/its-events.js';
import type { UserData } from '../../iommu/user-data.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import { attachBlocked, blockPasid } from './attach.js';
import type { CommandQueue } from './command-queue.js';
import { EventThread } from './event-thread.js';
import { handleGlobalErrors } from './global-error.js';
import { IdPool } from './id-pool.js';
import { InterruptThread } from './interrupt-thread.js';
import type { OutputQueue } from './output-queue.js';
import { type DomainKind, SmmuDomain } from './paging-domain.js';
import { priThread } from './pri-thread.js';
import { type Probed, probe } from './probe.js';
import { reset } from './reset.js';
import { type SmmuDevice, smmuDevice } from './smmu-device.js';
import type { StreamTable } from './stream-table.js';
import { Vsmmu } from './vsmmu.js';
import { restorable } from '../../lib/restorable.js';
import { hex } from '../../lib/hex.js';

const { IOMMU_HWPT_ALLOC_DIRTY_TRACKING, IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID } =
  iommufd_hwpt_alloc_flags;
const { IOMMU_HW_INFO_TYPE_ARM_SMMUV3, IOMMU_HW_INFO_TYPE_DEFAULT, IOMMU_HW_INFO_TYPE_NONE } =
  iommu_hw_info_type;
const {
  ARM_SMMU_FEAT_COHERENCY,
  ARM_SMMU_FEAT_HD,
  ARM_SMMU_FEAT_NESTING,
  ARM_SMMU_FEAT_S2FWB,
  ARM_SMMU_FEAT_TRANS_S1,
} = arm_smmu_features;
const PAGING_FLAGS = IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_ALLOC_PASID | IOMMU_HWPT_ALLOC_NEST_PARENT;

/** The driver's state of one SMMU: `struct arm_smmu_device`. */
export class ArmSmmu implements IommuDriver {
  private static readonly handlesEvents = restorable(
    'ArmSmmu.eventThread',
    (smmu: ArmSmmu) => () => smmu.events.run(),
  );

  private static readonly handlesPageRequests = restorable('ArmSmmu.priThread', (smmu: ArmSmmu) => () => {
    if (smmu.pageRequests !== undefined) priThread(smmu.pageRequests, smmu.commands, smmu.log);
  });

  readonly name = 'arm-smmu-v3';
  readonly userPasidTable = true;
  readonly memory = new PhysicalMemory();
  /** The machine's interrupt controller. */
  readonly its = new Its();
  readonly hardware: SmmuHardware;
  readonly probed: Probed;
  readonly commands: CommandQueue;
  private readonly events: EventThread;
  /** Undefined without a PRI queue. */
  private readonly pageRequests: OutputQueue | undefined;
  readonly streamTable: StreamTable;
  private readonly asids: IdPool;
  private readonly vmids: IdPool;
  readonly eventThread = new InterruptThread(ArmSmmu.handlesEvents(this));
  readonly priThread = new InterruptThread(ArmSmmu.handlesPageRequests(this));
  private readonly devices = new Map<number, SmmuDevice>();
  private readonly itsEvents = new Map<number, ItsEvents>();

  /** @param log receives the driver's messages @throws Error if the driver does not support the hardware */
  constructor(
    config: Smmuv3Config,
    private readonly log: (message: string) => void,
  ) {
    this.hardware = new Smmuv3(config, this.memory, ArmSmmu.lines(this));
    this.probed = probe(this.hardware);
    const { oas, features, asidBits, vmidBits } = this.probed;
    log(`oas ${oas}-bit (features 0x${features.toString(16).padStart(8, '0')})`);
    this.asids = new IdPool(asidBits, 'EBUSY');
    this.vmids = new IdPool(vmidBits, 'ENOSPC');
    const { commands, events, pageRequests, streamTable, enable } = reset(
      this.hardware,
      this.memory,
      this.probed,
      log,
    );
    this.commands = commands;
    this.events = new EventThread(events, this.devices, log);
    this.pageRequests = pageRequests;
    this.streamTable = streamTable;
    enable();
  }

  private static readonly lines = restorable('ArmSmmu.lines', (smmu: ArmSmmu): InterruptLines => ({
    eventq: () => smmu.eventThread.wake(),
    priq: () => smmu.priThread.wake(),
    gerror: () => handleGlobalErrors(smmu.hardware, smmu.commands, smmu.log),
    // The driver polls CONS for the completion of CMD_SYNC.
    cmdqSync: () => undefined,
  }));

  private has(feature: number): boolean {
    return (this.probed.features & feature) !== 0;
  }

  /** `arm_smmu_probe_device()`. @throws Error if a StreamID is in use; RangeError if it is beyond the stream table */
  add(device: SmmuDevice): void {
    for (const streamId of device.ownStreams) {
      if (streamId >>> 0 !== streamId)
        throw new RangeError(`a StreamID is a number of 32 bits, found ${String(streamId)}`);
      const name = `0x${hex(streamId)}`;
      if (this.devices.has(streamId)) throw new Error(`StreamID ${name} belongs to another device already`);
      if (!this.streamTable.add(streamId))
        throw new RangeError(`StreamID ${name} is beyond the stream table`);
    }
    for (const streamId of device.ownStreams) this.devices.set(streamId, device);
    device.connect();
  }

  /**
   * `its_find_device()`: the events of a device in the ITS. They stay when the device is removed, for the next one with its StreamID:
   * `its_msi_teardown()` keeps them while some are in use.
   */
  eventsOf(streamId: number): ItsEvents {
    let events = this.itsEvents.get(streamId);
    if (events === undefined) this.itsEvents.set(streamId, (events = new ItsEvents()));
    return events;
  }

  /** `arm_smmu_release_device()` */
  remove(device: SmmuDevice): void {
    attachBlocked(device);
    for (const streamId of device.ownStreams) {
      this.hardware.disconnect(streamId);
      this.devices.delete(streamId);
    }
    device.pageRequests.end();
    device.contexts.free();
  }

  capabilities(device: Device): Capabilities {
    const { canwbs, supportsAts } = smmuDevice(device);
    return {
      cacheCoherency: this.has(ARM_SMMU_FEAT_COHERENCY),
      // `arm_smmu_dbm_capable()`
      dirtyTracking: this.has(ARM_SMMU_FEAT_HD) && this.has(ARM_SMMU_FEAT_COHERENCY),
      enforceCacheCoherency: canwbs,
      ats: supportsAts,
      // An ITS looks up a message by the device that has sent it.
      isolatedMsi: true,
    };
  }

  hardwareInfo({ features }: Device, type: number): HardwareInfo {
    if (!features.smmuIommufd) return { type: IOMMU_HW_INFO_TYPE_NONE, data: new Uint8Array() };
    if (type !== IOMMU_HW_INFO_TYPE_DEFAULT && type !== IOMMU_HW_INFO_TYPE_ARM_SMMUV3)
      throw fail('EOPNOTSUPP');
    const { hardware } = this;
    const idr = (n: number): number => hardware.read32(smmuv3_register.SMMU_IDR0 + 4 * n);
    const data = encode(iommu_hw_info_arm_smmuv3, {
      flags: 0,
      idr: [idr(0), idr(1), idr(2), idr(3), idr(4), idr(5)],
      iidr: hardware.read32(smmuv3_register.SMMU_IIDR),
      aidr: hardware.read32(smmuv3_register.SMMU_AIDR),
    });
    return { type: IOMMU_HW_INFO_TYPE_ARM_SMMUV3, data };
  }

  /** `arm_smmu_domain_alloc_paging_flags()`: stage 1 if supported; stage 2 for a nest parent, which has no dirty tracking. */
  allocPaging({ features }: Device, flags: number, data: UserData | undefined): PagingDomain {
    const known = features.smmuIommufd ? PAGING_FLAGS : IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
    if ((flags & ~known) !== 0 || data !== undefined) throw fail('EOPNOTSUPP');
    const hasStage1 = this.has(ARM_SMMU_FEAT_TRANS_S1);
    if (flags === IOMMU_HWPT_ALLOC_NEST_PARENT) {
      if (!this.has(ARM_SMMU_FEAT_NESTING)) throw fail('EOPNOTSUPP');
      const forcesWriteBack = this.has(ARM_SMMU_FEAT_S2FWB);
      return this.domain({ isStage1: false, isNestParent: true, forcesWriteBack, tracksDirty: false });
    }
    const isStage1 = hasStage1 && (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) === 0;
    if (flags !== 0 && !isStage1) throw fail('EOPNOTSUPP');
    const tracksDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    return this.domain({ isStage1, isNestParent: false, forcesWriteBack: false, tracksDirty });
  }

  private domain(kind: DomainKind): SmmuDomain {
    const { probed, memory, commands } = this;
    const ids = kind.isStage1 ? this.asids : this.vmids;
    return new SmmuDomain(this, { probed, memory, commands, ids }, kind);
  }

  /** `arm_smmu_get_viommu_size()`: DMA must not bypass the caches, by CANWBS of the device or S2FWB of stage 2. */
  hasViommu(device: Device, type: number): boolean {
    if (!this.has(ARM_SMMU_FEAT_NESTING)) return false;
    if (!smmuDevice(device).canwbs && !this.has(ARM_SMMU_FEAT_S2FWB)) return false;
    return type === iommu_viommu_type.IOMMU_VIOMMU_TYPE_ARM_SMMUV3;
  }

  allocViommu(viommu: ViommuCore, { features }: Device, parent: PagingDomain): Vsmmu {
    if (!(parent instanceof SmmuDomain)) throw fail('EINVAL');
    return new Vsmmu(this, this.probed, this.commands, viommu, parent, features);
  }

  block(device: Device): void {
    attachBlocked(smmuDevice(device));
  }

  blockPasid(device: Device, pasid: number): void {
    blockPasid(smmuDevice(device), pasid);
  }
}
