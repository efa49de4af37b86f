import type { CommandEntries } from '@iommufd/smmuv3';
import { type CommandConsumer, type Consumed, field32 } from '@iommufd/smmuv3';
import { smmuv3_cmdq_error, smmuv3_command } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import type { InvalidationCommand, VsmmuBackend } from './backend.js';
import type { CommandDecoder } from './command-rules.js';
import { HostError } from './host-error.js';
import { dropContextDescriptors, issue, MOST_COMMANDS } from './issue-commands.js';
import type { OwnDevices } from './own-devices.js';
import type { Streams } from './streams.js';

/** Within bits 95 to 64. */
const RANGE = field32(smmuv3_command.form('CMD_CFGI_STE_RANGE'), 'Range');
const ILLEGAL: Consumed = { count: 0, error: smmuv3_cmdq_error.CERROR_ILL };
const DONE: Consumed = { count: 1 };

/** The steps of configuring a stream, where a command is one: the host allocates a page table, attaches it and frees the old one. */
export const STREAM_STEPS = 16;

/** The parts of a virtual SMMU that commands act on. */
export interface GuestCommandParts {
  /** Decides how each command is handled. */
  readonly decoder: CommandDecoder;
  /** Executes invalidations. */
  readonly backend: VsmmuBackend;
  /** The streams to configure. */
  readonly streams: Streams;
  /** The VMM's own devices: their caches obey the same commands. It also completes CMD_SYNC. */
  readonly own: OwnDevices;
}

/** Consecutive invalidations of the queue, ignoring commands without effect. */
interface Run {
  readonly commands: readonly InvalidationCommand[];
  /** The index of each command among the entries. */
  readonly places: readonly number[];
  /** The index of the first entry after the run. */
  readonly end: number;
}

/**
 * Executes a guest's commands for the command queue of `@iommufd/smmuv3`. Invalidations are passed to the host in runs that are as long
 * as possible, because each run costs an ioctl. Consecutive CFGI_STE and CFGI_STE_RANGE are a run too: each stream is configured
 * only once, from the table at the time that the last of them is consumed, which gives the same final configuration.
 */
export class GuestCommands implements CommandConsumer {
  readonly most = MOST_COMMANDS;

  /** @param parts the parts of the virtual SMMU that commands act on */
  constructor(private readonly parts: GuestCommandParts) {}

  consume(entries: CommandEntries, at: number, left: number): Consumed {
    const { commands, places, end } = this.gather(entries, at);
    if (end === at) return this.configure(entries, at, left) ?? this.handle(entries, at);
    const stop = places[this.issue(commands)];
    if (stop !== undefined) this.checkDevice(entries, stop);
    this.invalidateOwn(entries, at, stop ?? end);
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
        commands.push({ cmd: decoder.wordsOf(entries, at) });
        places.push(at);
      } else if (handling !== 'nothing' && handling !== 'forward-of-stream') break;
    }
    return { commands, places, end: at };
  }

  /** Executes a run of configuration commands, ignoring those without effect. @returns undefined if there is none */
  private configure(entries: CommandEntries, from: number, left: number): Consumed | undefined {
    const { decoder, streams } = this.parts;
    const found = new Set<number>();
    let at = from;
    let looked = 0;
    const hostSteps = (): number => looked + found.size * STREAM_STEPS;
    for (; at < entries.count && at - from < left; at++) {
      const handling = decoder.handlingOf(entries, at);
      const isRange = handling === 'configure-range';
      if (handling === 'nothing') continue;
      if (!isRange && handling !== 'configure') break;
      // All streams are in the set already: further commands add none.
      if (found.size === streams.count) continue;
      if (hostSteps() >= left) break;
      const count = isRange ? 2 ** (RANGE.get(entries.third(at)) + 1) : 1;
      if (isRange) looked += streams.count;
      for (const streamId of streams.inRange(entries.high(at), count)) found.add(streamId);
    }
    if (at === from) return undefined;
    streams.invalidate(found);
    this.invalidateOwn(entries, from, at);
    return { count: at - from, steps: at - from + hostSteps() };
  }

  /** Executes commands that the host has executed on the caches of the VMM's own devices too. */
  private invalidateOwn(entries: CommandEntries, from: number, end: number): void {
    for (let at = from; at < end; at++) this.parts.own.invalidate(entries, at);
  }

  /** @returns the number of completed commands: all, or the index of one that is refused @throws HostError */
  private issue(commands: readonly InvalidationCommand[]): number {
    try {
      return issue(this.parts.backend, commands);
    } catch (cause) {
      throw new HostError('invalidate', [], cause);
    }
  }

  /**
   * Checks that a refused command is the guest's fault. Linux also refuses commands for a device that it no longer has, which the
   * architecture does not permit an SMMU to treat as illegal (4.1.7, 4.3.3, 4.5.1).
   * @throws HostError if the device is gone
   */
  private checkDevice(entries: CommandEntries, at: number): void {
    if (this.parts.decoder.handlingOf(entries, at) !== 'forward-of-stream') return;
    const streamId = entries.high(at);
    try {
      dropContextDescriptors(this.parts.backend, streamId);
    } catch (cause) {
      throw new HostError('invalidate', [streamId], cause);
    }
  }

  /** Executes a command that is not part of a run. */
  private handle(entries: CommandEntries, at: number): Consumed {
    const { decoder, own } = this.parts;
    switch (decoder.handlingOf(entries, at)) {
      case 'respond':
        return own.has(entries.high(at)) ? own.consume(entries, at) : this.respond(entries.bytes(at));
      case 'sync':
        // All commands before it have completed: Linux waits for the hardware.
        return own.consume(entries, at);
      default:
        return ILLEGAL;
    }
  }

  private respond(bytes: Uint8Array): Consumed {
    const response = decode(smmuv3_command, bytes, { lenient: true });
    if (response.Opcode !== smmuv3_command.cases.CMD_PRI_RESP.tag) return ILLEGAL;
    try {
      // Before the command is consumed: if this fails, the command is retried; a response is never sent twice.
      this.parts.backend.respond?.(response);
    } catch (cause) {
      throw new HostError('respond', [response.StreamID], cause);
    }
    return DONE;
  }
}
