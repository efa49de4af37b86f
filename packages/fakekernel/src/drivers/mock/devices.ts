import { iommu_hwpt_pgfault_flags, iommu_test_op } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { NO_PASID } from '../../iommu/group.js';
import { type Call, making } from '../../iommufd/command.js';
import { IommufdDevice } from '../../iommufd/device.js';
import { Hwpt } from '../../iommufd/hwpt.js';
import { mockDevice, MockDevice } from './mock-device.js';
import { reportEvent } from './report-event.js';
import { SelftestObject } from './selftest-object.js';
import type { Cmd } from './test-cmd.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;

/** Runs `work` with the bound mock device of an id. */
function withBound(
  id: number,
  { context }: Call,
  work: (bound: IommufdDevice, device: MockDevice) => void,
): void {
  context.with(id, SelftestObject, ({ bound, device }) => {
    if (bound !== undefined && device !== undefined) work(bound, device);
  });
}

/** Makes a mock device, binds it, and attaches it. */
export function makeDevice(cmd: Cmd, { context, respond }: Call): void {
  const withFlags = cmd.op === iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS;
  const flags = withFlags ? cmd.mock_domain_flags.dev_flags : 0;
  const target = cmd.id;
  making(context, new SelftestObject(), (object) => {
    object.device = MockDevice.make(flags);
    object.bound = IommufdDevice.bindDevice(context, object.device);
    cmd.mock_domain.out_hwpt_id = object.bound.attach(NO_PASID, target);
    cmd.mock_domain.out_stdev_id = object.id;
    cmd.mock_domain.out_idev_id = object.bound.id;
    respond();
  });
}

export function replaceDomain(cmd: Cmd, call: Call): void {
  withBound(cmd.id, call, (bound) => {
    cmd.mock_domain_replace.pt_id = bound.replace(NO_PASID, cmd.mock_domain_replace.pt_id);
    call.respond();
  });
}

export function attachPasid({ id, pasid_attach: cmd }: Cmd, call: Call): void {
  withBound(id, call, (bound) => {
    const { pasid } = cmd;
    cmd.pt_id = bound.attach(pasid, cmd.pt_id);
    try {
      call.respond();
    } catch (cause) {
      bound.detach(pasid);
      throw cause;
    }
  });
}

export function replacePasid({ id, pasid_attach: cmd }: Cmd, call: Call): void {
  withBound(id, call, (bound) => {
    cmd.pt_id = bound.replace(cmd.pasid, cmd.pt_id);
    call.respond();
  });
}

export function detachPasid({ id, pasid_detach: { pasid } }: Cmd, call: Call): void {
  withBound(id, call, (bound) => bound.detach(pasid));
}

/** Is a PASID attached to this page table, or with 0 to none? @throws EINVAL if not */
export function checkPasid({ id, pasid_check: { pasid, hwpt_id } }: Cmd, call: Call): void {
  withBound(id, call, (_bound, device) => {
    const domain = device.group.handle(pasid)?.domain;
    if (hwpt_id === 0) {
      if (domain !== undefined) throw fail('EINVAL');
      return;
    }
    const hwpt = call.context.objects.find(hwpt_id);
    if (hwpt === undefined) throw fail('ENOENT');
    if (!(hwpt instanceof Hwpt) || hwpt.domain !== domain) throw fail('EINVAL');
  });
}

/** Has a device report a page request, a group of its own. */
export function triggerFault({ trigger_iopf: cmd }: Cmd, { context }: Call): void {
  context.with(cmd.dev_id, IommufdDevice, ({ device }) => {
    const { pasid, grpid, perm, addr } = cmd;
    const flags = IOMMU_PGFAULT_FLAGS_LAST_PAGE | (pasid === NO_PASID ? 0 : IOMMU_PGFAULT_FLAGS_PASID_VALID);
    device.reportFault({ flags, pasid, grpid, perm, addr });
  });
}

/** Has a device report an event of its virtual IOMMU. @throws ENOENT if it has none, or no id there */
export function triggerEvent({ trigger_vevent: cmd }: Cmd, { context }: Call): void {
  context.with(cmd.dev_id, IommufdDevice, ({ device }) => {
    const { viommu, virtualId } = mockDevice(device);
    if (viommu === undefined || virtualId === 0n) throw fail('ENOENT');
    reportEvent(viommu, virtualId);
  });
}
