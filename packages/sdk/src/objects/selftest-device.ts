import { IOMMU_DESTROY, IOMMU_TEST_CMD, iommu_test_op, mock_flags_device } from '@iommufd/uapi';
import { flag, optional, record } from '../calls/arguments/kinds.js';
import type { PageTable } from './attachment.js';
import type { FailureDetails } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { type AttachOptions, Device, pageTable } from './device.js';

const { MOCK_FLAGS_DEVICE_NO_DIRTY, MOCK_FLAGS_DEVICE_PASID } = mock_flags_device;
const {
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
  IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
  IOMMU_TEST_OP_PASID_ATTACH,
  IOMMU_TEST_OP_PASID_DETACH,
  IOMMU_TEST_OP_PASID_REPLACE,
} = iommu_test_op;

/** Options of {@link Iommufd.createSelftestDevice}. */
export interface SelftestDeviceOptions {
  /** The initial attachment. */
  readonly attachTo: PageTable;
  /** True if it supports PASIDs (MOCK_FLAGS_DEVICE_PASID); false by default. */
  readonly pasids?: boolean;
  /** True if its IOMMU supports dirty tracking (without MOCK_FLAGS_DEVICE_NO_DIRTY); true by default. */
  readonly dirtyTracking?: boolean;
}

/** {@link SelftestDeviceOptions} */
export const selftestDeviceOptions = record<SelftestDeviceOptions>({
  attachTo: pageTable,
  pasids: optional(flag),
  dirtyTracking: optional(flag),
});

/**
 * A mock device of the kernel's selftest, available with CONFIG_IOMMUFD_TEST or a fake kernel with the mock driver. It is
 * always attached: {@link detach} moves it back to its initial attachment.
 */
export class SelftestDevice extends Device {
  private readonly attachedPasids = new Set<number>();

  private constructor(
    context: Context,
    id: number,
    /** The id of the mock object of the device, for IOMMU_TEST_CMD. */
    readonly mockId: number,
    private readonly home: PageTable,
  ) {
    super(context, id);
  }

  /** @internal */
  static create(
    context: Context,
    { attachTo, pasids = false, dirtyTracking = true }: SelftestDeviceOptions,
  ): SelftestDevice {
    const dev_flags =
      (pasids ? MOCK_FLAGS_DEVICE_PASID : 0) | (dirtyTracking ? 0 : MOCK_FLAGS_DEVICE_NO_DIRTY);
    const mock_domain_flags = { out_stdev_id: 0, out_hwpt_id: 0, out_idev_id: 0, dev_flags };
    const op = IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS;
    const made = context.ioctl(IOMMU_TEST_CMD, { op, id: attachTo.use(context), mock_domain_flags, last: 0 });
    if (!('mock_domain_flags' in made)) throw new TypeError('IOMMU_TEST_CMD gave back another operation');
    const { out_hwpt_id, out_idev_id, out_stdev_id } = made.mock_domain_flags;
    const device = new SelftestDevice(context, out_idev_id, out_stdev_id, attachTo);
    device.noteAttached(attachTo, undefined, out_hwpt_id);
    return device;
  }

  protected override attachTo(pt_id: number, pasid: number | undefined, details: FailureDetails): number {
    const common = { id: this.mockId, last: 0 };
    if (pasid === undefined) {
      const op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE;
      const moved = this.context.ioctl(
        IOMMU_TEST_CMD,
        { ...common, op, mock_domain_replace: { pt_id } },
        details,
      );
      return 'mock_domain_replace' in moved ? moved.mock_domain_replace.pt_id : pt_id;
    }
    if (this.attachedPasids.has(pasid)) {
      const op = IOMMU_TEST_OP_PASID_REPLACE;
      const moved = this.context.ioctl(
        IOMMU_TEST_CMD,
        { ...common, op, pasid_replace: { pasid, pt_id } },
        details,
      );
      return 'pasid_replace' in moved ? moved.pasid_replace.pt_id : pt_id;
    }
    const op = IOMMU_TEST_OP_PASID_ATTACH;
    const attached = this.context.ioctl(
      IOMMU_TEST_CMD,
      { ...common, op, pasid_attach: { pasid, pt_id } },
      details,
    );
    this.attachedPasids.add(pasid);
    return 'pasid_attach' in attached ? attached.pasid_attach.pt_id : pt_id;
  }

  /**
   * Moves the device back to its initial attachment, or detaches a PASID: IOMMU_TEST_CMD.
   * @param options selects the device itself or a PASID
   * @param options.pasid a PASID, 1 to 2^20-1; the device itself by default
   * @throws IommufdError EBADF if it or the initial page table is closed; EINVAL if PASIDs are attached and the initial page
   *   table was not allocated with `pasid`
   */
  override detach(options: AttachOptions = {}): void {
    if (this.detachedPart(options) === undefined) this.attach(this.home);
    else super.detach(options);
  }

  protected override detachFrom(pasid: number | undefined): void {
    if (pasid === undefined || !this.attachedPasids.has(pasid)) return;
    const op = IOMMU_TEST_OP_PASID_DETACH;
    this.context.ioctl(IOMMU_TEST_CMD, { op, id: this.mockId, pasid_detach: { pasid }, last: 0 });
    this.attachedPasids.delete(pasid);
  }

  /** Destroying the mock object detaches and unbinds the device, but not its PASIDs. */
  protected override destroy(): void {
    for (const pasid of [...this.attachedPasids]) this.detach({ pasid });
    this.context.ioctl(IOMMU_DESTROY, { id: this.mockId }, { usedBy: this.usedBy });
  }
}
