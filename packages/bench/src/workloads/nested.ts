/** A device behind a fake SMMUv3 whose transactions are translated by both stages, for K3, S8 and S9. */
import { FakeSmmuv3, smmuv3Config } from '@iommufd/fakekernel';
import type { Memory, Viommu } from '@iommufd/sdk';
import { GuestRam, Stage1, steWords, translatesBy } from '@iommufd/testkit/guest';
import { PAGE, type Program } from './program.js';

/** Address of the guest's memory. */
export const IPA = 0x8000_0000n;

export type SmmuDevice = ReturnType<FakeSmmuv3['addDevice']>;

/** A device, and the memory and tables of its guest. */
export interface Nested {
  readonly hardware: SmmuDevice;
  readonly viommu: Viommu;
  /** The guest's memory, which starts at {@link IPA}. */
  readonly memory: Memory;
  /** Its first stage, empty at first. */
  readonly stage1: Stage1;
}

/** Creates one. @param pages size of the guest's memory in pages; the tables of the first stage use the first ones */
export function nested({ iommufd, kernel }: Program, pages: number): Nested {
  const smmu = new FakeSmmuv3(kernel, smmuv3Config({ stall: false }));
  const hardware = smmu.addDevice({ streamId: 0x28 });
  const device = iommufd.openDevice(kernel.plug(hardware));
  const ioas = iommufd.allocIoas();
  const memory = iommufd.allocMemory(pages * PAGE);
  ioas.mapMemory(memory, { iova: IPA });
  const stage1 = new Stage1(new GuestRam(memory.bytes(), IPA));
  stage1.setUp();
  const ste = steWords(translatesBy(stage1.context));
  const parent = device.allocHwpt({ ioas, nestParent: true });
  const viommu = device.allocViommu({ type: 'arm-smmuv3', parent });
  viommu.allocVdevice({ device, virtualId: 0x123n });
  device.attach(device.allocNestedHwpt({ on: viommu, data: { type: 'arm-smmuv3', ste } }));
  return { hardware, viommu, memory, stage1 };
}
