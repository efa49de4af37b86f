import { expect, test } from '@jest/globals';
import { cfgiCdAll, cfgiSte, CMDQEN, EVENTQEN, SMMUEN, SYNC } from '@iommufd/testkit/guest';
import { encodeZeroFilled, smmuv3_event, smmuv3_l1std, smmuv3_ste_config } from '@iommufd/uapi';
import { type MachineOptions, onGoodAndBadDays, TWO } from './guest.testing.js';

const { S1_TRANSLATE } = smmuv3_ste_config;
const { C_BAD_CD } = smmuv3_event.cases;
const VSID = 5;
const VA = 0x1000_0000n;

onGoodAndBadDays((start) => {
  // Arm IHI 0070, 3.4: "If the SMMU is disabled [...] the transaction is terminated with an abort and no event is
  // recorded." The physical stream is a bypass of stage 2, which records F_ADDR_SIZE.
  test('while the SMMU is disabled, an address beyond OAS is no event', async () => {
    const machine = start();
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    expect(await machine.read(VSID, 1n << 44n)).toBe('aborted');
    expect(machine.events()).toEqual([]);
  });

  // The same cause: SubstreamIDs are not checked while SMMUEN is 0.
  test('while the SMMU is disabled, a PASID is no event', async () => {
    const machine = start();
    machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
    await machine.read(VSID, 0x4000_0000n, 3);
    expect(machine.events()).toEqual([]);
  });

  // The guest is shown STALL_MODEL = 1: CD.S = 1 is ILLEGAL then (5.4, CD.S; 7.3.11), as it is on hardware without
  // stalls. S1STALLD = 1 in the physical entry would have the hardware say so.
  const stalls: readonly (readonly [string, MachineOptions])[] = [
    ['that may stall', { devices: [{ vsid: VSID, options: { streamId: 0x28, canStall: true } }] }],
    ['that may not stall', {}],
  ];
  test.each(stalls)('CD.S is not legal for a device %s', (_what, options) => {
    const machine = start(options);
    machine.translate(VSID, { cd: { S: 1 } });
    machine
      .device(VSID)
      .dma.read(VA, 1)
      .catch(() => undefined);
    expect(machine.events()).toEqual([{ EventNumber: C_BAD_CD.tag, StreamID: VSID, SSV: 0, SubstreamID: 0 }]);
  });

  // Consequently: a stalled transaction uses one of the 64 stall entries that all guests share.
  test('a guest cannot use up the stalls of the host', async () => {
    const machine = start({ devices: TWO, uses: [5] });
    machine.translate(VSID, { cd: { S: 1 } });
    for (let i = 0n; i < 64n; i++)
      machine
        .device(VSID)
        .dma.read(VA + i * 0x1000n, 1)
        .catch(() => undefined);
    machine.host.add(7, { streamId: 0x38, canStall: true });
    const { iommufd, ioas } = machine.vmm;
    const device = iommufd.openDevice(machine.host.paths.get(7) ?? '');
    const faultQueue = iommufd.allocFaultQueue();
    device.attach(device.allocHwpt({ ioas, faultQueue }));
    machine
      .device(7)
      .dma.read(VA, 1)
      .catch(() => undefined);
    expect(faultQueue.read()).toHaveLength(1);
  });

  // Arm IHI 0070, 5.2, S1STALLD: ILLEGAL unless STALL_MODEL is 0, and the guest is shown 1.
  test('S1STALLD is not legal', async () => {
    const machine = start();
    const { root } = machine.translate(VSID, { ste: { S1STALLD: 1 } });
    machine.tables.map(root, VA, machine.page(0x55));
    expect(await machine.read(VSID, VA)).toBe('aborted');
  });

  // Arm IHI 0070, 4.3.1: CMD_CFGI_STE drops what was reached through the entry. For Linux the entry stays as it was,
  // since it takes EATS out for a device without ATS: then it drops nothing.
  test('CMD_CFGI_STE invalidates context descriptors even if only EATS has changed', async () => {
    const machine = start({ ids: { ats: true } });
    const { root, context } = machine.translate(VSID);
    machine.tables.map(root, VA, machine.page(0x55));
    expect(await machine.read(VSID, VA)).toBe(0x55);
    machine.cd(context, { V: 0 });
    machine.ste(VSID, { Config: S1_TRANSLATE, S1ContextPtr: context, EATS: 1 });
    machine.issue(cfgiSte(VSID), SYNC);
    expect(await machine.read(VSID, VA)).toBe('aborted');
  });

  // Arm IHI 0070, 5.1.1: StreamIDs with "a Span set to an out of bounds value given the split point" are invalid.
  test.each([8, 9, 11])(
    'a second level is never longer than the split: Span=%s with SPLIT=6',
    async (Span) => {
      const machine = start();
      const [top, second, root, context] = [
        machine.ram.alloc(),
        machine.ram.alloc(16),
        machine.ram.alloc(),
        machine.ram.alloc(),
      ];
      machine.set('SMMU_CR0', CMDQEN | EVENTQEN);
      machine.set64('SMMU_STRTAB_BASE', top);
      machine.set('SMMU_STRTAB_BASE_CFG', (1 << 16) | (6 << 6) | 13);
      machine.cd(context, { TTB0: root });
      machine.tables.map(root, VA, machine.page(0x55));
      machine.ram.bytes(top, 8).set(encodeZeroFilled(smmuv3_l1std, { Span, L2Ptr: second }));
      machine.steAt(second + BigInt(VSID * 64), { Config: S1_TRANSLATE, S1ContextPtr: context });
      machine.set('SMMU_CR0', CMDQEN | EVENTQEN | SMMUEN);
      expect(await machine.read(VSID, VA)).toBe('aborted');
    },
  );

  // A guest must not stop the command queue of the host. Linux takes a Size of 53 to 63, which hardware may find illegal
  // (Arm IHI 0070, 4.5.1): it may be illegal for the guest already.
  test('CMD_ATC_INV of more than all addresses is not a host error', () => {
    const machine = start({
      devices: [{ vsid: 5, options: { streamId: 0x28, ats: true } }],
      ids: { ats: true },
    });
    const rest = { Global: 0, SSV: 0, SubstreamID: 0, StreamID: 5, Address: 0n };
    machine.accepts({ Opcode: 0x40, ...rest, Size: 53 });
    expect(machine.messages()).not.toContain('error');
  });

  // A stream of the backend has no vDEVICE before it is configured: what Linux says then, EIO, is not the guest's fault.
  test('context descriptors of a device that was added, and is not configured yet', () => {
    const machine = start({ devices: TWO, uses: [5] });
    const { backend, iommufd } = machine.vmm;
    backend.addDevice(9, iommufd.openDevice(machine.host.paths.get(9) ?? ''));
    machine.issue(cfgiCdAll(9), SYNC);
    expect(machine.queue()).toEqual({ left: 0, error: 0, stopped: false });
  });
});
