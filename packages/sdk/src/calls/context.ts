import type { Ioctl, Syscalls } from '@iommufd/uapi';
import { type Arguments, Calls, type Command, type FailureDetails } from './calls.js';
import type { Device } from '../objects/device.js';

/** An object owned by a {@link Context} until one of the two is closed. */
export interface Owned {
  /** Called when the context is closed. The kernel destroys its objects; only other resources are released. @internal */
  abandon(): void;
  /** Its file, if it has one. @internal */
  readonly fd?: number | undefined;
}

/** The state that all objects of an open `/dev/iommu` share: system calls, ownership, and devices by id. */
export class Context {
  readonly calls: Calls;
  private readonly owned = new Set<Owned>();
  /** Devices by id, as page faults refer to them. */
  readonly devices = new Map<number, Device>();

  constructor(
    readonly sys: Syscalls,
    readonly fd: number,
  ) {
    this.calls = new Calls(sys);
  }

  /** Makes an ioctl on `/dev/iommu`. @throws IommufdError */
  ioctl<Out, In, V>(command: Ioctl<Command<Out, In, V>>, args: Arguments<In>, details?: FailureDetails): Out {
    return this.calls.ioctl(this.fd, command, args, details);
  }

  /** Runs `work` with a copy of `data` that the kernel can read, and its address; NULL if `data` is empty. */
  with<T>(data: Uint8Array, work: (address: bigint, bytes: Uint8Array) => T): T {
    if (data.length === 0) return work(0n, data);
    return this.calls.frame((alloc) => {
      const { address, bytes } = alloc(data.length);
      bytes.set(data);
      return work(address, bytes);
    });
  }

  own(object: Owned): void {
    this.owned.add(object);
  }

  disown(object: Owned): void {
    this.owned.delete(object);
  }

  /** The owner of an fd among the objects of this context. */
  ownerOf(fd: number): Owned | undefined {
    return [...this.owned].find((object) => object.fd === fd);
  }

  /** Closes the file and abandons all objects, newest first. */
  close(): void {
    for (const object of [...this.owned].reverse()) object.abandon();
    this.owned.clear();
    this.devices.clear();
    this.calls.close(this.fd);
    this.calls.free();
  }
}
