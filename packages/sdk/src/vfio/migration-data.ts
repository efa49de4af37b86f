/**
 * The stages of a migration, each an object with the operations of that stage. {@link Migration} starts one; leaving the stage closes
 * the object. Chunks are opaque: they are written to a device of the same kind at the destination, in the same order.
 */
import { errno, VFIO_MIG_GET_PRECOPY_INFO } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { byteCount, oneOf, optional, record, guarded } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Closable } from '../objects/closable.js';
import { closed } from '../objects/object.js';
import type { Migration, MigrationState } from './migration.js';

/** The amount of data to read while the device runs, in bytes, as estimated by the driver. */
export interface PreCopyProgress {
  /** Remaining bytes of the initial state. When it is 0, the device should be stopped. */
  readonly initial: bigint;
  /** Bytes that have changed since they were read. */
  readonly dirty: bigint;
}

/** Options of reading chunks. */
export interface ChunkOptions {
  /** The longest chunk, in bytes; 1 MiB by default. */
  readonly chunkSize?: number;
}

/** The state of the device after a stage. */
interface FinishOptions {
  readonly state?: 'running' | 'stop';
}

const CHUNK = 1 << 20;

const chunkOptions = optional(record<ChunkOptions>({ chunkSize: optional(byteCount(1)) }));
const bytes = guarded('a Uint8Array', (each): each is Uint8Array => each instanceof Uint8Array);
const calls = {
  progress: new Call('PreCopy.progress'),
  preCopyChunks: new Call('PreCopy.chunks', { options: chunkOptions }),
  stop: new Call('PreCopy.stop'),
  cancelPreCopy: new Call('PreCopy.cancel'),
  chunks: new Call('StopCopy.chunks', { options: chunkOptions }),
  finishCopy: new Call('StopCopy.finish', {
    options: optional(record<FinishOptions>({ state: optional(oneOf(['running', 'stop'])) })),
  }),
  write: new Call('Resuming.write', { bytes }),
  finish: new Call('Resuming.finish', {
    options: optional(record<FinishOptions>({ state: optional(oneOf(['running', 'stop'])) })),
  }),
};

/** A stage: the data file, which the next stage may take over. */
abstract class Stage extends Closable implements Owner {
  /** @internal */
  constructor(
    context: Context,
    protected readonly migration: Migration,
    /** The data file, for `poll()`. */
    readonly fd: number,
    private readonly name: string,
  ) {
    super(context, name);
  }

  /** @internal */
  openFor(where: Where): Context {
    if (!this.isClosed) return this.context;
    throw closed(`${this.name} of ${this.migration.device.describe()}`, where);
  }

  /** Passes its file to the next stage. @returns the file descriptor */
  protected handOver(): number {
    this.disown();
    return this.fd;
  }

  /** Ends the stage by changing the device's state. */
  protected leave(state: Exclude<MigrationState, 'error'>): void {
    try {
      this.migration.setState(state);
    } finally {
      this.close();
    }
  }

  /** Closing the file does not change the device's state. */
  protected override release(): void {
    this.context.calls.close(this.fd);
  }

  /** Reads a chunk. @returns undefined if there is no data at present (ENOMSG); empty at the end */
  protected readChunk({ chunkSize = CHUNK }: ChunkOptions): Uint8Array | undefined {
    const { calls: kernel, sys } = this.context;
    return kernel.frame((alloc) => {
      const { address, bytes } = alloc(chunkSize);
      const length = retry(() => sys.read(this.fd, address, chunkSize));
      if (length === -errno.ENOMSG) return undefined;
      if (length < 0) throw this.failed('read', chunkSize, -length);
      return bytes.slice(0, length);
    });
  }

  protected failed(call: 'read' | 'write', length: number, number: number): IommufdError {
    const args = { fd: this.fd, length, device: this.migration.device.describe() };
    const over = 'The device has left the state that this data belongs to, or has failed: call reset().';
    return new IommufdError({ call, args, errno: number }, number === errno.ENODEV ? { meaning: over } : {});
  }
}

/** PRE_COPY: the device's state is read while it runs. */
export class PreCopy extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the pre-copy');
  }

  /**
   * The amount of data to read: VFIO_MIG_GET_PRECOPY_INFO.
   * @throws IommufdError EINVAL if the device has left the state; EBADF if this stage has ended
   */
  progress(): PreCopyProgress {
    const { calls: kernel } = calls.progress.check(this);
    const { initial_bytes, dirty_bytes } = kernel.ioctl(this.fd, VFIO_MIG_GET_PRECOPY_INFO, {
      flags: 0,
      initial_bytes: 0n,
      dirty_bytes: 0n,
    });
    return { initial: initial_bytes, dirty: dirty_bytes };
  }

  /**
   * Reads the data that is available now. The device may have more later.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage has ended
   */
  *chunks(options: ChunkOptions = {}): Generator<Uint8Array, void, undefined> {
    calls.preCopyChunks.check(this, options);
    for (;;) {
      const chunk = this.readChunk(options);
      if (chunk === undefined || chunk.length === 0) return;
      yield chunk;
    }
  }

  /** Stops the device: STOP_COPY. The returned stage reads the rest of its state. */
  stop(): StopCopy {
    const context = calls.stop.check(this);
    this.migration.setState('stop-copy');
    return new StopCopy(context, this.migration, this.handOver());
  }

  /** Cancels the migration: the device keeps running. */
  cancel(): void {
    calls.cancelPreCopy.check(this);
    this.leave('running');
  }
}

/** STOP_COPY: the rest of the device's state is read while it is stopped. */
export class StopCopy extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the stop-copy');
  }

  /**
   * Reads the data to the end.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage has ended
   */
  *chunks(options: ChunkOptions = {}): Generator<Uint8Array, void, undefined> {
    calls.chunks.check(this, options);
    for (;;) {
      const chunk = this.readChunk(options);
      // A stopped device has no more data later.
      if (chunk === undefined || chunk.length === 0) return;
      yield chunk;
    }
  }

  /**
   * Ends the stage.
   * @param options the state of the device afterwards
   * @param options.state `stop` by default, because the device runs at the destination; `running` after a failed migration
   */
  finish(options: { readonly state?: 'running' | 'stop' } = {}): void {
    calls.finishCopy.check(this, options);
    this.leave(options.state ?? 'stop');
  }
}

/** RESUMING: the state of another device is written to the device. */
export class Resuming extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the resuming');
  }

  /**
   * Writes a chunk to the device.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage has ended
   */
  write(bytes: Uint8Array): void {
    const { calls: kernel, sys } = calls.write.check(this, bytes);
    if (bytes.length === 0) return;
    kernel.frame((alloc) => {
      const { address, bytes: memory } = alloc(bytes.length);
      memory.set(bytes);
      for (let done = 0; done < bytes.length;) {
        const left = bytes.length - done;
        const count = retry(() => sys.write(this.fd, address + BigInt(done), left));
        if (count <= 0) throw this.failed('write', left, count === 0 ? errno.EIO : -count);
        done += count;
      }
    });
  }

  /**
   * Ends the stage after the last chunk: the device continues where the other one was stopped.
   * @param options the state of the device afterwards
   * @param options.state `running` by default
   * @throws IommufdError EINVAL if the written data is not a valid state. The device is then in the state `error`, which reset() leaves
   */
  finish(options: { readonly state?: 'running' | 'stop' } = {}): void {
    calls.finish.check(this, options);
    this.leave(options.state ?? 'running');
  }
}
