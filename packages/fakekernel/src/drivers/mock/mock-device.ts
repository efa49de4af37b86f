import { mock_flags_device } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { RefusalOutcome, Refusal, Transaction, Translation } from '../../hardware/transaction.js';
import type { Features } from '../../versions/kernel-version.js';
import { MockDomain } from './mock-domain.js';
import { mockDriver } from './mock-driver.js';
import { type MockDeviceOptions, MockHardware } from './mock-hardware.js';
import { MockNested } from './mock-nested.js';
import { hasEventQueue, reportEvent } from './report-event.js';

const { MOCK_FLAGS_DEVICE_NO_DIRTY, MOCK_FLAGS_DEVICE_PASID } = mock_flags_device;
/** A flag of older versions, which the newest header does not define. */
const MOCK_FLAGS_DEVICE_HUGE_IOVA = 2;

/**
 * A device of the kernel's selftest driver, for tests. Unlike Linux's mock device, it does DMA ({@link dma}). A test plugs it in
 * ({@link FakeKernel.plug}), a program binds and attaches it, and the test accesses memory as the device.
 */
export class MockDevice extends MockHardware {
  /** @param options its capabilities. Default: dirty tracking, no PASIDs */
  constructor(options: MockDeviceOptions = {}) {
    super(mockDriver, options);
  }

  /** @param flags `mock_flags_device` @throws EINVAL for unknown flags @internal */
  static make(flags: number, features: Features): MockDevice {
    const known =
      MOCK_FLAGS_DEVICE_NO_DIRTY |
      (features.MOCK_FLAGS_DEVICE_PASID ? MOCK_FLAGS_DEVICE_PASID : 0) |
      (features.MOCK_FLAGS_DEVICE_HUGE_IOVA ? MOCK_FLAGS_DEVICE_HUGE_IOVA : 0);
    if ((flags & ~known) !== 0) throw fail('EINVAL');
    const device = new MockDevice({
      pasids: (flags & MOCK_FLAGS_DEVICE_PASID) !== 0,
      dirtyTracking: (flags & MOCK_FLAGS_DEVICE_NO_DIRTY) === 0,
    });
    device.hasHugeIova = (flags & MOCK_FLAGS_DEVICE_HUGE_IOVA) !== 0;
    return device;
  }

  /**
   * Reports an event to its virtual IOMMU, like IOMMU_TEST_OP_TRIGGER_VEVENT.
   * @returns false if the event has no receiver: the device is not attached to a nested page table of a virtual IOMMU, has no
   *   vDEVICE there, or the virtual IOMMU has no vEVENTQ
   */
  raiseEvent(): boolean {
    const { viommu, virtualId } = this;
    if (viommu === undefined || virtualId === 0n || !hasEventQueue(viommu)) return false;
    reportEvent(viommu, virtualId);
    return true;
  }

  /** @internal */
  override translate({ iova, write, pasid }: Transaction): Translation {
    const domain = this.handleFor(pasid)?.domain;
    if (domain instanceof MockDomain || domain instanceof MockNested) return domain.access(iova, write);
    return { reason: 'blocked' };
  }

  /** A fault handler receives page requests. Without one, the virtual IOMMU reports an event if it has a vEVENTQ. @internal */
  override refused({ pasid }: Transaction, _refusal: Refusal): RefusalOutcome {
    const domain = this.handleFor(pasid)?.domain;
    if (domain?.faultHandler !== undefined) return 'page request';
    const viommu = domain instanceof MockNested ? domain.viommu : undefined;
    const virtualId = viommu?.virtualIdOf(this);
    if (viommu !== undefined && virtualId !== undefined && hasEventQueue(viommu)) {
      reportEvent(viommu, virtualId);
    }
    return 'abort';
  }
}
