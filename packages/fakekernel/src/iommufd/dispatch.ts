import { iommufd_cmd } from '@iommufd/uapi';
import { errnoOf, fail } from '../errno.js';
import { copyStructInto } from '../process/copy-struct.js';
import type { Task } from '../process/task.js';
import { Call, type Command } from './command.js';
import type { IommufdContext } from './context.js';

/** The ioctls of a kernel by number, from IOMMUFD_CMD_BASE on. Numbers may be missing. */
export class CommandTable {
  private readonly commands: (Command | undefined)[] = [];

  constructor(commands: readonly Command[]) {
    for (const command of commands) this.commands[indexOf(command.request)] = command;
  }

  /** True if the number is outside the table: it may then be a VFIO container request. */
  isBeyond(request: number): boolean {
    const index = indexOf(request);
    return index < 0 || index >= this.commands.length;
  }

  /** The names of the ioctls. */
  names(): string[] {
    return this.commands.flatMap((command) => (command === undefined ? [] : [command.name]));
  }

  find(request: number): Command | undefined {
    const command = this.commands[indexOf(request)];
    return command?.request === request ? command : undefined;
  }
}

/** `_IOC_NR()`, counted from the first command. */
const indexOf = (request: number): number => (request & 0xff) - iommufd_cmd.IOMMUFD_CMD_BASE;

/**
 * `iommufd_fops_ioctl()`: looks up the command, copies the struct in by the rules of `linux/iommufd.h`, and runs the command on
 * the copy. The command copies the struct back.
 */
export function dispatch(context: IommufdContext, process: Task, request: number, arg: bigint): number {
  // The size is read before the command is looked up: a bad pointer fails with EFAULT even if the number is unknown.
  const memory = process.memorySpace;
  const userSize = memory.readU32(arg);
  const command = context.kernel.commands.find(request);
  if (command === undefined) throw fail('ENOTTY');
  if (userSize < command.minSize) throw fail('EINVAL');
  // Ioctls may nest, so each uses a frame of its own.
  const frame = command.frames.pop() ?? command.makeFrame();
  const call = new Call(context, process, arg, userSize, frame.bytes);
  let returned = -1;
  try {
    copyStructInto(memory, arg, userSize, frame.bytes);
    returned = frame.run(call) ?? 0;
    return returned;
  } catch (cause) {
    // Returned, not thrown on: passing a throw through `finally` takes longer than most ioctls.
    return errnoOf(cause);
  } finally {
    call.end(returned >= 0);
    command.frames.push(frame);
  }
}
