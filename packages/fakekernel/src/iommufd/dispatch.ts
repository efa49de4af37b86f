import { iommufd_cmd } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { copyStructInto } from '../process/copy-struct.js';
import type { Process } from '../process/process.js';
import { vfioIoctl } from './vfio-compat.js';
import type { Command } from './command.js';
import type { IommufdContext } from './context.js';

/** The struct ioctls of a kernel by their number, from IOMMUFD_CMD_BASE on; a number without one is a hole. */
export class CommandTable {
  private readonly commands: (Command | undefined)[] = [];

  constructor(commands: readonly Command[]) {
    for (const command of commands) this.commands[indexOf(command.request)] = command;
  }

  /** Is the number beyond the last command? Then VFIO's old requests may know it. */
  isBeyond(request: number): boolean {
    const index = indexOf(request);
    return index < 0 || index >= this.commands.length;
  }

  find(request: number): Command | undefined {
    const command = this.commands[indexOf(request)];
    return command?.request === request ? command : undefined;
  }
}

/** `_IOC_NR()`, from the first command on. */
const indexOf = (request: number): number => (request & 0xff) - iommufd_cmd.IOMMUFD_CMD_BASE;

/**
 * Executes an ioctl of `/dev/iommu`: the number is looked up, the struct is copied in by the rules of
 * `linux/iommufd.h`, and the command works on that copy. It is for the command to copy it back.
 */
export function dispatch(context: IommufdContext, process: Process, request: number, arg: bigint): number {
  const { commands } = context.kernel;
  if (commands.isBeyond(request)) return vfioIoctl(context, process, request, arg);
  // The size is read before the command is looked at: a bad pointer is EFAULT even for a number without a meaning.
  const memory = process.memorySpace;
  const userSize = memory.readU32(arg);
  const command = commands.find(request);
  if (command === undefined) throw fail('ENOTTY');
  if (userSize < command.minSize) throw fail('EINVAL');
  // An ioctl may make another of its kind; each has a frame of its own.
  const frame = command.frames.pop() ?? command.makeFrame();
  const { bytes } = frame;
  const respond = (from = 0): void => {
    const end = Math.min(userSize, bytes.length);
    if (from < end) memory.writePart(arg, bytes, from, end);
  };
  try {
    copyStructInto(memory, arg, userSize, bytes);
    return frame.run({ context, process, respond }) ?? 0;
  } finally {
    command.frames.push(frame);
  }
}
