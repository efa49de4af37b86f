import { expect, test } from '@jest/globals';
import { IOMMU_VIOMMU_ALLOC, iommu_test_op } from '@iommufd/uapi';
import * as uapi from '@iommufd/uapi';
import { FakeKernel, mockModule } from '../index.js';
import { TestProgram } from '../program.testing.js';
import { RELEASES } from '@iommufd/uapi/history';
import { type Fact, FACTS, RECORDED } from './facts.js';
import { kernelVersion, NEWEST } from './kernel-version.js';

const facts: readonly (readonly [string, Fact])[] = Object.entries(FACTS);

test('the newest version is the default', () => {
  expect(new FakeKernel().version).toMatchObject({ name: NEWEST, isRecorded: true, unknown: [] });
  expect(RELEASES.at(-1)).toBe(NEWEST);
});

test.each([
  ['6.12', '6.12'],
  ['6.12.107', '6.12'],
  ['7.2.13', '7.2'],
  ['7.3.4', '7.3'],
])('%s is Linux %s', (version, name) => {
  expect(new FakeKernel([], { version }).version).toMatchObject({ name, isRecorded: true, unknown: [] });
});

test.each([
  ['6.12', false],
  ['6.12.107', false],
  ['6.12.116', false],
  ['6.12.117', true],
  ['6.12.120', true],
  ['6.13.117', false],
  ['7.2', false],
  ['7.3', true],
])('%s has changes that were backported to 6.12.117: %s', (version, expected) => {
  expect(kernelVersion(version).features.dirtyLengthZeroRefused).toBe(expected);
});

test('backports are stable releases of versions before the change', () => {
  for (const [name, { since, backports = [] }] of facts)
    for (const text of backports) {
      const [, release = ''] = /^(\d+\.\d+)\.[1-9]\d*$/.exec(text) ?? [];
      expect([name, RELEASES.findIndex((known) => known === release)]).not.toEqual([name, -1]);
      const first = RELEASES.findIndex((known) => known === (typeof since === 'object' ? since.by : since));
      expect(RELEASES.findIndex((known) => known === release)).toBeLessThan(first);
    }
});

test('a version between recorded ones reports that it was not recorded, and which facts are unknown', () => {
  const { isRecorded, unknown, features } = kernelVersion('6.15');
  expect(isRecorded).toBe(false);
  expect(unknown).toContain('IOMMU_HWPT_FAULT_ID_VALID');
  expect(features).toMatchObject({
    IOMMU_HWPT_FAULT_ID_VALID: false,
    IOMMU_VEVENTQ_ALLOC: true,
    IOMMU_HW_QUEUE_ALLOC: false,
  });
});

test.each(['6.11', '7.4', '6.12-rc1', '6', '', 'v6.12', '06.12', '6.12.'])(
  'version %j is refused with those that are known',
  (version) => {
    expect(() => new FakeKernel([], { version })).toThrow(
      new RangeError(
        `FakeKernel: version: no such version of Linux, found '${version}'. Known are 6.12, 6.13 (not recorded), ` +
          '6.14 (not recorded), 6.15 (not recorded), 6.16 (not recorded), 6.17 (not recorded), 6.18 (not recorded), ' +
          '6.19 (not recorded), 7.0 (not recorded), 7.1 (not recorded), 7.2, 7.3.',
      ),
    );
  },
);

test.each(facts)('%s begins or ends with a version, and has a source', (_name, { since, until, source }) => {
  const changes = [since, until].filter((when) => when !== undefined);
  expect(changes).toHaveLength(1);
  expect(source).toMatch(/\.[ch]\b/);
  for (const when of changes) {
    if (typeof when === 'string') continue;
    // A fact that is unknown in a recorded version is an error of the table.
    const between = RELEASES.slice(RELEASES.indexOf(when.after) + 1, RELEASES.indexOf(when.by));
    expect(between.filter((release) => RECORDED[release] !== undefined)).toEqual([]);
    expect([RECORDED[when.after], RECORDED[when.by]]).not.toContain(undefined);
  }
});

test('facts about ioctls and test operations have the names of uapi', () => {
  const names = facts.filter(([, { kind }]) => kind === 'ioctl' || kind === 'test op').map(([name]) => name);
  const known = { ...uapi, ...iommu_test_op };
  expect(names.filter((name) => !(name in known))).toEqual([]);
  expect(facts.filter(([name, { kind, what }]) => names.includes(name) && what !== name && kind)).toEqual([]);
});

test('all contexts of a kernel give the answers of its version', () => {
  const old = new TestProgram(2, new FakeKernel([mockModule], { version: '6.12' }));
  const vfio = old.process.open('/dev/vfio/vfio');
  for (const fd of [old.fd, vfio]) {
    // The size is read before the number is looked up.
    expect(old.process.ioctl(fd, IOMMU_VIOMMU_ALLOC.request, 8n)).toBe(-uapi.errno.EFAULT);
    expect(old.process.ioctl(fd, IOMMU_VIOMMU_ALLOC.request, old.at)).toBe(-uapi.errno.ENOTTY);
  }
  // Without the mock driver, the number is outside the table, and the argument is not read.
  const kernel = new FakeKernel([], { version: '6.12' });
  const process = kernel.spawn();
  const fd = process.open('/dev/iommu');
  expect(process.ioctl(fd, IOMMU_VIOMMU_ALLOC.request, 8n)).toBe(-uapi.errno.ENOTTY);
});
