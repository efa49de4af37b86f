/** The command as a process of its own, with the pipes that a shell makes. */
import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { bundled } from '@iommufd/testkit/program';

/** The programs of this folder, as files for Node. */
const FILES = {
  'main.ts': await bundled(new URL('main.ts', import.meta.url)),
  'abi-main.ts': await bundled(new URL('abi-main.ts', import.meta.url)),
};

function program(
  name: keyof typeof FILES,
  args: readonly string[],
  options: { input?: string | Uint8Array } = {},
) {
  return spawnSync(process.execPath, [FILES[name], ...args], { encoding: 'utf8', ...options });
}

/** Runs a script of bash, in which `$IOMMUFD` is the command. */
function shell(script: string, input: string | Uint8Array = '') {
  const env = { ...process.env, IOMMUFD: `${process.execPath} ${FILES['main.ts']}` };
  return spawnSync('bash', ['-c', script], { encoding: 'utf8', env, input });
}

const DESTROY = '0800000005000000';
/** An answer to a page fault: records of eight bytes. */
const RESPONSE = '0500000000000000';
const DECODE = ['decode', '--responses'];
const count = (out: string): number => (out.match(/^record /gm) ?? []).length;
/** More than a pipe holds (64 KiB), in both directions. */
const MANY = 10_000;

test('the program as a process: output, complaint, status', () => {
  const good = program('main.ts', ['decode', '--struct', 'iommu_destroy', '--json'], { input: DESTROY });
  expect([good.stdout, good.stderr, good.status]).toEqual(['{"size":8,"id":5}\n', '', 0]);
  const bad = program('main.ts', ['decode', '--struct', 'iommu_destroy', 'xx']);
  expect([bad.stdout, bad.stderr, bad.status]).toEqual([
    '',
    'iommufd: not hex: "x" in "xx", character 0 of the input\n',
    2,
  ]);
});

describe('pipes', () => {
  test('a writer that is slower than the command, piece by piece', async () => {
    const child = spawn(process.execPath, [FILES['main.ts'], ...DECODE], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const closed = new Promise((resolve) => child.once('close', resolve));
    for (const piece of [RESPONSE.repeat(MANY), '05', '00', '0000', '00000000']) {
      // A piece of more than a pipe holds is written when the command has read of it.
      await new Promise((resolve) => child.stdin.write(piece, resolve));
    }
    child.stdin.end();
    expect(await closed).toBe(0);
    expect(count(out)).toBe(MANY + 1);
  });

  test('an input of which another process has made reading non-blocking', () => {
    // `process.stdin` of the process around the command does it to both, and then the writer is asked for more.
    const around = `
      import { spawn } from 'node:child_process';
      const [command, ...args] = process.argv.slice(1);
      const child = spawn(command, args, { stdio: 'inherit' });
      void process.stdin;
      child.on('exit', (status) => process.exit(status ?? 1));`;
    const { stdout, stderr } = shell(
      `{ head -c ${MANY * 16}; echo ${RESPONSE} | cat; } | '${process.execPath}' --input-type=module -e "${around}" -- $IOMMUFD ${DECODE.join(' ')} | grep -c ^record`,
      RESPONSE.repeat(MANY),
    );
    expect([stdout.trim(), stderr]).toEqual([`${MANY + 1}`, '']);
  });

  test.each([
    ['hex', RESPONSE.repeat(MANY)],
    ['bytes', Buffer.from(RESPONSE.repeat(MANY), 'hex')],
  ])('a large input of %s through cat', (_what, input) => {
    const { stdout, stderr } = shell(`cat | $IOMMUFD ${DECODE.join(' ')} | grep -c ^record`, input);
    expect([stdout.trim(), stderr]).toEqual([`${MANY}`, '']);
  });

  test('a reader that closes before the end: no error, no complaint', () => {
    const { stdout, stderr } = shell(
      `$IOMMUFD ${DECODE.join(' ')} | head -n 1; echo "status \${PIPESTATUS[0]}"`,
      RESPONSE.repeat(MANY),
    );
    expect([stdout, stderr]).toEqual(['record 0: iommu_hwpt_page_response\nstatus 0\n', '']);
  });

  test('a reader of complaints that has closed: the status says it', () => {
    const { stdout } = shell(
      `exec 4>&1; { $IOMMUFD decode --struct iommu_destroy xx 2>&1 >&4; echo "status $?" >&4; } | :`,
    );
    expect(stdout).toBe('status 2\n');
  });

  test('an output that takes nothing', () => {
    const { stderr, status } = shell(`$IOMMUFD decode --struct iommu_destroy ${DESTROY} > /dev/full`);
    expect([stderr, status]).toEqual(['iommufd: cannot write: ENOSPC: no space left on device, write\n', 1]);
  });

  test('an input that is empty, and one that is closed', () => {
    for (const input of ['< /dev/null', '<&-']) {
      const { stdout, stderr, status } = shell(`$IOMMUFD decode --struct iommu_destroy ${input}`);
      expect([stdout, stderr, status]).toEqual(['', expect.stringMatching(/^iommufd: .*empty.*\n$/), 2]);
    }
  });
});

test('abi prints what the declarations say', () => {
  const { stdout, status } = program('abi-main.ts', ['--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    structs: {
      iommu_destroy: {
        size: 8,
        align: 4,
        fields: [
          { name: 'size', offset: 0, size: 4 },
          { name: 'id', offset: 4, size: 4 },
        ],
      },
    },
    constants: { IOMMU_DESTROY: 15232, IOMMU_VEVENTQ_FLAG_LOST_EVENTS: 1 },
    smmuv3: { EVTQ_0_SID: '0xffffffff00000000' },
  });
  // An anonymous union, and its members under their own names.
  const inner = ['in_data_type', 'out_data_type'].map((name) => ({ name, offset: 24, size: 4 }));
  expect(JSON.parse(stdout)).toHaveProperty(
    'structs.iommu_hw_info.fields',
    expect.arrayContaining([{ name: '', offset: 24, size: 4, fields: inner }, ...inner]),
  );
  expect(program('abi-main.ts', []).status).toBe(2);
});
