import { expect, jest } from '@jest/globals';
import { thrownBy } from '@iommufd/testkit';
import { MockDevice as Hardware, type MockDeviceOptions } from '@iommufd/fakekernel';
import { iommu_test_op, type Syscalls } from '@iommufd/uapi';
import type { Testbed } from './testbed.testing.js';
import { type Ioas, IommufdError, type Memory, type VfioDevice } from '../index.js';

export const PAGE = 4096;
/** An IOVA that every page table of the mock IOMMU can map. */
export const IOVA = 0x0100_0000n;
/** Data for a nested page table of the mock driver. */
export const NESTED = { type: 'selftest', iotlb: 1, pagetable_type: 0 } as const;
/** Data for a page table of the mock driver with addresses of 56 bits. */
export const HUGE = { type: 'selftest', iotlb: 0, pagetable_type: 1 } as const;

/** A device that does DMA, and the program's object for it. */
export interface Plugged {
  readonly hardware: Hardware;
  readonly path: string;
  readonly device: VfioDevice;
}

/** Plugs in a device, and opens it. */
export function plugged(testbed: Testbed, options?: MockDeviceOptions): Plugged {
  const hardware = new Hardware(options);
  const path = testbed.kernel.plug(hardware);
  return { hardware, path, device: testbed.iommufd.openDevice(path) };
}

/** Memory that an IOAS maps at {@link IOVA}. */
export function mapped(testbed: Testbed, ioas: Ioas, pages: number, iova = IOVA): Memory {
  const memory = testbed.iommufd.allocMemory(pages * PAGE);
  ioas.mapMemory(memory, { iova });
  return memory;
}

/** Reserves a range of an IOAS, like a device with an interrupt window. */
export function reserve(testbed: Testbed, ioas: Ioas, start: bigint, length: bigint): void {
  const op = iommu_test_op.IOMMU_TEST_OP_ADD_RESERVED;
  expect(testbed.testCmd({ op, id: ioas.id, add_reserved: { start, length } } as never)).toBe(0);
}

/** Returns the error of a call. Throws if the call does not throw an {@link IommufdError}. */
export const errorOf = (call: () => unknown): IommufdError => thrownBy(IommufdError, call);

/** The names of fields that are not identical. (Jest would compare the whole kernel behind an object.) */
export function unlike<T extends object>(found: T, expected: Partial<T>): string[] {
  return Object.entries(expected).flatMap(([name, value]) =>
    Object.is(Reflect.get(found, name), value) ? [] : [name],
  );
}

const NAMES = ['open', 'close', 'dup', 'ioctl', 'read', 'write', 'poll', 'wait', 'mmap', 'munmap'] as const;

/** Counts system calls from now on. @returns a function that returns the count */
export function counted(sys: Syscalls): () => number {
  const spies = [...NAMES, 'memfd' as const].map((name) => jest.spyOn(sys, name));
  const count = (): number => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  const before = count();
  return () => count() - before;
}
