import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { AnonymousFile } from '../process/file.js';
import type { Process } from '../process/process.js';
import type { Call } from './command.js';
import type { IommufdContext } from './context.js';
import type { IommufdObject } from './object.js';

/** POLLIN and POLLRDNORM. */
const READABLE = POLLIN | 0x40;

/** What the file of a queue of events asks of its queue. */
export interface EventQueue extends IommufdObject {
  readonly isReadable: boolean;
  /** @returns bytes that were read */
  read(process: Process, address: bigint, length: number): number;
  /** Present where answers are written. @returns bytes that were written */
  write?(process: Process, address: bigint, length: number): number;
}

/** The file of a queue of events. It keeps the queue and its context. */
export class EventFile extends AnonymousFile {
  override readonly canRead = true;
  override readonly canWrite: boolean;

  constructor(
    private readonly context: IommufdContext,
    private readonly queue: EventQueue,
  ) {
    super();
    this.canWrite = queue.write !== undefined;
    context.get();
    queue.get();
  }

  protected override release(): void {
    this.queue.put();
    this.context.put();
  }

  override read(process: Process, address: bigint, length: number): number {
    return this.queue.read(process, address, length);
  }

  override write(process: Process, address: bigint, length: number): number {
    return this.queue.write?.(process, address, length) ?? super.write(process, address, length);
  }

  override poll(): number {
    return (this.queue.isReadable ? READABLE : 0) | (this.queue.write === undefined ? 0 : POLLOUT);
  }
}

/**
 * Opens the file of a queue that is being made. `respond` gets the fd; if it throws, the fd is free again and
 * the file is gone.
 */
export function openQueue(
  { process, context }: Call,
  queue: EventQueue,
  respond: (fd: number) => void,
): EventFile {
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
