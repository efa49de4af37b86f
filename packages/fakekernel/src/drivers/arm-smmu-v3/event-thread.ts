/**
 * The interrupt thread of the event queue. It decides where an event goes: a stall to the fault queue of the page table; an event
 * of a nested device, with its virtual StreamID, to the vEVENTQ of its virtual IOMMU; all other events to the log. Linux's
 * `arm_smmu_evtq_thread()` and the functions that it calls.
 */
import {
  iommu_hwpt_pgfault_flags,
  iommu_hwpt_pgfault_perm,
  iommu_veventq_type,
  smmuv3_event,
  smmuv3_event_class,
} from '@iommufd/uapi';
import { view, type View } from '@iommufd/uapi/struct';
import { Errno } from '../../errno.js';
import type { PageRequest } from '../../iommu/page-fault.js';
import type { OutputQueue } from './output-queue.js';
import type { SmmuDevice, Vmaster } from './smmu-device.js';
import { hex } from '../../lib/hex.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const {
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
} = iommu_hwpt_pgfault_perm;
const { cases } = smmuv3_event;

/** The layout of F_PERMISSION has every field that the driver reads of any event. */
const form = smmuv3_event.form('F_PERMISSION');
const fetchForm = smmuv3_event.form('F_STE_FETCH');
type Event = View<typeof form>;

/** Translation faults. */
const FAULTS: ReadonlySet<number> = new Set([
  cases.F_TRANSLATION.tag,
  cases.F_ADDR_SIZE.tag,
  cases.F_ACCESS.tag,
  cases.F_PERMISSION.tag,
]);

/** The events that `arm_smmu_handle_event()` handles. Other events are only logged. */
const HANDLED: ReadonlySet<number> = new Set([
  cases.C_BAD_STE.tag,
  cases.F_STREAM_DISABLED.tag,
  cases.C_BAD_SUBSTREAMID.tag,
  cases.C_BAD_CD.tag,
  ...FAULTS,
]);

/** Failed fetches of structures. */
const FETCHES: ReadonlySet<number> = new Set([
  cases.F_STE_FETCH.tag,
  cases.F_CD_FETCH.tag,
  cases.F_VMS_FETCH.tag,
]);

/** Events with a name in the driver's messages. */
const NAMED: ReadonlySet<number> = new Set([cases.C_BAD_STREAMID.tag, ...HANDLED, ...FETCHES]);

const CLASSES: Readonly<Record<number, string>> = {
  [smmuv3_event_class.CD]: 'CD fetch',
  [smmuv3_event_class.TT]: 'Stage 1 translation table fetch',
  [smmuv3_event_class.IN]: 'Input address caused fault',
};

/** The devices of an SMMU, by StreamID: `arm_smmu_find_master()`. */
type Devices = ReadonlyMap<number, SmmuDevice>;

/** Views and callbacks of the thread: the fields of the event from the queue and of the event for the guest. */
interface Tools {
  readonly event: Event;
  readonly vevent: Event;
  readonly handle: () => void;
  readonly overflowed: () => void;
}

/** The interrupt thread of the event queue. */
export class EventThread {
  /** The event for the guest: `struct iommu_vevent_arm_smmuv3` of `arm_vmaster_report_event()`. */
  private readonly vevent = new Uint8Array(smmuv3_event.byteLength);
  /** Created at the first use, and not part of a snapshot. */
  private tools: Tools | undefined;

  constructor(
    private readonly events: OutputQueue,
    private readonly devices: Devices,
    private readonly log: (message: string) => void,
  ) {}

  /** Drains the event queue: `arm_smmu_evtq_thread()`. */
  run(): void {
    const tools = (this.tools ??= this.makeTools());
    this.events.drain(tools.handle, tools.overflowed);
  }

  private makeTools(): Tools {
    const tools: Tools = {
      event: view(form, this.events.entry),
      vevent: view(form, this.vevent),
      handle: () => {
        if (!this.handleEvent(tools)) dumpEvent(this.devices, this.events.entry, this.log);
      },
      overflowed: () => this.log('EVTQ overflow detected -- events lost'),
    };
    return tools;
  }

  /** `arm_smmu_handle_event()`. @returns false if the event was not reported */
  private handleEvent({ event, vevent }: Tools): boolean {
    const device = HANDLED.has(event.EventNumber) ? this.devices.get(event.StreamID) : undefined;
    if (device === undefined) return false;
    if (event.Stall === 1) return reportStall(device, event);
    const { vmaster } = device;
    // Faults of the kernel's stage 2 are not reported to the guest.
    return vmaster !== undefined && event.S2 === 0 && this.reportEvent(vmaster, vevent);
  }

  /** `arm_vmaster_report_event()`: reports the event to the guest, with the virtual StreamID. */
  private reportEvent({ viommu, vsid }: Vmaster, fields: Event): boolean {
    this.vevent.set(this.events.entry);
    // The upper half of a 64-bit virtual id is dropped.
    fields.StreamID = Number(BigInt.asUintN(32, vsid));
    try {
      viommu.report(iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, this.vevent);
      return true;
    } catch (cause) {
      if (cause instanceof Errno) return false;
      throw cause;
    }
  }
}

/**
 * Reports a stall to the page fault handler. If there is no handler, `iommu_report_device_fault()` makes the driver respond with
 * INVALID (`iopf_error_response()`), which aborts the transaction. For a device that is not declared to stall,
 * `arm_smmu_page_response()` warns and sends no CMD_RESUME: the transaction stays stalled.
 */
function reportStall(device: SmmuDevice, event: Event): boolean {
  const perm =
    (event.RnW === 1 ? IOMMU_PGFAULT_PERM_READ : IOMMU_PGFAULT_PERM_WRITE) |
    (event.InD === 1 ? IOMMU_PGFAULT_PERM_EXEC : 0) |
    (event.PnU === 1 ? IOMMU_PGFAULT_PERM_PRIV : 0);
  const hasPasid = event.SSV === 1;
  const request: PageRequest = {
    flags: IOMMU_PGFAULT_FLAGS_LAST_PAGE | (hasPasid ? IOMMU_PGFAULT_FLAGS_PASID_VALID : 0),
    pasid: hasPasid ? event.SubstreamID : 0,
    grpid: event.STAG,
    perm,
    addr: event.InputAddr,
  };
  // A device that is not declared to stall has no queue for page faults, whatever it is attached to.
  const isTaken = device.canStall && device.reportFault(request);
  if (!isTaken) device.resume(event.STAG, 'invalid');
  return isTaken;
}

/** `arm_smmu_dump_event()`: logs an event. Linux limits the rate of these messages; the fake kernel does not. */
function dumpEvent(devices: Devices, record: Uint8Array, log: (message: string) => void): void {
  const event = view(form, record);
  const number = event.EventNumber;
  log(`event 0x${hex(number, 2)} received:`);
  const words = new DataView(record.buffer, record.byteOffset);
  for (let at = 0; at < record.length; at += 8)
    log(`\t0x${words.getBigUint64(at, true).toString(16).padStart(16, '0')}`);
  const name = NAMED.has(number) ? smmuv3_event.nameOf(number) : undefined;
  const client = devices.get(event.StreamID)?.clientName ?? '(unassigned sid)';
  const pasid = event.SSV === 1 ? event.SubstreamID : 0;
  const who = `event: ${name ?? 'UNKNOWN'} client: ${client} sid: 0x${hex(event.StreamID)} ssid: 0x${hex(pasid)}`;
  if (FAULTS.has(number)) {
    log(`${who} iova: 0x${hex(event.InputAddr)} ipa: 0x${hex(event.IPA)}`);
    log(howItWas(event));
  } else if (FETCHES.has(number)) {
    log(`${who} fetch_addr: 0x${hex(view(fetchForm, record).FetchAddr)}`);
  } else {
    log(who);
  }
}

function howItWas(event: Event): string {
  const isWalk = event.EventNumber === cases.F_PERMISSION.tag && event.CLASS === smmuv3_event_class.TT;
  const walk = !isWalk ? '' : event.TTRnW === 1 ? ' ttd_read' : ' ttd_write';
  return [
    event.PnU === 1 ? 'priv' : 'unpriv',
    event.InD === 1 ? 'inst' : 'data',
    event.RnW === 1 ? 'read' : 'write',
    event.S2 === 1 ? 's2' : 's1',
    `"${CLASSES[event.CLASS] ?? 'Reserved'}"${walk}${event.Stall === 1 ? ' stall' : ''}`,
    `stag: 0x${hex(event.STAG)}`,
  ].join(' ');
}
