/**
 * `iommufd decode` of kernel logs. The messages follow the format strings of the drivers. Each is tested alone, and with the additions of
 * dmesg, journalctl, syslog, mail and a serial console, which must not change the result.
 */
import { describe, expect, test } from '@jest/globals';
import { iommufd } from '../program.testing.js';

/** A message of a driver. */
interface Message {
  readonly lines: readonly string[];
  /** The first line of the command's output, without the line number. */
  readonly headline: string;
  /** Some lines of the fields. */
  readonly fields?: readonly string[];
}

const V3 = 'arm-smmu-v3 arm-smmu-v3.0.auto: ';
const CMDQV = 'tegra241_cmdqv NVDA200C:00: ';
const VTD = 'DMAR: ';

const MESSAGES: Readonly<Record<string, Message>> = {
  'a dump of an event': {
    lines: [
      `${V3}event 0x10 received:`,
      `${V3}\t0x0000123400000010`,
      `${V3}\t0x0000020800000000`,
      `${V3}\t0x00000000fee00000`,
      `${V3}\t0x0000000012345000`,
    ],
    headline:
      'arm-smmu-v3.0.auto: event: F_TRANSLATION sid: 0x1234 ssid: 0x0 iova: 0xfee00000 ipa: 0x12345000 unpriv data read s1 "Input address caused fault"',
    fields: ['StreamID [63:32]     0x1234 (12:06.4)', 'InputAddr [191:128]  0xfee00000'],
  },
  'a dump and the decoded event': {
    lines: [
      `${V3}event 0x10 received:`,
      `${V3}\t0x0000000800000010`,
      `${V3}\t0x0000021000000000`,
      `${V3}\t0x0000000000001000`,
      `${V3}\t0x0000000000000000`,
      `${V3}event: F_TRANSLATION client: 0000:00:01.0 sid: 0x8 ssid: 0x0 iova: 0x1000 ipa: 0x0`,
      `${V3}unpriv data write s1 "Input address caused fault" stag: 0x0`,
    ],
    headline:
      'arm-smmu-v3.0.auto: event: F_TRANSLATION client: 0000:00:01.0 sid: 0x8 ssid: 0x0 iova: 0x1000 ipa: 0x0 unpriv data write s1 "Input address caused fault"',
  },
  'a decoded event without a dump': {
    lines: [
      `${V3}event: F_PERMISSION client: 0000:01:00.0 sid: 0x100 ssid: 0x5 iova: 0x7f001000 ipa: 0x0`,
      `${V3}priv inst read s1 "Input address caused fault" stall stag: 0x2`,
    ],
    headline:
      'arm-smmu-v3.0.auto: event: F_PERMISSION client: 0000:01:00.0 sid: 0x100 ssid: 0x5 iova: 0x7f001000 ipa: 0x0 priv inst read s1 "Input address caused fault" stall stag: 0x2',
    fields: ['StreamID     0x100 (01:00.0)'],
  },
  'a decoded event of a failed fetch': {
    lines: [`${V3}event: F_STE_FETCH client: (unassigned sid) sid: 0x900 ssid: 0x0 fetch_addr: 0x8c0000000`],
    headline:
      'arm-smmu-v3.0.auto: event: F_STE_FETCH client: (unassigned sid) sid: 0x900 ssid: 0x0 fetch_addr: 0x8c0000000',
  },
  'a decoded event of a bad configuration': {
    lines: [`${V3}event: C_BAD_STE client: 0000:01:00.0 sid: 0x100 ssid: 0x0`],
    headline: 'arm-smmu-v3.0.auto: event: C_BAD_STE client: 0000:01:00.0 sid: 0x100 ssid: 0x0',
  },
  'an error of the command queue': {
    lines: [`${V3}CMDQ error (cons 0x01000022): Illegal command`],
    headline: 'arm-smmu-v3.0.auto: CMDQ error: CERROR_ILL (cons 0x01000022): Illegal command',
    fields: ['ERR [30:24]  CERROR_ILL'],
  },
  'an error of the command queue of an older driver': {
    lines: [`${V3}CMDQ error (cons 0x0200001f): Abort on command fetch`],
    headline: 'arm-smmu-v3.0.auto: CMDQ error: CERROR_ABT (cons 0x0200001f): Abort on command fetch',
  },
  'a command that is skipped': {
    lines: [
      `${V3}skipping command in error state:`,
      `${V3}\t0x0000010000000003`,
      `${V3}\t0x0000000000000001`,
    ],
    headline: 'arm-smmu-v3.0.auto: skipped command: CMD_CFGI_STE',
    fields: ['StreamID [63:32]  0x100 (01:00.0)'],
  },
  'a global error': {
    lines: [`${V3}unexpected global error reported (0x00000001), this could be serious`],
    headline: 'arm-smmu-v3.0.auto: global error 0x00000001: CMDQ_ERR',
  },
  'lost events': {
    lines: [`${V3}EVTQ overflow detected -- events lost`],
    headline: 'arm-smmu-v3.0.auto: EVTQ lost entries: EVTQ overflow detected -- events lost',
  },
  'a CMD_SYNC that does not complete': {
    lines: [`${V3}CMD_SYNC timeout at 0x000003ff [hwprod 0x00000400, hwcons 0x000003fe]`],
    headline: 'arm-smmu-v3.0.auto: CMD_SYNC timeout',
    fields: ['hwcons  0x000003fe'],
  },
  'a page request': {
    lines: [
      `${V3}unexpected PRI request received:`,
      `${V3}\tsid 0x00000100.0x00003: [5L] unprivileged RW access at iova 0x0000000000401000`,
    ],
    headline:
      'arm-smmu-v3.0.auto: unexpected PRI request: sid 0x00000100.0x00003: [5L] unprivileged RW access at iova 0x0000000000401000',
  },
  'the interrupt of CMDQ-V': {
    lines: [
      `${CMDQV}unexpected error reported. vintf_map: 0000000000000002, vcmdq_map 00000000:00000000:00000000:00000006`,
    ],
    headline: 'NVDA200C:00: CMDQ-V error: VINTF 1; VCMDQ 1, 2',
  },
  'the registers of a VCMDQ': {
    lines: [`${CMDQV}VINTF0: VCMDQ1/LVCMDQ1: GERRORN=0x0, GERROR=0x1, CONS=0x1000005`],
    headline: 'NVDA200C:00: VINTF0: VCMDQ1/LVCMDQ1 CERROR_ILL (cons 0x1000005)',
    fields: ['GERROR   0x1: CMDQ_ERR not acknowledged'],
  },
  'a page fault of AMD': {
    lines: [
      'nvme 0000:04:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f address=0xfe000000 flags=0x0030]',
    ],
    headline:
      '0000:04:00.0: Event logged [IO_PAGE_FAULT device=0000:04:00.0 domain=0x000f address=0xfe000000 flags=0x0030]: write, present',
    fields: ['DeviceID [15:0]    0x400 (04:00.0)'],
  },
  'a page fault of AMD, of an older driver': {
    lines: [
      'AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000f address=0x00000000fe000000 flags=0x0010]',
    ],
    headline:
      'AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000f address=0x00000000fe000000 flags=0x0010]: read, present',
  },
  'an entry of the device table of AMD': {
    lines: [
      'AMD-Vi: DTE[0]: 6190000000000003',
      'AMD-Vi: DTE[1]: 0000100103fc0002',
      'AMD-Vi: DTE[2]: 2000000117840013',
      'AMD-Vi: DTE[3]: 0000000000000000',
    ],
    headline: 'AMD-Vi: DTE: V=1 TV=1 Mode=0 rw domain=0x2',
    fields: ['InterruptTableRoot [179:134]   0x117840000'],
  },
  'a command that AMD refuses': {
    lines: [
      'AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x0000000100200000]',
      'AMD-Vi: CMD[0]: 00000400',
      'AMD-Vi: CMD[1]: 30000002',
      'AMD-Vi: CMD[2]: 00001000',
      'AMD-Vi: CMD[3]: 00000000',
    ],
    headline: 'AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x0000000100200000]',
    fields: ['Opcode [63:60]', 'INVALIDATE_IOMMU_PAGES'],
  },
  'an event of AMD of unknown type': {
    lines: [
      'AMD-Vi: Event logged [UNKNOWN event[0]=0x00000400, event[1]=0xf0000000, event[2]=0x00000000, event[3]=0x00000000',
    ],
    headline:
      'AMD-Vi: Event logged [UNKNOWN event[0]=0x00000400 event[1]=0xf0000000 event[2]=0x00000000 event[3]=0x00000000]',
  },
  'a fault of VT-d': {
    lines: [
      `${VTD}[DMA Read NO_PASID] Request device [01:00.0] fault addr 0xdead1000 [fault reason 0x06] PTE Read access is not set`,
    ],
    headline: 'DMAR: DMA Read from 01:00.0 at 0xdead1000: fault reason 0x06 PTE Read access is not set',
    fields: ['SID [79:64]  0x100 (01:00.0)', 'FR [103:96]  LGN_3'],
  },
  'a fault of VT-d with a PASID': {
    lines: [
      `${VTD}[DMA Write PASID 0x5] Request device [6a:01.0] fault addr 0x7f00000000 [fault reason 0x71] SM: Present bit in first-level paging entry is clear`,
    ],
    headline:
      'DMAR: DMA Write PASID 0x5 from 6a:01.0 at 0x7f00000000: fault reason 0x71 SM: Present bit in first-level paging entry is clear',
  },
  'a fault of VT-d, of an older driver': {
    lines: [
      'DMAR:[DMA Write] Request device [00:02.0] fault addr 6df084000 ',
      'DMAR:[fault reason 05] PTE Write access is not set',
    ],
    headline: 'DMAR: DMA Write from 00:02.0 at 0x6df084000: fault reason 0x05 PTE Write access is not set',
  },
  'a fault of VT-d, of Linux 5.0': {
    lines: [
      `${VTD}[DMA Write] Request device [00:02.0] PASID ffffffff fault addr 9000 [fault reason 05] PTE Write access is not set`,
    ],
    headline: 'DMAR: DMA Write from 00:02.0 at 0x9000: fault reason 0x05 PTE Write access is not set',
  },
  'a fault of VT-d with 0x before bus and device': {
    lines: [
      `${VTD}[DMA Read NO_PASID] Request device [0x00:0x1f.3] fault addr 0x5a5a5000 [fault reason 0x0c] non-zero reserved fields in PTE`,
    ],
    headline: 'DMAR: DMA Read from 00:1f.3 at 0x5a5a5000: fault reason 0x0c non-zero reserved fields in PTE',
    fields: ['SID [79:64]  0xfb (00:1f.3)'],
  },
  'a fault of VT-d with a hidden address': {
    lines: [
      `${VTD}[DMA Write] Request device [07:00.0] fault addr ab12xxxx [fault reason 05] PTE Write access is not set`,
    ],
    headline: 'DMAR: DMA Write from 07:00.0 at ab12xxxx: fault reason 0x05 PTE Write access is not set',
    fields: ['the address is hidden: ab12xxxx'],
  },
  'a fault of interrupt remapping': {
    lines: [
      `${VTD}[INTR-REMAP] Request device [f0:1f.0] fault index 0x2 [fault reason 0x22] Present field in the IRTE entry is clear`,
    ],
    headline:
      'DMAR: INTR-REMAP from f0:1f.0 index 0x2: fault reason 0x22 Present field in the IRTE entry is clear',
  },
  'the head of the invalidation queue': {
    lines: [`${VTD}QI HEAD: IOTLB Invalidation qw0 = 0x200f2, qw1 = 0x1004`],
    headline: 'DMAR: QI HEAD: QI_IOTLB',
  },
  'the fault status of VT-d': {
    lines: [`${VTD}DRHD: handling fault status reg 40`],
    headline: 'DMAR: fault status 0x40: ITE',
  },
  'a time-out of an invalidation': {
    lines: [`${VTD}VT-d detected Invalidation Time-out Error: SID 9000`],
    headline: 'DMAR: Invalidation Time-out Error: SID 9000',
    fields: ['ITESID  0x9000 (90:00.0)'],
  },
};

/** Changes that tools make to a line. */
const WRAPPERS: Readonly<Record<string, (line: string, i: number) => string>> = {
  nothing: (line) => line,
  'times of dmesg': (line, i) => `[  196.7471${10 + i}] ${line}`,
  'readable times of dmesg -T': (line) => `[Thu Jan  4 23:12:54 2024] ${line}`,
  'relative times of dmesg -e': (line, i) => (i === 0 ? `[Jan 4 23:12] ${line}` : `[  +0.000012] ${line}`),
  'levels of dmesg -r': (line) => `<3>[  196.747107] ${line}`,
  'the words of dmesg -x': (line) => `kern  :err   : [  196.747107] ${line}`,
  'the thread that printed it': (line) => `[  196.747107] [  T134] ${line}`,
  'the task and processor that a vendor prints': (line) =>
    `[    7.471032] [pid:71,cpu3,irq/88-smmu-evt]${line}`,
  'the marks of code of a page': (line) => `\`[  196.747107] ${line}\``,
  'the fields of journalctl': (line) => `Nov 14 11:52:19 host kernel: ${line}`,
  'the fields of journalctl -o short-iso': (line) => `2024-01-04T23:12:54+0100 host.example kernel: ${line}`,
  'the fields of journalctl -o short-monotonic': (line) => `[  196.747107] host kernel: ${line}`,
  'the time of a logger': (line) => `2024-01-04 23:12:54.123 ${line}`,
  'the header of /dev/kmsg': (line, i) => `3,${800 + i},196747107,-;${line}`,
  'the number of a syslog message': (line) =>
    `Nov 14 11:52:19 host kernel: [  196.747107] ${line.replaceAll('\t', '#011')}`,
  'marks of quotation': (line) => `> > [  196.747107] ${line}`,
  'a space that a page put for a tab': (line) => `    ${line.replaceAll('\t', '  ')}`,
  'line ends of Windows': (line) => `[  196.747107] ${line}\r`,
  'colours of a terminal': (line) => `\x1b[32m[  196.747107] \x1b[0m\x1b[31m${line}\x1b[0m`,
};

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const headlines = (out: string): string[] => out.split('\n').filter((line) => line.startsWith('line '));

describe.each(Object.entries(MESSAGES))('%s', (_name, { lines, headline, fields = [] }) => {
  test('is decoded', async () => {
    const { out, status, complaint } = await iommufd(['decode', '--log'], { stdin: textOf(lines) });
    expect([complaint, status]).toEqual([undefined, 0]);
    expect(headlines(out)[0]).toContain('line 1: ');
    expect(headlines(out)[0]).toContain(headline);
    for (const field of fields) expect(out).toContain(field);
  });

  test.each(Object.entries(WRAPPERS))('is decoded the same with %s', async (_what, wrap) => {
    const plain = await iommufd(['decode', '--log'], { stdin: textOf(lines) });
    const wrapped = await iommufd(['decode'], { stdin: textOf(lines.map(wrap)) });
    expect(wrapped).toEqual(plain);
  });
});

describe('a log with many messages', () => {
  const all = Object.values(MESSAGES);
  const noise = [
    'usb 1-1: new high-speed USB device number 2',
    '',
    'Call Trace:',
    ' <TASK>',
    ' ret_from_fork+0x1f/0x30',
  ];
  const text = textOf(all.flatMap(({ lines }) => [...noise, ...lines]));

  test('is decoded to each message; other lines are ignored', async () => {
    const { out } = await iommufd(['decode'], { stdin: text });
    const found = headlines(out);
    for (const { headline } of all)
      expect(found.filter((line) => line.includes(headline)).length).toBeGreaterThan(0);
    // A refused command of AMD gives two entries: the event and the command.
    expect(found).toHaveLength(all.length + 1);
  });

  test('is decoded with --json to entries with their lines', async () => {
    const { out } = await iommufd(['decode', '--json'], { stdin: text });
    const entries = JSON.parse(out) as { line: number; lines: number[]; source: string[]; text: string }[];
    const source = text.split('\n');
    expect(entries).toHaveLength(all.length + 1);
    for (const { line, lines, source: own } of entries) {
      expect(line).toBe(lines[0]);
      expect(own).toEqual(lines.map((number) => source[number - 1]));
    }
    // Each line of a driver belongs to an entry.
    const used = entries.flatMap(({ lines }) => lines).length;
    expect(used).toBe(all.flatMap(({ lines }) => lines).length);
  });

  test('is decoded to bytes that decode to the same fields', async () => {
    const { out } = await iommufd(['decode', '--json'], { stdin: text });
    const entries = JSON.parse(out) as { type?: string; bytes?: string; fields?: unknown }[];
    const whole = entries.filter(({ bytes }) => bytes !== undefined);
    expect(whole.length).toBeGreaterThan(5);
    for (const { type = '', bytes = '', fields } of whole) {
      const again = await iommufd(['decode', '--json', '--lenient', '--struct', type, bytes]);
      expect(JSON.parse(again.out)).toEqual(fields);
    }
  });
});

describe('a log that was changed after the kernel printed it', () => {
  const decoded = async (lines: readonly string[]) =>
    headlines((await iommufd(['decode'], { stdin: textOf(lines) })).out);

  test('has interleaved messages of two devices', async () => {
    const other = V3.replace('v3.0', 'v3.1');
    const { lines } = MESSAGES['a dump of an event'] ?? { lines: [] };
    const mixed = lines.flatMap((line) => [line, line.replace(V3, other).replace('1234', '0300')]);
    expect(await decoded(mixed)).toEqual([
      expect.stringContaining('arm-smmu-v3.0.auto: event: F_TRANSLATION sid: 0x1234 '),
      expect.stringContaining('arm-smmu-v3.1.auto: event: F_TRANSLATION sid: 0x300 '),
    ]);
  });

  test('has lines that mail has broken', async () => {
    expect(
      await decoded([
        '> [  1.000000] AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000f',
        '> address=0x00000000fe000000 flags=0x0010]',
        '> [  1.000001] DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault',
        '> addr 0xdead1000 [fault reason 0x06] PTE Read access is not set',
        '> [  1.000002] arm-smmu-v3 arm-smmu-v3.0.auto: event: C_BAD_STE client:',
        '> 0000:01:00.0 sid: 0x100 ssid: 0x0',
      ]),
    ).toEqual([
      'line 1: AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000f address=0x00000000fe000000 flags=0x0010]: read, present',
      'line 3: DMAR: DMA Read from 01:00.0 at 0xdead1000: fault reason 0x06 PTE Read access is not set',
      'line 5: arm-smmu-v3.0.auto: event: C_BAD_STE client: 0000:01:00.0 sid: 0x100 ssid: 0x0',
    ]);
  });

  test('is quoted-printable, as in an archive of mail', async () => {
    const lines = [
      'AMD-Vi: Event logged [IO_PAGE_FAULT device=3D04:00.0 domain=3D0x000f addr=',
      'ess=3D0xfe000000 flags=3D0x0010]',
    ];
    expect(await decoded(lines)).toEqual([expect.stringContaining('address=0xfe000000 flags=0x0010]')]);
  });

  test('has a dump that is cut off: only the fields in the log are printed', async () => {
    const { out } = await iommufd(['decode'], {
      stdin: textOf([`${V3}event 0x10 received:`, `${V3}\t0x0000123400000010`]),
    });
    expect(out).toContain('F_TRANSLATION sid: 0x1234');
    expect(out).toContain('the log has 1 of 4 words');
    expect(out).not.toContain('InputAddr');
  });

  test('has an event whose dump is missing', async () => {
    const { out } = await iommufd(['decode', '--log'], { stdin: textOf([`${V3}event 0x10 received:`]) });
    expect(out).toContain('event: F_TRANSLATION');
    expect(out).toContain('the words of the dump are missing');
  });

  test('has an event number that differs from its dump', async () => {
    const { out } = await iommufd(['decode'], {
      stdin: textOf([`${V3}event 0x07 received:`, `${V3}\t0x0000123400000010 0x0 0x0 0x0`]),
    });
    expect(out).toContain('the line before the dump names event 0x7');
  });

  test('has an event that is not in the specification', async () => {
    const { out, status } = await iommufd(['decode'], {
      stdin: textOf([
        `${V3}event 0x99 received:`,
        ...Array.from({ length: 4 }, (_, i) => `${V3}\t0x00000000000000${i === 0 ? '99' : '00'}`),
      ]),
    });
    expect(out).toContain('event: 0x99, which is not in the specification');
    expect(status).toBe(0);
  });
});

test.each([
  ['text without an event', 'hello\nworld\n', ['--log'], 'no event of an IOMMU in 3 lines'],
  ['an invalid tape', '{"tape":1,\n', ['--log'], 'not a tape: line 1'],
  ['bytes', new Uint8Array([0, 1, 2]), ['--log'], '--log: the input is not text'],
  [
    'a log with --struct',
    `${V3}CMDQ error (cons 0x01000022): Illegal command`,
    ['--struct', 'smmuv3_event'],
    'give --log instead of --struct',
  ],
  ['a log with --words', 'x', ['--log', '--words', '32'], '--words'],
])('decode refuses %s', async (_what, stdin, args, complaint) => {
  const { status, complaint: line } = await iommufd(['decode', ...args], { stdin });
  expect(line).toContain(complaint);
  expect(status).toBe(2);
});
