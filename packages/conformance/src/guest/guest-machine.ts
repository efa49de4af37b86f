/**
 * The machine for the replay of a guest's tape: a fake kernel with an SMMUv3 and devices, a program that passes them to
 * a guest through the SDK, and the guest's `VirtualSmmuv3`. `GuestMachine` combines them; `guest-replay.ts` drives it.
 */
import { FakeKernel, FakeSmmuv3, type SmmuDevice } from '@iommufd/fakekernel';
import {
  guestIdRegisters,
  guestMemory,
  type GuestMemory,
  Iommufd,
  SdkBackend,
  type StreamConfig,
  type Veventq,
  VirtualSmmuv3,
  type VsmmuBackend,
} from '@iommufd/sdk';
import { QEMU_SMMUV3 } from '@iommufd/tape';
import {
  type GuestDepartures,
  ignoringReservedFields,
  QEMU_FOR_GUESTS,
  QemuRegisters,
  QUEUE_LOG2,
} from './qemu-departures.js';

/** Start of the RAM of QEMU's `virt` machine. */
export const RAM_BASE = 0x4000_0000n;
/** 512 MiB. The guests of test programs use the first half. */
const RAM_BYTES = 512 << 20;

/** Depth of the vEVENTQ: enough for all events of a burst. */
const EVENTS = 4096;

/** Options of {@link GuestMachine}. */
export interface GuestMachineOptions {
  /** StreamIDs that have a device; at least one. */
  readonly streamIds: readonly number[];
  /** Departures from the architecture. Default: those of QEMU. */
  readonly departures?: GuestDepartures | undefined;
  /** Wraps the SDK's backend of the guest's SMMU. */
  readonly wrap?: ((backend: VsmmuBackend) => VsmmuBackend) | undefined;
}

/** The target of a transaction: an address of the guest, after its stage 1. */
export interface Reached {
  readonly address: bigint;
  /** Writes bytes there, if the address is RAM. */
  store(bytes: Uint8Array): void;
}

/** A machine with one guest. */
export class GuestMachine {
  readonly smmu: VirtualSmmuv3;
  /** Its registers, with the behaviour of the reference. */
  readonly registers: QemuRegisters;
  readonly departures: GuestDepartures;
  readonly host: FakeSmmuv3;
  readonly memory: GuestMemory;
  /** The interrupts since they were last consumed, by their numbers in the tape. */
  readonly interrupts: number[] = [];
  /** True if the last access caused an event that the host does not pass to the guest. */
  hasKeptEvent = false;
  private readonly kernel = new FakeKernel();
  private readonly devices = new Map<number, SmmuDevice>();
  private readonly queue: Veventq<'arm-smmuv3'>;
  /** The configuration of each stream in the host. */
  private readonly configs = new Map<number, StreamConfig>();

  constructor({ streamIds, departures = QEMU_FOR_GUESTS, wrap = (backend) => backend }: GuestMachineOptions) {
    const { kernel } = this;
    this.departures = departures;
    this.host = new FakeSmmuv3(kernel, { ...QEMU_SMMUV3, departures: departures.hardware });
    const iommufd = Iommufd.open(kernel.spawn());
    const ram = iommufd.allocMemory(RAM_BYTES);
    const ioas = iommufd.allocIoas();
    ioas.mapMemory(ram, { iova: RAM_BASE });
    const devices = streamIds.map((streamId) => {
      const device = this.host.addDevice({ streamId, canwbs: true });
      this.devices.set(streamId, device);
      return [streamId, iommufd.openDevice(kernel.plug(device))] as const;
    });
    const first = devices[0]?.[1];
    if (first === undefined) throw new RangeError('streamIds: there must be a device');
    const info = first.hwInfo({ type: 'arm-smmuv3' });
    if (info.type !== 'arm-smmuv3') throw new Error(`the IOMMU is ${info.type}`);
    const hardware = info.data;
    const viommu = first.allocViommu({
      type: 'arm-smmuv3',
      parent: first.allocHwpt({ ioas, nestParent: true }),
    });
    this.queue = viommu.allocVeventq({ type: 'arm-smmuv3', depth: EVENTS });
    this.memory = guestMemory({ memory: ram, base: RAM_BASE });
    const interrupt = (n: number) => (): void => void this.interrupts.push(n);
    this.smmu = new VirtualSmmuv3({
      memory: this.memory,
      backend: wrap(this.observed(new SdkBackend({ viommu, devices, hardware }))),
      interrupts: {
        eventq: interrupt(0),
        priq: interrupt(1),
        cmdqSync: interrupt(2),
        gerror: interrupt(3),
        msi: () => false,
      },
      idRegisters: guestIdRegisters(hardware, {
        commandQueueBits: QUEUE_LOG2,
        eventQueueBits: QUEUE_LOG2,
      }),
      // The reference has no budget.
      budget: Infinity,
      departures: departures.guest,
    });
    this.registers = new QemuRegisters(this.smmu, departures.replay);
  }

  /** Wraps a backend to record the configurations of streams. */
  private observed(host: VsmmuBackend): VsmmuBackend {
    const { ignoresReservedCommandFields } = this.departures.replay;
    const backend = ignoresReservedCommandFields === true ? ignoringReservedFields(host) : host;
    return {
      streams: backend.streams,
      invalidate: (commands) => backend.invalidate(commands),
      setStream: (streamId, config) => {
        backend.setStream(streamId, config);
        this.configs.set(streamId, config);
      },
    };
  }

  /** True if the host aborts all transactions of a stream, so that they cause no events. */
  isAborting(streamId: number): boolean {
    const kind = this.configs.get(streamId)?.kind;
    return kind === 'invalid' || kind === 'abort';
  }

  /** Streams that have a device. */
  get streams(): Iterable<number> {
    return this.devices.keys();
  }

  /** Resets the guest's SMMU, and discards earlier events. */
  reset(): void {
    this.smmu.reset();
    this.registers.reset();
    this.queue.read();
  }

  /** Passes events of the hardware on to the guest. */
  pump(): void {
    this.smmu.handleEvents(this.queue.read());
  }

  /**
   * A device accesses memory. Its events are in the guest's queue when this returns.
   * @returns undefined if it was aborted
   */
  access(streamId: number, iova: bigint, write: boolean): Reached | undefined {
    const device = this.devices.get(streamId);
    if (device === undefined) throw new RangeError(`there is no device with StreamID ${streamId}`);
    const { cachesLegalStructuresOnly } = this.departures.guest;
    if (cachesLegalStructuresOnly === true && this.isAborting(streamId)) this.smmu.configureStream(streamId);
    const from = this.kernel.messages.length;
    const place = device.translate({ iova, write, pasid: undefined });
    this.pump();
    this.hasKeptEvent = false;
    if (!('reason' in place)) {
      const store = (bytes: Uint8Array): void => place.object.write(place.byte, bytes);
      return { address: RAM_BASE + BigInt(place.byte), store };
    }
    const fault = this.loggedFault(from);
    this.hasKeptEvent = this.isAborting(streamId) || fault?.isOfStructure === true;
    const ipa = fault?.isOfStructure === false ? fault.ipa : undefined;
    return ipa === undefined ? undefined : { address: ipa, store: () => undefined };
  }

  /**
   * The stage 2 fault that the driver has logged because an address is not RAM: `arm_smmu_print_event()`. The address
   * is the output of stage 1 for the transaction, or that of a structure that the walk needs.
   */
  private loggedFault(from: number): { readonly ipa: bigint; readonly isOfStructure: boolean } | undefined {
    const { messages } = this.kernel;
    // A full log discards its oldest lines. The fault is then in the last lines.
    const log = messages.slice(messages.length < from ? -LINES_OF_EVENT : from).join('\n');
    const [, iova, ipa, how] = /iova: (0x[0-9a-f]+) ipa: (0x[0-9a-f]+)\n.* s2 "(.*?)"/.exec(log) ?? [];
    if (iova === undefined || ipa === undefined) return undefined;
    return { ipa: BigInt(ipa) | (BigInt(iova) & 0xfffn), isOfStructure: how !== OF_TRANSACTION };
  }
}

/** Number of lines that `arm_smmu_dump_event()` logs for an event: a head, four words, and two lines of description. */
const LINES_OF_EVENT = 7;

/** The driver's text for class IN. */
const OF_TRANSACTION = 'Input address caused fault';
