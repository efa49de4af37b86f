/**
 * Parses the messages of the arm-smmu-v3 driver: dumps of events and of skipped commands, errors of the command queue, and decoded
 * events, which it prints since Linux 6.15. Source: `arm_smmu_dump_event`, `__arm_smmu_cmdq_skip_err`, `arm_smmu_gerror_handler` and
 * `arm_smmu_handle_ppr` in `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c`.
 */
import {
  SMMU_CMDQ_CONS,
  SMMU_GERROR,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_event,
  smmuv3_pri,
} from '@iommufd/uapi';
import { type AnyType, busDeviceFunction, decode, encodeZeroFilled } from '@iommufd/uapi/struct';
import { type Entry, halfWordBytes, hex, wordBytes } from './entry.js';
import type { LogLine } from './lines.js';
import { deviceBefore, type Scanner } from './scanner.js';

/** A dump whose words are being collected. */
interface Block {
  readonly type: AnyType;
  readonly device: string;
  readonly lines: number[];
  readonly words: bigint[];
  /** The event number in the line before the dump. */
  readonly announced?: number;
}

const EVENT_BEGINS = /\bevent:? 0x[0-9a-f]{1,2}\b/i;
const EVENT = /^(.*?)\bevent (0x[0-9a-f]{1,2}) received:?(.*)$/i;
const COMMAND_BEGINS = /skipping command in error/i;
const COMMAND = /^(.*?)skipping command in error state:?(.*)$/i;
const CMDQ_BEGINS = /CMDQ error/;
const CMDQ_ERROR = /^(.*?)CMDQ error \(cons (0x[0-9a-f]+)\)(?:: *(.*))?$/i;
const GERROR = /^(.*?)unexpected global error reported \((0x[0-9a-f]+)\)/i;
const LOST =
  /^(.*?)(EVTQ|PRIQ) (?:overflow detected -- events lost|write aborted -- events may have been lost)/;
const TIMEOUT =
  /^(.*?)CMD_SYNC timeout(?: at (0x[0-9a-f]+))?(?: \[hwprod (0x[0-9a-f]+), hwcons (0x[0-9a-f]+)\])?/;
const DECODED_BEGINS = /\bevent: [A-Z]\w+ client:/;
const DECODED =
  /^(.*?)\bevent: (\w+) client: (.+?) sid: (0x[0-9a-f]+|0) ssid: (0x[0-9a-f]+|0)(?: iova: (0x[0-9a-f]+|0) ipa: (0x[0-9a-f]+|0)| fetch_addr: (0x[0-9a-f]+|0)|(?! (?:iova|fetch)))/i;
const ACCESS =
  /^(.*?)\b((?:un)?priv (?:inst|data) (?:read|write) s[12] "[^"]*"(?: ttd_(?:read|write))?(?: stall)? stag: (?:0x[0-9a-f]+|0))/i;
const PRI_BEGINS = /unexpected PRI request received/;
const PRI =
  /^(.*?)sid (0x[0-9a-f]+)\.(0x[0-9a-f]+): \[(\d+)(L?)\] (un)?privileged (R?)(W?)(X?) access at iova (0x[0-9a-f]+)/;
/** A line of words, with or without the name of the device. Editors may have inserted a space within a word. */
const WORDS = /^(?:(.*?[\w\])]):)?\s*((?:0x[0-9a-f]{1,16}(?:\s+[0-9a-f]{8}(?![0-9a-f]))?[\s,;]*)+)["'`.]*$/i;
const WORD = /0x([0-9a-f]{1,16})(?:\s+([0-9a-f]{8})(?![0-9a-f]))?/gi;

/** The texts of the driver's `event_class_str`. */
const CLASSES = ['CD fetch', 'Stage 1 translation table fetch', 'Input address caused fault', 'Reserved'];

function wordsIn(text: string): bigint[] {
  return [...text.matchAll(WORD)].map(([, high = '', low = '']) =>
    BigInt(`0x${high.length > 8 ? high : high + low}`),
  );
}

/** The fields within the first `present` words; undefined if all words are present. */
const known = (present: number, type: AnyType, bytes: Uint8Array): ReadonlySet<string> | undefined => {
  if (present * 8 >= type.byteLength) return undefined;
  const form =
    type === smmuv3_event ? smmuv3_event.nameOf(bytes[0] ?? 0) : smmuv3_command.nameOf(bytes[0] ?? 0);
  const struct =
    form === undefined
      ? undefined
      : (type === smmuv3_event ? smmuv3_event : smmuv3_command).structs.get(form);
  return new Set(struct?.members.filter(({ hi }) => hi < present * 64).map(({ name }) => name));
};

/** Describes an event in the format of Linux 6.15. */
function eventText(bytes: Uint8Array, fields: ReadonlySet<string> | undefined): string {
  const event = decode(smmuv3_event, bytes, { lenient: true });
  const name = smmuv3_event.nameOf(event.EventNumber);
  if (name === undefined || 'raw' in event) {
    return `event: ${hex(event.EventNumber)}, which is not in the specification`;
  }
  const has = (field: string): boolean => fields === undefined || fields.has(field);
  const parts = [`event: ${name}`];
  if ('StreamID' in event) parts.push(`sid: ${hex(event.StreamID)}`);
  if ('SubstreamID' in event) {
    const isThere = !('SSV' in event) || event.SSV === 1;
    parts.push(`ssid: ${hex(isThere ? event.SubstreamID : 0)}`);
  }
  if ('InputAddr' in event && has('InputAddr')) parts.push(`iova: ${hex(event.InputAddr)}`);
  if ('IPA' in event && has('IPA')) parts.push(`ipa: ${hex(event.IPA)}`);
  if ('FetchAddr' in event && has('FetchAddr')) parts.push(`fetch_addr: ${hex(event.FetchAddr)}`);
  if (!has('RnW')) return parts.join(' ');
  const access: string[] = [];
  if ('PnU' in event) access.push(event.PnU === 1 ? 'priv' : 'unpriv', event.InD === 1 ? 'inst' : 'data');
  if ('RnW' in event) access.push(event.RnW === 1 ? 'read' : 'write');
  if ('S2' in event) access.push(event.S2 === 1 ? 's2' : 's1');
  if ('CLASS' in event) access.push(`"${CLASSES[event.CLASS] ?? ''}"`);
  if ('Stall' in event && event.Stall === 1) access.push(`stall stag: ${hex(event.STAG)}`);
  if (access.length > 0) parts.push(access.join(' '));
  return parts.join(' ');
}

function commandText(bytes: Uint8Array): string {
  const opcode = bytes[0] ?? 0;
  const name = smmuv3_command.nameOf(opcode);
  return `skipped command: ${name ?? `opcode ${hex(opcode)}, which is not in the specification`}`;
}

/** Parses the driver's messages, line by line. */
export class Smmuv3Log {
  private readonly open = new Map<string, Block>();
  /** The last event of each device. A decoded form of it may follow. */
  private readonly last = new Map<string, Entry>();
  /** Words without the first line of their dump, by device. */
  private readonly orphans = new Map<string, Block>();

  constructor(private readonly found: (entry: Entry) => void) {}

  /** Parses a line. @returns true if it is a message of the driver */
  read(line: LogLine, scanner: Scanner): boolean {
    return (
      this.readEvent(scanner) ||
      this.readCommand(scanner) ||
      this.readErrors(line, scanner) ||
      this.readDecoded(scanner) ||
      this.readAccess(line) ||
      this.readPageRequest(line, scanner) ||
      this.readWords(line)
    );
  }

  /** Reports incomplete dumps at the end of the log. */
  end(): void {
    for (const block of this.open.values()) this.close(block);
  }

  private readEvent(scanner: Scanner): boolean {
    const match = scanner.match(EVENT_BEGINS, EVENT, 1);
    if (match === undefined) return false;
    const [, before = '', id = '', rest = ''] = match.groups;
    this.begin(
      {
        type: smmuv3_event,
        device: deviceBefore(before),
        lines: match.lines,
        words: [],
        announced: Number(id),
      },
      rest,
    );
    return true;
  }

  private readCommand(scanner: Scanner): boolean {
    const match = scanner.match(COMMAND_BEGINS, COMMAND, 1);
    if (match === undefined) return false;
    const [, before = '', rest = ''] = match.groups;
    this.begin({ type: smmuv3_command, device: deviceBefore(before), lines: match.lines, words: [] }, rest);
    return true;
  }

  private begin(block: Block, rest: string): void {
    const unfinished = this.open.get(block.device);
    if (unfinished !== undefined) this.close(unfinished);
    this.open.set(block.device, block);
    this.orphans.delete(block.device);
    this.add(block, wordsIn(rest), undefined);
  }

  private add(block: Block, words: readonly bigint[], line: number | undefined): void {
    block.words.push(...words);
    if (line !== undefined) block.lines.push(line);
    if (block.words.length * 8 >= block.type.byteLength) this.close(block);
  }

  private close(block: Block): void {
    const { type, device, lines, words, announced } = block;
    if (this.open.get(device) === block) this.open.delete(device);
    const entry = words.length === 0 ? emptyDump(block) : this.dumped(block);
    if (type === smmuv3_event) this.last.set(device, entry);
    if (announced !== undefined && words.length > 0 && Number((words[0] ?? 0n) & 0xffn) !== announced) {
      entry.notes.push(['note', `the line before the dump names event ${hex(announced)}`]);
    }
    if (words.length * 8 < type.byteLength && words.length > 0) {
      entry.notes.push(['note', `the log has ${words.length} of ${type.byteLength / 8} words`]);
    }
    lines.sort((a, b) => a - b);
    this.found(entry);
  }

  private dumped({ type, device, lines, words }: Block): Entry {
    const bytes = wordBytes(words, type.byteLength);
    const fields = known(words.length, type, bytes);
    const text = type === smmuv3_event ? eventText(bytes, fields) : commandText(bytes);
    return { lines, device, text, record: { type, bytes, ...(fields && { known: fields }) }, notes: [] };
  }

  private readErrors({ body, number }: LogLine, scanner: Scanner): boolean {
    const error = scanner.match(CMDQ_BEGINS, CMDQ_ERROR, 1);
    if (error !== undefined) {
      const [, before = '', cons = '', what = ''] = error.groups;
      const bytes = halfWordBytes([Number(cons)]);
      const { ERR } = decode(SMMU_CMDQ_CONS, bytes, { lenient: true });
      const text = `CMDQ error: ${smmuv3_cmdq_error.format(ERR)} (cons ${cons})${what === '' ? '' : `: ${what}`}`;
      const record = { type: SMMU_CMDQ_CONS, bytes };
      this.found({ lines: error.lines, device: deviceBefore(before), text, record, notes: [] });
      return true;
    }
    const [, beforeGlobal = '', gerror] = GERROR.exec(body) ?? [];
    if (gerror !== undefined) {
      const bytes = halfWordBytes([Number(gerror)]);
      const text = `global error ${gerror}: ${setBits(bytes)}`;
      const record = { type: SMMU_GERROR, bytes };
      this.found({ lines: [number], device: deviceBefore(beforeGlobal), text, record, notes: [] });
      return true;
    }
    const [, beforeLost = '', queue] = LOST.exec(body) ?? [];
    if (queue !== undefined) {
      const text = `${queue} lost entries: ${body.slice(body.indexOf(queue))}`;
      this.found({ lines: [number], device: deviceBefore(beforeLost), text, notes: [] });
      return true;
    }
    const timeout = TIMEOUT.exec(body);
    if (timeout === null) return false;
    const [, before = '', at, prod, cons] = timeout;
    const places: [string, string | undefined][] = [
      ['at', at],
      ['hwprod', prod],
      ['hwcons', cons],
    ];
    const notes = places.flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    this.found({ lines: [number], device: deviceBefore(before), text: 'CMD_SYNC timeout', notes });
    return true;
  }

  private readDecoded(scanner: Scanner): boolean {
    const match = scanner.match(DECODED_BEGINS, DECODED, 2);
    if (match === undefined) return false;
    const [, before = '', name = '', client = '', sid = '', ssid = '', iova, ipa, fetch] = match.groups;
    const device = deviceBefore(before);
    const dumped = this.last.get(device);
    if (
      dumped?.record !== undefined &&
      dumped.text.includes(`: ${name} `) &&
      dumped.text.includes(`sid: ${hex(Number(sid))}`)
    ) {
      dumped.lines.push(...match.lines);
      dumped.text = dumped.text.replace(`: ${name} `, `: ${name} client: ${client} `);
      return true;
    }
    const stream = Number(sid);
    const place = stream <= 0xffff ? ` (${busDeviceFunction(stream)})` : '';
    const notes: [string, string][] = [
      ['client', client],
      ['StreamID', `${hex(stream)}${place}`],
      ['SubstreamID', ssid],
    ];
    if (iova !== undefined) notes.push(['InputAddr', iova], ['IPA', ipa ?? '']);
    if (fetch !== undefined) notes.push(['FetchAddr', fetch]);
    const address = iova === undefined ? '' : ` iova: ${iova} ipa: ${ipa ?? ''}`;
    const text = `event: ${name} client: ${client} sid: ${sid} ssid: ${ssid}${address}${fetch === undefined ? '' : ` fetch_addr: ${fetch}`}`;
    const entry: Entry = { lines: match.lines, device, text, notes };
    this.last.set(device, entry);
    this.found(entry);
    return true;
  }

  private readAccess({ body, number }: LogLine): boolean {
    const [, before = '', access] = ACCESS.exec(body) ?? [];
    if (access === undefined) return false;
    const entry = this.last.get(deviceBefore(before));
    if (entry === undefined) return false;
    entry.lines.push(number);
    if (entry.record === undefined) {
      entry.text += ` ${access}`;
      entry.notes.push(['access', access]);
    }
    return true;
  }

  private readPageRequest({ body, number }: LogLine, scanner: Scanner): boolean {
    const announced = scanner.match(PRI_BEGINS, PRI, 1);
    const groups = announced?.groups ?? PRI.exec(body);
    if (groups === null) return false;
    const [whole, before = '', sid, ssid, group, last, un, R, W, X, iova] = groups;
    const bytes = encodeZeroFilled(smmuv3_pri, {
      StreamID: Number(sid),
      SubstreamID: Number(ssid),
      PRGIndex: Number(group) & 0x1ff,
      Last: last === 'L' ? 1 : 0,
      Priv: un === undefined ? 1 : 0,
      R: R === '' ? 0 : 1,
      W: W === '' ? 0 : 1,
      X: X === '' ? 0 : 1,
      PageAddress: BigInt(iova ?? 0) & ~0xfffn,
    });
    const fields = new Set(smmuv3_pri.members.map(({ name }) => name).filter((name) => name !== 'SSV'));
    const text = `unexpected PRI request: ${whole.slice(whole.indexOf('sid '))}`;
    this.found({
      lines: announced?.lines ?? [number],
      device: deviceBefore(before),
      text,
      record: { type: smmuv3_pri, bytes, known: fields },
      notes: [],
    });
    return true;
  }

  private readWords({ body, number }: LogLine): boolean {
    const [, before, text] = WORDS.exec(body) ?? [];
    if (text === undefined) return false;
    const device = before === undefined ? undefined : deviceBefore(`${before}:`);
    const words = wordsIn(text);
    const block =
      device === undefined ? [...this.open.values()].at(-1) : (this.open.get(device) ?? this.open.get(''));
    if (block !== undefined) {
      this.add(block, words, number);
      return true;
    }
    if (device === undefined || !/smmu|iommu/i.test(before ?? '')) return false;
    // The first line of the dump may be missing in the copied part of the log.
    const orphan = this.orphans.get(device) ?? { type: smmuv3_event, device, lines: [], words: [] };
    this.orphans.set(device, orphan);
    orphan.lines.push(number);
    orphan.words.push(...words);
    if (orphan.words.length < 4) return true;
    this.orphans.delete(device);
    if (smmuv3_event.nameOf(Number((orphan.words[0] ?? 0n) & 0xffn)) !== undefined) this.close(orphan);
    return true;
  }
}

function emptyDump({ type, device, lines, announced }: Block): Entry {
  const name = announced === undefined ? undefined : (smmuv3_event.nameOf(announced) ?? hex(announced));
  const text = type === smmuv3_event ? `event: ${name ?? ''}` : 'skipped command';
  return { lines, device, text, notes: [['note', 'the words of the dump are missing']] };
}

function setBits(bytes: Uint8Array): string {
  const value = decode(SMMU_GERROR, bytes, { lenient: true });
  const names = Object.entries(value).flatMap(([name, bit]) => (bit === 1 ? [name] : []));
  return names.length === 0 ? 'no known bit' : names.join(', ');
}
