import { describe, expect, test } from '@jest/globals';
import { encode, iommu_hwpt_alloc, iommu_viommu_alloc } from '@iommufd/uapi';
import { toHex } from '@iommufd/uapi/struct';
import { iommufd } from './program.testing.js';

const layoutOf = async (name: string, kernel: string): Promise<unknown> => {
  const { out } = await iommufd(['layout', name, '--kernel', kernel, '--json']);
  const { size, align, rows } = JSON.parse(out) as { size: number; align: number; rows: { name: string }[] };
  return [size, align, rows.at(-1)?.name];
};

describe('layout --kernel', () => {
  test.each([
    ['iommu_viommu_alloc', '6.13', [24, 4, 'out_viommu_id']],
    ['iommu_viommu_alloc', '6.17.13', [40, 8, 'data_uptr']],
    ['iommu_hw_info', '6.12', [40, 8, 'out_capabilities']],
    ['vfio_device_attach_iommufd_pt', '6.12', [12, 4, 'pt_id']],
    ['vfio_device_attach_iommufd_pt', '6.15', [16, 4, 'pasid']],
    ['iommu_ioas_map', '6.12', [40, 8, 'iova']],
  ] as const)('%s in %s has the size, alignment and last field %j', async (name, kernel, expected) => {
    expect(await layoutOf(name, kernel)).toEqual(expected);
  });

  test('a member of an anonymous union that came later is left out', async () => {
    const { out } = await iommufd(['layout', 'iommu_hw_info', '--kernel', '6.16']);
    expect(out).toContain('out_data_type');
    expect(out).not.toContain('in_data_type  ');
  });

  test.each([
    [
      ['layout', 'iommu_hw_queue_alloc', '--kernel', '6.12'],
      'Linux 6.12 has no iommu_hw_queue_alloc: it came with 6.17',
    ],
    [
      ['layout', 'smmuv3_event', '--kernel', '7.0'],
      '--kernel: smmuv3_event is a record of hardware, which no kernel changes',
    ],
    [['layout', 'iommu_ioas_map', '--kernel', '5.1'], /^--kernel: "5.1" is none of 6\.12, .*, 7\.3$/],
    [
      ['decode', '--kernel', '6.12', '--struct', 'iommu_hw_queue_alloc', '00'],
      /^Linux 6.12 has no iommu_hw_queue_alloc/,
    ],
    [['decode', '--kernel', '6.12', '--faults', '00'], '--kernel requires --struct or --ioctl'],
  ] as const)('%j is refused', async (args, complaint) => {
    const result = await iommufd(args);
    expect([result.status, result.out]).toEqual([2, '']);
    expect(result.complaint).toMatch(complaint);
  });
});

describe('decode --kernel', () => {
  const viommu = (data_len: number): string =>
    toHex(
      encode(iommu_viommu_alloc, {
        size: 40,
        flags: 0,
        type: 1,
        dev_id: 2,
        hwpt_id: 3,
        out_viommu_id: 0,
        data_len,
        data_uptr: 0n,
      }),
    );
  const decoded = (kernel: string, bytes: string, ...options: string[]) =>
    iommufd(['decode', '--struct', 'iommu_viommu_alloc', '--kernel', kernel, '--json', ...options, bytes]);

  test('what a release does not know must be zero, as the kernel demands', async () => {
    expect(JSON.parse((await decoded('6.16', viommu(0))).out)).not.toHaveProperty('data_len');
    expect(JSON.parse((await decoded('6.17', viommu(4))).out)).toMatchObject({ data_len: 4 });
    expect((await decoded('6.16', viommu(4))).complaint).toBe(
      'iommu_viommu_alloc at offset 24: Linux 6.16 knows 24 bytes of it, and what is not zero behind them is E2BIG',
    );
  });

  test('a flag, or a value of an enum, that came later is refused; --lenient shows it', async () => {
    const bytes = toHex(
      encode(iommu_hwpt_alloc, {
        size: 48,
        flags: 8,
        dev_id: 1,
        pt_id: 2,
        out_hwpt_id: 0,
        data_type: 2,
        data_len: 0,
        data_uptr: 0n,
        fault_id: 0,
      }),
    );
    const hwpt = (...args: string[]) => iommufd(['decode', '--ioctl', 'IOMMU_HWPT_ALLOC', ...args, bytes]);
    expect((await hwpt('--kernel', '6.12')).complaint).toBe(
      'iommu_hwpt_alloc.flags at offset 4: Linux 6.12 has no IOMMU_HWPT_ALLOC_PASID: it came with 6.15',
    );
    expect((await hwpt('--kernel', '6.15')).status).toBe(0);
    expect((await hwpt('--kernel', '6.12', '--lenient')).out).toContain('IOMMU_HWPT_ALLOC_PASID');
  });
});

test('explain says since when there is a name', async () => {
  for (const [name, since] of [
    ['IOMMU_HW_QUEUE_ALLOC', '6.17'],
    ['iommu_ioas_map_file', '6.13'],
    ['IOMMU_HWPT_ALLOC_PASID', '6.15'],
  ] as const) {
    expect((await iommufd(['explain', name])).out.replace(/\s+/g, ' ')).toContain(`Since Linux ${since}.`);
    expect(JSON.parse((await iommufd(['explain', name, '--json'])).out)).toContainEqual(
      expect.objectContaining({ since }),
    );
  }
  expect((await iommufd(['explain', 'IOMMU_IOAS_MAP'])).out).not.toContain('Since');
});
