import type { Ioctl, Syscalls } from '@iommufd/uapi';
import { type Arguments, Calls, type Command, type Insight } from './calls.js';
import type { Device } from '../objects/device.js';

/** Something that a {@link Context} holds until it is closed. */
export interface Owned {
  /** The context goes, and the kernel drops every object with it: only what is no object of its is given back. @internal */
  abandon(): void;
  /** Its file, if it has one. @internal */
  readonly fd?: number | undefined;
}

/** An open `/dev/iommu`, as the objects on it see it. */
export class Context {
  readonly calls: Calls;
  private readonly owned = new Set<Owned>();
  /** Devices by their id: faults name them by it. */
  readonly devices = new Map<number, Device>();

  constructor(
    readonly sys: Syscalls,
    readonly fd: number,
  ) {
    this.calls = new Calls(sys);
  }

  /** Makes an ioctl on `/dev/iommu`. @throws IommufdError */
  ioctl<Out, In, V>(command: Ioctl<Command<Out, In, V>>, args: Arguments<In>, insight?: Insight): Out {
    return this.calls.ioctl(this.fd, command, args, insight);
  }

  /** Runs `work` with the address of memory that holds `data`, and the memory; NULL for no bytes. */
  with<T>(data: Uint8Array, work: (address: bigint, bytes: Uint8Array) => T): T {
    if (data.length === 0) return work(0n, data);
    return this.calls.frame((alloc) => {
      const { address, bytes } = alloc(data.length);
      bytes.set(data);
      return work(address, bytes);
    });
  }

  own(thing: Owned): void {
    this.owned.add(thing);
  }

  disown(thing: Owned): void {
    this.owned.delete(thing);
  }

  /** What a file of the process belongs to, if it is this context's. */
  ownerOf(fd: number): Owned | undefined {
    return [...this.owned].find((thing) => thing.fd === fd);
  }

  /** Everything goes, the newest first. */
  close(): void {
    for (const thing of [...this.owned].reverse()) thing.abandon();
    this.owned.clear();
    this.devices.clear();
    this.calls.close(this.fd);
    this.calls.free();
  }
}
