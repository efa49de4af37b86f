import { expect, test } from '@jest/globals';
import { cfgiCdAll, cfgiSte, CMDQEN, EVENTQEN, SMMUEN, type Ste, SYNC } from '@iommufd/testkit/guest';
import {
  encodeZeroFilled,
  smmuv3_event,
  smmuv3_l1std,
  smmuv3_ste_config,
  smmuv3_strtab_split,
} from '@iommufd/uapi';
import { type Machine, onGoodAndBadDays, type Outcome, RAM, TWO } from './guest.testing.js';

const { ABORT, BYPASS, S1_TRANSLATE } = smmuv3_ste_config;
const { F_TRANSLATION } = smmuv3_event.cases;
const VA = 0x1000_0000n;
const HOLE = VA + 0x1000n;
const UPDATE = 0x8000_0000;
const GBPA_ABORT = 1 << 20;

const faultOf = (StreamID: number, InputAddr: bigint): object =>
  expect.objectContaining({ EventNumber: F_TRANSLATION.tag, StreamID, InputAddr });

/** A stream whose tables map one page with a byte at {@link VA}. */
function show(machine: Machine, vsid: number, byte: number, ASID = vsid): bigint {
  const { root, context } = machine.translate(vsid, { cd: { ASID } });
  machine.tables.map(root, VA, machine.page(byte));
  return context;
}

onGoodAndBadDays((start) => {
  test('two devices: each has its own tables, events and invalidations', async () => {
    const machine = start({ devices: TWO });
    show(machine, 5, 0x55);
    const context = show(machine, 9, 0x99);
    const readBoth = async (): Promise<Outcome[]> =>
      Promise.all([5, 9].map(async (vsid) => machine.read(vsid, VA)));
    expect(await readBoth()).toEqual([0x55, 0x99]);
    await machine.read(9, HOLE);
    await machine.read(5, HOLE);
    await machine.read(9, HOLE + 8n);
    expect(machine.events()).toEqual([faultOf(9, HOLE), faultOf(5, HOLE), faultOf(9, HOLE + 8n)]);
    machine.cd(context, { V: 0 });
    machine.issue(cfgiCdAll(5), SYNC);
    expect(await readBoth()).toEqual([0x55, 0x99]);
    machine.issue(cfgiCdAll(9), SYNC);
    expect(await readBoth()).toEqual([0x55, 'aborted']);
    machine.reconfigure(5, { Config: ABORT });
    expect(await readBoth()).toEqual(['aborted', 'aborted']);
  });

  test('two devices with one context descriptor share cached translations of their ASID', async () => {
    const machine = start({ devices: TWO });
    const context = show(machine, 5, 0x55, 1);
    machine.reconfigure(9, { Config: S1_TRANSLATE, S1ContextPtr: context });
    expect(await machine.read(9, VA)).toBe(0x55);
    expect(await machine.write(9, VA, 0x66)).toBe(0x66);
    expect(await machine.read(5, VA)).toBe(0x66);
  });

  test.each([0xffff, 0x8000_0000, 0xffff_ffff])(
    'a StreamID beyond the guest’s table, 0x%s: no entry, no access, no event',
    async (vsid) => {
      const machine = start({ devices: [{ vsid, options: { streamId: 0x30 } }], ids: { sidBits: 32 } });
      machine.issue(cfgiSte(vsid), cfgiCdAll(vsid), SYNC);
      expect(machine.queue()).toEqual({ left: 0, error: 0, stopped: false });
      expect(await machine.read(vsid, RAM)).toBe('aborted');
      expect(machine.events()).toEqual([]);
    },
  );

  test('the largest StreamID is reported unchanged', async () => {
    const vsid = 0xffff_ffff;
    const machine = start({ devices: [{ vsid, options: { streamId: 0x30 } }], ids: { sidBits: 32 } });
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    // The table does not cover this StreamID: the stream bypasses while the SMMU is disabled.
    expect(await machine.read(vsid, RAM)).not.toBe('aborted');
    machine.vmm.backend.setStream(vsid, { kind: 'translate', ste: [(RAM + 0x8_0000n) | 0xbn, 0n] });
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    expect(await machine.read(vsid, VA)).toBe('aborted');
    expect(machine.vmm.queue.read()).toMatchObject([{ event: { EventNumber: 0x0a, StreamID: vsid } }]);
  });

  test('commands for a device that the guest does not have do nothing, and its faults are logged', async () => {
    const machine = start({ devices: TWO, uses: [5] });
    show(machine, 5, 0x55);
    machine.host.add(7, { streamId: 0x38 });
    const path = machine.host.paths.get(7) ?? '';
    const device = machine.vmm.iommufd.openDevice(path);
    const ste = [1n | (5n << 1n) | (RAM + 0x8_0000n), 0n] as const;
    // No vDEVICE: Linux does not let stage 1 translate.
    const nested = device.allocNestedHwpt({ on: machine.vmm.viommu, data: { type: 'arm-smmuv3', ste } });
    expect(() => device.attach(nested)).toThrow('ENOENT');
    device.attach(machine.vmm.parent);
    machine.issue(cfgiSte(7), cfgiCdAll(7), SYNC);
    expect(machine.queue()).toEqual({ left: 0, error: 0, stopped: false });
    const before = machine.host.kernel.messages.length;
    expect(await machine.read(7, 0x9000_0000n)).toBe('aborted');
    expect(machine.events()).toEqual([]);
    expect(machine.messages(before)).toContain('F_TRANSLATION client: 0000:00:07.0 sid: 0x38');
    expect(await machine.read(5, VA)).toBe(0x55);
  });

  test('a device can be added later and removed', async () => {
    const machine = start({ devices: TWO, uses: [5] });
    show(machine, 5, 0x55);
    const { backend, iommufd, smmu } = machine.vmm;
    const device = iommufd.openDevice(machine.host.paths.get(9) ?? '');
    const { root, context } = machine.translate(9, { cd: { ASID: 9 } });
    machine.tables.map(root, VA, machine.page(0x99));
    backend.addDevice(9, device);
    smmu.configureStream(9);
    expect(await machine.read(9, VA)).toBe(0x99);
    await machine.read(9, HOLE);
    expect(machine.events()).toEqual([faultOf(9, HOLE)]);
    backend.removeDevice(9);
    machine.cd(context, { V: 0 });
    machine.issue(cfgiCdAll(9), cfgiSte(9), SYNC);
    expect(machine.queue()).toEqual({ left: 0, error: 0, stopped: false });
    await expect(machine.device(9).dma.read(VA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    expect(await machine.read(5, VA)).toBe(0x55);
  });

  const splits = Object.entries(smmuv3_strtab_split).filter(([, split]) => typeof split === 'number');
  test.each(splits)('a stream table of two levels: %s', async (_name, split) => {
    const vsids = [5, 0x1234, 0x1fff];
    const machine = start({
      devices: vsids.map((vsid, i) => ({ vsid, options: { streamId: 0x20 + 8 * i } })),
    });
    const shift = Number(split);
    const top = machine.ram.alloc();
    const lead = (vsid: number, Span: number): bigint => {
      const second = machine.ram.alloc(16);
      const at = top + BigInt((vsid >> shift) * 8);
      machine.ram.bytes(at, 8).set(encodeZeroFilled(smmuv3_l1std, { Span, L2Ptr: second }));
      return second + BigInt((vsid % (1 << shift)) * 64);
    };
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    machine.set64('SMMU_STRTAB_BASE', top);
    machine.set('SMMU_STRTAB_BASE_CFG', (1 << 16) | (shift << 6) | 13);
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN | SMMUEN);
    const readAll = async (): Promise<Outcome[]> =>
      Promise.all(vsids.map(async (vsid) => machine.read(vsid, VA)));
    expect(await readAll()).toEqual(['aborted', 'aborted', 'aborted']);
    for (const [i, vsid] of vsids.entries()) {
      const root = machine.ram.alloc();
      const context = machine.ram.alloc();
      machine.cd(context, { TTB0: root, ASID: i + 1 });
      machine.tables.map(root, VA, machine.page(0x10 + i));
      machine.steAt(lead(vsid, shift + 1), { Config: S1_TRANSLATE, S1ContextPtr: context });
      machine.issue({ Opcode: 3, SSec: 0, StreamID: vsid, Leaf: 0 }, SYNC);
    }
    expect(await readAll()).toEqual([0x10, 0x11, 0x12]);
    for (const vsid of vsids) await machine.read(vsid, HOLE);
    expect(machine.events()).toEqual(vsids.map((vsid) => faultOf(vsid, HOLE)));
    // A second level that ends before the stream, and none.
    lead(0x1fff, shift);
    lead(0x1234, 0);
    machine.issue({ Opcode: 4, SSec: 0, StreamID: 0, Range: 31 }, SYNC);
    expect(await readAll()).toEqual([0x10, 'aborted', 'aborted']);
    expect(machine.events()).toEqual([]);
  });

  test('a stream changes from translate to bypass to abort and back during DMA', async () => {
    const machine = start();
    const { root, context } = machine.translate(5);
    const inTables = machine.page(0x55);
    machine.tables.map(root, VA, inTables);
    machine.fill(RAM + 0x7_0000n, 0x77, 16);
    const steps: readonly (readonly [string, Ste, Outcome, Outcome])[] = [
      ['translate', { Config: S1_TRANSLATE, S1ContextPtr: context }, 0x55, 'aborted'],
      ['bypass', { Config: BYPASS }, 'aborted', 0x77],
      ['abort', { Config: ABORT }, 'aborted', 'aborted'],
      ['bypass', { Config: BYPASS }, 'aborted', 0x77],
      ['translate', { Config: S1_TRANSLATE, S1ContextPtr: context }, 0x55, 'aborted'],
      ['V=0', { V: 0 }, 'aborted', 'aborted'],
      ['translate', { Config: S1_TRANSLATE, S1ContextPtr: context }, 0x55, 'aborted'],
      ['abort', { Config: ABORT }, 'aborted', 'aborted'],
      ['translate', { Config: S1_TRANSLATE, S1ContextPtr: context }, 0x55, 'aborted'],
    ];
    let now: readonly Outcome[] = [0x55, 'aborted'];
    const look = async (): Promise<Outcome[]> =>
      Promise.all([VA, RAM + 0x7_0000n].map(async (address) => machine.read(5, address)));
    for (const [what, ste, ...outcomes] of steps) {
      machine.ste(5, ste);
      // Nothing changes before the guest invalidates the entry.
      expect([what, ...(await look())]).toEqual([what, ...now]);
      machine.issue(cfgiSte(5), SYNC);
      now = outcomes;
      expect([what, ...(await look())]).toEqual([what, ...now]);
    }
    // Only a stream whose stage 1 translates reports an event.
    expect(machine.events()).toEqual(
      Array.from({ length: faultsOf(steps) }, () => faultOf(5, RAM + 0x7_0000n)),
    );
  });

  test('accesses that start before a change use the old configuration', async () => {
    const machine = start();
    const { root } = machine.translate(5);
    machine.tables.map(root, VA, machine.page(0x55));
    const before = machine.read(5, VA);
    machine.reconfigure(5, { Config: ABORT });
    const after = machine.read(5, VA);
    expect(await Promise.all([before, after])).toEqual([0x55, 'aborted']);
  });

  test('while the SMMU is disabled SMMU_GBPA applies; when it is enabled again, the entries apply', async () => {
    const machine = start();
    show(machine, 5, 0x55);
    machine.fill(RAM + 0x7_0000n, 0x77, 16);
    expect(await machine.read(5, VA)).toBe(0x55);
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    expect(await machine.read(5, RAM + 0x7_0000n)).toBe(0x77);
    machine.set('SMMU_GBPA', UPDATE | GBPA_ABORT);
    expect(await machine.read(5, RAM + 0x7_0000n)).toBe('aborted');
    machine.set('SMMU_GBPA', UPDATE);
    expect(await machine.read(5, RAM + 0x7_0000n)).toBe(0x77);
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN | SMMUEN);
    expect(await machine.read(5, VA)).toBe(0x55);
    machine.vmm.smmu.reset();
    expect(await machine.read(5, RAM + 0x7_0000n)).toBe(0x77);
    expect(machine.events()).toEqual([]);
  });

  test('unmapping in stage 2 takes effect at once, and so does mapping again', async () => {
    const machine = start();
    const { ioas, memory } = machine.vmm;
    const extra = 0x6000_0000n;
    const mapping = ioas.mapMemory(memory, { iova: extra, offset: 0x7_0000, length: 4096 });
    machine.fill(RAM + 0x7_0000n, 0x77, 16);
    const { root } = machine.translate(5);
    machine.tables.map(root, VA, extra);
    expect(await machine.read(5, VA)).toBe(0x77);
    mapping.unmap();
    expect(await machine.read(5, VA)).toBe('aborted');
    ioas.mapMemory(memory, { iova: extra, offset: 0x7_0000, length: 4096 });
    expect(await machine.read(5, VA)).toBe(0x77);
    expect(machine.events()).toEqual([]);
  });
});

/** Number of stage 1 faults of the second address: before each step, if stage 1 translates, and after it. */
function faultsOf(steps: readonly (readonly [string, ...unknown[]])[]): number {
  let translates = true;
  let faults = 0;
  for (const [what] of steps) {
    if (translates) faults++;
    translates = what === 'translate';
    if (translates) faults++;
  }
  return faults;
}
