/**
 * Parses the messages of the AMD driver: events, and dumps of the device table entry or the command concerned. Device table entries are
 * printed as eight words of 32 bits up to Linux 3.0, and as four of 64 bits since. Source: `iommu_print_event`,
 * `amd_iommu_report_page_fault`, `dump_dte_entry` and `dump_command` in `drivers/iommu/amd/iommu.c`, and their earlier versions.
 */
import { amd_command, amd_dte, amd_event } from '@iommufd/uapi';
import { type AnyType, decode } from '@iommufd/uapi/struct';
import { type Entry, halfWordBytes, hex, requesterId, wordBytes } from './entry.js';
import type { LogLine } from './lines.js';
import type { Scanner } from './scanner.js';

const EVENT_BEGINS = /Event logged\b/i;
const EVENT = /^(.*?)(?:AMD-Vi: |AMD IOMMU: )?Event logged\s*\[\s*([A-Z_]+)\b([^\]]*)\]/;
/** The line of an event of unknown type has no closing bracket. */
const UNKNOWN = /^(.*?)(?:AMD-Vi: )?Event logged\s*\[\s*UNKNOWN (.*)$/;
const WORD = /\b(DTE|CMD)\[(\d)\]:\s*([0-9a-f]{8,16})\b/i;
const TIMEOUT =
  /^(.*?)(Completion-Wait loop timed out|IOMMU event log overflow|IOMMU (?:Event|PPR) log restarting)/i;
const VALUE = /([a-z_]+(?:\[\d\])?)\s*=\s*(0x[0-9a-f]+|[0-9a-f:]+\.[0-7])/gi;

/** The specification's names of events to which the driver gives other names. */
const NAMES: Readonly<Record<string, string>> = { RMP_HW_ERROR: 'RMP_HARDWARE_ERROR' };

/** A dump whose words are being collected. */
interface Words {
  readonly type: AnyType;
  readonly name: string;
  readonly lines: number[];
  readonly words: bigint[];
  /** Width of a word in bits. */
  readonly width: number;
}

/** Parses the driver's messages, line by line. */
export class AmdLog {
  private open: Words | undefined;

  constructor(private readonly found: (entry: Entry) => void) {}

  /** Parses a line. @returns true if it is a message of the driver */
  read(line: LogLine, scanner: Scanner): boolean {
    return this.readWord(line) || this.readEvent(scanner) || this.readTimeout(line);
  }

  /** Reports an incomplete dump at the end of the log. */
  end(): void {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    const { type, name, lines, words, width } = open;
    const { byteLength } = type;
    const bytes = width === 64 ? wordBytes(words, byteLength) : halfWordBytes(words.map(Number), byteLength);
    const present = words.length * width;
    const notes: Entry['notes'] = [];
    if (present < byteLength * 8)
      notes.push(['note', `the log has ${words.length} of ${(byteLength * 8) / width} words`]);
    const members = type === amd_dte ? amd_dte.members : commandMembers(bytes);
    const known = new Set(members.filter(({ hi }) => hi < present).map((member) => member.name));
    const record = { type, bytes, ...(present < byteLength * 8 && { known }) };
    this.found({ lines, device: 'AMD-Vi', text: `${name}: ${wordsText(type, bytes)}`, record, notes });
  }

  private readWord({ body, number }: LogLine): boolean {
    const [, kind, index, digits] = WORD.exec(body) ?? [];
    if (kind === undefined || digits === undefined) return false;
    const type = kind.toUpperCase() === 'DTE' ? amd_dte : amd_command;
    const width = digits.length > 8 ? 64 : 32;
    if (Number(index) === 0 || this.open?.type !== type || this.open.width !== width) this.end();
    this.open ??= { type, name: kind.toUpperCase(), lines: [], words: [], width };
    // Words of missing lines are zero.
    while (this.open.words.length < Number(index)) this.open.words.push(0n);
    this.open.words[Number(index)] = BigInt(`0x${digits}`);
    this.open.lines.push(number);
    if (this.open.words.length * width >= type.byteLength * 8) this.end();
    return true;
  }

  private readEvent(scanner: Scanner): boolean {
    const unknown = scanner.match(EVENT_BEGINS, UNKNOWN, 1);
    const match = unknown ?? scanner.match(EVENT_BEGINS, EVENT, 3);
    if (match === undefined) return false;
    this.end();
    const [, before = '', second = '', third = ''] = match.groups;
    const name = unknown === undefined ? second : 'UNKNOWN';
    const body = unknown === undefined ? third : second;
    const values = new Map(
      [...body.matchAll(VALUE)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
    );
    const device = /([\w.:-]+):?\s*$/.exec(before.replace(/AMD-Vi:\s*$/, ''))?.[1]?.replace(/:$/, '') ?? '';
    const record = eventRecord(name, values, device);
    const notes: Entry['notes'] =
      record === undefined ? [['note', `event ${name} is not in the specification`]] : [];
    const place = values.get('device') ?? (requesterId(device) === undefined ? undefined : device);
    const text = [`Event logged [${name}`, ...(place === undefined ? [] : [`device=${place}`])];
    for (const [key, value] of values) if (key !== 'device') text.push(`${key}=${value}`);
    const meaning = record === undefined ? '' : flagsText(record.bytes);
    this.found({
      lines: match.lines,
      device: device === '' ? 'AMD-Vi' : device,
      text: `${text.join(' ')}]${meaning}`,
      ...(record && { record }),
      notes,
    });
    return true;
  }

  private readTimeout({ body, number }: LogLine): boolean {
    const what = TIMEOUT.exec(body)?.[2];
    if (what === undefined) return false;
    this.found({ lines: [number], device: 'AMD-Vi', text: what, notes: [] });
    return true;
  }
}

function commandMembers(bytes: Uint8Array): readonly { readonly name: string; readonly hi: number }[] {
  const name = amd_command.nameOf((bytes[7] ?? 0) >>> 4);
  return (name === undefined ? undefined : amd_command.structs.get(name)?.members) ?? [];
}

function wordsText(type: AnyType, bytes: Uint8Array): string {
  if (type === amd_dte) {
    const { V, TV, Mode, IR, IW, DomainID } = decode(amd_dte, bytes, { lenient: true });
    const access = `${IR === 1 ? 'r' : '-'}${IW === 1 ? 'w' : '-'}`;
    return `V=${V} TV=${TV} Mode=${Mode} ${access} domain=${hex(DomainID)}`;
  }
  const opcode = (bytes[7] ?? 0) >>> 4;
  return amd_command.nameOf(opcode) ?? `opcode ${hex(opcode)}, which is not in the specification`;
}

/** Reconstructs the record of the event log that a line shows. Source: `iommu_print_event`. */
function eventRecord(
  name: string,
  values: ReadonlyMap<string, string>,
  device: string,
): { readonly type: AnyType; readonly bytes: Uint8Array; readonly known?: ReadonlySet<string> } | undefined {
  const number = (key: string): bigint | undefined => {
    const text = values.get(key);
    return text === undefined ? undefined : BigInt(text);
  };
  const words = [0, 1, 2, 3].map((i) => number(`event[${i}]`));
  if (words[0] !== undefined) return { type: amd_event, bytes: halfWordBytes(words.map(Number)) };
  const form = amd_event.structs.get(NAMES[name] ?? name);
  const code = Object.entries(amd_event.cases).find(([key]) => key === (NAMES[name] ?? name))?.[1].tag;
  if (form === undefined || code === undefined) return undefined;
  const place = requesterId(values.get('device') ?? '') ?? requesterId(device);
  const pasid = number('pasid') ?? number('domain');
  const address = number('address') ?? number('gpa') ?? number('spa');
  const [flags, tag, rmp] = [number('flags'), number('tag') ?? number('vmg_tag'), number('flags_rmp')];
  const isPpr = name === 'INVALID_PPR_REQUEST';
  let first = (BigInt(code) << 60n) | BigInt(place ?? 0) | (((flags ?? 0n) & 0xfffn) << 48n);
  if (isPpr)
    first |=
      (((pasid ?? 0n) & 0xffffn) << 16n) |
      ((((pasid ?? 0n) >> 16n) & 0xfn) << 42n) |
      (((tag ?? 0n) & 0x3ffn) << 32n);
  else
    first |=
      ((pasid ?? 0n) & 0xf0000n) | (((pasid ?? tag ?? 0n) & 0xffffn) << 32n) | (((rmp ?? 0n) & 0xffn) << 16n);
  const bytes = wordBytes([first, (address ?? 0n) & 0xffff_ffff_ffff_ffffn]);
  const isKnown = (field: string, lo: number): boolean => {
    if (field === 'EventCode') return true;
    if (field === 'DeviceID') return place !== undefined;
    if (lo >= 64) return address !== undefined;
    if (lo >= 48) return flags !== undefined;
    if (field === 'Tag' || field === 'VMGTag') return tag !== undefined;
    return field === 'FlagsRMP' ? rmp !== undefined : pasid !== undefined;
  };
  const fields = form.members
    .filter(({ name: field, lo }) => isKnown(field, lo))
    .map((member) => member.name);
  return { type: amd_event, bytes, ...(fields.length < form.members.length && { known: new Set(fields) }) };
}

/** Describes the flags of a page fault. */
function flagsText(bytes: Uint8Array): string {
  const event = decode(amd_event, bytes, { lenient: true });
  if (event.EventCode !== 2) return '';
  const { I, PR, RW, PE, RZ, TR, GN } = event;
  const request = I === 1 ? 'interrupt' : TR === 1 ? 'translation request' : RW === 1 ? 'write' : 'read';
  const guest = GN === 1 ? ' of a guest address' : '';
  const why =
    RZ === 1 ? 'reserved bit set' : PR === 0 ? 'not present' : PE === 1 ? 'no permission' : 'present';
  return `: ${request}${guest}, ${why}`;
}
