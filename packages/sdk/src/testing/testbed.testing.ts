import { afterEach, describe, expect } from '@jest/globals';
import { interruptedSyscalls } from '@iommufd/testkit';
import { FakeKernel, mockModule, type Process } from '@iommufd/fakekernel';
import { expectToBe } from '@iommufd/testkit/expect';
import { encode, IOMMU_TEST_CMD, iommu_test_cmd, iommu_test_op, type Syscalls } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';
import {
  type FaultQueue,
  type Hwpt,
  type Ioas,
  Iommufd,
  type SelftestDevice,
  type NestedHwpt,
  type Viommu,
} from '../index.js';

const PAGE = 4096;

/** A program of a test, on its own kernel with mock devices. The test fails if the program leaves objects over. */
export class Testbed {
  readonly kernel = new FakeKernel([mockModule]);
  readonly process: Process = this.kernel.spawn();
  readonly iommufd: Iommufd;
  private readonly argument: bigint;

  constructor(wrap: (sys: Syscalls) => Syscalls = (sys) => sys) {
    this.iommufd = Iommufd.open(wrap(this.process));
    this.argument = this.process.mmap(0n, PAGE, 3, 0x22, -1, 0n);
  }

  /** IOMMU_TEST_CMD without the SDK, to control the hardware. @returns the result of the ioctl */
  testCmd(cmd: Omit<Encodable<typeof iommu_test_cmd>, 'size' | 'last'>): number {
    const size = iommu_test_cmd.byteLength;
    // `Omit` of a union type keeps only the common fields; the others are checked when the struct is encoded.
    const bytes = encode(iommu_test_cmd, { ...cmd, size, last: 0 } as Encodable<typeof iommu_test_cmd>);
    this.process.memory(this.argument, bytes.length).set(bytes);
    return this.process.ioctl(this.iommufd.fd, IOMMU_TEST_CMD.request, this.argument);
  }

  /** The device reports an event of its virtual IOMMU. */
  sendEvent(device: SelftestDevice, times = 1): void {
    const trigger_vevent = { dev_id: device.id };
    for (let i = 0; i < times; i++) {
      expectToBe(
        this.testCmd({ op: iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT, id: 0, trigger_vevent } as never),
        0,
      );
    }
  }

  /** The device requests a page. */
  sendFault(
    device: SelftestDevice,
    fault: { addr: bigint; perm?: number; grpid?: number; pasid?: number },
  ): void {
    const trigger_iopf = { dev_id: device.id, perm: 1, grpid: 0, pasid: 0, ...fault };
    expect(this.testCmd({ op: iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF, id: 0, trigger_iopf } as never)).toBe(
      0,
    );
  }

  /** A device whose virtual IOMMU reports events to a queue, and its page faults to `faultQueue`, if there is one. */
  nested(faultQueue?: FaultQueue): Nested {
    const ioas = this.iommufd.allocIoas();
    const device = this.iommufd.createSelftestDevice({ attachTo: ioas });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const viommu = device.allocViommu({ type: 'selftest', parent });
    viommu.allocVdevice({ device, virtualId: 0x99n });
    const data = { type: 'selftest', iotlb: 1, pagetable_type: 0 } as const;
    const hwpt = device.allocNestedHwpt({ on: viommu, data, ...(faultQueue && { faultQueue }) });
    device.attach(hwpt);
    return { ioas, device, parent, viommu, hwpt };
  }

  /** Ends the program. @returns the objects that are left over */
  end(): string[] {
    this.iommufd.close();
    this.process.exit();
    return this.kernel.leftOver();
  }
}

export interface Nested {
  readonly ioas: Ioas;
  readonly device: SelftestDevice;
  readonly parent: Hwpt;
  readonly viommu: Viommu<'selftest'>;
  readonly hwpt: NestedHwpt;
}

const SEEDS = [1, 2, 3];

/** Defines tests that must pass on the plain fake kernel, and with interrupted system calls. `open` creates a test's program. */
export function onEveryBackend(define: (open: () => Testbed) => void): void {
  const backends = [
    { name: 'plain', wrap: (sys: Syscalls) => sys },
    ...SEEDS.map((seed) => ({
      name: `with EINTR, EAGAIN and late poll() (seed ${seed})`,
      wrap: (sys: Syscalls) => interruptedSyscalls(sys, seed),
    })),
  ];
  describe.each(backends)('$name', ({ wrap }) => {
    const open: Testbed[] = [];
    afterEach(() => {
      for (const testbed of open.splice(0)) expect(testbed.end()).toEqual([]);
    });
    define(() => {
      const testbed = new Testbed(wrap);
      open.push(testbed);
      return testbed;
    });
  });
}
