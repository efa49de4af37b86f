import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { allocate, failurePoint } from '../process/failure-points.js';
import { AnonymousFile } from '../process/file.js';
import type { Task } from '../process/task.js';
import type { Call } from './command.js';
import type { IommufdContext } from './context.js';
import type { IommufdObject } from './object.js';

/** POLLIN and POLLRDNORM. */
const READABLE = POLLIN | 0x40;

/** The interface of a queue of events for its file. */
export interface EventQueue extends IommufdObject {
  /** Name of the file: the argument of `anon_inode_getfile()`. */
  readonly fileName: string;
  readonly isReadable: boolean;
  /** @returns the number of bytes read */
  read(process: Task, address: bigint, length: number): number;
  /** Present if the file can be written. @returns the number of bytes written */
  write?(process: Task, address: bigint, length: number): number;
}

/**
 * The file of a vEVENTQ or fault queue: `struct iommufd_eventq`. It holds references to the queue and the context, so both
 * outlive the descriptor of `/dev/iommu`.
 */
export class EventFile extends AnonymousFile {
  override readonly canRead = true;
  override readonly canWrite: boolean;
  override readonly link: string;

  constructor(
    private readonly context: IommufdContext,
    private readonly queue: EventQueue,
  ) {
    super();
    this.canWrite = queue.write !== undefined;
    this.link = `anon_inode:${queue.fileName}`;
    context.get();
    queue.get();
  }

  protected override release(): void {
    this.queue.put();
    this.context.put();
  }

  override read(process: Task, address: bigint, length: number): number {
    return this.queue.read(process, address, length);
  }

  override write(process: Task, address: bigint, length: number): number {
    return this.queue.write?.(process, address, length) ?? super.write(process, address, length);
  }

  override poll(): number {
    return (this.queue.isReadable ? READABLE : 0) | (this.queue.write === undefined ? 0 : POLLOUT);
  }
}

/**
 * `iommufd_eventq_init()`: opens the file of a new queue. `respond` is called with the file descriptor. If it throws, the
 * descriptor and the file are released.
 */
export function openQueue(
  { process, context }: Call,
  queue: EventQueue,
  respond: (fd: number) => void,
): EventFile {
  allocate('anon_inode_create_getfile()');
  failurePoint('file', 'get_unused_fd_flags()');
  const file = new EventFile(context, queue);
  try {
    process.files.open((fd) => {
      respond(fd);
      return file;
    });
  } catch (cause) {
    file.put();
    throw cause;
  }
  return file;
}
