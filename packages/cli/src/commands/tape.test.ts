import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { iommufd } from '../program.testing.js';

const TAPE = [
  '{"tape":1,"name":"my-vmm","kernel":"7.3","arch":"x86_64","calls":2}',
  '{"op":"open","path":"/dev/iommu","ret":3,"took":12}',
  '{"op":"poke","addr":"0x1000","hex":"0c0000000000000000000000"}',
  '{"op":"ioctl","fd":3,"cmd":"0x3b81","arg":"0x1000","ret":0,"took":34}',
  '{"op":"peek","addr":"0x1000","hex":"0c0000000000000001000000"}',
  '{"op":"note","text":"a remark"}',
  '',
].join('\n');

describe('iommufd decode of a tape', () => {
  const lines = [
    'my-vmm  Linux 7.3, x86_64',
    'open("/dev/iommu", O_RDWR|O_CLOEXEC) = 3 <0.000012>',
    'ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000034>',
    '    returns {out_ioas_id=1}',
    'note: a remark',
    '',
  ];

  test.each([
    ['plain', TAPE],
    ['gzipped', gzipSync(TAPE)],
  ])('prints the calls of a %s tape', async (_what, stdin) => {
    expect(await iommufd(['decode', '--log'], { stdin })).toMatchObject({ status: 0, out: lines.join('\n') });
  });

  test('prints JSON', async () => {
    const { out } = await iommufd(['decode', '--json'], { stdin: TAPE });
    expect(JSON.parse(out)).toMatchObject([
      {
        name: 'my-vmm',
        calls: [
          { result: '3', microseconds: 12 },
          { ioctl: 'IOMMU_IOAS_ALLOC', failed: false, notes: ['returns {out_ioas_id=1}'] },
        ],
      },
    ]);
  });
});

describe('the output of iommufd trace', () => {
  const LINES = [
    '0.000100 [70] open("/dev/iommu", O_RDWR|O_CLOEXEC) = 3 <0.000012>',
    '0.000200 [70] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000034>',
    '    returns {out_ioas_id=1}',
    '0.000300 [70/71] ioctl(3, IOMMU_DESTROY, {size=8, id=2}) = -1 ENOENT (There is no object of this id) <0.000005>',
  ];
  const ENDS = ['+++ forked by 70 +++', '+++ superseded by execve in pid 71 +++', '+++ exited with 0 +++'];
  const TRACE = [
    '# Linux 7.3.0-rc7 x86_64: my-vmm --fast',
    ...LINES,
    ...ENDS.map((end) => `0.000400 [72] ${end}`),
    '',
  ].join('\n');
  const LACKS = [
    'the privileges (assumed: those of root)',
    'the contents of memory before a call writes to it (assumed: zeros)',
    'the order of calls that threads made at the same time (assumed: the order of their ends)',
  ];

  test('is decoded, with a list of the missing information', async () => {
    const { out, status } = await iommufd(['decode', '--log'], { stdin: TRACE });
    expect(status).toBe(0);
    expect(out.split('\n')).toEqual([
      'my-vmm --fast  Linux 7.3.0, x86_64',
      '[70] open("/dev/iommu", O_RDWR|O_CLOEXEC) = 3 <0.000012>',
      '[70] ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000034>',
      '    returns {out_ioas_id=1}',
      '[70] ioctl(3, IOMMU_DESTROY, {size=8, id=2}) = -1 ENOENT (There is no object of this id) <0.000005>',
      ...ENDS.map((end) => `[72] ${end}`),
      ...LACKS.map((lack) => `not in the text: ${lack}`),
      '',
    ]);
    const json = await iommufd(['decode', '--json'], { stdin: TRACE });
    expect(JSON.parse(json.out)).toMatchObject([
      {
        kernel: '7.3.0',
        lacks: LACKS,
        calls: [
          { result: '3', microseconds: 12 },
          { ioctl: 'IOMMU_IOAS_ALLOC' },
          { failed: true, pid: 70 },
          ...ENDS.map((event) => ({ pid: 72, event })),
        ],
      },
    ]);
  });

  test('is replayed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-text-'));
    try {
      const file = join(folder, 'my-vmm.trace');
      writeFileSync(file, TRACE);
      const same = await iommufd(['replay', file]);
      expect(same).toMatchObject({ status: 0 });
      expect(same.out.split('\n').slice(0, 4)).toEqual([
        `${file}: identical 1 different 0`,
        ...LACKS.map((lack) => `  not in the text: ${lack}`),
      ]);
      writeFileSync(file, TRACE.replace('out_ioas_id=1', 'out_ioas_id=5'));
      const other = await iommufd(['replay', file]);
      expect(other).toMatchObject({ status: 1 });
      expect(other.out).toMatch(/out_ioas_id +Linux 5 +ours 1/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
