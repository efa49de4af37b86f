import { describe, expect, test } from '@jest/globals';
import { traceNative } from './trace.js';

/** Runs the command line in this process. */
async function trace(...args: string[]): Promise<{ readonly status: number; out: string; err: string }> {
  const output = { out: '', err: '' };
  const { status } = await traceNative(args, {
    colour: false,
    write: (text) => void (output.out += text),
    complain: (line) => void (output.err += `${line}\n`),
  });
  return { status, ...output };
}

describe('iommufd trace', () => {
  test.each([
    [[], 'a program is missing, or --pid'],
    [['--pid', '1', 'true'], 'a program and --pid exclude each other'],
    [['--pid', 'x'], "option '-p, --pid <pid>' argument 'x' is invalid. expected the PID of a process"],
    [['--nonsense', 'true'], "unknown option '--nonsense'"],
    [
      ['-e', 'IOMMU_NIX', 'true'],
      '-e IOMMU_NIX: expected the name of an ioctl, or one of iommufd, vfio, queues, regions, files',
    ],
    [['-o', '/no/such/file', 'true'], '-o /no/such/file: ENOENT'],
  ])('refuses %j with one line', async (args, message) => {
    expect(await trace(...args)).toEqual({ status: 125, out: '', err: `iommufd: ${message}\n` });
  });

  test('prints its help with examples', async () => {
    const { status, out, err } = await trace('--help');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('iommufd trace -p 1234');
  });
});
