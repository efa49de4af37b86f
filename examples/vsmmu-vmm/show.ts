import { CMD_CFGI_ALL, smmuv3_command, smmuv3_event, smmuv3_event_class } from '@iommufd/uapi';
import type { Decoded, Encodable } from '@iommufd/uapi/struct';
import { Timeline } from '../shared/timeline.js';

/** A command of the guest. */
export type Command = Encodable<typeof smmuv3_command>;
/** An event that the guest reads. */
export type Event = Decoded<typeof smmuv3_event>;

export const timeline = new Timeline({ guest: 'green', vmm: 'cyan', device: 'yellow', hardware: 'magenta' });

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** A number and a noun: `1 event`, `3 events`. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Commands by name, with the fields that vary in this example. */
export function showCommands(commands: readonly Command[]): string {
  return commands.map(showCommand).join(', ');
}

function showCommand(command: Command): string {
  const { CMD_CFGI_STE_RANGE, CMD_TLBI_NH_VA } = smmuv3_command.cases;
  if (command.Opcode === CMD_CFGI_STE_RANGE.tag && command.Range === CMD_CFGI_ALL.Range) return 'CFGI_ALL';
  const name = smmuv3_command.nameOf(command.Opcode)?.replace('CMD_', '') ?? `opcode ${hex(command.Opcode)}`;
  if (command.Opcode !== CMD_TLBI_NH_VA.tag) return name;
  return `${name} ${command.NUM === 0 ? hex(command.Address) : `NUM=${command.NUM} TG=${command.TG}`}`;
}

/** Events as text; those of adjacent pages are combined. */
export function showEvents(events: readonly Event[]): string {
  const [first, ...others] = events.map(missOf);
  const isRun = others.every(
    (miss, i) =>
      miss?.StreamID === first?.StreamID &&
      miss?.InputAddr === (first?.InputAddr ?? 0n) + BigInt(i + 1) * 4096n,
  );
  const last = others.at(-1);
  if (first === undefined || last === undefined || !isRun)
    return events.map(showEvent).join(', ') || 'no event';
  const pages = `InputAddr=${hex(first.InputAddr)} to ${hex(last.InputAddr)}`;
  return `${events.length} x F_TRANSLATION StreamID=${hex(first.StreamID)} ${pages}`;
}

function showEvent(event: Event): string {
  const miss = missOf(event);
  if (miss === undefined) return smmuv3_event.nameOf(event.EventNumber) ?? `event ${hex(event.EventNumber)}`;
  const { StreamID, RnW, S2, CLASS, InputAddr } = miss;
  const what = `StreamID=${hex(StreamID)} RnW=${RnW} S2=${S2} CLASS=${smmuv3_event_class.format(CLASS)}`;
  return `F_TRANSLATION ${what} InputAddr=${hex(InputAddr)}`;
}

type Miss = Extract<Event, { readonly EventNumber: 0x10 }>;

function missOf(event: Event): Miss | undefined {
  return event.EventNumber === smmuv3_event.cases.F_TRANSLATION.tag ? event : undefined;
}
