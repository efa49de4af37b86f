import {
  guestIdRegisters,
  guestMemory,
  InvalidationError,
  Iommufd,
  SdkBackend,
  type Veventq,
  VirtualSmmuv3,
  type VsmmuBackend,
} from '@iommufd/sdk';
import { smmuv3_command, type Syscalls } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { GuestRam } from './guest-ram.js';
import type { Interrupt } from './interrupt.js';
import { count, hex, showCommands, timeline } from './show.js';

/** The guest-physical address of the guest's memory. */
const RAM = { base: 0x4000_0000n, length: 1 << 20 };
/** The virtual StreamID of the guest's device. */
export const STREAM_ID = 0x5;
/** The depth of the vEVENTQ. */
const DEPTH = 6;

/** The interrupts of the guest's SMMU. */
export interface GuestInterrupts {
  readonly eventInterrupt: Interrupt;
  readonly errorInterrupt: Interrupt;
}

/** Runs an action, and adds the commands of the hardware to the timeline. */
type WatchCommands = (action: () => void) => void;

/** A virtual machine monitor whose guest has memory, an SMMU and a device behind it. */
export class Vmm {
  /** The guest's memory. */
  readonly ram: GuestRam;
  /** The registers of the guest's SMMU. */
  readonly smmu: VirtualSmmuv3;
  private readonly iommufd: Iommufd;
  private readonly passingOn: Promise<void>;
  private guest: GuestInterrupts | undefined;
  private passedOn: (() => void) | undefined;

  /**
   * @param sys the system calls of the VMM's process
   * @param path the VFIO node of the guest's device
   */
  constructor(sys: Syscalls, path: string, watchCommands: WatchCommands) {
    this.iommufd = Iommufd.open(sys);
    const memory = this.iommufd.allocMemory(RAM.length);
    const ioas = this.iommufd.allocIoas();
    // IOVAs of this IOAS are guest-physical addresses.
    ioas.mapMemory(memory, { iova: RAM.base });
    const device = this.iommufd.openDevice(path);
    const info = device.hwInfo();
    if (info.type !== 'arm-smmuv3') throw new Error(`${path} is behind ${info.type}, not an SMMUv3`);
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const viommu = device.allocViommu({ type: 'arm-smmuv3', parent });
    const events = viommu.allocVeventq({ type: 'arm-smmuv3', depth: DEPTH });
    const backend = new SdkBackend({ viommu, devices: [[STREAM_ID, device]], hardware: info.data });
    this.ram = new GuestRam(RAM.base, (offset, length) => memory.bytes(offset, length));
    this.smmu = new VirtualSmmuv3({
      memory: guestMemory({ memory, base: RAM.base }),
      backend: watchBackend(backend, watchCommands),
      interrupts: {
        eventq: () => this.interrupt('eventInterrupt'),
        gerror: () => this.interrupt('errorInterrupt'),
        priq: () => undefined,
        cmdqSync: () => undefined,
        msi: () => false,
      },
      idRegisters: guestIdRegisters(info.data),
    });
    this.passingOn = this.smmu.run(watchEvents(events, () => this.passedOn?.()));
  }

  /** Connects the guest's interrupts. */
  connect(guest: GuestInterrupts): void {
    this.guest = guest;
  }

  /** Waits until further events have been passed to the guest, because not every event raises an interrupt. */
  async passesOn(): Promise<void> {
    await new Promise<void>((resolve) => (this.passedOn = resolve));
  }

  /** Closes everything. Closing the queue ends the loop that passes events on. */
  async close(): Promise<void> {
    this.iommufd.close();
    await this.passingOn;
  }

  private interrupt(line: keyof GuestInterrupts): void {
    timeline.add('vmm', line === 'eventInterrupt' ? 'interrupts: event queue' : 'interrupts: global error');
    this.guest?.[line].raise();
  }
}

/** Wraps the backend: each call adds a line to the timeline. */
function watchBackend(backend: VsmmuBackend, watchCommands: WatchCommands): VsmmuBackend {
  return {
    streams: backend.streams,
    setStream(streamId, config) {
      const ste = config.kind === 'translate' ? `, STE ${config.ste.map(hex).join(' ')}` : '';
      timeline.add('vmm', `stream ${hex(streamId)} gets a nested page table: ${config.kind}${ste}`);
      backend.setStream(streamId, config);
    },
    invalidate(commands) {
      const decoded = commands.map(({ cmd }) =>
        decode(smmuv3_command, new Uint8Array(BigUint64Array.from(cmd).buffer), { lenient: true }),
      );
      timeline.add('vmm', `HWPT_INVALIDATE: ${showCommands(decoded)}`);
      try {
        watchCommands(() => backend.invalidate(commands));
      } catch (error) {
        if (error instanceof InvalidationError)
          timeline.alarm('vmm', `${error.code}: the kernel refuses the one at index ${error.failedIndex}`);
        throw error;
      }
    },
  };
}

/** Wraps the queue: each read adds a line to the timeline. @param read is called before the events are passed to the guest */
function watchEvents(
  queue: Veventq<'arm-smmuv3'>,
  read: () => void,
): Pick<Veventq<'arm-smmuv3'>, 'isClosed' | 'readable' | 'read'> {
  return {
    get isClosed() {
      return queue.isClosed;
    },
    async readable(options) {
      const isReadable = await queue.readable(options);
      // The aborted access is shown first, so that the lines are in chronological order.
      await new Promise<void>((resolve) => setImmediate(resolve));
      return isReadable;
    },
    read() {
      const items = queue.read();
      let events = 0;
      let lost = 0;
      for (const item of items) {
        if (item.kind === 'event') events++;
        else lost += item.lost;
      }
      const text = `reads ${count(events, 'event')} from the vEVENTQ`;
      if (lost === 0) timeline.add('vmm', text);
      else timeline.alarm('vmm', `${text}, which had no room for ${lost} others`);
      read();
      return items;
    },
  };
}
