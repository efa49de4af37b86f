import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  type ErrnoName,
  POLLIN,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_FEATURE,
  vfio_device_feature,
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_report,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  vfio_device_feature_migration_flags,
  vfio_device_feature_mig_state,
  vfio_device_mig_state,
  VFIO_DEVICE_RESET,
  VFIO_MIG_GET_PRECOPY_INFO,
  IOMMU_IOAS_MAP,
  vfio_precopy_info,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { express, type Migratable, type PciDeviceOptions } from '../index.js';
import { InterruptProgram } from './interrupts.testing.js';
import { nextState } from './migration-states.js';

const is = (name: ErrnoName): number => -errno[name];
const {
  VFIO_DEVICE_FEATURE_GET: GET,
  VFIO_DEVICE_FEATURE_SET: SET,
  VFIO_DEVICE_FEATURE_PROBE: PROBE,
} = vfio_device_feature_flags;
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
const INDEX = vfio_device_feature_index;
const DATA = 2048;

class MigrationProgram extends InterruptProgram {
  /** Calls VFIO_DEVICE_FEATURE. Its data is at {@link DATA} before and after the call. @returns the return value of the ioctl */
  feature(index: number, operation: number, data: Uint8Array = new Uint8Array()): number {
    const flags = index | operation;
    this.memory.set(encode(vfio_device_feature, { argsz: 8 + data.length, flags, data }), DATA - 8);
    return this.process.ioctl(this.cdev, VFIO_DEVICE_FEATURE.request, this.at + BigInt(DATA - 8));
  }

  /** Moves to a state. @returns the file of a session, -1 without a session, or the errno of the call */
  go(device_state: number): number {
    const data = encode(vfio_device_feature_mig_state, { device_state, data_fd: 7 });
    const ret = this.feature(INDEX.VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, SET, data);
    const { data_fd } = view(vfio_device_feature_mig_state, this.memory.subarray(DATA, DATA + 8));
    return ret < 0 ? ret : data_fd;
  }

  get state(): number {
    expect(this.feature(INDEX.VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, GET, new Uint8Array(8))).toBe(0);
    return view(vfio_device_feature_mig_state, this.memory.subarray(DATA, DATA + 8)).device_state;
  }

  /** Reads at most `most` bytes. */
  read(fd: number, most: number): Uint8Array | number {
    const ret = this.process.read(fd, this.at + 4096n, most);
    return ret < 0 ? ret : this.memory.slice(4096, 4096 + ret);
  }

  write(fd: number, bytes: Uint8Array): number {
    this.memory.set(bytes, 4096);
    return this.process.write(fd, this.at + 4096n, bytes.length);
  }

  poll(fd: number): number {
    const entry = { fd, events: POLLIN, revents: 0 };
    this.process.poll([entry]);
    return entry.revents;
  }
}

/** A device whose state is a text. It saves beginnings of the text while it runs. */
class Text implements Migratable {
  text = 'one';
  private given = 0;
  loaded: string[] | undefined;
  readonly precopy: NonNullable<Migratable['precopy']> = {
    initial: () => this.take(),
    changes: () => this.take(),
  };

  constructor(readonly p2p = true) {}

  private take(): Uint8Array {
    const bytes = new TextEncoder().encode(this.text.slice(this.given));
    this.given = this.text.length;
    return bytes;
  }

  save(): Uint8Array {
    return new TextEncoder().encode('end');
  }

  load(parts: readonly Uint8Array[]): boolean {
    this.loaded = parts.map((part) => new TextDecoder().decode(part));
    return this.loaded.at(-1) === 'end';
  }
}

const open = (migration?: Migratable, more: Partial<PciDeviceOptions> = {}): MigrationProgram =>
  new MigrationProgram({
    capabilities: [express({ flr: true })],
    ...(migration !== undefined && { migration }),
    ...more,
  });

describe('the way from one state to another', () => {
  const all = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | VFIO_MIGRATION_PRE_COPY;

  /** All states on the way from one state to another. */
  const way = (flags: number, from: number, to: number): number[] => {
    const states: number[] = [];
    for (let at = from; at !== to; states.push(at)) at = nextState(flags, at, to);
    return states;
  };

  test.each<[number, number, number, number[]]>([
    [all, RUNNING, STOP_COPY, [RUNNING_P2P, STOP, STOP_COPY]],
    [all, RUNNING, PRE_COPY_P2P, [RUNNING_P2P, PRE_COPY_P2P]],
    [all, PRE_COPY, STOP_COPY, [PRE_COPY_P2P, STOP_COPY]],
    [all, PRE_COPY, RESUMING, [RUNNING, RUNNING_P2P, STOP, RESUMING]],
    [all, RESUMING, PRE_COPY, [STOP, RUNNING_P2P, RUNNING, PRE_COPY]],
    [all, STOP_COPY, RUNNING, [STOP, RUNNING_P2P, RUNNING]],
    [VFIO_MIGRATION_STOP_COPY, RUNNING, STOP_COPY, [STOP, STOP_COPY]],
    [VFIO_MIGRATION_STOP_COPY, RESUMING, RUNNING, [STOP, RUNNING]],
    [VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_PRE_COPY, PRE_COPY, STOP_COPY, [STOP_COPY]],
    [VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P, STOP, RUNNING, [RUNNING_P2P, RUNNING]],
  ])('with flags %d from %d to %d', (flags, from, to, states) => {
    expect(way(flags, from, to)).toEqual(states);
  });

  test.each<[number, number, number]>([
    [all, STOP_COPY, PRE_COPY],
    [all, STOP_COPY, PRE_COPY_P2P],
    [all, RUNNING, ERROR],
    [all, ERROR, RUNNING],
    [all, RUNNING, 8],
    [VFIO_MIGRATION_STOP_COPY, RUNNING, RUNNING_P2P],
    [VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P, RUNNING, PRE_COPY],
  ])('with flags %d there is no way from %d to %d', (flags, from, to) => {
    expect(() => nextState(flags, from, to)).toThrow(expect.objectContaining({ name: 'EINVAL' }));
  });
});

test('a device that declares nothing has none of it', () => {
  const program = open();
  const { VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2: v2, ...others } = INDEX;
  const those = Object.entries(others).flatMap(([name, index]) =>
    /MIG|LOGGING/.test(name) && typeof index === 'number' ? [index] : [],
  );
  expect(those.map((index) => program.feature(index, PROBE))).toEqual(those.map(() => is('ENOTTY')));
  expect(program.feature(v2, PROBE)).toBe(is('EINVAL'));
});

describe('a device that declares its state', () => {
  let device: Text;
  let program: MigrationProgram;

  beforeEach(() => {
    device = new Text();
    program = open(device);
  });

  test('says which states it has', () => {
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_MIGRATION, GET, new Uint8Array(8))).toBe(0);
    expect(program.memory[DATA]).toBe(7);
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_MIGRATION, SET, new Uint8Array(8))).toBe(is('EINVAL'));
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_MIGRATION, GET, new Uint8Array(7))).toBe(is('EINVAL'));
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, GET, new Uint8Array(8))).toBe(0);
    expect(program.memory[DATA]).toBe(3);
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2, SET)).toBe(0);
  });

  test('is copied while it runs, and the rest when it is stopped', () => {
    const fd = program.go(PRE_COPY);
    const bytes: number[] = [];
    const take = (most: number): number => {
      const part = program.read(fd, most);
      if (typeof part === 'number') return part;
      bytes.push(...part);
      return part.length;
    };
    const info = (): unknown => {
      program.memory.set([24, 0, 0, 0]);
      const ret = program.process.ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO.request, program.at);
      const { initial_bytes, dirty_bytes } = view(vfio_precopy_info, program.memory);
      return ret < 0 ? ret : [initial_bytes, dirty_bytes];
    };
    expect(info()).toEqual([7n, 0n]);
    expect([take(5), info()]).toEqual([5, [2n, 0n]]);
    device.text += 'two';
    expect(info()).toEqual([2n, 7n]);
    expect([take(100), info(), take(100), program.poll(fd)]).toEqual([9, [0n, 0n], is('ENOMSG'), 0]);
    device.text += 'three';
    expect(program.poll(fd)).toBe(POLLIN);
    expect([program.go(STOP_COPY), program.state]).toEqual([-1, STOP_COPY]);
    expect(info()).toBe(is('EINVAL'));
    expect([take(100), take(100), program.poll(fd)]).toEqual([16, 0, POLLIN]);
    // A session ends when the device leaves its states.
    expect([program.go(RUNNING), take(1)]).toEqual([-1, is('ENODEV')]);

    const target = new Text();
    const other = open(target);
    const resuming = other.go(RESUMING);
    for (const byte of bytes) expect(other.write(resuming, Uint8Array.of(byte))).toBe(1);
    expect([other.go(RUNNING), other.state]).toEqual([-1, RUNNING]);
    expect(target.loaded).toEqual(['one', 'two', 'three', 'end']);
    expect(other.write(resuming, Uint8Array.of(1))).toBe(is('ENODEV'));
  });

  test('what is no state, or not whole, leads to ERROR, and a reset leads out', () => {
    for (const bytes of [
      [1, 0],
      [1, 0, 0, 0, 65],
    ]) {
      const fd = program.go(RESUMING);
      program.write(fd, Uint8Array.from(bytes));
      expect([program.go(STOP), program.state, program.go(RUNNING)]).toEqual([
        is('EINVAL'),
        ERROR,
        is('EINVAL'),
      ]);
      expect(program.process.ioctl(program.cdev, VFIO_DEVICE_RESET.request, 0n)).toBe(0);
      expect(program.state).toBe(RUNNING);
    }
  });

  test('reading and writing go one way each, and no place can be named', () => {
    const saving = program.go(STOP_COPY);
    expect(program.write(saving, Uint8Array.of(1))).toBe(is('EBADF'));
    expect(program.process.pread(saving, program.at, 1, 0n)).toBe(is('ESPIPE'));
    expect(program.process.ioctl(saving, 0, 0n)).toBe(is('ENOTTY'));
    const resuming = program.go(RESUMING);
    expect(program.read(resuming, 1)).toBe(is('EBADF'));
  });

  test('what the answer cannot be copied to gets no file, and the device is in its state', () => {
    const at = program.process.mapHost(new Uint8Array(4096), 1);
    const bytes = program.process.memory(at, 16);
    bytes.set(
      encode(vfio_device_feature, {
        argsz: 16,
        flags: INDEX.VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE | SET,
        data: encode(vfio_device_feature_mig_state, { device_state: STOP_COPY, data_fd: 0 }),
      }),
    );
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_FEATURE.request, at)).toBe(is('EFAULT'));
    expect(program.state).toBe(STOP_COPY);
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
  });
});

describe('memory', () => {
  let program: MigrationProgram;
  const IOVA = 0x100_0000n;

  beforeEach(() => {
    program = open(new Text());
    program.command(6);
    expect(program.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => (cmd.pt_id = 1), program.cdev)).toBe(0);
    const memory = program.process.mapHost(new Uint8Array(4 * 4096), 3);
    expect(
      program.call(IOMMU_IOAS_MAP, (cmd) => {
        cmd.flags = 7;
        cmd.ioas_id = 1;
        cmd.user_va = memory;
        cmd.length = 4n * 4096n;
        cmd.iova = IOVA;
      }),
    ).toBe(0);
  });

  test('is not accessed by a device that is stopped', async () => {
    const { dma } = program.device;
    await dma.read(IOVA, 1);
    program.go(STOP);
    await expect(program.device.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    expect(program.device.transfer(IOVA, Uint8Array.of(1), true)).toBe(0);
    program.go(RUNNING_P2P);
    await program.device.dma.read(IOVA, 1);
  });

  const RANGES = 1024;
  const start = (ranges: readonly (readonly [bigint, bigint])[], page_size = 4096n): number => {
    const view = new DataView(program.memory.buffer);
    for (const [i, [iova, length]] of ranges.entries()) {
      view.setBigUint64(RANGES + 16 * i, iova, true);
      view.setBigUint64(RANGES + 16 * i + 8, length, true);
    }
    return program.feature(
      INDEX.VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
      SET,
      encode(vfio_device_feature_dma_logging_control, {
        page_size,
        num_ranges: ranges.length,
        ranges: program.at + BigInt(RANGES),
      }),
    );
  };
  const report = (iova: bigint, length: bigint, page_size = 4096n): number => {
    program.memory.fill(0, 4096, 4104);
    const data = { iova, length, page_size, bitmap: program.at + 4096n };
    const ret = program.feature(
      INDEX.VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
      GET,
      encode(vfio_device_feature_dma_logging_report, data),
    );
    return ret < 0 ? ret : (program.memory[4096] ?? -1);
  };

  test('what a device writes to is logged, in the ranges that are asked for', async () => {
    expect(report(IOVA, 4096n)).toBe(is('EINVAL'));
    expect(start([[IOVA, 3n * 4096n]], 8192n)).toBe(is('EINVAL'));
    expect(start([[IOVA, 3n * 4096n]])).toBe(0);
    expect(start([[IOVA, 4096n]])).toBe(is('EINVAL'));
    await program.device.dma.write(IOVA + 4095n, Uint8Array.of(1, 2));
    expect(program.device.transfer(IOVA + 2n * 4096n, Uint8Array.of(1), true)).toBe(1);
    expect(program.device.transfer(IOVA + 3n * 4096n, Uint8Array.of(1), true)).toBe(1);
    await program.device.dma.read(IOVA + 3n * 4096n, 1);
    expect(report(IOVA, 4096n)).toBe(1);
    expect(report(IOVA, 4n * 4096n)).toBe(6);
    expect(report(IOVA, 4n * 4096n)).toBe(0);
    await program.device.dma.write(IOVA + 4096n, Uint8Array.of(1));
    expect(report(IOVA, 4n * 4096n, 8192n)).toBe(1);
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, SET)).toBe(0);
    expect(program.feature(INDEX.VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, SET)).toBe(0);
    expect(report(IOVA, 4096n)).toBe(is('EINVAL'));
  });

  test.each<[string, readonly (readonly [bigint, bigint])[], ErrnoName]>([
    ['no ranges', [], 'EINVAL'],
    ['too many', Array.from({ length: 257 }, () => [0n, 4096n] as const), 'E2BIG'],
    ['one that is not aligned', [[4096n, 100n]], 'EINVAL'],
    [
      'two that overlap',
      [
        [0n, 8192n],
        [4096n, 4096n],
      ],
      'EINVAL',
    ],
    ['one beyond the end', [[2n ** 64n - 4096n, 4096n]], 'EOVERFLOW'],
  ])('%s cannot be logged', (_name, ranges, name) => {
    const fits = ranges.slice(0, 60);
    if (fits.length === ranges.length) expect(start(ranges)).toBe(is(name));
    else
      expect(
        program.feature(
          INDEX.VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
          SET,
          encode(vfio_device_feature_dma_logging_control, { page_size: 4096n, num_ranges: 257, ranges: 0n }),
        ),
      ).toBe(is(name));
  });

  test('a report is by pages of 4 KiB or more', () => {
    expect(start([[IOVA, 4096n]])).toBe(0);
    expect([report(IOVA, 4096n, 2048n), report(IOVA, 4096n, 12288n)]).toEqual([is('EINVAL'), is('EINVAL')]);
    expect(report(2n ** 64n - 4096n, 4096n)).toBe(is('EOVERFLOW'));
  });
});
