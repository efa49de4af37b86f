/** `iommufd doctor` on machines that are described by files, on an empty machine, and on the fake kernel. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FakeKernel, FakeSmmuv3 } from '@iommufd/fakekernel';
import { runProgram } from '../run.js';
import { IOMMUFD } from '../trace/command.testing.js';
import type { Missing } from './advice.js';
import { doctorCommand, type DoctorOptions } from './command.js';
import type { Report } from './examine.js';

const folder = mkdtempSync(join(tmpdir(), 'iommufd-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

let machines = 0;

/** Creates a machine of files and links. A link is an array with its target. */
function machineOf(files: Readonly<Record<string, string | readonly [string]>>): string {
  const root = join(folder, String(machines++));
  mkdirSync(root);
  for (const [path, what] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (typeof what === 'string') writeFileSync(join(root, path), what);
    else symlinkSync(what[0], join(root, path));
  }
  return root;
}

const LIMITS = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         ${soft}              unlimited            bytes\n`;

function runDoctor(options: DoctorOptions): { readonly status: number; readonly out: string } {
  let out = '';
  const { status } = doctorCommand(options, {
    write: (line) => void (out += line),
    complain: (line) => {
      throw new Error(line);
    },
  });
  return { status, out };
}

/** A machine with VT-d and a device without a node in /dev/vfio/devices. */
const INTEL = {
  '/proc/sys/kernel/osrelease': '6.12.9-amd64\n',
  '/proc/self/limits': LIMITS('8388608'),
  '/proc/self/status': 'CapEff:\t0000000000000000\n',
  '/sys/module/vfio/version': '',
  '/sys/class/iommu/dmar0': ['../../devices/virtual/iommu/dmar0'],
  '/sys/devices/virtual/iommu/dmar0/intel-iommu/ecap': '29a00f0505e\n',
  '/sys/kernel/iommu_groups/14/type': 'DMA-FQ\n',
  '/sys/bus/pci/devices/0000:01:00.0': ['../../../devices/pci0000:00/0000:01:00.0'],
  '/sys/devices/pci0000:00/0000:01:00.0/driver': ['../../../bus/pci/drivers/vfio-pci'],
  '/sys/devices/pci0000:00/0000:01:00.0/iommu': ['../../virtual/iommu/dmar0'],
  '/sys/devices/pci0000:00/0000:01:00.0/iommu_group': ['../../../kernel/iommu_groups/14'],
  '/sys/devices/pci0000:00/0000:02:00.0/driver': ['../../../bus/pci/drivers/nvme'],
  '/sys/bus/pci/devices/0000:02:00.0': ['../../../devices/pci0000:00/0000:02:00.0'],
} as const;

describe('iommufd doctor', () => {
  test('reports on an empty machine what is missing, and that iommufd run works', () => {
    const { status, out } = runDoctor({ root: machineOf({ '/proc/sys/kernel/osrelease': '7.3.0\n' }) });
    expect(status).toBe(1);
    expect(out).toContain('Linux 7.3.0, ');
    expect(out).toContain('/dev/iommu: missing\n');
    expect(out).toContain('  there is no /dev/iommu\n    modprobe iommufd;');
    expect(out).toContain('  no device is bound to VFIO\n');
    expect(out).toMatch(
      /iommufd run -- PROGRAM: it gives a program a fake \/dev\/iommu that behaves as Linux 7\.3/,
    );
  });

  test('reports the devices of VFIO, their IOMMUs and groups, and why they cannot nest', () => {
    const { status, out } = runDoctor({ root: machineOf(INTEL), json: true });
    expect(status).toBe(1);
    const { devices, iommus, groups, memlock, modules, missing } = JSON.parse(out) as Report & {
      readonly missing: readonly Missing[];
    };
    expect({ devices, iommus, groups, memlock, modules }).toEqual({
      devices: [
        { name: '0000:01:00.0', driver: 'vfio-pci', group: 14, iommu: 'dmar0 (Intel VT-d)', nests: false },
      ],
      iommus: ['dmar0 (Intel VT-d)'],
      groups: 1,
      memlock: { soft: 8388608, hard: 'unlimited', privileged: false },
      modules: ['vfio'],
    });
    expect(missing.map((each) => [each.for, each.what])).toEqual([
      ['iommufd', 'there is no /dev/iommu'],
      ['iommufd', 'at most 8388608 bytes can be pinned for devices'],
      ['iommufd', '0000:01:00.0 has no node in /dev/vfio/devices'],
      [
        'nesting',
        'the IOMMU of 0000:01:00.0, dmar0 (Intel VT-d), cannot nest: SMTS and NEST of its extended capabilities are not both set',
      ],
    ]);
  });

  test('reports the ioctls of the kernel and the hardware info of a device, on the fake kernel', async () => {
    const asked = async (
      version: string,
      ...args: string[]
    ): Promise<Report & { missing: readonly Missing[] }> => {
      const kernel = new FakeKernel([], { version });
      kernel.plug(new FakeSmmuv3(kernel).addDevice({ streamId: 0x20 }), { at: '00:04.0' });
      const [program = '', ...first] = IOMMUFD;
      const run = await runProgram(kernel, program, [...first, 'doctor', '--json', ...args], {
        onlyFake: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const out = run.stdout === null ? '' : await text(run.stdout);
      // The status is 0 or 1, depending on the limit of locked memory of the user who runs the tests.
      expect((await run.exited).signal).toBeNull();
      expect(kernel.leftOver()).toEqual([]);
      return JSON.parse(out) as Report & { missing: readonly Missing[] };
    };
    const nesting = ({ missing }: { readonly missing: readonly Missing[] }): string[] =>
      missing.filter((each) => each.for === 'nesting').map(({ how }) => how);
    const now = await asked('7.3', '--ask-devices');
    expect(now.ioctls.filter(({ known }) => !known)).toEqual([]);
    expect(now.devices).toMatchObject([
      {
        name: '0000:00:04.0',
        driver: 'vfio-pci',
        group: 0,
        node: { path: '/dev/vfio/devices/vfio0', exists: true },
        hardware: { data: 'iommu_hw_info_arm_smmuv3', aidr: '0x2' },
      },
    ]);
    expect(nesting(now)).toEqual([]);
    const old = await asked('6.12');
    expect(old.ioctls).toContainEqual({ name: 'IOMMU_VIOMMU_ALLOC', known: false, since: '6.13' });
    expect(old.ioctls).toContainEqual({ name: 'IOMMU_HWPT_ALLOC', known: true });
    expect(old.devices[0]).not.toHaveProperty('hardware');
    expect(nesting(old)).toEqual(['Linux 6.13 and newer', 'Linux 6.15 and newer']);
  });
});
