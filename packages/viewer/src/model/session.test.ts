/** The model of the viewer on tapes of a real kernel, on logs, traces and bytes, without a page. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { countText } from './count-text.js';
import { Session } from './session.js';

const tapeFile = (name: string) => ({
  name,
  bytes: new Uint8Array(readFileSync(new URL(`../../../conformance/tapes/${name}`, import.meta.url))),
});
const textFile = (name: string, text: string) => ({ name, bytes: new TextEncoder().encode(text) });

/** A session that shows a tape and has finished its work on it. */
async function shown(tape: string, file = 'scenarios.jsonl.gz'): Promise<Session> {
  const session = new Session();
  const { documents, problems } = await session.open([tapeFile(file)]);
  expect(problems).toEqual([]);
  session.select(documents.findIndex(({ name }) => name === tape));
  expect(session.work(() => false)).toBe(true);
  return session;
}

const find = (session: Session, name: string, nth = 0): number =>
  session.page(0, session.count).filter((row) => row.name === name)[nth]?.index ?? -1;

describe('a tape', () => {
  test('of a VFIO device has the objects', async () => {
    const session = await shown('bind-errors', 'vfio/vfio.jsonl.gz');
    const failed = session.page(0, session.count).filter((row) => row.failed);
    expect(failed.length).toBeGreaterThan(3);
    const kinds = session
      .page(0, session.count)
      .flatMap(({ index }) =>
        session.contexts(index).all.flatMap((context) => session.graph(index, context).nodes),
      );
    expect(kinds.map(({ kind }) => kind)).toContain('device');
  });

  test('of an unknown machine is shown without a replay, with the reason', async () => {
    const session = new Session();
    const head = '{"tape":1,"name":"other","kernel":"7.3.4","arch":"x86_64","machine":"mars","calls":1}';
    await session.open([textFile('other.jsonl', `${head}\n{"op":"open","path":"/dev/iommu","ret":3}\n`)]);
    session.select(0);
    session.work(() => false);
    expect(session.progress().refusal).toBe("machine: unknown machine 'mars'; known are sm, fs, leg, extra");
    expect(session.detail(0).replay).toBe('none');
  });

  test('is a timeline, with files by their names and losses marked', async () => {
    const session = await shown('veventq-overflow-tail');
    expect(session.progress()).toMatchObject({ isDone: true, refusal: '', different: 0 });
    expect(session.progress().played).toBe(session.progress().rows);
    expect(countText(session.progress(), 3)).toBe(`3 of ${session.count} calls`);
    const rows = session.page(0, session.count);
    expect(rows.map(({ file }) => file)).toContain('veventq 9');
    expect(rows.filter(({ lost }) => lost).map(({ name }) => name)).toEqual(['read']);
    expect(rows.every(({ index }, i) => index === i)).toBe(true);
  });

  test('is filtered and searched', async () => {
    const session = await shown('object-ids-and-busy');
    const all = session.count;
    expect(session.setFilter({ text: '', failed: true })).toBeLessThan(all);
    expect(session.page(0, session.count).every(({ failed }) => failed)).toBe(true);
    expect(session.setFilter({ text: 'iommu_destroy', failed: true })).toBeGreaterThan(0);
    const first = session.page(0, 1)[0];
    expect(session.positionOf(first?.index ?? -1)).toBe(0);
    expect(session.setFilter({ text: 'no such words' })).toBe(0);
    expect(session.setFilter({ text: '' })).toBe(all);
  });

  test('has details of calls: fields before and after, and the meaning of the errno', async () => {
    const session = await shown('object-ids-and-busy');
    const busy = session
      .page(0, session.count)
      .find(({ name, result }) => name === 'IOMMU_DESTROY' && result.includes('EBUSY'));
    const detail = session.detail(busy?.index ?? -1);
    expect(detail.errno).toMatchObject({ name: 'EBUSY', here: expect.stringContaining('still open') });
    expect(detail.replay).toBe('agrees');
    const [argument] = detail.blocks;
    expect(argument).toMatchObject({ name: 'argument', type: 'iommu_destroy' });
    expect(argument?.fields.map(({ path, offset, length }) => [path, offset, length])).toEqual([
      ['size', 0, 4],
      ['id', 4, 4],
    ]);
    expect(detail.held).toHaveLength(1);
    expect(detail.held[0]?.by.length).toBeGreaterThan(0);
  });

  test('lists the users of a busy object: other objects, an open file, an access that pins', async () => {
    const ofFile = (await shown('fault-queue-lifetime')).detail(16);
    expect(ofFile.held).toMatchObject([
      { kind: 'fault queue', users: 2, by: [], others: 'of its file descriptor, which is still open' },
    ]);
    const pinned = (await shown('iommufd_viommu.mock_viommu.hw_queue', 'kselftest.jsonl.gz')).detail(23);
    expect(pinned.row).toMatchObject({ name: 'IOMMU_IOAS_UNMAP' });
    expect(pinned.held).toEqual([]);
    expect(pinned.locked).toMatchObject([{ locks: 1 }]);
    // The id of a device in a struct belongs to the context to which its file is bound.
    const attached = (await shown('attach-errors', 'vfio/vfio.jsonl.gz')).detail(32);
    expect(attached.held).toMatchObject([{ kind: 'IOAS' }]);
  });

  test('has the objects of the kernel after each call', async () => {
    const session = await shown('vdevice-tombstone');
    const last = session.count - 1;
    const context = session.contexts(0).all[0] ?? 1;
    const kinds = new Set<string>();
    for (let index = 0; index <= last; index++)
      for (const { kind } of session.graph(index, context).nodes) kinds.add(kind);
    expect([...kinds]).toEqual(
      expect.arrayContaining(['ioas', 'hwpt', 'viommu', 'vdevice', 'device', 'tombstone']),
    );
    const made = find(session, 'IOMMU_VDEVICE_ALLOC');
    const before = session.graph(made - 1, context);
    const after = session.graph(made, context);
    expect(after.nodes).toHaveLength(before.nodes.length + 1);
    const vdevice = after.nodes.find(({ kind }) => kind === 'vdevice');
    expect(vdevice).toMatchObject({ isChanged: true, isTombstone: false });
    expect(after.edges.filter(({ from }) => from === vdevice?.key).map(({ as }) => as)).toEqual([
      'vIOMMU',
      'device',
    ]);
    const life = session.life(vdevice?.key ?? '');
    expect(life.map(({ what }) => what)).toContain('made');
    // Another one is destroyed with its device, and its id is never reused.
    expect(session.life('1/11').map(({ text }) => text)).toEqual([
      'vDEVICE 11, virtual id 0x22, vIOMMU 6, device 9',
      'destroyed; its id is never reused',
    ]);
  });

  test('shows queues over time: arrivals, reads and losses', async () => {
    const session = await shown('veventq-overflow-tail');
    const { series } = session.queues(session.count - 1);
    expect(series).toMatchObject([{ kind: 'veventq', depth: 2 }]);
    const points = series[0]?.points ?? [];
    expect(Math.max(...points.map(({ lost }) => lost))).toBe(3);
    expect(points.at(-1)).toMatchObject({ came: 6, read: 3, lost: 3, waiting: 0 });
    expect(points.some(({ hasMark }) => hasMark)).toBe(true);
    // The call, the number, the reason, and the read that reported it.
    const why = { count: 1, waiting: 2, hadRoom: false };
    const reported = { call: 17, how: 'mark', count: 3, first: 2, last: 4 };
    expect(series[0]?.losses).toEqual([
      { call: 13, first: 2, last: 2, ...why, reported },
      { call: 14, first: 3, last: 3, ...why, reported },
      { call: 15, first: 4, last: 4, ...why, reported },
    ]);
  });

  test('shows open groups of faults by cookie and age', async () => {
    const session = await shown('fault-queue-cookies');
    const open = session
      .page(0, session.count)
      .flatMap(({ index }) =>
        session.queues(index).open.flatMap(({ groups }) => groups.map((group) => ({ ...group, index }))),
      );
    expect(open.some(({ cookie }) => cookie === undefined)).toBe(true);
    expect(open.some(({ cookie, since, index }) => cookie !== undefined && since < index)).toBe(true);
  });

  test('shows the IOVAs of each IOAS', async () => {
    const session = await shown('ranges-allow-reserved');
    const context = session.contexts(0).all[0] ?? 1;
    const maps = session.page(0, session.count).flatMap(({ index }) => session.maps(index, context));
    expect(maps.some(({ ioas }) => ioas.reserved.some(({ by }) => by === 'test'))).toBe(true);
    expect(maps.some(({ ioas }) => ioas.allowed.length > 0)).toBe(true);
    const mapped = session.usage(context).map((point) => point.mapped);
    expect(mapped[0]).toBe(0);
    expect(Math.max(...mapped)).toBeGreaterThan(0);
  });

  test('that differs shows both results', async () => {
    const session = new Session();
    const tape = [
      '{"tape":1,"name":"x","kernel":"7.3.4","arch":"x86_64","calls":2}',
      '{"op":"open","path":"/dev/iommu","ret":3}',
      '{"op":"poke","addr":"0x1000","hex":"0800000001000000"}',
      '{"op":"ioctl","fd":3,"cmd":"0x3b80","arg":"0x1000","ret":-16}',
    ].join('\n');
    await session.open([textFile('x.jsonl', tape)]);
    session.select(0);
    session.work(() => false);
    const detail = session.detail(1);
    expect(detail.replay).toBe('differs');
    expect(detail.difference?.ours.result).toContain('ENOENT');
    expect(session.seek(0, 1, 'different')).toBe(1);
    expect(session.setFilter({ text: '', different: true })).toBe(1);
  });
});

test('work stops when the caller asks for it', async () => {
  const session = new Session();
  const { documents } = await session.open([tapeFile('scenarios.jsonl.gz')]);
  expect(documents).toHaveLength(30);
  session.select(0);
  expect(session.work(() => true)).toBe(false);
  expect(session.progress()).toMatchObject({ rows: 1, isDone: false });
});

describe('other files', () => {
  test('a kernel log', async () => {
    const session = new Session();
    const log =
      '[ 196.747] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received: 0x0000018000000010 0x0000020800000000 0x00000000ffffe040 0x0000000000000000';
    const { documents } = await session.open([textFile('dmesg', log)]);
    expect(documents).toMatchObject([{ kind: 'log' }]);
    session.select(0);
    session.work(() => false);
    expect(session.page(0, 1)).toMatchObject([{ name: 'F_TRANSLATION', file: 'arm-smmu-v3.0.auto' }]);
    expect(session.detail(0).blocks[0]?.fields[0]?.bits.map(({ name }) => name)).toContain('StreamID');
  });

  test('the tape of a guest: registers, commands, events, with their fields', async () => {
    const session = new Session();
    const { documents } = await session.open([tapeFile('guest/linux-dma.jsonl.gz')]);
    expect(documents).toMatchObject([{ kind: 'guest', about: expect.stringContaining('of a guest') }]);
    session.select(0);
    session.work(() => false);
    const rows = session.page(0, session.count);
    const first = (name: string) => rows.find((row) => row.name === name);
    expect(first('SMMU_CR1')?.text).toMatch(/^becomes 0xd75 \(.*QUEUE_IC=/);
    expect(first('CMD_CFGI_STE')).toMatchObject({ file: 'command queue' });
    const fault = rows.find((row) => row.name === 'F_TRANSLATION' && row.file === 'event queue');
    expect(fault?.text).toMatch(/StreamID=0x/);
    const { blocks } = session.detail(fault?.index ?? -1);
    expect(blocks.map(({ type }) => type)).toEqual(['smmuv3_event']);
    expect(rows.every(({ index }, i) => index === i)).toBe(true);
    expect(countText(session.progress(), 1)).toMatch(/^1 of \S+ events$/);
    // A guest detects lost events by OVFLG and OVACKFLG, bit 31.
    const overflow = new Session();
    const step = (t: 'r' | 'w', o: string, v: string) => JSON.stringify({ t, cpu: 0, o, s: 4, v });
    const steps = [step('r', 'a8', '80000004'), step('w', 'ac', '80000004'), step('r', 'a8', '80000004')];
    await overflow.open([textFile('guest.jsonl', steps.join('\n'))]);
    overflow.select(0);
    overflow.work(() => false);
    expect(overflow.page(0, 3).map(({ name, lost }) => [name, lost])).toEqual([
      ['SMMU_EVENTQ_PROD', true],
      ['SMMU_EVENTQ_CONS', false],
      ['SMMU_EVENTQ_PROD', false],
    ]);
  });

  test('a trace', async () => {
    const session = new Session();
    const trace =
      '[1234] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 {out_ioas_id=1}\nioctl(3, IOMMU_DESTROY, {size=8, id=1}) = -1 EBUSY (in use)\n    a note\n';
    await session.open([textFile('trace.txt', trace)]);
    session.select(0);
    session.work(() => false);
    expect(session.page(0, 9)).toMatchObject([
      { name: 'IOMMU_IOAS_ALLOC', pid: 1234, failed: false },
      { name: 'IOMMU_DESTROY', pid: 1, failed: true },
    ]);
    expect(session.detail(1)).toMatchObject({ errno: { name: 'EBUSY' }, notes: ['a note'] });
  });

  test('the output of iommufd run --trace, and of strace with times', async () => {
    const session = new Session();
    const trace = [
      '\x1b[90m0.001234 [40]\x1b[0m ioctl(512, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = \x1b[32m0 {out_ioas_id=1}\x1b[0m',
      '0.002000 [40/41] read(514, 0x7f00, 256) = 32',
      '[pid    40] 12:34:56.123456 close(3) = -1 EBADF (Bad file descriptor)',
      '12:34:57 poll([{fd=4, events=POLLIN}], 1, 0) = 0 (Timeout)',
      '0.003000 [40] +++ killed by SIGSEGV +++',
    ].join('\n');
    const { documents } = await session.open([textFile('trace', trace)]);
    expect(documents).toMatchObject([{ about: '4 calls of a trace' }]);
    session.select(0);
    session.work(() => false);
    expect(session.page(0, 9).map(({ pid, tid, name, result }) => [pid, tid, name, result])).toEqual([
      [40, undefined, 'IOMMU_IOAS_ALLOC', '0 {out_ioas_id=1}'],
      [40, 41, 'read', '32'],
      [40, undefined, 'close', '-1 EBADF (Bad file descriptor)'],
      [1, undefined, 'poll', '0 (Timeout)'],
      [40, undefined, '', ''],
    ]);
    // The end of a process is not a call.
    expect(session.progress()).toMatchObject({ rows: 5, calls: 4 });
    expect(countText(session.progress(), session.count)).toBe('5 of 5 rows, of which 4 are calls');
  });

  test('bytes', async () => {
    const session = new Session();
    const { documents } = await session.open([textFile('hex', '08 00 00 00 05 00 00 00')]);
    expect(documents).toMatchObject([{ kind: 'bytes', about: '8 bytes' }]);
    session.select(0);
    expect(session.bytes('iommu_destroy').blocks[0]?.fields.map(({ after }) => after)).toEqual(['8', '5']);
  });

  test('a file of another kind is refused with its name, and the others open', async () => {
    const session = new Session();
    const { problems, documents } = await session.open([
      textFile('bad', 'a letter'),
      textFile('broken.jsonl', '{"tape":1,"name":"x"}\nnot json'),
      textFile('good', '0x10'),
    ]);
    expect(problems.map(({ file }) => file)).toEqual(['bad', 'broken.jsonl']);
    expect(problems[1]?.message).toContain('line 2');
    expect(documents).toHaveLength(1);
  });
});
