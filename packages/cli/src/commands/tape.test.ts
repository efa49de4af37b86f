import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { iommufd } from '../program.testing.js';

const TAPE = [
  '{"tape":1,"name":"my-vmm","kernel":"7.3","arch":"x86_64","calls":2}',
  '{"op":"open","path":"/dev/iommu","ret":3,"took":12}',
  '{"op":"poke","addr":"0x1000","hex":"0c0000000000000000000000"}',
  '{"op":"ioctl","fd":3,"cmd":"0x3b81","arg":"0x1000","ret":0,"took":34}',
  '{"op":"peek","addr":"0x1000","hex":"0c0000000000000001000000"}',
  '{"op":"note","text":"something is not here"}',
  '',
].join('\n');

describe('iommufd decode of a tape', () => {
  const lines = [
    'my-vmm  Linux 7.3, x86_64',
    'open("/dev/iommu", O_RDWR|O_CLOEXEC) = 3 <0.000012>',
    'ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 <0.000034>',
    '    returns {out_ioas_id=1}',
    'note: something is not here',
    '',
  ];

  test.each([
    ['a text', TAPE],
    ['packed', gzipSync(TAPE)],
  ])('prints its calls, %s', async (_what, stdin) => {
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
