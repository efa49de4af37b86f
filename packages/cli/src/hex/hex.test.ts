/** Every way in which bytes are written down, and every way in which it goes wrong. The dumps are what the programs print. */
import { describe, expect, test } from '@jest/globals';
import { fromHex, toHex } from '@iommufd/uapi/struct';
import { textBytes, type WordSize } from './hex.js';

/** An event record: four words of 64 bits. */
const EVENT = '10000000230100000000000008020000002000100000000000000000' + '00000000';
/** Its words, the highest digit first. */
const EVENT_WORDS = '00000123000000100000020800000000' + '00000000100020000000000000000000';
/** The same with 64 bytes of zero and itself behind it, which dumps abbreviate. */
const LONG = EVENT + '00'.repeat(64) + EVENT;

describe('textBytes reads', () => {
  test.each([
    ['digits', EVENT, EVENT],
    ['digits in upper case', EVENT.toUpperCase(), EVENT],
    ['digits with spaces, tabs and line ends', '10 00\t00 00\r\n23 01 00 00', '1000000023010000'],
    ['digits with colons', '10:00:00:00:23:01:00:00', '1000000023010000'],
    ['digits with commas', '10,00,00,00, 23,01,00,00', '1000000023010000'],
    ['digits with dashes', '10-00-00-00-23-01-00-00', '1000000023010000'],
    ['digits that a terminal broke at an odd place', `${EVENT.slice(0, 33)}\n${EVENT.slice(33)}`, EVENT],
    ['long digits behind 0x', `0x${EVENT}`, EVENT],
    ['bytes behind 0x', '0x10 0x00 0x00 0x00 0x23 0x01 0x00 0x00', '1000000023010000'],
    ['bytes behind 0x without a leading zero', '0x10, 0x0, 0x0, 0x0, 0x23, 0x1', '100000002301'],
    [
      'words of 64 bits',
      '0x0000012300000010 0x0000020800000000\n0x0000000010002000 0x0000000000000000',
      EVENT,
    ],
    ['words of 32 bits', '0x00000010 0x00000123', '1000000023010000'],
    ['words of both widths', '0x00000010 0x0000012300000010', '100000001000000023010000'],
    ['a word broken by a space, whose end has lost its mark', '0x00000123 00000010', '2301000010000000'],
    ['words without leading zeros', '0x12300000010 0x20800000000 0x10002000 0x0', EVENT],
    ['words of 32 bits without leading zeros', '0x10002000 0x0 0x5', '002000100000000005000000'],
    [
      'an array of C',
      'static const u64 evt[4] = { 0x0000012300000010ULL, 0x20800000000ULL, /* address */ 0x10002000, 0 };',
      EVENT,
    ],
    [
      'an array of Rust',
      'let evt: [u64; 2] = [0x0000_0123_0000_0010_u64, 0x0000_0208_0000_0000];',
      '10000000230100000000000008020000',
    ],
    [
      'xxd -i',
      'unsigned char f[] = {\n  0x10, 0x00, 0x00, 0x00, 0x23, 0x01\n};\nunsigned int f_len = 6;',
      '100000002301',
    ],
    ['escapes', '\\x10\\x00\\x00\\x00\\x23\\x01\\x00\\x00', '1000000023010000'],
    ['a string of Python', "b'\\x10\\x00\\x00\\x00#\\x01\\x00\\n'", '100000002301000a'],
    ['what strace prints', '"\\20\\0\\0\\0#\\1\\0\\0"', '1000000023010000'],
    ['strings that C puts together', '"\\x10\\x00"\n  "\\x00\\x00"', '10000000'],
    ['a Buffer of Node', '<Buffer 10 00 00 00 23 01 00 00>', '1000000023010000'],
    [
      'a debugger',
      '0x7ffff000:\t0x0000012300000010\t0x0000020800000000\n0x7ffff010:\t0x0000000010002000\t0x0000000000000000',
      EVENT,
    ],
    [
      'a debugger that was asked twice',
      '0x1000:\t0x00000010\t0x00000123\n0x2000:\t0x00000000\t0x00000208',
      EVENT.slice(0, 32),
    ],
    [
      'U-Boot',
      '80000000: 00000010 00000123 00000000 00000208    ....#...........\n80000010: 10002000 00000000 00000000 00000000    . ..............',
      EVENT,
    ],
    [
      'the kernel',
      '[    1.2] evt: 00000000: 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00  ....#...........',
      EVENT.slice(0, 32),
    ],
    ['nothing', ' \n', ''],
  ])('%s', (_what, text, hex) => {
    expect(toHex(textBytes(text, undefined))).toBe(hex);
  });

  test.each<[what: string, text: string, words: WordSize, hex: string]>([
    ['words of 64 bits', '12300000010 20800000000 10002000 0', 64, EVENT],
    ['words of 64 bits in one run of digits', EVENT_WORDS, 64, EVENT],
    ['words of 32 bits', '10 123 0 208', 32, EVENT.slice(0, 32)],
    ['words behind 0x', '0x123 0x4', 32, '2301000004000000'],
    ['the bytes of a dump', '00000000: 00 00 01 23 00 00 00 10  ...#....\n', 64, '1000000023010000'],
  ])('%s, where --words says so', (_what, text, words, hex) => {
    expect(textBytes(text, words)).toEqual(fromHex(hex));
  });

  const XXD = `00000000: 1000 0000 2301 0000 0000 0000 0802 0000  ....#...........
00000010: 0020 0010 0000 0000 0000 0000 0000 0000  . ..............
`;
  const OD = `0000000 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00
0000020 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00
0000040
`;
  test.each([
    ['xxd', XXD],
    [
      'xxd -g1',
      '00000000: 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00  ....#...........\n00000010: 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00  . ..............\n',
    ],
    [
      'xxd -g4',
      '00000000: 10000000 23010000 00000000 08020000  ....#...........\n00000010: 00200010 00000000 00000000 00000000  . ..............\n',
    ],
    [
      'xxd -g8',
      '00000000: 1000000023010000 0000000008020000  ....#...........\n00000010: 0020001000000000 0000000000000000  . ..............\n',
    ],
    [
      'xxd -e',
      '00000000: 00000010 00000123 00000000 00000208  ....#...........\n00000010: 10002000 00000000 00000000 00000000  . ..............\n',
    ],
    [
      'xxd -e -g8',
      '00000000: 0000012300000010 0000020800000000  ....#...........\n00000010: 0000000010002000 0000000000000000  . ..............\n',
    ],
    [
      'hexdump -C',
      '00000000  10 00 00 00 23 01 00 00  00 00 00 00 08 02 00 00  |....#...........|\n00000010  00 20 00 10 00 00 00 00  00 00 00 00 00 00 00 00  |. ..............|\n00000020\n',
    ],
    [
      'hexdump',
      '0000000 0010 0000 0123 0000 0000 0000 0208 0000\n0000010 2000 1000 0000 0000 0000 0000 0000 0000\n0000020\n',
    ],
    ['od -tx1', OD],
    [
      'od -Ax -tx1',
      '000000 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00\n000010 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00\n000020\n',
    ],
    [
      'od -An -tx1',
      ' 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00\n 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00\n',
    ],
    [
      'od -tx1z',
      '0000000 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00  >....#...........<\n0000020 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00  >. ..............<\n0000040\n',
    ],
    [
      'od -tx4',
      '0000000 00000010 00000123 00000000 00000208\n0000020 10002000 00000000 00000000 00000000\n0000040\n',
    ],
    [
      'od -tx8',
      '0000000 0000012300000010 0000020800000000\n0000020 0000000010002000 0000000000000000\n0000040\n',
    ],
    [
      'od -x',
      '0000000 0010 0000 0123 0000 0000 0000 0208 0000\n0000020 2000 1000 0000 0000 0000 0000 0000 0000\n0000040\n',
    ],
    [
      'Wireshark',
      '0000  10 00 00 00 23 01 00 00  00 00 00 00 08 02 00 00   ....#...........\n0010  00 20 00 10 00 00 00 00  00 00 00 00 00 00 00 00   . ..............\n',
    ],
    ['a dump with line ends of Windows', XXD.replaceAll('\n', '\r\n')],
  ])('what %s prints', (_what, text) => {
    expect(toHex(textBytes(text, undefined))).toBe(EVENT);
  });

  test.each([
    [
      'hexdump -C',
      '00000000  10 00 00 00 23 01 00 00  00 00 00 00 08 02 00 00  |....#...........|\n00000010  00 20 00 10 00 00 00 00  00 00 00 00 00 00 00 00  |. ..............|\n00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000060  10 00 00 00 23 01 00 00  00 00 00 00 08 02 00 00  |....#...........|\n00000070  00 20 00 10 00 00 00 00  00 00 00 00 00 00 00 00  |. ..............|\n00000080\n',
    ],
    [
      'od -tx1',
      '0000000 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00\n0000020 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00\n0000040 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n0000140 10 00 00 00 23 01 00 00 00 00 00 00 08 02 00 00\n0000160 00 20 00 10 00 00 00 00 00 00 00 00 00 00 00 00\n0000200\n',
    ],
    [
      'od -tx8',
      '0000000 0000012300000010 0000020800000000\n0000020 0000000010002000 0000000000000000\n0000040 0000000000000000 0000000000000000\n*\n0000140 0000012300000010 0000020800000000\n0000160 0000000010002000 0000000000000000\n0000200\n',
    ],
  ])('lines that %s leaves out', (_what, text) => {
    expect(toHex(textBytes(text, undefined))).toBe(LONG);
  });

  test.each([
    ['xxd', '00000000: 1000 0000 2301                           ....#.\n'],
    ['hexdump -C', '00000000  10 00 00 00 23 01                                 |....#.|\n00000006\n'],
    ['od -tx1', '0000000 10 00 00 00 23 01\n0000006\n'],
    ['od -tx8', '0000000 0000012300000010\n0000006\n'],
  ])('a dump of %s that ends in the middle of a line', (_what, text) => {
    expect(toHex(textBytes(text, undefined))).toBe('100000002301');
  });
});

test.each([
  ['a letter', '08zz', 'not hex: "z" in "08zz", character 2 of the input'],
  ['half a byte', '080', 'not hex: 3 digits, and a byte has two'],
  ['single digits', '8 0 0 0', '"8" has one digit, and a byte has two: write 08, or give --words'],
  [
    'numbers of an array that are decimal',
    '[8, 0, 0, 0]',
    '"8" has one digit, and a byte has two: write 08, or give --words',
  ],
  ['no digits behind 0x', '0x', 'not hex: "0x" in "0x", character 0 of the input'],
  [
    'words that may be of either width',
    '0x123 0x4',
    '0x123 has 3 digits: say with --words 32 or --words 64 how wide the words are',
  ],
  [
    'a string that strace cut',
    '"\\20\\0"...',
    'the string ends in "...": run strace with -s 4096 to have all of it',
  ],
  [
    'a Buffer that Node cut',
    '<Buffer 10 00 ... 14 more bytes>',
    'Node has left bytes out: print buffer.toString("hex")',
  ],
  [
    'a dump that ends in *',
    '0000000 10 00\n*\n',
    'the dump ends in "*": the line after it, with the last address, is missing',
  ],
  [
    'a dump without addresses that leaves lines out',
    ' 10 00\n*\n 10 00\n',
    'lines are left out where the dump has "*": use od -v, or leave its addresses in',
  ],
])('textBytes refuses %s', (_what, text, complaint) => {
  expect(() => textBytes(text, undefined)).toThrow(complaint);
});

test('textBytes refuses words that are longer than --words says', () => {
  expect(() => textBytes('12345678 123456789', 32)).toThrow(
    '"123456789" has 9 digits, and a word of 32 bits has 8',
  );
});
