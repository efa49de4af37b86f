import { FakeKernel, type Module, type Process } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';
import { type Ioctl, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { type AnyType, encode, type Encodable, type Struct, type Fields } from '@iommufd/uapi/struct';

export const PAGE = 4096;

/** Number of pages for arguments of ioctls, one page each. */
const ARGUMENTS = 4;

/** A program on a fake kernel. The SDK creates its objects; the measured calls do not use the SDK. */
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

  /** Writes the argument of an ioctl to the process's memory once, for repeated use. */
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

/** Offset of a struct's field, in bytes. */
export function offsetOf<F extends Fields, A extends Fields>(struct: Struct<F, A>, field: string): number {
  const member = struct.members.find(({ name }) => name === field);
  if (member === undefined) throw new TypeError(`${struct.name} has no field ${field}`);
  return member.offset;
}
