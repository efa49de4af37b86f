/** The commands, on what people type: names, numbers, what strace prints, JSON; and what they say of what is wrong. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { iommufd } from '../program.testing.js';

const EVENT = '1000000023010000000000000802000000200010000000000000000000000000';
const BAD = EVENT.replace('0802', 'ff02');

describe('explain', () => {
  test.each([
    ["_IO(';', 0x85)", 'IOMMU_IOAS_MAP = 0x3b85'],
    ['_IOC(_IOC_NONE, 0x3b, 0x85, 0)', 'IOMMU_IOAS_MAP = 0x3b85'],
    ['0x3b85', 'IOMMU_IOAS_MAP = 0x3b85'],
    ['15237', 'IOMMU_IOAS_MAP = 0x3b85'],
    ['iommu_ioas_map', 'IOMMU_IOAS_MAP'],
    ['-ENOENT', 'ENOENT'],
    ['-2', 'ENOENT'],
    ['enoent', 'ENOENT'],
    ['IOMMU_IOAS_MAP_READABLE|IOMMU_IOAS_MAP_FIXED_IOVA', '= 0x5: flags of iommufd_ioas_map_flags'],
    ['0x10', 'F_TRANSLATION: EventNumber 0x10'],
    ['f_translation', 'F_TRANSLATION'],
    ['arm-smmuv3', 'iommu_hw_info_arm_smmuv3'],
    ['hwpt_id', 'hwpt_id'],
    ['vtd_qi_desc', 'vtd_qi_desc'],
    ['IO_PAGE_FAULT', 'amd_event'],
  ])('%s', async (term, meaning) => {
    const { out, complaint, status } = await iommufd(['explain', term]);
    expect([complaint, status]).toEqual([undefined, 0]);
    expect(out.slice(0, 400)).toContain(meaning);
    const json = await iommufd(['explain', '--json', term]);
    expect(JSON.parse(json.out)).toBeTruthy();
  });

  test('what is misspelt has suggestions', async () => {
    const { complaint, status } = await iommufd(['explain', 'IOMMU_IOAS_MPA']);
    expect(complaint).toContain('IOMMU_IOAS_MAP');
    expect(status).toBe(2);
  });
});

describe('what is misspelt is answered with what is near', () => {
  test.each([
    [['decdoe'], 'decode'],
    [['decode', '--strcut', 'x'], '--struct'],
    [['decode', '--struct', 'smmuv3_evnt', EVENT], 'smmuv3_event'],
    [['decode', '--ioctl', 'IOMMU_DESTORY', EVENT], 'IOMMU_DESTROY'],
    [['decode', '--veventq', 'smmuv33', EVENT], 'arm-smmuv3'],
    [['layout', 'iommu_destory'], 'iommu_destroy'],
    [['list', 'strcuts'], 'structs'],
    [['completion', 'bsh'], 'bash'],
  ])('iommufd %j', async (args, near) => {
    const { complaint, status } = await iommufd(args);
    expect(complaint).toContain(near);
    expect(complaint).not.toContain('\n');
    expect(status).toBe(2);
  });
});

describe('options that contradict each other are refused by name', () => {
  test.each([
    [
      ['--struct', 'smmuv3_event', '--log'],
      ['--struct', '--log'],
    ],
    [
      ['--faults', '--responses'],
      ['--faults', '--responses'],
    ],
    [
      ['--json', '--docs', '--faults'],
      ['--json', '--docs'],
    ],
    [
      ['--words', '64', '--log'],
      ['--words', '--log'],
    ],
    [
      ['--after', '3', '--faults'],
      ['--after', '--veventq'],
    ],
  ])('decode %j', async (args, names) => {
    const { complaint, status } = await iommufd(['decode', ...args], { stdin: EVENT });
    for (const name of names) expect(complaint).toContain(name);
    expect(status).toBe(2);
  });
});

describe('decode', () => {
  test.each([
    '--veventq=arm-smmuv3',
    '--veventq=ARM-SMMUV3',
    '--veventq=smmuv3',
    '--veventq=IOMMU_VEVENTQ_TYPE_ARM_SMMUV3',
  ])('knows a queue as %s', async (option) => {
    const { out, status } = await iommufd(['decode', option, `0000000000000000${EVENT}`]);
    expect([out.includes('F_TRANSLATION'), status]).toEqual([true, 0]);
  });

  test('takes several records as an array', async () => {
    const { out } = await iommufd(['decode', '--struct', 'smmuv3_event', '--json', EVENT + EVENT]);
    expect(JSON.parse(out)).toHaveLength(2);
  });

  test('prints the records before the bad one, and names --lenient', async () => {
    const { out, complaint, status } = await iommufd(['decode', '--struct', 'smmuv3_event', EVENT + BAD]);
    expect(out).toContain('record 0: smmuv3_event');
    expect(out).not.toContain('record 1');
    expect(complaint).toMatch(/^smmuv3_event\[1\].* at offset 4[0-9]: .*--lenient/);
    expect(status).toBe(2);
    const lenient = await iommufd(['decode', '--lenient', '--struct', 'smmuv3_event', EVENT + BAD]);
    expect([lenient.out.includes('record 1'), lenient.status]).toEqual([true, 0]);
  });

  test('reports the number that the specification does not have, and suggests --words for reversed words', async () => {
    const turned = '0000012300000010 0000020800000000 0000000010002000 0000000000000000';
    const { complaint } = await iommufd(['decode', '--struct', 'smmuv3_event', turned]);
    expect(complaint).toMatch(/the specification has no 0x00; .*F_TRANSLATION: give --words 64$/);
    const plain = await iommufd(['decode', '--struct', 'smmuv3_event', EVENT]);
    const words = await iommufd(['decode', '--struct', 'smmuv3_event', '--words', '64', turned]);
    expect(words.out).toBe(plain.out);
  });

  test('joins its arguments', async () => {
    const args = ['0x0000012300000010', '0x0000020800000000', '0x0000000010002000', '0x0'];
    const { out } = await iommufd(['decode', '--struct', 'smmuv3_event', ...args]);
    expect(out).toBe((await iommufd(['decode', '--struct', 'smmuv3_event', EVENT])).out);
  });

  test.each([50, 60, 80, 120])('breaks lines between words at %i columns', async (width) => {
    for (const args of [
      ['explain', '0x3b85'],
      ['layout', 'iommu_ioas_map'],
      ['list', 'ioctls'],
    ]) {
      const { out } = await iommufd(args, { width });
      const broken = out.split('\n').filter((line) => line.length > width);
      // Only a word or a name of a column that is wider than the terminal.
      expect(broken.filter((line) => line.trim().split(/\s+/).length > 4)).toEqual([]);
    }
  });
});

describe('encode', () => {
  test.each([
    ['--struct=smmuv3_event', EVENT],
    ['--struct=smmuv3_event', EVENT + EVENT],
    ['--struct=vtd_qi_desc', 'f2000200000000000410000000000000'],
    ['--struct=amd_event', '0147000032000020000000ffffff0f00'],
    ['--veventq=arm-smmuv3', `0000000000000000${EVENT}0100000005000000`],
    ['--veventq=arm-smmuv3', `0000000000000000${EVENT}`],
    ['--faults', '02000000030000000000000001000000030000000000000000100000000000000000000001000000'],
    ['--responses', '05000000000000000600000001000000'],
    ['--ioctl=IOMMU_DESTROY', '0800000005000000'],
  ])('%s takes what decode --json prints of %s', async (option, hex) => {
    const { out } = await iommufd(['decode', option, '--json', hex]);
    expect((await iommufd(['encode', option], { stdin: out })).out).toBe(`${hex}\n`);
  });

  test('takes names of flags', async () => {
    const map = { size: 40, ioas_id: 1, user_va: '0x7000', length: '0x2000', iova: '0x0' };
    const named = { ...map, flags: 'IOMMU_IOAS_MAP_FIXED_IOVA | iommu_ioas_map_readable' };
    const [a, b] = await Promise.all(
      [named, { ...map, flags: 5 }].map((json) =>
        iommufd(['encode', '--struct', 'iommu_ioas_map', JSON.stringify(json)]),
      ),
    );
    expect(a).toEqual(b);
    expect(a?.status).toBe(0);
  });
});

describe('list', () => {
  test.each(['structs', 'records', 'ioctls', 'queues', 'events', 'flags', 'errnos'])('%s', async (kind) => {
    const { out, status } = await iommufd(['list', kind, '--names']);
    expect(status).toBe(0);
    expect(out.trim().split('\n').length).toBeGreaterThan(2);
    expect(JSON.parse((await iommufd(['list', kind, '--json'])).out)).toHaveLength(
      out.trim().split('\n').length,
    );
  });
});

test.each([
  [['decode', 'boot.log'], '--file boot.log'],
  [['decode', '--log', 'boot.log'], '--file boot.log'],
  [['decode', '0800'], '--struct'],
  [['foo'], 'iommufd help'],
])('%j says what to give instead', async (args, instead) => {
  const { complaint, status } = await iommufd(args);
  expect(complaint).toContain(instead);
  expect(status).toBe(2);
});

test('--version prints the version, and no arguments the help', async () => {
  expect((await iommufd(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  const { out, status } = await iommufd([]);
  expect([out.startsWith('Usage: iommufd'), status]).toEqual([true, 0]);
});

describe('completion', () => {
  /** Completes a command line with the script for bash; `iommufd list` is this program. */
  async function complete(...words: string[]): Promise<string[]> {
    const { out: script } = await iommufd(['completion', 'bash']);
    const kinds = ['structs', 'records', 'ioctls', 'queues'];
    const names = await Promise.all(
      kinds.map(
        async (kind) =>
          `${kind}) printf '%s\\n' ${(await iommufd(['list', kind, '--names'])).out.trim().split('\n').join(' ')};;`,
      ),
    );
    const list = `iommufd() { case "$3" in ${names.join('\n')} esac; }\n`;
    const test = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
f=$(complete -p iommufd | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $f iommufd '${words.at(-1) ?? ''}' '${words.at(-2) ?? ''}'; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${list}${script}\n${test}`], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout
      .trim()
      .split('\n')
      .map((each) => each.trim());
  }

  test('of bash has the commands', async () => {
    expect(await complete('iommufd', 'de')).toEqual(['decode']);
  });

  test('of bash has the options', async () => {
    expect(await complete('iommufd', 'decode', '--st')).toEqual(['--struct']);
  });

  test.each([
    [['run', '--sm'], ['--smmuv3']],
    [['run', '--device', 'nv'], ['nvme']],
    [['run', '--left-over', ''], ['fail']],
    [['run', '--cap-add', 'CAP_SYS_RAW'], ['CAP_SYS_RAWIO']],
    [
      ['trace', '-'],
      ['-p', '--pid', '-o', '--output', '-e', '--expression', '--summary', '--help'],
    ],
    [['trace', '-e', 'qu'], ['queues']],
    [['trace', '--expression', 'IOMMU_DEST'], ['IOMMU_DESTROY']],
    [['record', '--stop'], ['--stop-at']],
    [['record', '--no'], ['--no-guest-memory']],
    [
      ['doctor', '--'],
      ['--ask-devices', '--json', '--root', '--help'],
    ],
    [['replay', '--al'], ['--all']],
    [['view', '--o'], ['--out']],
    [['replay', '/dev/nul'], ['/dev/null']],
    [['record', '-o', '/dev/nul'], ['/dev/null']],
    [['run', '--trace', '=', '/dev/nul'], ['/dev/null']],
    [['run', '--', '/dev/nul'], ['/dev/null']],
    [['run', '--', 'cat', '--left', ''], ['']],
  ])('of bash has what %j goes on with', async (words, expected) => {
    const found = await complete('iommufd', ...words);
    if (expected[0] === '') expect(found).not.toContain('fail');
    else expect(found).toEqual(expected);
  });

  test('of bash has the names', async () => {
    expect(await complete('iommufd', 'layout', 'iommu_dest')).toEqual(['iommu_destroy']);
  });

  test('of bash has file names with spaces as one word', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-completion-'));
    const file = join(folder, 'my tape.jsonl');
    writeFileSync(file, '');
    const found = await complete('iommufd', 'replay', join(folder, 'my'));
    rmSync(folder, { recursive: true });
    expect(found).toEqual([file]);
  });

  test('of zsh lets options be there again that may be given several times', async () => {
    const { out } = await iommufd(['completion', 'zsh']);
    expect(out).toContain("'*--device[");
    expect(out).toContain("'*--cap-add[");
    expect(out).not.toContain("'*--script[");
  });

  test('of zsh asks for names when they are completed, in braces and single quotes, which zsh evaluates', async () => {
    const { out } = await iommufd(['completion', 'zsh']);
    expect(out).toContain(':name:{compadd -- ${(f)"$(iommufd list --names ioctls)"}}\'');
    expect(out).not.toContain('\\"');
  });

  test.each(['zsh', 'fish'])('of %s names every command', async (shell) => {
    const { out } = await iommufd(['completion', shell]);
    for (const command of ['decode', 'encode', 'explain', 'layout', 'list']) expect(out).toContain(command);
    for (const option of ['ask-devices', 'no-guest-memory', 'summary', 'exact-fds', 'filter', 'no-open'])
      expect(out).toContain(option);
    // Where the shell is installed, it parses the script: fish from a file only.
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-completion-'));
    const script = join(folder, shell);
    writeFileSync(script, out);
    const { error, status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    if (error === undefined) expect([status, stderr]).toEqual([0, '']);
  });
});
