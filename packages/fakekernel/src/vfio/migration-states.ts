/**
 * The path of a device from one migration state to another: `vfio_mig_get_next_state()` of Linux's `vfio_main.c`. A driver
 * implements only the arcs between neighbouring states, but a program may request any state.
 */
import { vfio_device_feature_migration_flags, vfio_device_mig_state } from '@iommufd/uapi';
import { fail } from '../errno.js';

const {
  VFIO_DEVICE_STATE_ERROR: ERROR,
  VFIO_DEVICE_STATE_STOP: STOP,
  VFIO_DEVICE_STATE_RUNNING: RUNNING,
  VFIO_DEVICE_STATE_STOP_COPY: STOP_COPY,
  VFIO_DEVICE_STATE_RESUMING: RESUMING,
  VFIO_DEVICE_STATE_RUNNING_P2P: RUNNING_P2P,
  VFIO_DEVICE_STATE_PRE_COPY: PRE_COPY,
  VFIO_DEVICE_STATE_PRE_COPY_P2P: PRE_COPY_P2P,
} = vfio_device_mig_state;
const { VFIO_MIGRATION_P2P, VFIO_MIGRATION_PRE_COPY, VFIO_MIGRATION_STOP_COPY } =
  vfio_device_feature_migration_flags;

/** The first step from one state (outer index) to another (inner index), by their numbers. ERROR is 0. */
const STEPS: readonly (readonly number[])[] = [
  [ERROR, ERROR, ERROR, ERROR, ERROR, ERROR, ERROR, ERROR],
  // STOP
  [ERROR, STOP, RUNNING_P2P, STOP_COPY, RESUMING, RUNNING_P2P, RUNNING_P2P, RUNNING_P2P],
  // RUNNING
  [ERROR, RUNNING_P2P, RUNNING, RUNNING_P2P, RUNNING_P2P, RUNNING_P2P, PRE_COPY, RUNNING_P2P],
  // STOP_COPY
  [ERROR, STOP, STOP, STOP_COPY, STOP, STOP, ERROR, ERROR],
  // RESUMING
  [ERROR, STOP, STOP, STOP, RESUMING, STOP, STOP, STOP],
  // RUNNING_P2P
  [ERROR, STOP, RUNNING, STOP, STOP, RUNNING_P2P, RUNNING, PRE_COPY_P2P],
  // PRE_COPY
  [ERROR, RUNNING, RUNNING, PRE_COPY_P2P, RUNNING, RUNNING, PRE_COPY, PRE_COPY_P2P],
  // PRE_COPY_P2P
  [ERROR, RUNNING_P2P, RUNNING_P2P, STOP_COPY, RUNNING_P2P, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P],
];

/** The flags that a device needs for a state. Programs cannot request ERROR. */
const NEEDS = new Map<number, number>([
  [STOP, VFIO_MIGRATION_STOP_COPY],
  [RUNNING, VFIO_MIGRATION_STOP_COPY],
  [STOP_COPY, VFIO_MIGRATION_STOP_COPY],
  [RESUMING, VFIO_MIGRATION_STOP_COPY],
  [RUNNING_P2P, VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P],
  [PRE_COPY, VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY],
  [PRE_COPY_P2P, VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY],
]);

function hasState(state: number, flags: number): boolean {
  const needed = NEEDS.get(state);
  return needed !== undefined && (flags & needed) === needed;
}

/**
 * The next state on the way to another. States that the device does not support are skipped.
 * @param flags of `vfio_device_feature_migration_flags`
 * @throws EINVAL if a state is not supported or cannot be reached
 */
export function nextState(flags: number, from: number, to: number): number {
  if (!hasState(from, flags) || !hasState(to, flags)) throw fail('EINVAL');
  let next = from;
  do next = STEPS[next]?.[to] ?? ERROR;
  while (next !== ERROR && !hasState(next, flags));
  if (next === ERROR) throw fail('EINVAL');
  return next;
}
