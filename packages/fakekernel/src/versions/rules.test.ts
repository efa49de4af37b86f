/** Rules that depend on the version, and that the tapes do not cover. */
import { describe, expect, test } from '@jest/globals';
import {
  errno,
  type ErrnoName,
  IOMMU_FAULT_QUEUE_ALLOC,
  iommu_fault_alloc,
  IOMMU_GET_HW_INFO,
  iommu_hw_info,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  iommu_hwpt_data_type,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_IOAS_MAP,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  iommufd_hwpt_alloc_flags,
} from '@iommufd/uapi';
import { type View, view } from '@iommufd/uapi/struct';

import { createDevice, express, FakeKernel, MockDevice, mockModule, pri, sriov } from '../index.js';
import { TestProgram } from '../program.testing.js';
import { InterruptProgram } from '../vfio/interrupts.testing.js';
import { type Release, RELEASES } from '@iommufd/uapi/history';

const { IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_FAULT_ID_VALID } = iommufd_hwpt_alloc_flags;
const PAGE = 4096;
const ULONG_MAX = (1n << 64n) - 1n;
const is = (name: ErrnoName): number => -errno[name];

const programOf = (version: Release): TestProgram =>
  new TestProgram(4, new FakeKernel([mockModule], { version }));

test.each<[Release, ErrnoName]>([
  ['6.12', 'EINVAL'],
  ['6.13', 'EOVERFLOW'],
  ['7.3', 'EOVERFLOW'],
])('Linux %s answers a mapping that is too long and wraps with %s', (version, name) => {
  const program = programOf(version);
  const map = (user_va: bigint, length: bigint): number =>
    program.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, { flags: 6, ioas_id: 1, user_va, length }));
  expect(map(8192n, ULONG_MAX - 4095n)).toBe(is(name));
  expect(map(8192n, 0n)).toBe(is('EINVAL'));
  expect(map(8192n, ULONG_MAX - 8191n)).toBe(is('EOVERFLOW'));
});

test('if /dev/iommu has no mmap(), the old mapping at the address remains', () => {
  const program = programOf('6.12');
  const flags = MAP_PRIVATE | MAP_ANONYMOUS;
  const at = program.process.mmap(0n, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0n);
  program.process.memory(at, 1)[0] = 7;
  for (const how of [MAP_SHARED, MAP_PRIVATE])
    expect(program.process.mmap(at, PAGE, PROT_READ, how | MAP_FIXED, program.fd, 0n)).toBe(
      BigInt(is('ENODEV')),
    );
  expect(program.process.memory(at, 1)[0]).toBe(7);
});

test('IOMMU_HWPT_INVALIDATE of an IOAS fails with ENOENT in 6.12, and with EINVAL from 6.13 on', () => {
  const invalidate = (version: Release): number =>
    programOf(version).call(IOMMU_HWPT_INVALIDATE, (cmd) => {
      cmd.hwpt_id = 1;
    });
  expect(RELEASES.map(invalidate)).toEqual([is('ENOENT'), ...RELEASES.slice(1).map(() => is('EINVAL'))]);
});

test('IOMMU_GET_HW_INFO reports PASIDs from 6.15 on; before, the byte is reserved', () => {
  const answers = (['6.12', '6.14', '6.15', '7.3'] as const).map((version) => {
    const program = programOf(version);
    const cdev = program.process.open(program.kernel.plug(new MockDevice({ pasids: true })));
    const dev_id = bind(program, cdev);
    const ask = (out_max_pasid_log2: number): number =>
      program.call(IOMMU_GET_HW_INFO, (cmd) => Object.assign(cmd, { dev_id, out_max_pasid_log2 }));
    return [ask(1), ask(0), view(iommu_hw_info, program.memory).out_max_pasid_log2 > 0];
  });
  const [before, after] = [
    [is('EOPNOTSUPP'), 0, false],
    [0, 0, true],
  ];
  expect(answers).toEqual([before, before, after, after]);
});

describe('faults of a PCI virtual function', () => {
  /** The results of attaching a virtual function to a page table with a fault queue, and then to one without. */
  function attached(version: Release, hasPri: boolean, isVirtual = true): number[] {
    const program = programOf(version);
    const capabilities = [express(), ...(hasPri ? [pri()] : [])];
    const physicalFunction = createDevice({
      vendor: 1,
      device: 2,
      capabilities: [...capabilities, sriov({ totalVfs: 1, vfDevice: 3 })],
    });
    const pci = createDevice({
      vendor: 1,
      device: 3,
      capabilities: [express()],
      ...(isVirtual && { physicalFunction }),
    });
    const cdev = program.process.open(program.kernel.plug(pci, { at: '00:06.0' }));
    const dev_id = bind(program, cdev);
    expect(program.call(IOMMU_FAULT_QUEUE_ALLOC, () => undefined)).toBe(0);
    const { out_fault_id: fault_id } = view(iommu_fault_alloc, program.memory);
    const make = (set: Partial<View<typeof iommu_hwpt_alloc>>): number => {
      expect(program.call(IOMMU_HWPT_ALLOC, (cmd) => Object.assign(cmd, { dev_id, ...set }))).toBe(0);
      return view(iommu_hwpt_alloc, program.memory).out_hwpt_id;
    };
    const parent = make({ pt_id: 1, flags: IOMMU_HWPT_ALLOC_NEST_PARENT });
    // In every version, a nested page table can have a fault queue.
    program.memory.fill(0, 256, 264);
    const nested = make({
      pt_id: parent,
      flags: IOMMU_HWPT_FAULT_ID_VALID,
      fault_id,
      data_type: iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST,
      data_len: 4,
      data_uptr: program.at + 256n,
    });
    const attach = (pt_id: number): number =>
      program.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => Object.assign(cmd, { pt_id }), cdev);
    return [attach(nested), attach(parent), attach(nested)];
  }

  test.each<[Release, boolean, boolean, number[]]>([
    ['6.12', false, true, [is('EINVAL'), 0, is('EINVAL')]],
    ['6.12', true, true, [is('EINVAL'), 0, is('EINVAL')]],
    ['6.12', false, false, [0, 0, 0]],
    ['7.3', false, true, [0, 0, 0]],
    ['7.3', true, true, [is('EINVAL'), 0, is('EINVAL')]],
  ])('Linux %s, PRI %s, virtual %s', (version, hasPri, isVirtual, expected) => {
    expect(attached(version, hasPri, isVirtual)).toEqual(expected);
  });
});

function bind({ process, memory, at, fd }: TestProgram, cdev: number, flags = 0, argsz = 16): number {
  memory.fill(0, 0, 32);
  new Uint32Array(memory.buffer, 0, 3).set([argsz, flags, fd]);
  const ret = process.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at);
  return ret === 0 ? new DataView(memory.buffer).getUint32(12, true) : ret;
}

describe('a VFIO device of Linux 6.12', () => {
  const bound = (version: Release): readonly [TestProgram, number] => {
    const program = programOf(version);
    const cdev = program.process.open(program.kernel.plug(new MockDevice({ pasids: true })));
    return [program, cdev];
  };

  test('supports no flags when it is bound, and ignores bytes after the struct', () => {
    const [program, cdev] = bound('6.12');
    // The struct is read before its size is checked.
    expect(
      program.process.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, program.at + BigInt(4 * PAGE - 8)),
    ).toBe(is('EFAULT'));
    expect(bind(program, cdev, 0, 15)).toBe(is('EINVAL'));
    expect(bind(program, cdev, 1, 24)).toBe(is('EINVAL'));
    program.memory.fill(1, 32, 64);
    expect(bind(program, cdev, 0, 64)).toBeGreaterThan(0);
    const [newest, newestCdev] = bound('7.3');
    newest.memory.fill(1, 32, 64);
    expect(bind(newest, newestCdev, 0, 64)).toBe(is('E2BIG'));
  });

  test('cannot attach PASIDs', () => {
    for (const [version, answer] of [
      ['6.12', is('EINVAL')],
      ['6.15', 0],
    ] as const) {
      const [program, cdev] = bound(version);
      bind(program, cdev);
      for (const ioctl of [VFIO_DEVICE_ATTACH_IOMMUFD_PT, VFIO_DEVICE_DETACH_IOMMUFD_PT]) {
        const { request } = ioctl;
        program.memory.fill(0, 0, 32);
        new Uint32Array(program.memory.buffer, 0, 4).set([16, 1, 0, 5]);
        const isAttach = request === VFIO_DEVICE_ATTACH_IOMMUFD_PT.request;
        // No page table has id 0.
        const known = isAttach ? is('ENOENT') : 0;
        expect([version, program.process.ioctl(cdev, request, program.at)]).toEqual([
          version,
          answer === 0 ? known : answer,
        ]);
      }
    }
  });
});

test.each<[Release, boolean, number]>([
  ['7.2', false, is('EINVAL')],
  ['7.2', true, 0],
  ['7.3', false, 0],
])('Linux %s, Express %s: the interrupt for errors', (version, isExpress, answer) => {
  const capabilities = isExpress ? [express()] : [];
  const program = new InterruptProgram({ capabilities }, new FakeKernel([], { version }));
  expect(program.info('err')).toBe(answer);
  expect(program.set('err', 'trigger', { fds: [program.eventfd()] })).toBe(answer);
});
