/**
 * Parses the messages of the driver of Tegra241's CMDQ-V: the virtual interfaces and command queues in error, and the registers of a queue.
 * Source: `tegra241_cmdqv_isr` and `tegra241_vcmdq_hw_deinit` in `drivers/iommu/arm/arm-smmu-v3/tegra241-cmdqv.c`.
 */
import { SMMU_CMDQ_CONS, SMMU_GERROR, smmuv3_cmdq_error } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type Entry, halfWordBytes } from './entry.js';
import type { LogLine } from './lines.js';
import { deviceBefore, type Scanner } from './scanner.js';

const BEGINS = /unexpected (?:cmdqv )?error reported/;
const MAPS =
  /^(.*?)unexpected (?:cmdqv )?error reported\b.*?vintf_map:? (?:0x)?([0-9a-f]+).*?vcmdq_map:? (?:0x)?([0-9a-f]{8}(?::?[0-9a-f]{8}){3})/i;
const REGISTERS_BEGIN = /\bGERRORN=0x/;
const REGISTERS =
  /^(.*?)(?:(VINTF\d+: VCMDQ\d+\/LVCMDQ\d+): )?GERRORN=(0x[0-9a-f]+), GERROR=(0x[0-9a-f]+), CONS=(0x[0-9a-f]+)/i;
const FAILED =
  /^(.*?)((?:VINTF\d+|VCMDQ\d+)\S*(?: VCMDQ\d+\/LVCMDQ\d+:)?) (failed to (?:en|dis)able, STATUS=0x[0-9a-f]+|uncleared error detected, resetting)/i;

/** Numbers of the bits that are set. */
function numbers(map: bigint): string {
  const set: number[] = [];
  for (let i = 0; map >> BigInt(i) !== 0n; i++) if ((map >> BigInt(i)) & 1n) set.push(i);
  return set.length === 0 ? 'none' : set.join(', ');
}

/** Parses a line. @returns undefined if it is not a message of the driver */
export function tegra241Entry({ body, number }: LogLine, scanner: Scanner): Entry | undefined {
  const maps = scanner.match(BEGINS, MAPS, 3);
  if (maps !== undefined) {
    const [, before = '', vintf = '0', vcmdq = '0'] = maps.groups;
    const interfaces = numbers(BigInt(`0x${vintf}`));
    const queues = numbers(BigInt(`0x${vcmdq.replaceAll(':', '')}`));
    const notes: Entry['notes'] = [
      ['vintf_map', `0x${vintf}`],
      ['vcmdq_map', `0x${vcmdq.replaceAll(':', '')}`],
      ['VINTF', interfaces],
      ['VCMDQ', queues],
    ];
    const text = `CMDQ-V error: VINTF ${interfaces}; VCMDQ ${queues}`;
    return { lines: maps.lines, device: deviceBefore(before), text, notes };
  }
  const registers = scanner.match(REGISTERS_BEGIN, REGISTERS, 1);
  if (registers !== undefined) {
    const [, before = '', queue = '', gerrorn = '0', gerror = '0', cons = '0'] = registers.groups;
    const active = halfWordBytes([(Number(gerror) ^ Number(gerrorn)) >>> 0]);
    const errors = Object.entries(decode(SMMU_GERROR, active, { lenient: true }))
      .filter(([, bit]) => bit === 1)
      .map(([name]) => name);
    const bytes = halfWordBytes([Number(cons)]);
    const { ERR } = decode(SMMU_CMDQ_CONS, bytes, { lenient: true });
    const notes: Entry['notes'] = [
      ['GERRORN', gerrorn],
      ['GERROR', `${gerror}${errors.length === 0 ? '' : `: ${errors.join(', ')} not acknowledged`}`],
    ];
    const text = `${queue === '' ? 'VCMDQ' : queue} ${smmuv3_cmdq_error.format(ERR)} (cons ${cons})`;
    const record = { type: SMMU_CMDQ_CONS, bytes };
    return { lines: registers.lines, device: deviceBefore(before), text, record, notes };
  }
  const [, before = '', queue, what] = FAILED.exec(body) ?? [];
  if (queue === undefined || what === undefined) return undefined;
  return { lines: [number], device: deviceBefore(before), text: `${queue} ${what}`, notes: [] };
}
