/**
 * Migration of a device: {@link VfioDevice.migration} returns an object that reads and sets the migration state, and starts the stages
 * that read and write the device's data (`migration-data.ts`). Source: `linux/vfio.h`, VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE.
 */
import {
  vfio_device_feature_index,
  vfio_device_feature_mig_data_size,
  vfio_device_feature_mig_state,
  vfio_device_feature_migration,
  vfio_device_feature_migration_flags,
  vfio_device_mig_state,
} from '@iommufd/uapi';
import { decode, encode } from '@iommufd/uapi/struct';
import { Call, type Owner } from '../calls/arguments/call.js';
import { byteCount, oneOf, optional, record, guarded } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { migrationCause } from '../calls/causes/migration.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import type { VfioDevice } from '../objects/vfio-device.js';
import { getFeature, setFeature } from './feature.js';
import { type ChunkOptions, PreCopy, type PreCopyProgress, Resuming, StopCopy } from './migration-data.js';

const {
  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE,
  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
  VFIO_DEVICE_FEATURE_MIGRATION,
} = vfio_device_feature_index;
const { VFIO_MIGRATION_P2P, VFIO_MIGRATION_PRE_COPY } = vfio_device_feature_migration_flags;

/** The kernel's number of each state: `vfio_device_mig_state`. */
export const migrationStates = {
  error: vfio_device_mig_state.VFIO_DEVICE_STATE_ERROR,
  stop: vfio_device_mig_state.VFIO_DEVICE_STATE_STOP,
  running: vfio_device_mig_state.VFIO_DEVICE_STATE_RUNNING,
  'stop-copy': vfio_device_mig_state.VFIO_DEVICE_STATE_STOP_COPY,
  resuming: vfio_device_mig_state.VFIO_DEVICE_STATE_RESUMING,
  'running-p2p': vfio_device_mig_state.VFIO_DEVICE_STATE_RUNNING_P2P,
  'pre-copy': vfio_device_mig_state.VFIO_DEVICE_STATE_PRE_COPY,
  'pre-copy-p2p': vfio_device_mig_state.VFIO_DEVICE_STATE_PRE_COPY_P2P,
} as const;

/**
 * The migration state of a device. In `running` it works, in `stop` it is stopped. In `pre-copy` and `stop-copy` its data can be read,
 * in `resuming` it can be written. In states with `-p2p` it starts no DMA to other devices. Only a reset leaves `error`.
 */
export type MigrationState = keyof typeof migrationStates;

/** A state that {@link Migration.setState} can set. */
export type MigrationTarget = Exclude<MigrationState, 'error'>;

const TARGETS = Object.keys(migrationStates).filter((name): name is MigrationTarget => name !== 'error');

/** Options of {@link Migration.save}. */
export interface SaveOptions extends ChunkOptions {
  /**
   * Called after each round of the pre-copy; returns true to stop the device. By default it is stopped when the initial state has been
   * read. Data that is dirty then is read while the device is stopped.
   */
  readonly stopWhen?: (progress: PreCopyProgress) => boolean;
}

const isFunction = (value: unknown): value is (progress: PreCopyProgress) => boolean =>
  typeof value === 'function';

const calls = {
  state: new Call('Migration.state'),
  setState: new Call('Migration.setState', { to: oneOf(TARGETS) }),
  stopCopyLength: new Call('Migration.stopCopyLength'),
  startPreCopy: new Call('Migration.startPreCopy'),
  startStopCopy: new Call('Migration.startStopCopy'),
  startResuming: new Call('Migration.startResuming'),
  save: new Call('Migration.save', {
    options: optional(
      record<SaveOptions>({
        chunkSize: optional(byteCount(1)),
        stopWhen: optional(guarded('a function', isFunction)),
      }),
    ),
  }),
};

/** The migration of a device. */
export class Migration implements Owner {
  /** True if it has the states with `-p2p` (VFIO_MIGRATION_P2P). */
  readonly hasP2p: boolean;
  /** True if it has the state `pre-copy` (VFIO_MIGRATION_PRE_COPY). */
  readonly hasPreCopy: boolean;

  private constructor(
    /** The device. */
    readonly device: VfioDevice,
    flags: bigint,
  ) {
    this.hasP2p = (Number(flags) & VFIO_MIGRATION_P2P) !== 0;
    this.hasPreCopy = (Number(flags) & VFIO_MIGRATION_PRE_COPY) !== 0;
  }

  /** VFIO_DEVICE_FEATURE_MIGRATION @internal */
  static of(device: VfioDevice): Migration {
    const room = new Uint8Array(vfio_device_feature_migration.byteLength);
    const data = getFeature(device, VFIO_DEVICE_FEATURE_MIGRATION, room, migrationCause(device));
    return new Migration(device, decode(vfio_device_feature_migration, data, { lenient: true }).flags);
  }

  /**
   * The current state: VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE.
   * @throws IommufdError EBADF if the device is closed
   */
  get state(): MigrationState {
    calls.state.check(this);
    return this.currentState();
  }

  private currentState(): MigrationState {
    const room = encode(vfio_device_feature_mig_state, { device_state: 0, data_fd: -1 });
    const data = getFeature(this.device, VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, room);
    const { device_state } = decode(vfio_device_feature_mig_state, data, { lenient: true });
    const found = Object.entries(migrationStates).find(([, number]) => number === device_state);
    if (found === undefined)
      throw new RangeError(
        `Migration.state: the kernel returned ${device_state}, which is not a known state`,
      );
    // `found` is an entry of migrationStates, so its key is a state.
    return found[0] as MigrationState;
  }

  /**
   * Sets the state: VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE. The kernel passes through intermediate states. To transfer data, use
   * {@link startPreCopy} and similar methods instead.
   * @returns the file descriptor of the transfer that starts, which the caller closes; undefined if none starts
   * @throws IommufdError EINVAL if the device has no such state or cannot reach it from its current state, or if the data that was
   *   written to it is invalid
   */
  setState(to: MigrationTarget): number | undefined {
    calls.setState.check(this, to);
    const given = encode(vfio_device_feature_mig_state, { device_state: migrationStates[to], data_fd: -1 });
    const cause = migrationCause(this.device, to, this, () => this.currentState());
    const data = setFeature(this.device, VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, given, cause);
    const { data_fd } = decode(vfio_device_feature_mig_state, data, { lenient: true });
    return data_fd < 0 ? undefined : data_fd;
  }

  /**
   * An estimate of the data that STOP_COPY will transfer, in bytes: VFIO_DEVICE_FEATURE_MIG_DATA_SIZE.
   * @throws IommufdError ENOTTY if the kernel is older than 6.2; EBADF if the device is closed
   */
  stopCopyLength(): bigint {
    calls.stopCopyLength.check(this);
    const room = new Uint8Array(vfio_device_feature_mig_data_size.byteLength);
    const data = getFeature(this.device, VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, room);
    return decode(vfio_device_feature_mig_data_size, data, { lenient: true }).stop_copy_length;
  }

  /** Starts a transfer while the device runs. @throws IommufdError EINVAL if {@link hasPreCopy} is false */
  startPreCopy(): PreCopy {
    const context = calls.startPreCopy.check(this);
    return new PreCopy(context, this, this.begin('pre-copy'));
  }

  /** Stops the device and starts a transfer. @throws IommufdError EINVAL if the state cannot be reached from the current one */
  startStopCopy(): StopCopy {
    const context = calls.startStopCopy.check(this);
    return new StopCopy(context, this, this.begin('stop-copy'));
  }

  /**
   * Stops the device, to write the state of another device to it.
   * @throws IommufdError EINVAL if the state cannot be reached from the current one
   */
  startResuming(): Resuming {
    const context = calls.startResuming.check(this);
    return new Resuming(context, this, this.begin('resuming'));
  }

  /**
   * The whole transfer as chunks, to be sent in order: the pre-copy, if the device has one, until `stopWhen` returns true, then the
   * rest. At the end the device is stopped. If the loop ends early, the device runs.
   * @throws IommufdError as the methods of the stages
   */
  *save(options: SaveOptions = {}): Generator<Uint8Array, void, undefined> {
    calls.save.check(this, options);
    const { stopWhen = ({ initial }) => initial === 0n, ...chunks } = options;
    const stopped = yield* this.preCopied(stopWhen, chunks);
    try {
      yield* stopped.chunks(chunks);
      stopped.finish();
    } catch (cause) {
      throw afterwards(cause, () => stopped.isClosed || stopped.finish({ state: 'running' }));
    } finally {
      // It is open only if the caller's loop ended early.
      if (!stopped.isClosed) stopped.finish({ state: 'running' });
    }
  }

  /** Yields the chunks of the pre-copy, if the device has one, and returns the next stage. */
  private *preCopied(
    stopWhen: (progress: PreCopyProgress) => boolean,
    chunks: ChunkOptions,
  ): Generator<Uint8Array, StopCopy, undefined> {
    if (!this.hasPreCopy) return this.startStopCopy();
    const running = this.startPreCopy();
    try {
      do yield* running.chunks(chunks);
      while (!stopWhen(running.progress()));
      return running.stop();
    } catch (cause) {
      throw afterwards(cause, () => running.isClosed || running.cancel());
    } finally {
      if (!running.isClosed) running.cancel();
    }
  }

  private begin(to: MigrationTarget): number {
    const fd = this.setState(to);
    if (fd !== undefined) return fd;
    const args = { device: this.device.describe(), state: to };
    throw IommufdError.of('EINVAL', 'VFIO_DEVICE_FEATURE', args, 'The device is in this state already.');
  }

  /** @internal */
  openFor(where: Where): Context {
    return this.device.openFor(where);
  }
}

/** Leaves a stage after a failure. @returns the failure; a failure to leave is dropped, because it only follows from the first */
function afterwards(cause: unknown, leave: () => unknown): unknown {
  try {
    leave();
  } catch {
    // The stage is closed even so.
  }
  return cause;
}
