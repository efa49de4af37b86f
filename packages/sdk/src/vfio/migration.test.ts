import { expect, test } from '@jest/globals';
import { createDevice, express, type FakePciDevice, type Migratable } from '@iommufd/fakekernel';
import { errorOf, IOVA, mapped, PAGE } from '../testing/devices.testing.js';
import { onEveryBackend } from '../testing/testbed.testing.js';
import type { PreCopyProgress } from '../index.js';
import { openFunction } from './functions.testing.js';

/** A device whose state is some bytes. In pre-copy it returns the bytes that have changed. */
class Stateful {
  state = Uint8Array.from({ length: 16 }, (_, i) => i);
  private changed: number[] = [];
  readonly hardware: FakePciDevice;

  constructor(options: { readonly precopy: boolean; readonly p2p?: boolean }) {
    const migration: Migratable = {
      p2p: options.p2p === true,
      ...(options.precopy && {
        precopy: {
          initial: () => this.state.slice(),
          changes: () => Uint8Array.from(this.changed.splice(0).flatMap((at) => [at, this.state[at] ?? 0])),
        },
      }),
      save: () => (options.precopy ? new Uint8Array() : this.state.slice()),
      load: (parts) => this.load(parts),
    };
    this.hardware = createDevice({ vendor: 1, device: 1, capabilities: [express({ flr: true })], migration });
  }

  set(at: number, value: number): void {
    this.state[at] = value;
    this.changed.push(at);
  }

  private load([first, ...changes]: readonly Uint8Array[]): boolean {
    if (first?.length !== this.state.length) return false;
    this.state = first.slice();
    for (const each of changes)
      for (let i = 0; i + 1 < each.length; i += 2) this.state[each[i] ?? 0] = each[i + 1] ?? 0;
    return true;
  }
}

onEveryBackend((open) => {
  test('a device is migrated while it runs, with progress, to an equal state', () => {
    const [source, destination] = [new Stateful({ precopy: true }), new Stateful({ precopy: true })];
    destination.state.fill(0xff);
    const testbed = open();
    const from = openFunction(testbed, source.hardware).device.migration();
    const to = openFunction(testbed, destination.hardware).device.migration();
    expect([from.hasPreCopy, from.hasP2p, from.state]).toEqual([true, false, 'running']);
    using incoming = to.startResuming();
    const progress: PreCopyProgress[] = [];
    const running = from.startPreCopy();
    progress.push(running.progress());
    for (const chunk of running.chunks({ chunkSize: 7 })) incoming.write(chunk);
    source.set(3, 77);
    progress.push(running.progress());
    for (const chunk of running.chunks()) incoming.write(chunk);
    progress.push(running.progress());
    source.set(5, 99);
    const stopped = running.stop();
    expect([from.state, source.hardware.isStopped]).toEqual(['stop-copy', true]);
    for (const chunk of stopped.chunks()) incoming.write(chunk);
    stopped.finish();
    expect(from.state).toBe('stop');
    incoming.finish();
    expect([to.state, destination.state]).toEqual(['running', source.state]);
    // Each part is preceded by its length, in 4 bytes.
    expect(progress).toEqual([
      { initial: 20n, dirty: 0n },
      { initial: 0n, dirty: 6n },
      { initial: 0n, dirty: 0n },
    ]);
  });

  test('save() yields all data, and stops the device when stopWhen returns true', () => {
    const [source, destination] = [new Stateful({ precopy: true }), new Stateful({ precopy: true })];
    const testbed = open();
    const from = openFunction(testbed, source.hardware).device.migration();
    const to = openFunction(testbed, destination.hardware).device.migration();
    const incoming = to.startResuming();
    let rounds = 0;
    const stopWhen = ({ dirty }: PreCopyProgress): boolean => {
      if (rounds++ < 3) source.set(rounds, 100 + rounds);
      return rounds > 3 && dirty === 0n;
    };
    for (const chunk of from.save({ stopWhen, chunkSize: 5 })) incoming.write(chunk);
    incoming.finish({ state: 'stop' });
    expect([rounds, from.state, to.state]).toEqual([4, 'stop', 'stop']);
    expect(destination.state).toEqual(source.state);
  });

  test('a device without pre-copy is stopped first; if a loop ends early, it runs again', () => {
    const source = new Stateful({ precopy: false });
    const from = openFunction(open(), source.hardware).device.migration();
    expect(from.stopCopyLength()).toBe(16n);
    expect([...from.save()].map((chunk) => chunk.length)).toEqual([20]);
    from.setState('running');
    for (const chunk of from.save({ chunkSize: 4 })) {
      expect([chunk.length, from.state]).toEqual([4, 'stop-copy']);
      break;
    }
    expect(from.state).toBe('running');
  });

  test('a failed transfer throws its first error', () => {
    const source = new Stateful({ precopy: true });
    const from = openFunction(open(), source.hardware).device.migration();
    const why = new Error('the wire is cut');
    const stopWhen = (): boolean => {
      // Leaving the pre-copy fails as well, after this.
      from.device.close();
      throw why;
    };
    expect(() => [...from.save({ stopWhen })]).toThrow(why);
  });

  test('errors name the cause', () => {
    const source = new Stateful({ precopy: false });
    const { device } = openFunction(open(), source.hardware);
    const migration = device.migration();
    expect(errorOf(() => migration.startPreCopy()).meaning).toMatch(
      /has no pre-copy: start with stop-copy\.$/,
    );
    expect(errorOf(() => migration.setState('running-p2p')).meaning).toMatch(/has no state running-p2p\.$/);
    const copying = migration.startStopCopy();
    migration.setState('running');
    expect(errorOf(() => [...copying.chunks()]).meaning).toMatch(/^The device has left the state/);
    copying.close();
    expect(errorOf(() => copying.finish()).code).toBe('EBADF');
    const incoming = migration.startResuming();
    incoming.write(Uint8Array.of(1, 0, 0, 0, 9));
    expect(errorOf(() => incoming.finish()).meaning).toMatch(/is in the state error: call reset\(\)/);
    expect([migration.state, incoming.isClosed]).toEqual(['error', true]);
    device.reset();
    expect(migration.state).toBe('running');
  });

  test('a device logs its writes, in ranges', () => {
    const { hardware } = new Stateful({ precopy: false });
    const testbed = open();
    const { device } = openFunction(testbed, hardware);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    device.pciCommand({ busMaster: true });
    mapped(testbed, ioas, 8);
    const length = BigInt(8 * PAGE);
    const logging = device.startDmaLogging({ ranges: [{ iova: IOVA, length }] });
    using bitmap = logging.bitmap({ iova: IOVA, length });
    hardware.transfer(IOVA + 5n, Uint8Array.of(1), true);
    hardware.transfer(IOVA + BigInt(3 * PAGE) - 1n, Uint8Array.of(1, 2), true);
    bitmap.read();
    const page = BigInt(PAGE);
    expect([...bitmap.take()]).toEqual([
      { iova: IOVA, length: page },
      { iova: IOVA + 2n * page, length: 2n * page },
    ]);
    bitmap.read();
    expect(bitmap.dirtyPages).toBe(0);
    const again = (ranges: readonly { iova: bigint; length: bigint }[]): string =>
      errorOf(() => device.startDmaLogging({ ranges })).meaning;
    expect(again([{ iova: 0n, length: page }])).toMatch(/^One of these: logging is already enabled;/);
    expect(again([{ iova: 5n, length: page }])).toBe(
      'ranges[0], 0x5 and 4096 bytes, is not aligned to pages of 4096 bytes.',
    );
    expect(
      again([
        { iova: page, length: page },
        { iova: 0n, length: 2n * page },
      ]),
    ).toBe('The ranges 0x0-0x1fff and 0x1000-0x1fff overlap.');
    logging.close();
    expect(errorOf(() => bitmap.read()).code).toBe('EBADF');
  });
});
