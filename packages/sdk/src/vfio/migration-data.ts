/**
 * The stages of a migration, each with what can be done in it: {@link Migration} begins one, and leaving it ends the object.
 * Chunks are opaque: the destination's device of the same kind takes them in, in the same order.
 */
import { errno, VFIO_MIG_GET_PRECOPY_INFO } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { byteCount, oneOf, optional, record, thing } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Closable } from '../objects/closable.js';
import { closed } from '../objects/object.js';
import type { Migration, MigrationState } from './migration.js';

/** How much there is to read while the device runs: estimates of the driver, in bytes. */
export interface PreCopyProgress {
  /** Of the first state, still to be read. At 0 it is time to stop the device. */
  readonly initial: bigint;
  /** What has changed since it was read. */
  readonly dirty: bigint;
}

/** Options of reading chunks. */
export interface ChunkOptions {
  /** The longest chunk, in bytes; 1 MiB by default. */
  readonly chunkSize?: number;
}

/** The state that a device goes to when a stage is over. */
interface FinishOptions {
  readonly state?: 'running' | 'stop';
}

const CHUNK = 1 << 20;

const chunkOptions = optional(record<ChunkOptions>({ chunkSize: optional(byteCount(1)) }));
const bytes = thing('a Uint8Array', (each): each is Uint8Array => each instanceof Uint8Array);
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

  /** Its file is another stage's now. */
  protected handOver(): number {
    this.disown();
    return this.fd;
  }

  /** The device goes to a state, and the stage is over. */
  protected leave(state: Exclude<MigrationState, 'error'>): void {
    try {
      this.migration.setState(state);
    } finally {
      this.close();
    }
  }

  /** The device stays in the state that it is in. */
  protected override release(): void {
    this.context.calls.close(this.fd);
  }

  /** Reads a chunk. @returns undefined if there is nothing now (ENOMSG), and empty at the end */
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
    const over =
      'The device has left the state that the data is of, or has failed: reset() leads out of that.';
    return new IommufdError({ call, args, errno: number }, number === errno.ENODEV ? { meaning: over } : {});
  }
}

/** PRE_COPY: the device runs, and its state so far is read. */
export class PreCopy extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the pre-copy');
  }

  /**
   * How much there is to read: VFIO_MIG_GET_PRECOPY_INFO.
   * @throws IommufdError EINVAL if the device has left the state; EBADF if this stage is over
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
   * Reads what there is now. After the last chunk the device may have more later.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage is over
   */
  *chunks(options: ChunkOptions = {}): Generator<Uint8Array, void, undefined> {
    calls.preCopyChunks.check(this, options);
    for (;;) {
      const chunk = this.readChunk(options);
      if (chunk === undefined || chunk.length === 0) return;
      yield chunk;
    }
  }

  /** Stops the device: STOP_COPY. The rest of its state follows. */
  stop(): StopCopy {
    const context = calls.stop.check(this);
    this.migration.setState('stop-copy');
    return new StopCopy(context, this.migration, this.handOver());
  }

  /** Ends the migration: the device goes on to run. */
  cancel(): void {
    calls.cancelPreCopy.check(this);
    this.leave('running');
  }
}

/** STOP_COPY: the device is stopped, and the rest of its state is read. */
export class StopCopy extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the stop-copy');
  }

  /**
   * Reads to the end.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage is over
   */
  *chunks(options: ChunkOptions = {}): Generator<Uint8Array, void, undefined> {
    calls.chunks.check(this, options);
    for (;;) {
      const chunk = this.readChunk(options);
      // A device that is stopped has no more later.
      if (chunk === undefined || chunk.length === 0) return;
      yield chunk;
    }
  }

  /**
   * Ends it.
   * @param options the state that the device goes to
   * @param options.state `stop` by default, as it runs elsewhere; `running` after a migration that has failed
   */
  finish(options: { readonly state?: 'running' | 'stop' } = {}): void {
    calls.finishCopy.check(this, options);
    this.leave(options.state ?? 'stop');
  }
}

/** RESUMING: the device takes in the state of another. */
export class Resuming extends Stage {
  /** @internal */
  constructor(context: Context, migration: Migration, fd: number) {
    super(context, migration, fd, 'the resuming');
  }

  /**
   * Takes a chunk in.
   * @throws IommufdError ENODEV if the device has left the state; EBADF if this stage is over
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
   * All of it is there: the device goes on from where the other was stopped.
   * @param options the state that the device goes to
   * @param options.state `running` by default
   * @throws IommufdError EINVAL if what was written is no state: the device is in the state `error` then, and reset() leads out
   */
  finish(options: { readonly state?: 'running' | 'stop' } = {}): void {
    calls.finish.check(this, options);
    this.leave(options.state ?? 'running');
  }
}
