import type { CommandEntries } from '@iommufd/smmuv3';
import { type CommandConsumer, type Consumed, field32, type Interrupts } from '@iommufd/smmuv3';
import { smmuv3_cmdq_error, smmuv3_command } from '@iommufd/uapi';
import { decode, maskOf } from '@iommufd/uapi/struct';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';
import type { CommandDecoder } from './command-rules.js';
import { issue, MOST_COMMANDS } from './issue-commands.js';
import type { Streams } from './streams.js';

const SYNC = smmuv3_command.form('CMD_SYNC');
const CS = field32(SYNC, 'CS');
const MSI_ADDRESS = maskOf(SYNC, 'MSIAddress');
/** Within bits 95 to 64. */
const RANGE = field32(smmuv3_command.form('CMD_CFGI_STE_RANGE'), 'Range');
const ILLEGAL: Consumed = { count: 0, error: smmuv3_cmdq_error.CERROR_ILL };
const DONE: Consumed = { count: 1 };

/** The parts of a virtual SMMU that commands act on. */
export interface GuestCommandParts {
  /** Decides how each command is handled. */
  readonly decoder: CommandDecoder;
  /** Executes invalidations. */
  readonly backend: VsmmuBackend;
  /** The streams to configure. */
  readonly streams: Streams;
  /** Signals the completion of a CMD_SYNC. */
  readonly interrupts: Interrupts;
}

/** Consecutive invalidations of the queue, ignoring commands without effect. */
interface Run {
  readonly commands: readonly InvalidationCommand[];
  /** The index of each among the entries. */
  readonly places: readonly number[];
  /** The index of the first entry behind the run. */
  readonly end: number;
}

/**
 * Executes a guest's commands for the command queue of `@iommufd/smmuv3`. Invalidations go to the host in runs as long as
 * possible, because each run costs an ioctl.
 */
export class GuestCommands implements CommandConsumer {
  readonly most = MOST_COMMANDS;

  /** @param parts what the commands act on */
  constructor(private readonly parts: GuestCommandParts) {}

  consume(entries: CommandEntries, at: number): Consumed {
    const { commands, places, end } = this.gather(entries, at);
    if (end === at) return this.handle(entries, at);
    const stop = places[issue(this.parts.backend, commands)];
    return stop === undefined ? { count: end - at } : { ...ILLEGAL, count: stop - at };
  }

  private gather(entries: CommandEntries, from: number): Run {
    const { decoder, backend } = this.parts;
    const commands: InvalidationCommand[] = [];
    const places: number[] = [];
    let at = from;
    for (; at < entries.count; at++) {
      const handling = decoder.handlingOf(entries, at);
      if (
        handling === 'forward' ||
        (handling === 'forward-of-stream' && backend.streams.has(entries.high(at)))
      ) {
        commands.push({ cmd: entries.words(at) });
        places.push(at);
      } else if (handling !== 'nothing' && handling !== 'forward-of-stream') break;
    }
    return { commands, places, end: at };
  }

  /** Executes a command that is not part of a run. */
  private handle(entries: CommandEntries, at: number): Consumed {
    const { decoder, streams, interrupts } = this.parts;
    switch (decoder.handlingOf(entries, at)) {
      case 'configure':
        streams.invalidateOne(entries.high(at));
        return DONE;
      case 'configure-range':
        streams.invalidateRange(entries.high(at), RANGE.get(entries.third(at)));
        return DONE;
      case 'respond':
        return this.respond(entries.bytes(at));
      case 'sync': {
        // All commands before it have completed: Linux waits for the hardware.
        const address = entries.words(at)[1] & MSI_ADDRESS;
        const then = interrupts.syncCompletion(CS.get(entries.low(at)), address, entries.high(at));
        return then === undefined ? DONE : { count: 1, then };
      }
      default:
        return ILLEGAL;
    }
  }

  private respond(bytes: Uint8Array): Consumed {
    const response = decode(smmuv3_command, bytes, { lenient: true });
    if (response.Opcode !== smmuv3_command.cases.CMD_PRI_RESP.tag) return ILLEGAL;
    return { count: 1, then: () => this.parts.backend.respond?.(response) };
  }
}
