import {
  encode,
  IOMMU_IOAS_ALLOC,
  IOMMU_TEST_CMD,
  type Ioctl,
  iommu_ioas_alloc,
  iommu_test_cmd,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { type AnyType, type View, view } from '@iommufd/uapi/struct';
import { FakeKernel, mockModule, type Privileges, type Process } from './index.js';

const PAGE = 4096;

/** A test's program: it has `/dev/iommu` open on a kernel with mock devices, and has allocated IOAS 1. */
export class TestProgram {
  readonly process: Process;
  /** Mapped memory of the program. The argument of the last ioctl is at its start. */
  readonly memory: Uint8Array;
  /** Address of {@link memory}. */
  readonly at: bigint;
  readonly fd: number;
  /** The argument of {@link testCmd}: first the input, then the output of the last call. */
  readonly cmd: View<typeof iommu_test_cmd>;

  /**
   * @param pages size of {@link memory}, in pages
   * @param kernel the kernel of another program, to share it
   * @param privileges the process's privileges; root's by default
   */
  constructor(
    pages: number,
    readonly kernel = new FakeKernel([mockModule]),
    privileges: Partial<Privileges> = {},
  ) {
    this.process = kernel.spawn(privileges);
    this.memory = new Uint8Array(pages * PAGE);
    this.cmd = view(iommu_test_cmd, this.memory);
    this.at = this.process.mapHost(this.memory, PROT_READ | PROT_WRITE);
    this.fd = this.process.open('/dev/iommu');
    this.allocIoas();
  }

  /** Allocates an IOAS. @returns 0, or the negative errno */
  allocIoas(): number {
    return this.ioctl(IOMMU_IOAS_ALLOC, encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }));
  }

  ioctl({ request }: Ioctl, bytes: Uint8Array): number {
    this.memory.set(bytes);
    return this.process.ioctl(this.fd, request, this.at);
  }

  /** Calls an ioctl with a struct of zeros: its size in the first field, the other fields set by `set`. */
  call<S extends AnyType>({ request, struct }: Ioctl<S>, set: (cmd: View<S>) => void, fd = this.fd): number {
    const bytes = this.memory.subarray(0, struct.byteLength).fill(0);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, struct.byteLength, true);
    set(view(struct, bytes) as View<S>);
    return this.process.ioctl(fd, request, this.at);
  }

  testCmd(op: number, fill: (cmd: View<typeof iommu_test_cmd>) => void): number {
    this.memory.fill(0, 0, iommu_test_cmd.byteLength);
    this.cmd.size = iommu_test_cmd.byteLength;
    this.cmd.op = op;
    fill(this.cmd);
    return this.process.ioctl(this.fd, IOMMU_TEST_CMD.request, this.at);
  }
}
