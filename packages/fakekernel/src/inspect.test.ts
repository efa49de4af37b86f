/** Tests that an inspector reports the state of a kernel, and that inspecting changes nothing. */
import { describe, expect, test } from '@jest/globals';
import {
  IOMMU_IOAS_ALLOC,
  iommu_ioas_alloc,
  IOMMU_IOAS_MAP,
  iommu_ioas_map,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { type AnyType, decode, encode } from '@iommufd/uapi/struct';
import { FakeKernel, mockModule } from './index.js';
import { KernelInspector } from './inspect.js';
import { kernelState } from './kernel-state.js';

const READ_WRITE = PROT_READ | PROT_WRITE;

function program() {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn();
  const fd = process.open('/dev/iommu');
  const at = process.mapHost(new Uint8Array(8192), READ_WRITE);
  const ask = <T extends AnyType>(request: number, type: T, values: object): object => {
    const bytes = process.memory(at, type.byteLength);
    bytes.set(encode(type as AnyType, values as never));
    expect(process.ioctl(fd, request, at)).toBe(0);
    return decode(type as AnyType, bytes) as object;
  };
  const inspector = new KernelInspector(kernel);
  return { kernel, process, fd, at, ask, inspector };
}

describe('an inspector', () => {
  test('sees objects and areas, and a number that stays with a context', () => {
    const { kernel, process, at, ask, inspector } = program();
    process.open('/dev/iommu');
    ask(IOMMU_IOAS_ALLOC.request, iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 });
    ask(IOMMU_IOAS_MAP.request, iommu_ioas_map, {
      size: 40,
      flags: 7,
      ioas_id: 1,
      user_va: at + 4096n,
      length: 4096n,
      iova: 0x10000n,
    });
    const before = kernelState(kernel);
    const seen = inspector.look();
    expect(kernelState(kernel)).toEqual(before);
    expect(seen.map(({ number, objects }) => [number, objects.length])).toEqual([
      [1, 1],
      [2, 0],
    ]);
    expect(seen[0]?.objects[0]).toMatchObject({
      id: 1,
      kind: 'ioas',
      users: 1,
      uses: [],
      areas: [{ start: 0x10000n, last: 0x10fffn, from: at + 4096n, source: 'user', read: true, write: true }],
    });
    process.close(3);
    expect(inspector.look().map(({ number }) => number)).toEqual([2]);
  });
});
