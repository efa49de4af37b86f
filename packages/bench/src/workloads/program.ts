import { FakeKernel, type Module, type Process } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';
import { type Ioctl, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { type AnyType, encode, type Encodable, type Struct, type Fields } from '@iommufd/uapi/struct';

export const PAGE = 4096;

/** Pages for arguments of ioctls, one each. */
const ARGUMENTS = 4;

/** A program on a fake kernel. The SDK sets things up for it; what is measured goes past the SDK. */
export class Program {
  readonly kernel: FakeKernel;
  readonly process: Process;
  readonly iommufd: Iommufd;
  private readonly memory = new Uint8Array(ARGUMENTS * PAGE);
  private readonly at: bigint;
  private used = 0;

  constructor(modules: readonly Module[] = []) {
    this.kernel = new FakeKernel(modules);
    this.process = this.kernel.spawn();
    this.iommufd = Iommufd.open(this.process);
    this.at = this.process.mapHost(this.memory, PROT_READ | PROT_WRITE);
  }

  /** Puts the argument of an ioctl into the process's memory, once, to be used again and again. */
  prepare<S extends AnyType>({ request, struct }: Ioctl<S>, value: Encodable<S>): Prepared {
    const bytes = encode(struct, value);
    const offset = this.used;
    this.used += PAGE;
    this.memory.set(bytes, offset);
    const view = new DataView(this.memory.buffer, offset, bytes.length);
    return { request, address: this.at + BigInt(offset), view };
  }

  /** Makes an ioctl on `/dev/iommu`. @throws Error unless it returns `expected` */
  call({ request, address }: Prepared, expected = 0): void {
    const result = this.process.ioctl(this.iommufd.fd, request, address);
    if (result !== expected) throw new Error(`an ioctl returned ${result}, and not ${expected}`);
  }
}

/** An ioctl with its argument in memory. */
export interface Prepared {
  readonly request: number;
  readonly address: bigint;
  readonly view: DataView;
}

/** Where a field of a struct is, in bytes. */
export function offsetOf<F extends Fields, A extends Fields>(struct: Struct<F, A>, field: string): number {
  const member = struct.members.find(({ name }) => name === field);
  if (member === undefined) throw new TypeError(`${struct.name} has no field ${field}`);
  return member.offset;
}
