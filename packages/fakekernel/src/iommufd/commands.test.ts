import { expect, test } from '@jest/globals';
import { IOMMU_TEST_CMD, iommufd_cmd } from '@iommufd/uapi';
import { allIoctls } from '@iommufd/uapi/registry';
import { mockModule } from '../selftest/test-cmd.js';
import { iommufdCommands } from './commands.js';

const numberOf = (request: number): number => request & 0xff;
const ioctls = [...allIoctls.values()].filter(
  ({ files, request }) => files.includes('iommufd') && numberOf(request) >= iommufd_cmd.IOMMUFD_CMD_BASE,
);

test('every declared ioctl of /dev/iommu is implemented exactly once', () => {
  const commands = [...iommufdCommands, ...(mockModule.commands ?? [])];
  const missing = ioctls.flatMap(({ name, request }) => {
    const count = commands.filter((command) => command.request === request).length;
    if (count === 1) return [];
    return [
      `${name} has ${count} commands: implement it in packages/fakekernel/src/iommufd and list that in commands.ts`,
    ];
  });
  expect(missing).toEqual([]);
  expect(commands).toHaveLength(ioctls.length);
});

test('IOMMU_TEST_CMD is not one of the ioctls of every kernel', () => {
  expect(iommufdCommands.map(({ request }) => request)).not.toContain(IOMMU_TEST_CMD.request);
});
