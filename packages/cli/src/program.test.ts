import { describe, expect, test } from '@jest/globals';
import { fromHex } from '@iommufd/uapi/struct';
import { type Given, iommufd } from './program.testing.js';

const DESTROY = '0800000005000000';

describe('decode', () => {
  const dump = [
    'iommu_destroy, 8 bytes',
    '0000  08 00 00 00              size      8',
    '0004  05 00 00 00              id        5',
    '',
  ];

  test.each<[what: string, args: string[], given?: Given]>([
    ['a struct by name', ['--struct', 'iommu_destroy', DESTROY]],
    ['a struct as C writes it', ['--struct', 'struct iommu_destroy', DESTROY]],
    ['an ioctl by name', ['--ioctl', 'IOMMU_DESTROY', DESTROY]],
    ['an ioctl by number', ['--ioctl', '0x3b80', DESTROY]],
    ['an ioctl by decimal number', ['--ioctl', '15232', DESTROY]],
    ['hex with spaces', ['--struct', 'iommu_destroy', '0x08 00 00 00 05:00:00:00']],
    ['a file of hex', ['--struct', 'iommu_destroy', '--file', 'f'], { files: { f: `${DESTROY}\n` } }],
    [
      'a file with a byte order mark',
      ['--struct', 'iommu_destroy', '--file', 'f'],
      { files: { f: `\ufeff${DESTROY}` } },
    ],
    ['a file of bytes', ['--struct', 'iommu_destroy', '--file', 'f'], { files: { f: fromHex(DESTROY) } }],
    ['a pipe', ['--struct', 'iommu_destroy'], { stdin: `${DESTROY}\n` }],
    ['a pipe by name', ['--struct', 'iommu_destroy', '-'], { stdin: fromHex(DESTROY) }],
  ])('%s', async (_what, args, given = {}) => {
    expect(await iommufd(['decode', ...args], given)).toEqual({
      out: dump.join('\n'),
      status: 0,
      complaint: undefined,
    });
  });

  test('JSON has 64-bit values as strings', async () => {
    const { out } = await iommufd([
      'decode',
      '--struct',
      'iommu_iova_range',
      '--json',
      '0010000000000000ffffffffffffffff',
    ]);
    expect(out).toBe('{"start":"0x1000","last":"0xffffffffffffffff"}\n');
  });

  test('a vEVENTQ, with what was lost', async () => {
    const hex = '0000000000000000990000000000000001000000990000000100000004000000';
    const { out } = await iommufd(['decode', '--veventq', 'selftest', hex]);
    expect(out).toContain('record 0: event 0\n0000  00 00 00 00');
    expect(out).toContain(
      'record 2: 3 events lost at the tail, up to number 4\n0018  01 00 00 00              flags     IOMMU_VEVENTQ_FLAG_LOST_EVENTS\n',
    );
    const json = (await iommufd(['decode', '--veventq', 'selftest', '--json', hex])).out;
    expect(JSON.parse(json)).toEqual([
      { kind: 'event', sequence: 0, flags: 0, lost: 0, event: { virt_id: 0x99 } },
      { kind: 'event', sequence: 1, flags: 0, lost: 0, event: { virt_id: 0x99 } },
      { kind: 'lost', sequence: 4, flags: 1, lost: 3 },
    ]);
  });

  test('only who knows what was read before knows what is missing', async () => {
    const hex = '000000000700000099000000';
    expect((await iommufd(['decode', '--veventq', 'selftest', hex])).out).toContain(
      'record 0: event 7, after 7 events lost if this is the first read of the queue\n',
    );
    expect((await iommufd(['decode', '--veventq', 'selftest', '--after', '5', hex])).out).toContain(
      'record 0: event 7, after 1 event lost\n',
    );
    expect((await iommufd(['decode', '--veventq', 'selftest', '--after', '-1', hex])).status).toBe(2);
  });

  test('page faults and responses', async () => {
    const fault = '02000000030000000000000000000000010000000000000000100000000000000000000007000000';
    expect(JSON.parse((await iommufd(['decode', '--faults', '--json', fault + fault])).out)).toMatchObject([
      { addr: '0x1000', cookie: 7 },
      { addr: '0x1000', cookie: 7 },
    ]);
    const { out } = await iommufd(['decode', '--responses', '07000000010000000800000000000000']);
    expect(out).toContain(
      'record 1: iommu_hwpt_page_response\n0008  08 00 00 00              cookie    0x8\n',
    );
    expect(out).toContain('IOMMUFD_PAGE_RESP_INVALID');
  });

  test('reserved fields are refused, or shown', async () => {
    const hex = '18000000010000000000000001000000' + '0000000000000000';
    expect((await iommufd(['decode', '--struct', 'iommu_ioas_allow_iovas', hex])).complaint).toBe(
      'iommu_ioas_allow_iovas.__reserved at offset 12: expected zero, found 0x1; --lenient shows it',
    );
    expect((await iommufd(['decode', '--struct', 'iommu_ioas_allow_iovas', '--lenient', hex])).out).toContain(
      '__reserved     1  <- must be zero\n',
    );
  });

  test('colours only where they are wanted', async () => {
    const args = ['decode', '--struct', 'iommu_destroy', DESTROY];
    expect((await iommufd(args, { colour: true })).out).toContain('\u001b[36msize\u001b[39m');
    expect((await iommufd(args)).out).not.toContain('\u001b');
  });
});

describe('encode', () => {
  test.each<[what: string, args: string[], given?: Given]>([
    ['an argument', ['--struct', 'iommu_destroy', '{"size":8,"id":5}']],
    ['an ioctl', ['--ioctl', 'IOMMU_DESTROY', '{"size":8,"id":"0x5"}']],
    ['a pipe', ['--struct', 'iommu_destroy'], { stdin: '{"id":5,"size":8}' }],
    ['a file', ['--struct', 'iommu_destroy', '--file', 'f'], { files: { f: '{"id":5,"size":8}' } }],
  ])('%s', async (_what, args, given = {}) => {
    expect(await iommufd(['encode', ...args], given)).toEqual({
      out: `${DESTROY}\n`,
      status: 0,
      complaint: undefined,
    });
  });
});

describe('explain', () => {
  test.each([
    ['IOMMU_HWPT_INVALIDATE', "IOMMU_HWPT_INVALIDATE = 0x3b8d, _IO(';', 0x8d): an ioctl of iommufd."],
    ['15245', 'IOMMU_HWPT_INVALIDATE = 0x3b8d'],
    ['0x3b75', 'VFIO_IOMMU_DIRTY_PAGES = 0x3b75'],
    ['EBUSY', 'EBUSY = 16: an errno.'],
    ['ebusy', 'IOMMU_DESTROY  '],
    ['16', 'F_TRANSLATION: EventNumber 0x10 of smmuv3_event (Arm IHI 0070, 7.3.13).'],
    ['16', 'EBUSY = 16'],
    ['iommufd_vevent_header', 'iommufd_vevent_header: 8 bytes, aligned to 4'],
    ['iommu_veventq_flag', 'iommu_veventq_flag: a set of flags.'],
    ['IOMMU_VEVENTQ_FLAG_LOST_EVENTS', 'IOMMU_VEVENTQ_FLAG_LOST_EVENTS = 0x1: a flag of iommu_veventq_flag.'],
    ['IOMMU_HWPT_DATA_SELFTEST', 'IOMMU_HWPT_DATA_SELFTEST = 0xdead: a value of iommu_hwpt_data_type.'],
    ['F_TRANSLATION', 'InputAddr'],
    ['CMD_SYNC', 'CMD_SYNC: Opcode 0x46 of smmuv3_command'],
    ['SMMU_GERROR', 'SMMU_GERROR: 4 bytes'],
    ['MOCK_PAGE_SIZE', 'MOCK_PAGE_SIZE = 0x800: a constant.'],
    ['STRTAB_STE_0_CFG', 'STRTAB_STE_0_CFG = 0xe: a name of the arm-smmu-v3 driver.'],
  ])('%s', async (term, expected) => {
    const { out, status } = await iommufd(['explain', term]);
    expect(out).toContain(expected);
    expect(status).toBe(0);
  });
});

test('layout', async () => {
  const { out } = await iommufd(['layout', 'iommu_hw_info']);
  expect(out).toContain('iommu_hw_info: 40 bytes, aligned to 8\n');
  expect(out).toMatch(/^ {2}out_data_type +24 +4 +__u32 +One of iommu_hw_info_type\.$/m);
  expect(JSON.parse((await iommufd(['layout', 'iommu_destroy', '--json'])).out)).toMatchObject({
    name: 'iommu_destroy',
    size: 8,
    rows: [{ name: 'size' }, { name: 'id', role: expect.stringContaining('Id of ioas') }],
  });
});

describe('what is wrong is one line, and status 2', () => {
  test.each<[what: string, args: string[], complaint: string, given?: Given]>([
    [
      'bad hex',
      ['decode', '--struct', 'iommu_destroy', '08zz'],
      'not hex: "z" in "08zz", character 2 of the input',
    ],
    ['half a byte', ['decode', '--struct', 'iommu_destroy', '080'], 'not hex: 3 digits, and a byte has two'],
    [
      'a short buffer',
      ['decode', '--struct', 'iommu_destroy', '080000000500'],
      'iommu_destroy.id at offset 4: expected 8 bytes in all, found 6',
    ],
    [
      'an unknown struct',
      ['decode', '--struct', 'iommu_destory', DESTROY],
      'no struct is called "iommu_destory"; did you mean iommu_destroy?',
    ],
    ['a struct like no other', ['layout', 'xyzzyxyzzy'], 'no struct is called "xyzzyxyzzy"'],
    [
      'an unknown ioctl',
      ['decode', '--ioctl', 'IOMMU_DESTORY', DESTROY],
      'no ioctl is called "IOMMU_DESTORY"; did you mean IOMMU_DESTROY?',
    ],
    [
      'an unknown request',
      ['decode', '--ioctl', '0x1', DESTROY],
      'no ioctl has the request number 0x1, _IO(0x0, 0x1)',
    ],
    [
      'a request of several meanings',
      ['decode', '--ioctl', '15221', DESTROY],
      '15221 has several meanings, give a name: VFIO_DEVICE_FEATURE on vfio-device; VFIO_IOMMU_DIRTY_PAGES on vfio-container',
    ],
    [
      'an ioctl without a struct',
      ['decode', '--ioctl', 'VFIO_DEVICE_RESET', ''],
      'the argument of VFIO_DEVICE_RESET is no struct',
    ],
    [
      'an unknown queue',
      ['decode', '--veventq', 'smmu', ''],
      'no vEVENTQ type is called "smmu"; did you mean arm-smmuv3?',
    ],
    [
      'a queue cut short',
      ['decode', '--veventq', 'selftest', '00000000000000009900'],
      'veventq[0].data at offset 8: expected 4 bytes of iommu_viommu_event_selftest, found 2',
    ],
    [
      'nothing said',
      ['decode', DESTROY],
      'the format is unknown; use one of --struct, --ioctl, --veventq, --faults, --responses, --log',
    ],
    [
      'no input',
      ['decode', '--struct', 'iommu_destroy'],
      'give the input as an argument, with --file, or on standard input',
    ],
    [
      'no such file',
      ['decode', '--struct', 'iommu_destroy', '--file', 'f'],
      "cannot read f: ENOENT: no such file or directory, open 'f'",
    ],
    [
      'two inputs',
      ['decode', '--struct', 'iommu_destroy', '--file', 'f', DESTROY],
      'give the input or --file, not both',
    ],
    [
      'no JSON',
      ['encode', '--struct', 'iommu_destroy', '{'],
      expect.stringMatching(/^not JSON: [^\n]*$/) as unknown as string,
    ],
    [
      'a field that is missing',
      ['encode', '--struct', 'iommu_destroy', '{"size":8}'],
      'iommu_destroy.id at offset 4: expected __u32, found nothing',
    ],
    [
      'a field of no name',
      ['encode', '--struct', 'iommu_destroy', '{"size":8,"id":1,"ib":2}'],
      'iommu_destroy.ib at offset 0: expected a field of iommu_destroy, found no such field',
    ],
    [
      'an empty array',
      ['encode', '--struct', 'iommu_destroy', '[]'],
      'iommu_destroy: the array is empty, there is nothing to encode',
    ],
    [
      'an unknown term',
      ['explain', 'EBUSSY'],
      'no ioctl, errno, struct, flag or event is called "EBUSSY"; did you mean EBUSY?',
    ],
    ['a term too short to guess', ['explain', '0'], 'no ioctl, errno, struct, flag or event is called "0"'],
    ['an unknown command', ['decoed', DESTROY], "unknown command 'decoed'; did you mean decode?"],
    ['an unknown option', ['decode', '--jsn', DESTROY], "unknown option '--jsn'; did you mean --json?"],
    ['a missing argument', ['layout'], "missing required argument 'struct'"],
  ])('%s', async (_what, args, complaint, given = {}) => {
    expect(await iommufd(args, given)).toEqual({ out: '', status: 2, complaint });
  });
});

test('help is no error', async () => {
  const { out, status } = await iommufd(['--help']);
  expect(out).toContain('Usage: iommufd');
  expect(status).toBe(0);
});
