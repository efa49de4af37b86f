import { iommufd_cmd, splitRequest } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { copyStructFromUser } from '../process/copy-struct.js';
import type { Process } from '../process/process.js';
import { vfioIoctl } from '../vfio/container.js';
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

const indexOf = (request: number): number => splitRequest(request).nr - iommufd_cmd.IOMMUFD_CMD_BASE;

/**
 * Executes an ioctl of `/dev/iommu`: the number is looked up, the struct is copied in by the rules of
 * `linux/iommufd.h`, and the command works on that copy. It is for the command to copy it back.
 */
export function dispatch(context: IommufdContext, process: Process, request: number, arg: bigint): number {
  const { commands } = context.kernel;
  if (commands.isBeyond(request)) return vfioIoctl(context, process, request, arg);
  // The size is read before the command is looked at: a bad pointer is EFAULT even for a number without a meaning.
  const memory = process.memorySpace;
  const userSize = new DataView(memory.read(arg, 4).buffer).getUint32(0, true);
  const command = commands.find(request);
  if (command === undefined) throw fail('ENOTTY');
  if (userSize < command.minSize) throw fail('EINVAL');
  const bytes = copyStructFromUser(memory, arg, userSize, command.size);
  const respond = (from = 0): void =>
    memory.write(arg + BigInt(from), bytes.subarray(from, Math.min(userSize, bytes.length)));
  return command.run(bytes, { context, process, respond }) ?? 0;
}
