/** The features of migration and DMA logging: those of VFIO_DEVICE_FEATURE that Linux implements in `vfio_main.c`. */
import {
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_report,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  vfio_device_feature_mig_data_size,
  VFIO_DEVICE_FEATURE_MASK,
  vfio_device_feature_migration,
  vfio_device_feature_migration_flags,
  vfio_device_feature_mig_state,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { Errno, fail } from '../errno.js';
import type { Task } from '../process/task.js';
import { checkFeature, type Feature } from './check-feature.js';
import type { DmaLog } from './dma-log.js';
import type { VfioMigration } from './migration.js';

const { VFIO_DEVICE_FEATURE_GET: GET, VFIO_DEVICE_FEATURE_SET: SET } = vfio_device_feature_flags;
const { VFIO_MIGRATION_PRE_COPY } = vfio_device_feature_migration_flags;
const {
  VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
  VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
  VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP,
  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE,
  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
  VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2,
  VFIO_DEVICE_FEATURE_MIGRATION,
} = vfio_device_feature_index;

/** The migration and the DMA log of a device, if it supports them. */
export interface MigrationParts {
  readonly migration: VfioMigration | undefined;
  readonly dmaLog: DmaLog | undefined;
}

/** @returns false if the feature does not belong to migration @throws ENOTTY if the device does not support it; Errno */
export function migrationFeature(
  { migration, dmaLog }: MigrationParts,
  process: Task,
  feature: Feature,
): boolean {
  const { memorySpace: memory } = process;
  switch (feature.flags & VFIO_DEVICE_FEATURE_MASK) {
    case VFIO_DEVICE_FEATURE_MIGRATION: {
      const { flags } = present(migration);
      if (checkFeature(feature, GET, vfio_device_feature_migration.byteLength))
        memory.write(feature.data, encode(vfio_device_feature_migration, { flags: BigInt(flags) }));
      return true;
    }
    case VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE:
      deviceState(present(migration), process, feature);
      return true;
    case VFIO_DEVICE_FEATURE_MIG_DATA_SIZE: {
      const known = present(migration);
      if (checkFeature(feature, GET, vfio_device_feature_mig_data_size.byteLength)) {
        const stop_copy_length = BigInt(known.stopCopyLength);
        memory.write(feature.data, encode(vfio_device_feature_mig_data_size, { stop_copy_length }));
      }
      return true;
    }
    case VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2:
      // If it is missing, this fails with EINVAL, unlike all other features of migration. The flags that it controls are never
      // set here.
      if (migration === undefined || (migration.flags & VFIO_MIGRATION_PRE_COPY) === 0) throw fail('EINVAL');
      checkFeature(feature, SET, 0);
      return true;
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_START: {
      const log = present(dmaLog);
      if (checkFeature(feature, SET, vfio_device_feature_dma_logging_control.byteLength))
        log.start(memory, feature.data);
      return true;
    }
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP: {
      const log = present(dmaLog);
      if (checkFeature(feature, SET, 0)) log.stop();
      return true;
    }
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT: {
      const log = present(dmaLog);
      if (checkFeature(feature, GET, vfio_device_feature_dma_logging_report.byteLength))
        log.report(memory, feature.data);
      return true;
    }
    default:
      return false;
  }
}

/** @throws ENOTTY if the device does not support it, which is checked first */
function present<T>(part: T | undefined): T {
  if (part === undefined) throw fail('ENOTTY');
  return part;
}

/** `vfio_ioctl_device_feature_mig_device_state()` */
function deviceState(migration: VfioMigration, { memorySpace: memory, files }: Task, feature: Feature): void {
  const struct = vfio_device_feature_mig_state;
  if (!checkFeature(feature, GET | SET, struct.byteLength)) return;
  const bytes = memory.read(feature.data, struct.byteLength);
  const cmd = view(struct, bytes);
  cmd.data_fd = -1;
  if ((feature.flags & GET) !== 0) {
    cmd.device_state = migration.state;
    memory.write(feature.data, bytes);
    return;
  }
  let session;
  try {
    session = migration.setState(cmd.device_state);
  } catch (cause) {
    // The struct is copied back even after a failure. EFAULT of that copy takes precedence.
    if (cause instanceof Errno) memory.write(feature.data, bytes);
    throw cause;
  }
  if (session === undefined) {
    memory.write(feature.data, bytes);
    return;
  }
  const file = session;
  try {
    files.open((fd) => {
      cmd.data_fd = fd;
      memory.write(feature.data, bytes);
      return file;
    });
  } catch (cause) {
    file.put();
    throw cause;
  }
}
