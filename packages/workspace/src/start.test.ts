import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test('`npm start` decodes, runs its examples, and lists next steps, on plain lines', () => {
  const program = fileURLToPath(new URL('./start.ts', import.meta.url));
  const node = ['--conditions=iommufd-source', '--import', 'tsx', program];
  // Jest's workers ask for colours, and this is about what a plain pipe gets.
  const { FORCE_COLOR: _force, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/[\x1b\r]/);
  const lines = stdout.split('\n');
  expect(lines.length).toBeLessThanOrEqual(218);
  // In this order.
  const landmarks = [
    'header {flags=IOMMU_VEVENTQ_FLAG_LOST_EVENTS, sequence=4} without data',
    'returns {entry_num=1}',
    'F_TRANSLATION',
    'npm run example hello-ioas',
    'the program reads "hello from the wire"',
    'npm run example event-loop',
    'reader  lost 5, numbers 6000 to 6004',
    'npm run example page-faults',
    'a device could not read at 0x40100000: answered as invalid',
    'npm run example vsmmu-vmm',
    'device    reads 10 bytes at 0x10000000: "a password"',
    'guest     reads F_TRANSLATION StreamID=0x5',
    'CERROR_ILL at index 8',
    'SMMU_EVENTQ_CONS = 0x8000000b: acknowledged',
    'npm run example live-migration',
    'npx iommufd view packages/conformance/tapes/scenarios.jsonl.gz',
  ];
  const places = landmarks.map((text) => lines.findIndex((line) => line.includes(text)));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
