/** The playground without a page: forms of all ioctls, actions, results, and exports. */
import * as fakekernel from '@iommufd/fakekernel';
import * as sdk from '@iommufd/sdk';
import * as jest from '@jest/globals';
import { describe, expect, test } from '@jest/globals';
import { forms, type Values } from './forms.js';
import type { Action, PlayMachine } from './playground.js';
import { Session } from './session.js';

/** The initial values of a form, with some values changed. */
function filled(name: string, values: Values): Values {
  const form = forms().find((each) => each.name === name);
  if (form === undefined) throw new Error(`there is no form of ${name}`);
  return { ...Object.fromEntries(form.fields.map((field) => [field.name, field.initial])), ...values };
}

const ioctl = (name: string, values: Values = {}, fd = name.startsWith('VFIO') ? 4 : 3): Action => ({
  do: 'ioctl',
  fd,
  name,
  values: filled(name, values),
});

function playing(machine: PlayMachine, actions: readonly Action[]): Session {
  const session = new Session();
  const { problems, documents } = session.play(machine, actions);
  expect(problems).toEqual([]);
  session.select(documents.length - 1);
  session.work(() => false);
  return session;
}

const results = (session: Session): string[] =>
  session
    .page(0, session.count)
    .map(({ name, text, result }) =>
      /^(dma|event|unplug)/.test(text) ? `${text}: ${result}` : `${name} ${result}`,
    );

/** Expects that the exported tape replays with the same results, including devices, and that a changed result is detected. */
async function expectReplays(session: Session): Promise<void> {
  const { tape } = session.exported();
  const again = new Session();
  const other = tape.replace(/"outcome":"(?:reported|done)"/, '"outcome":"otherwise"');
  await again.open(
    [tape, other].map((text, i) => ({ name: `${i}.jsonl`, bytes: new TextEncoder().encode(text) })),
  );
  again.select(0);
  again.work(() => false);
  expect(again.progress()).toMatchObject({ refusal: '', different: 0, rows: session.count });
  expect(results(again)).toEqual(results(session));
  if (other === tape) return;
  again.select(1);
  again.work(() => false);
  expect(again.progress()).toMatchObject({ different: 1 });
  const at = again.seek(-1, 1, 'different') ?? -1;
  expect(again.detail(at).difference?.linux.result).toBe('otherwise');
}

/** A device on a virtual IOMMU, with a queue of depth two. */
const EVENTS: readonly Action[] = [
  ioctl('VFIO_DEVICE_BIND_IOMMUFD'),
  ioctl('IOMMU_IOAS_ALLOC'),
  ioctl('IOMMU_IOAS_MAP', { ioas_id: '2' }),
  ioctl('IOMMU_HWPT_ALLOC', { flags: 'IOMMU_HWPT_ALLOC_NEST_PARENT', dev_id: '1', pt_id: '2' }),
  ioctl('IOMMU_VIOMMU_ALLOC', { dev_id: '1', hwpt_id: '3', type: 'IOMMU_VIOMMU_TYPE_SELFTEST' }),
  ioctl('IOMMU_VDEVICE_ALLOC', { viommu_id: '4', dev_id: '1' }),
  ioctl('IOMMU_VEVENTQ_ALLOC', { viommu_id: '4', type: 'IOMMU_VEVENTQ_TYPE_SELFTEST', veventq_depth: '2' }),
];

test('every ioctl has a form, and its initial values are a valid argument', () => {
  const all = forms();
  expect(all.length).toBeGreaterThan(20);
  for (const { name, fields } of all) {
    expect(fields.every(({ doc }) => doc !== '')).toBe(true);
    const session = playing('mock', [ioctl(name)]);
    // The call returns, with an errno or without, and is shown with its fields.
    expect(session.detail(session.count - 1).blocks[0]?.type).toBeTruthy();
  }
});

describe('a mock device', () => {
  test('on a virtual IOMMU: objects, and lost events', async () => {
    const nested = ioctl('IOMMU_HWPT_ALLOC', {
      dev_id: '1',
      pt_id: '4',
      data_type: 'IOMMU_HWPT_DATA_SELFTEST',
      data_uptr: '{"iotlb":"0x11223344"}',
      data_len: '0',
    });
    const session = playing('mock', [
      ...EVENTS,
      nested,
      ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '7' }),
      ...Array.from({ length: 4 }, (): Action => ({ do: 'event' })),
      { do: 'read', fd: 5, length: 256 },
    ]);
    expect(results(session).slice(4)).toEqual([
      'VFIO_DEVICE_BIND_IOMMUFD 0',
      'IOMMU_IOAS_ALLOC 0',
      'IOMMU_IOAS_MAP 0',
      'IOMMU_HWPT_ALLOC 0',
      'IOMMU_VIOMMU_ALLOC 0',
      'IOMMU_VDEVICE_ALLOC 0',
      'IOMMU_VEVENTQ_ALLOC 0',
      'IOMMU_HWPT_ALLOC 0',
      'VFIO_DEVICE_ATTACH_IOMMUFD_PT 0',
      ...Array.from({ length: 4 }, () => 'event(device 0): reported'),
      'read 32',
    ]);
    const last = session.count - 1;
    expect(session.queues(last).series[0]?.points.at(-1)).toMatchObject({
      came: 4,
      read: 2,
      lost: 2,
      waiting: 0,
    });
    expect(session.graph(last, 1).nodes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['device', 'ioas', 'hwpt', 'viommu', 'vdevice', 'veventq']),
    );
    expect(session.playState().files.map(({ name }) => name)).toContain('veventq 6');
    await expectReplays(session);
  });

  test('does DMA to mapped addresses only', async () => {
    const session = playing('mock', [
      ioctl('VFIO_DEVICE_BIND_IOMMUFD'),
      ioctl('IOMMU_IOAS_ALLOC'),
      ioctl('IOMMU_IOAS_MAP', { ioas_id: '2' }),
      ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '2' }),
      { do: 'dma', write: true, iova: '0x1000000', hex: '68 69', length: 0 },
      { do: 'dma', write: false, iova: '0x1000000', hex: '', length: 2 },
      { do: 'dma', write: false, iova: '0x9000000', hex: '', length: 2 },
      { do: 'unplug' },
    ]);
    expect(results(session).slice(-4)).toEqual([
      'dma(device 0 writes 2 bytes at 0x1000000): done',
      'dma(device 0 reads 2 bytes at 0x1000000): done',
      expect.stringMatching(/^dma\(device 0 reads 2 bytes at 0x9000000\): .*not mapped/),
      'unplug(device 0): asked back',
    ]);
    expect(session.detail(session.count - 3).notes).toEqual(['6869']);
    await expectReplays(session);
    expect(session.maps(session.count - 1, 1)[0]?.areas).toHaveLength(1);
  });

  test('waits for the response to its page fault', async () => {
    const session = playing('mock', [
      ioctl('VFIO_DEVICE_BIND_IOMMUFD'),
      ioctl('IOMMU_IOAS_ALLOC'),
      ioctl('IOMMU_FAULT_QUEUE_ALLOC'),
      ioctl('IOMMU_HWPT_ALLOC', {
        flags: 'IOMMU_HWPT_FAULT_ID_VALID',
        dev_id: '1',
        pt_id: '2',
        fault_id: '3',
      }),
      ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '4' }),
      { do: 'dma', write: true, iova: '0x1000000', hex: '68 69', length: 0 },
      { do: 'read', fd: 5, length: 400 },
      ioctl('IOMMU_IOAS_MAP', { ioas_id: '2' }),
      { do: 'write', fd: 5, hex: '01000000 00000000' },
    ]);
    const shown = results(session);
    expect(shown).toContain('dma(device 0 writes 2 bytes at 0x1000000): waits');
    expect(shown.slice(-4)).toEqual([
      'read 40',
      'IOMMU_IOAS_MAP 0',
      'write 8',
      'dma_end(access 0, which waited): done',
    ]);
    await expectReplays(session);
    const { index = -1 } = session.page(0, session.count).find(({ name }) => name === 'read') ?? {};
    expect(session.queues(index).open[0]?.groups).toMatchObject([{ cookie: 1 }]);
  });
});

test('a device behind an SMMUv3 reports faults, and its events overflow while interrupts wait', async () => {
  const session = playing('smmuv3', [
    ioctl('VFIO_DEVICE_BIND_IOMMUFD'),
    ioctl('IOMMU_IOAS_ALLOC'),
    ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '2' }),
    { do: 'dma', write: false, iova: '0x5000', hex: '', length: 4 },
    { do: 'interrupts', held: true },
    { do: 'interrupts', held: false },
  ]);
  expect(session.playState().log.join('\n')).toMatch(/F_TRANSLATION/);
  await expectReplays(session);
});

test('a transaction that stalls behind an SMMUv3 continues after CMD_RESUME', async () => {
  const session = playing('smmuv3', [
    ioctl('VFIO_DEVICE_BIND_IOMMUFD'),
    ioctl('IOMMU_IOAS_ALLOC'),
    ioctl('IOMMU_FAULT_QUEUE_ALLOC'),
    ioctl('IOMMU_HWPT_ALLOC', {
      flags: 'IOMMU_HWPT_FAULT_ID_VALID',
      dev_id: '1',
      pt_id: '2',
      fault_id: '3',
    }),
    ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '4' }),
    { do: 'dma', write: true, iova: '0x1000000', hex: '68 69', length: 0 },
    { do: 'read', fd: 5, length: 400 },
    ioctl('IOMMU_IOAS_MAP', { ioas_id: '2' }),
    { do: 'write', fd: 5, hex: '01000000 00000000' },
  ]);
  expect(results(session).slice(-5)).toEqual([
    'dma(device 0 writes 2 bytes at 0x1000000): waits',
    'read 40',
    'IOMMU_IOAS_MAP 0',
    'write 8',
    'dma_end(access 0, which waited): done',
  ]);
  await expectReplays(session);
});

test('an invalid action is refused with its field, and has no effect', () => {
  const session = playing('mock', []);
  const before = session.count;
  expect(() => session.perform(ioctl('IOMMU_IOAS_MAP', { length: 'long' }))).toThrow(
    'length: "long" is not a number',
  );
  expect(() => session.perform(ioctl('IOMMU_IOAS_MAP', { flags: 'NO_SUCH' }))).toThrow(
    /iommu_ioas_map\.flags/,
  );
  expect(() => session.perform({ do: 'ioctl', fd: 3, name: 'KVM_RUN', values: {} })).toThrow('KVM_RUN');
  expect(session.count).toBe(before);
  // The other actions of a link are performed.
  const { problems } = new Session().play('mock', [{ do: 'interrupts', held: true }]);
  expect(problems).toMatchObject([{ message: 'this machine has no SMMU' }]);
});

/** Runs the body of a generated test. Its imports are resolved to those of this file. */
async function run(code: string): Promise<void> {
  const modules: Readonly<Record<string, object>> = {
    '@iommufd/fakekernel': fakekernel,
    '@iommufd/sdk': sdk,
    '@jest/globals': jest,
  };
  const given = [...code.matchAll(/^import \{ (.*) \} from '(.*)';$/gm)].flatMap(
    ([, names = '', from = '']) =>
      names.split(', ').map((name) => [name, Reflect.get(modules[from] ?? {}, name) as unknown] as const),
  );
  expect(given.filter(([, value]) => value === undefined)).toEqual([]);
  const body = code.slice(code.indexOf('=> {') + 4, code.lastIndexOf('});'));
  const play = new Function(...given.map(([name]) => name), `return (async () => {${body}})()`) as (
    ...args: readonly unknown[]
  ) => Promise<void>;
  await play(...given.map(([, value]) => value));
}

describe('the actions are exported', () => {
  const actions: readonly Action[] = [
    ...EVENTS,
    ioctl('IOMMU_DESTROY', { id: '3' }),
    { do: 'event' },
    { do: 'dma', write: false, iova: '0x1000000', hex: '', length: 4 },
    ioctl('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '3' }),
    { do: 'dma', write: true, iova: '0x1000000', hex: '68 69', length: 0 },
    ioctl('IOMMU_IOAS_UNMAP', { ioas_id: '2' }),
    { do: 'dma', write: true, iova: '0x1000000', hex: '68 69', length: 0 },
  ];

  test('as a list, with the same results', () => {
    const session = playing('mock', actions);
    const again = playing('mock', JSON.parse(JSON.stringify(session.exported().actions)) as Action[]);
    expect(results(again)).toEqual(results(session));
  });

  test('as a tape, which replays', () => expectReplays(playing('mock', actions)));

  test('as a test for the SDK, which passes', async () => {
    const { test: code } = playing('mock', actions).exported();
    expect(code).toContain('expect(() => hwpt3.close()).toThrow(/EBUSY/);');
    expect(code).toContain('rejects.toThrow(DmaFault)');
    await run(code);
  });
});
