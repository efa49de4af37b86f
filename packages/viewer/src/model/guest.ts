/**
 * The tape of a guest that drives an SMMUv3, as a timeline: register accesses with fields, commands, event records, and
 * actions of devices. It is shown as recorded; `pnpm conformance` replays it on the virtual SMMUv3.
 */
import type { GuestStep } from '@iommufd/tape/browser';
import {
  SMMU_GERROR,
  SMMU_PAGE_1,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_event,
  smmuv3_register,
} from '@iommufd/uapi';
import { allRecords } from '@iommufd/uapi/registry';
import { annotate, type AnyType } from '@iommufd/uapi/struct';
import { type Block, recordBlock } from './call-detail.js';
import { hex } from './hex.js';
import type { Row } from './timeline.js';

/** A row, and its hardware record. */
export interface GuestRow {
  readonly row: Row;
  readonly notes: readonly string[];
  readonly block: Block | undefined;
}

/** A row without the step's time and processor. */
type GuestLine = Pick<Row, 'file' | 'name' | 'text'> &
  Partial<Pick<Row, 'result' | 'failed' | 'lost' | 'pid'>> & {
    readonly notes?: readonly string[];
    readonly block?: Block;
  };

const INTERRUPTS = ['event queue', 'PRI queue', 'CMD_SYNC', 'global error'];

const big = (text: string): bigint => BigInt(`0x${text === '' ? '0' : text}`);

/** 64-bit words as little-endian bytes, extended to the length of a record. */
function bytesOf(words: readonly bigint[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) {
    if ((i + 1) * 8 <= length) view.setBigUint64(i * 8, word, true);
    else if (i * 8 + 4 <= length) view.setUint32(i * 8, Number(word & 0xffff_ffffn), true);
  }
  return bytes;
}

/** The non-zero fields of a record, as text. */
function fieldsOf(type: AnyType, bytes: Uint8Array, without: string): string {
  const bits = annotate(type, bytes).flatMap((each) => each.bits ?? []);
  return bits
    .filter(({ name, text }) => name !== without && text !== '0' && text !== '0x0')
    .map(({ name, text }) => `${name}=${text}`)
    .join(' ');
}

/** A command or an event, from its words separated by commas. */
function record(
  type: typeof smmuv3_command | typeof smmuv3_event,
  words: string,
  number: string,
): Omit<GuestLine, 'file'> {
  const bytes = bytesOf(words.split(',').map(big), type.byteLength);
  const id = bytes[0] ?? 0;
  const name = type.nameOf(id) ?? `${number} ${hex(id)}`;
  return { name, text: fieldsOf(type, bytes, number), block: recordBlock(number, type, bytes) };
}

/** A register access. */
function register({ t, cpu, o, s, v }: Extract<GuestStep, { readonly t: 'r' | 'w' }>): GuestLine {
  const offset = Number(big(o));
  // The tape has page 1 offsets of a guest's driver without the page.
  const name =
    smmuv3_register.nameOf(offset) ??
    smmuv3_register.nameOf(offset + SMMU_PAGE_1) ??
    `register ${hex(offset)}`;
  const value = big(v);
  const type = allRecords.get(name);
  const bytes = type === undefined ? undefined : bytesOf([value], type.byteLength);
  const fields = type === undefined || bytes === undefined ? '' : fieldsOf(type, bytes, '');
  const verb = t === 'r' ? 'reads as' : 'becomes';
  return {
    file: 'registers',
    name,
    pid: Math.max(cpu, 0),
    text: `${verb} ${hex(value)}${fields === '' ? '' : ` (${fields})`}`,
    notes: [`${t === 'r' ? 'read' : 'written'} by ${cpu < 0 ? 'a test program' : `CPU ${cpu}`}, ${s} bytes`],
    ...(type !== undefined && bytes !== undefined && { block: recordBlock(name, type, bytes) }),
  };
}

/** The rows of a step: one per command or event. */
function* linesOf(step: GuestStep): Generator<GuestLine> {
  switch (step.t) {
    case 'r':
    case 'w':
      yield register(step);
      break;
    case 'cmds':
      for (const words of step.c) yield { file: 'command queue', ...record(smmuv3_command, words, 'Opcode') };
      break;
    case 'evts':
      for (const words of step.e)
        yield { file: 'event queue', failed: true, ...record(smmuv3_event, words, 'Event') };
      break;
    case 'take': {
      const lost = step.ov !== 0;
      const text = `the guest consumes ${step.e.length} events${lost ? ': the queue has overflowed, and others were lost' : ''}`;
      yield { file: 'event queue', name: 'take', text, lost };
      for (const words of step.e)
        yield { file: 'event queue', failed: true, ...record(smmuv3_event, words, 'Event') };
      break;
    }
    case 'event':
    case 'ev':
      yield { file: 'devices', name: 'fault', text: `${step.n} of stream ${hex(step.sid)}`, failed: true };
      break;
    case 'irq':
      yield { file: 'interrupts', name: 'interrupt', text: INTERRUPTS[step.n] ?? String(step.n) };
      break;
    case 'gerror': {
      const toggled = fieldsOf(SMMU_GERROR, bytesOf([big(step.x)], SMMU_GERROR.byteLength), '');
      yield { file: 'interrupts', name: 'SMMU_GERROR', text: `toggles ${toggled}`, failed: true };
      break;
    }
    case 'cmderr': {
      const error = smmuv3_cmdq_error.nameOf(step.e) ?? hex(step.e);
      yield { file: 'command queue', name: 'error', text: `${error} at index ${step.c}`, failed: true };
      break;
    }
    case 'mem': {
      const words = step.m.reduce((sum, [, text]) => sum + text.split(',').length, 0);
      const [[first = '0'] = []] = step.m;
      const notes = step.m.map(
        ([address, text]) =>
          `0x${address}: ${text
            .split(',')
            .map((word) => `0x${word}`)
            .join(' ')}`,
      );
      yield { file: 'memory', name: 'memory', text: `${words} words from 0x${first} have changed`, notes };
      break;
    }
    case 'dma':
      if ('text' in step) yield { file: 'devices', name: 'dma', text: step.text };
      else {
        const { sid, iova, pa, perm } = step;
        const rights = perm === 1 ? 'read' : 'read and write';
        yield { file: 'devices', name: 'dma', text: `stream ${hex(sid)}: 0x${iova} is 0x${pa} (${rights})` };
      }
      break;
    case 'dma2': {
      const { sid, write, iova, len } = step;
      const text = `stream ${hex(sid)} ${write === 0 ? 'reads' : 'writes'} ${len} bytes at 0x${iova}`;
      yield { file: 'devices', name: 'dma', text };
      break;
    }
    case 'peek':
      yield { file: 'memory', name: 'memory', text: `0x${step.a} is 0x${step.w}` };
      break;
    case 'ack':
      yield { file: 'registers', name: 'acknowledge', text: `the global errors 0x${step.active}` };
      break;
    case 'skip': {
      const text = `the guest replaces commands in error by CMD_SYNC: ${step.errs.join(', ')}`;
      yield { file: 'command queue', name: 'skip', text };
      break;
    }
    case 'reset':
      yield { file: '', name: 'reset', text: 'the machine is reset' };
      break;
    case 'note':
    case 'log':
      yield { file: step.t === 'log' ? 'log' : '', name: step.t, text: step.text };
      break;
  }
}

/** The bit of OVFLG in SMMU_EVENTQ_PROD and OVACKFLG in SMMU_EVENTQ_CONS. While they differ, a loss is not acknowledged. */
const OVERFLOW = 0x8000_0000n;

/** Reads the tape of a guest, row by row. */
export function* guestTimeline(steps: readonly GuestStep[]): Generator<GuestRow> {
  let index = 0;
  let acknowledged = 0n;
  for (const [step, each] of steps.entries())
    for (const { notes = [], block, ...line } of linesOf(each)) {
      const row: Row = {
        ...{ index: index++, step, kind: 'event', pid: 0, tid: undefined, fd: undefined },
        ...{ result: '', failed: false, lost: false },
        ...line,
      };
      const flag = each.t === 'r' || each.t === 'w' ? big(each.v) & OVERFLOW : 0n;
      if (row.name === 'SMMU_EVENTQ_CONS' && each.t === 'w') acknowledged = flag;
      const lost = row.lost || (row.name === 'SMMU_EVENTQ_PROD' && each.t === 'r' && flag !== acknowledged);
      const of = lost ? [...notes, 'the event queue has overflowed: events were lost'] : notes;
      yield { row: { ...row, lost }, notes: of, block };
    }
}
