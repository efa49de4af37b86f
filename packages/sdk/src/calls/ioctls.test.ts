/** Every ioctl has a method in the SDK, or a reason here why it has none. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { allIoctls } from '@iommufd/uapi/registry';

const SOURCE = new URL('../', import.meta.url);

/** Ioctls that the SDK does not make, by the reason. */
const WITHOUT_METHOD: Readonly<Record<string, readonly string[]>> = {
  'VFIO containers and groups: the SDK opens devices by their nodes and binds them to an iommufd': [
    'IOMMU_VFIO_IOAS',
    'VFIO_CHECK_EXTENSION',
    'VFIO_GET_API_VERSION',
    'VFIO_GROUP_GET_DEVICE_FD',
    'VFIO_GROUP_GET_STATUS',
    'VFIO_GROUP_SET_CONTAINER',
    'VFIO_GROUP_UNSET_CONTAINER',
    'VFIO_IOMMU_DIRTY_PAGES',
    'VFIO_IOMMU_DISABLE',
    'VFIO_IOMMU_ENABLE',
    'VFIO_IOMMU_GET_INFO',
    'VFIO_IOMMU_MAP_DMA',
    'VFIO_IOMMU_UNMAP_DMA',
    'VFIO_SET_IOMMU',
  ],
  'devices without an IOMMU, which the SDK does not open': ['IOMMU_IOAS_NOIOMMU_GET_PA'],
  'displays of mediated devices: vfio-pci has none': [
    'VFIO_DEVICE_GET_GFX_DMABUF',
    'VFIO_DEVICE_QUERY_GFX_PLANE',
  ],
};

function sources(): string {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(?:test|testing)\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, SOURCE), 'utf8'))
    .join('\n');
}

test('every ioctl is made by the SDK, or is listed with the reason why not', () => {
  const text = sources();
  const missing = new Set([...allIoctls.keys()].filter((name) => !new RegExp(`\\b${name}\\b`).test(text)));
  const listed = new Set(Object.values(WITHOUT_METHOD).flat());
  expect([
    ...[...missing]
      .filter((name) => !listed.has(name))
      .map(
        (name) => `${name}: add a method in packages/sdk/src/objects, or the reason to WITHOUT_METHOD here`,
      ),
    ...[...listed]
      .filter((name) => !missing.has(name))
      .map((name) => `${name}: remove it from WITHOUT_METHOD`),
  ]).toEqual([]);
});
