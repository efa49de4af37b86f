import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allIoctls, ioctlsByRequest } from './registry.js';
import {
  _IO,
  _IOR,
  _IOW,
  _IOWR,
  buildRequest,
  formatRequest,
  type RequestDirection,
  splitRequest,
} from './request.js';

test.each<[request: number, text: string]>([
  [_IO(0x3b, 0x80), "_IO(';', 0x80)"],
  [_IOR(0x12, 0x72, 8), '_IOR(0x12, 0x72, 8)'],
  [_IOW(0x56, 0x3, 4), "_IOW('V', 0x3, 4)"],
  [_IOWR(0x64, 0x0, 64), "_IOWR('d', 0x0, 64)"],
])('%d is %s', (request, text) => {
  expect(formatRequest(request)).toBe(text);
});

test('numbers of other subsystems are those of their headers', () => {
  // BLKGETSIZE64, DRM_IOCTL_VERSION, TUNSETIFF.
  expect([_IOR(0x12, 114, 8), _IOWR(0x64, 0, 64), _IOW(0x54, 202, 4)]).toEqual([
    0x80081272, 0xc0406400, 0x400454ca,
  ]);
});

test('splitRequest is the inverse of buildRequest', () => {
  const direction = fc.constantFrom<RequestDirection>('none', 'write', 'read', 'both');
  const byte = fc.integer({ min: 0, max: 0xff });
  fc.assert(
    fc.property(
      fc.record({ direction, type: byte, nr: byte, size: fc.integer({ min: 0, max: 0x3fff }) }),
      (parts) => {
        expect(splitRequest(buildRequest(parts))).toEqual(parts);
      },
    ),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (request) => {
      expect(buildRequest(splitRequest(request))).toBe(request);
    }),
  );
});

test('a part out of range is refused', () => {
  expect(() => _IO(256, 0)).toThrow('request number: type must be from 0 to 255, not 256');
  expect(() => _IO(0, -1)).toThrow('nr must be');
  expect(() => _IOW(0, 0, 0x4000)).toThrow('size must be from 0 to 16383');
});

test('every request is found by its number, and only once for each kind of file', () => {
  for (const ioctl of allIoctls.values()) {
    expect(ioctlsByRequest(ioctl.request)).toContain(ioctl);
    for (const file of ioctl.files) expect(ioctlsByRequest(ioctl.request, file)).toEqual([ioctl]);
  }
  expect(
    ioctlsByRequest(15221)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['VFIO_DEVICE_FEATURE', 'VFIO_IOMMU_DIRTY_PAGES']);
  expect(ioctlsByRequest(1)).toEqual([]);
  expect(ioctlsByRequest(0x3b89)[0]?.struct?.name).toBe('iommu_hwpt_alloc');
});
