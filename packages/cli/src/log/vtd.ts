/**
 * Parses the messages of the Intel driver: faults, and the descriptors at which the invalidation queue stopped. The fault reason is
 * decimal up to Linux 5.13 and hexadecimal since; some of the later versions also have `0x` before bus and device. Source:
 * `dmar_fault_do_one` and `qi_dump_fault` in `drivers/iommu/intel/dmar.c`, `prq_event_thread` in `intel-svm.c`, and their earlier versions.
 */
import {
  vtd_fault_reason,
  vtd_fault_record,
  vtd_fault_status,
  vtd_iqe_info,
  vtd_page_request,
  vtd_qi_desc,
  vtd_qi_desc_256,
} from '@iommufd/uapi';
import { busDeviceFunction, decode, encodeZeroFilled } from '@iommufd/uapi/struct';
import { type Entry, halfWordBytes, hex, requesterId, wordBytes } from './entry.js';
import type { LogLine } from './lines.js';
import type { Scanner } from './scanner.js';

const FAULT_BEGINS = /Request device \[|\[DMA (?:Read|Write)\b/i;
const FAULT =
  /\[?(DMA Read|DMA Write|INTR-REMAP)(?: (NO_PASID|w\/o PASID|(?:w\/ )?PASID (?:0x)?[0-9a-f]+))?[\]:]*\s*Request device \[+([0-9a-fx:]+\.\d+)\]? (?:PASID ((?:0x)?[0-9a-f]+) )?fault (addr|index) (?:0x)?([0-9a-z]+)/i;
/** A fault with its reason, which is on a separate line before Linux 4.9. */
const FAULT_AND_REASON = new RegExp(
  `${FAULT.source}\\s+(?:(?:DMAR|INTR-REMAP):)?\\s*\\[fault reason (0x[0-9a-f]+|[0-9a-f]+h|\\d+)\\]\\s*(.*)`,
  'i',
);
const STATUS = /DRHD: handling fault status reg (?:0x)?([0-9a-f]+)/i;
const INVALIDATION =
  /detected Invalidation (Queue Error: Reason|Time-out Error: SID|Completion Error: SID) (?:0x)?([0-9a-f]+)/i;
const QI_BEGINS = /QI (?:HEAD|PRIOR):/;
const QI = /QI (HEAD|PRIOR): (.*?)\s*qw0 = (0x[0-9a-f]+)(?:, qw1 = (0x[0-9a-f]+))/i;
const QI_CUT = /QI (HEAD|PRIOR): (.*?)\s*qw0 = (0x[0-9a-f]+)/i;
const SUBMIT = /qi_submit: (\w+) (dmar\d+): (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+)/i;
const PAGE_REQUEST = /(dmar\d+): Page request without PASID: ([0-9a-f]{8,16}) ([0-9a-f]{8,16})/i;

/** The PASID that older versions print for requests without a PASID. */
const NO_PASID = 0xffff_ffff;

function reasonOf(text: string): number {
  if (/^0x/i.test(text)) return Number(text);
  return /h$/i.test(text) ? Number.parseInt(text, 16) : Number(text);
}

const dmar = (body: string): string => /\bdmar\d+\b/.exec(body)?.[0] ?? 'DMAR';

function fault(scanner: Scanner): Entry | undefined {
  const match = scanner.match(FAULT_BEGINS, FAULT_AND_REASON, 2) ?? scanner.match(FAULT_BEGINS, FAULT, 1);
  if (match === undefined) return undefined;
  const [
    ,
    request = '',
    pasidText = '',
    place = '',
    olderPasid,
    kind = '',
    address = '0',
    reasonText,
    words = '',
  ] = match.groups;
  const pasid = Number(`0x${(olderPasid ?? /([0-9a-f]+)$/i.exec(pasidText)?.[1] ?? '').replace(/^0x/i, '')}`);
  const hasPasid =
    /PASID (?:0x)?[0-9a-f]+$/i.test(pasidText) || (olderPasid !== undefined && pasid !== NO_PASID);
  const isInterrupt = kind.toLowerCase() === 'index';
  // Digits of published logs may be replaced by x.
  const isHidden = !/^[0-9a-f]+$/i.test(address);
  const value = isHidden ? 0n : BigInt(`0x${address}`);
  const SID = requesterId(place.replaceAll('0x', '')) ?? 0;
  const FR = reasonText === undefined ? 0 : reasonOf(reasonText) & 0xff;
  const bytes = encodeZeroFilled(vtd_fault_record, {
    FI: isInterrupt ? (value & 0xffffn) << 48n : value & ~0xfffn,
    SID,
    T1: /read/i.test(request) ? 1 : 0,
    PP: hasPasid ? 1 : 0,
    PASID: hasPasid ? pasid & 0xfffff : 0,
    FR,
    F: 1,
  });
  const fields = new Set(isHidden ? ['SID'] : ['FI', 'SID']);
  if (reasonText !== undefined) fields.add('FR');
  if (!isInterrupt) fields.add('T1');
  if (!isInterrupt && (pasidText !== '' || olderPasid !== undefined)) fields.add('PP');
  if (hasPasid) fields.add('PASID');
  const notes: Entry['notes'] = [];
  const meaning = vtd_fault_reason.nameOf(FR);
  const doc = meaning === undefined ? undefined : vtd_fault_reason.members[meaning]?.[1];
  if (reasonText === undefined) notes.push(['note', 'the reason is missing in the log']);
  else notes.push(['reason', doc ?? `${hex(FR)}, which is not in the specification`]);
  if (isHidden) notes.push(['note', `the ${isInterrupt ? 'index' : 'address'} is hidden: ${address}`]);
  if (!isInterrupt && (value & 0xfffn) !== 0n) notes.push(['address', hex(value)]);
  if (isInterrupt && !isHidden) notes.push(['index', hex(value)]);
  const who = `${hasPasid ? ` PASID ${hex(pasid)}` : ''} from ${busDeviceFunction(SID)}`;
  const why = reasonText === undefined ? '' : `: fault reason 0x${FR.toString(16).padStart(2, '0')} ${words}`;
  const text =
    `${request}${who} ${isInterrupt ? 'index' : 'at'} ${isHidden ? address : hex(value)}${why}`.trimEnd();
  return {
    lines: match.lines,
    device: dmar(match.groups.input),
    text,
    record: { type: vtd_fault_record, bytes, known: fields },
    notes,
  };
}

function descriptor(scanner: Scanner): Entry | undefined {
  const match = scanner.match(QI_BEGINS, QI, 1) ?? scanner.match(QI_BEGINS, QI_CUT, 0);
  if (match === undefined) return undefined;
  const [, which = '', , qw0 = '0', qw1] = match.groups;
  const words = qw1 === undefined ? [BigInt(qw0)] : [BigInt(qw0), BigInt(qw1)];
  const bytes = wordBytes(words, vtd_qi_desc.byteLength);
  const type = Number(words[0] ?? 0n) & 0xf;
  const name = vtd_qi_desc.nameOf(Number((words[0] ?? 0n) & 0xfn));
  const notes: Entry['notes'] = qw1 === undefined ? [['note', 'qw1 is missing in the log']] : [];
  const struct = name === undefined ? undefined : vtd_qi_desc.structs.get(name);
  const fields =
    qw1 === undefined
      ? new Set(struct?.members.filter(({ hi }) => hi < 64).map((member) => member.name))
      : undefined;
  const what =
    name === undefined
      ? `type ${hex(type)}, which is not in the specification`
      : `${name}: ${struct?.description ?? ''}`;
  const text = `QI ${which}: ${what}`;
  const record = { type: vtd_qi_desc, bytes, ...(fields && { known: fields }) };
  return { lines: match.lines, device: dmar(match.groups.input), text, record, notes };
}

/** Parses a line. @returns undefined if it is not a message of the driver */
export function vtdEntry({ body, number }: LogLine, scanner: Scanner): Entry | undefined {
  const found = fault(scanner) ?? descriptor(scanner);
  if (found !== undefined) return found;
  const common = { lines: [number], device: dmar(body) };
  const [, status] = STATUS.exec(body) ?? [];
  if (status !== undefined) {
    const bytes = halfWordBytes([Number.parseInt(status, 16)]);
    const value = Object.entries(decode(vtd_fault_status, bytes, { lenient: true }));
    const set = value.filter(([name, bit]) => bit === 1 && name !== 'FRI').map(([name]) => name);
    const text = `fault status 0x${status}${set.length === 0 ? '' : `: ${set.join(', ')}`}`;
    return { ...common, text, record: { type: vtd_fault_status, bytes }, notes: [] };
  }
  const [, what, number16] = INVALIDATION.exec(body) ?? [];
  if (what !== undefined && number16 !== undefined) {
    const value = Number.parseInt(number16, 16);
    const name = vtd_iqe_info.nameOf(value);
    const isReason = what.startsWith('Queue');
    const meaning = isReason
      ? `${name ?? 'reserved'}: ${(name === undefined ? undefined : vtd_iqe_info.members[name]?.[1]) ?? 'not in the specification.'}`
      : `${hex(value)} (${busDeviceFunction(value)})`;
    const text = `Invalidation ${what} ${number16}`;
    return {
      ...common,
      text,
      notes: [[isReason ? 'IQEI' : what.startsWith('Time') ? 'ITESID' : 'ICESID', meaning]],
    };
  }
  const [, name, unit, ...words] = SUBMIT.exec(body) ?? [];
  if (name !== undefined && unit !== undefined) {
    const bytes = wordBytes(words.map(BigInt));
    return {
      lines: [number],
      device: unit,
      text: `qi_submit: ${name}`,
      record: { type: vtd_qi_desc_256, bytes },
      notes: [],
    };
  }
  const [, queue, low, high] = PAGE_REQUEST.exec(body) ?? [];
  if (queue === undefined || low === undefined || high === undefined) return undefined;
  const bytes = wordBytes([BigInt(`0x${low}`), BigInt(`0x${high}`)], vtd_page_request.byteLength);
  const fields = new Set(vtd_page_request.members.filter(({ hi }) => hi < 128).map((member) => member.name));
  return {
    lines: [number],
    device: queue,
    text: 'page request without PASID',
    record: { type: vtd_page_request, bytes, known: fields },
    notes: [],
  };
}
