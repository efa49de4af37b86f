/**
 * The migration of a device: its state, and the action of each step between states. `struct vfio_migration_ops`, according to the
 * text of `linux/vfio.h`. Where the header leaves a choice to drivers, this follows mlx5, of which there is no recording.
 */
import { vfio_device_feature_migration_flags, vfio_device_mig_state } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { FakePciDevice } from '../hardware/pci/function.js';
import type { Migratable } from '../hardware/pci/migration.js';
import { type MigrationFile, ResumingFile, SavingFile } from './migration-file.js';
import { nextState } from './migration-states.js';

const {
  VFIO_DEVICE_STATE_ERROR: ERROR,
  VFIO_DEVICE_STATE_STOP: STOP,
  VFIO_DEVICE_STATE_RUNNING: RUNNING,
  VFIO_DEVICE_STATE_STOP_COPY: STOP_COPY,
  VFIO_DEVICE_STATE_RESUMING: RESUMING,
  VFIO_DEVICE_STATE_PRE_COPY: PRE_COPY,
  VFIO_DEVICE_STATE_PRE_COPY_P2P: PRE_COPY_P2P,
} = vfio_device_mig_state;
const { VFIO_MIGRATION_P2P, VFIO_MIGRATION_PRE_COPY, VFIO_MIGRATION_STOP_COPY } =
  vfio_device_feature_migration_flags;

/** States that share a saving session. */
const SAVING: readonly number[] = [PRE_COPY, PRE_COPY_P2P, STOP_COPY];
/** States in which the device does not act on its own. */
const STOPPED: readonly number[] = [STOP, STOP_COPY, RESUMING, ERROR];

/** The migration of an open device. */
export class VfioMigration {
  /** One of `vfio_device_mig_state`. */
  state: number = RUNNING;
  /** Flags of `vfio_device_feature_migration_flags`. */
  readonly flags: number;
  private session: MigrationFile | undefined;

  constructor(
    private readonly hardware: FakePciDevice,
    private readonly device: Migratable,
  ) {
    this.flags =
      VFIO_MIGRATION_STOP_COPY |
      (device.p2p === true ? VFIO_MIGRATION_P2P : 0) |
      (device.precopy === undefined ? 0 : VFIO_MIGRATION_PRE_COPY);
  }

  /** Number of bytes that STOP_COPY will have to transfer. */
  get stopCopyLength(): number {
    return this.device.save().length;
  }

  /**
   * Moves to a state, step by step.
   * @returns the file of a session that this starts, with a reference for the caller
   * @throws EINVAL if the state is not supported or cannot be reached; or if the written data is invalid: the state is ERROR then
   */
  setState(wanted: number): MigrationFile | undefined {
    let begun: MigrationFile | undefined;
    while (this.state !== wanted) {
      const next = nextState(this.flags, this.state, wanted);
      begun = this.step(this.state, next);
      this.enter(next);
    }
    return begun;
  }

  private enter(state: number): void {
    this.state = state;
    this.hardware.isStopped = STOPPED.includes(state);
  }

  private step(from: number, to: number): MigrationFile | undefined {
    if (from === RESUMING) this.resume();
    if (SAVING.includes(from) && SAVING.includes(to)) {
      if (to === STOP_COPY && this.session instanceof SavingFile) this.session.stopped();
      return undefined;
    }
    this.endSession();
    if (to === RESUMING) return this.begin(new ResumingFile());
    return SAVING.includes(to) ? this.begin(new SavingFile(this.device, to !== STOP_COPY)) : undefined;
  }

  private begin(session: MigrationFile): MigrationFile {
    this.session = session;
    return session.get();
  }

  /** Loads the written data. */
  private resume(): void {
    const parts = this.session instanceof ResumingFile ? this.session.parts() : undefined;
    if (parts !== undefined && this.device.load(parts)) return;
    this.endSession();
    this.enter(ERROR);
    throw fail('EINVAL');
  }

  private endSession(): void {
    this.session?.end();
    this.session?.put();
    this.session = undefined;
  }

  /** Called when the device was reset or closed: it is in RUNNING then. */
  reset(): void {
    this.endSession();
    this.enter(RUNNING);
  }
}
