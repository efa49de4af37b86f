import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test('the example prints what its buffer holds', () => {
  const program = fileURLToPath(new URL('./decode-veventq.ts', import.meta.url));
  const node = ['--conditions=iommufd-source', '--import', 'tsx', program];
  const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    '0: stream 0x123 found nothing at 0x10002000',
    '1: stream 0x123 may not write 0x10003000',
    '4 events were lost, up to number 5',
    '',
  ]);
});
