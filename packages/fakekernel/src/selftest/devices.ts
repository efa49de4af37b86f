/**
 * Selftest operations on mock devices: create, replace, PASIDs, page faults and events. IOMMU_TEST_OP_MOCK_DOMAIN and related
 * operations of Linux's `drivers/iommu/iommufd/selftest.c`. A mock device is bound when it is created.
 */
import { iommu_hwpt_pgfault_flags, iommu_test_op } from '@iommufd/uapi';
import { fail, invariant } from '../errno.js';
import { NO_PASID } from '../iommu/group.js';
import { attach, detach, replace } from '../iommufd/attach.js';
import type { Call } from '../iommufd/command.js';
import { IommufdDevice } from '../iommufd/device.js';
import { Hwpt } from '../iommufd/hwpt.js';
import { MockDevice } from '../drivers/mock/mock-device.js';
import { mockHardware } from '../drivers/mock/mock-hardware.js';
import { reportEvent } from '../drivers/mock/report-event.js';
import { MockDeviceObject } from './mock-device-object.js';
import type { Cmd } from './test-cmd.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;

/** The device behind the id of a mock device object. @throws ENOENT */
function boundDevice(id: number, call: Call): { readonly bound: IommufdDevice; readonly device: MockDevice } {
  const { bound, device } = call.hold(id, MockDeviceObject);
  invariant(bound !== undefined && device !== undefined, () => `mock device ${id} is not bound`);
  return { bound, device };
}

/** Creates a mock device, binds and attaches it. */
export function makeDevice(cmd: Cmd, call: Call): void {
  const withFlags = cmd.op === iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS;
  const flags = withFlags ? cmd.mock_domain_flags.dev_flags : 0;
  const target = cmd.id;
  const object = call.create(new MockDeviceObject());
  object.device = MockDevice.make(flags, call.context.kernel.features);
  object.bound = IommufdDevice.bindDevice(call.context, object.device);
  cmd.mock_domain.out_hwpt_id = attach(object.bound, NO_PASID, target);
  cmd.mock_domain.out_stdev_id = object.id;
  cmd.mock_domain.out_idev_id = object.bound.id;
  call.respond();
}

export function replaceDomain(cmd: Cmd, call: Call): void {
  const { bound } = boundDevice(cmd.id, call);
  cmd.mock_domain_replace.pt_id = replace(bound, NO_PASID, cmd.mock_domain_replace.pt_id);
  call.respond();
}

export function attachPasid({ id, pasid_attach: cmd }: Cmd, call: Call): void {
  const { bound } = boundDevice(id, call);
  const { pasid } = cmd;
  cmd.pt_id = attach(bound, pasid, cmd.pt_id);
  try {
    call.respond();
  } catch (cause) {
    detach(bound, pasid);
    throw cause;
  }
}

export function replacePasid({ id, pasid_attach: cmd }: Cmd, call: Call): void {
  const { bound } = boundDevice(id, call);
  cmd.pt_id = replace(bound, cmd.pasid, cmd.pt_id);
  call.respond();
}

export function detachPasid({ id, pasid_detach: { pasid } }: Cmd, call: Call): void {
  detach(boundDevice(id, call).bound, pasid);
}

/** Checks the attachment of a PASID. An hwpt_id of 0 means that it is not attached. @throws EINVAL if it differs; ENOENT */
export function checkPasid({ id, pasid_check: { pasid, hwpt_id } }: Cmd, call: Call): void {
  const { device } = boundDevice(id, call);
  const domain = device.group.handle(pasid)?.domain;
  if (hwpt_id === 0) {
    if (domain !== undefined) throw fail('EINVAL');
    return;
  }
  const hwpt = call.context.objects.find(hwpt_id);
  if (hwpt === undefined) throw fail('ENOENT');
  if (!(hwpt instanceof Hwpt) || hwpt.domain !== domain) throw fail('EINVAL');
}

/** Makes a device report a page request as a group of its own. */
export function triggerFault({ trigger_iopf: cmd }: Cmd, call: Call): void {
  const { device } = call.hold(cmd.dev_id, IommufdDevice);
  const { pasid, grpid, perm, addr } = cmd;
  const flags = IOMMU_PGFAULT_FLAGS_LAST_PAGE | (pasid === NO_PASID ? 0 : IOMMU_PGFAULT_FLAGS_PASID_VALID);
  device.reportFault({ flags, pasid, grpid, perm, addr });
}

/** Makes a device report an event to its virtual IOMMU. @throws ENOENT if it has no virtual IOMMU or no vDEVICE there */
export function triggerEvent({ trigger_vevent: cmd }: Cmd, call: Call): void {
  const { viommu, virtualId } = mockHardware(call.hold(cmd.dev_id, IommufdDevice).device);
  if (viommu === undefined || virtualId === 0n) throw fail('ENOENT');
  reportEvent(viommu, virtualId);
}
