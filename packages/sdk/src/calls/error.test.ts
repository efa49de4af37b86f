import { expect, test } from '@jest/globals';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, IOVA, mapped, PAGE } from '../testing/devices.testing.js';
import { InvalidationError, IommufdError } from '../index.js';

const failed = { call: 'IOMMU_X', args: { id: 3, iova: 0x1000n, list: [1, 2n], name: 'x' }, errno: 16 };

test('an error has its data as properties and in its message', () => {
  const error = new IommufdError(failed, { usedBy: ['hwpt 4', 'device 2 (/dev/vfio/devices/vfio0)'] });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ ...failed, name: 'IommufdError', code: 'EBUSY' });
  expect(error.message).toBe(
    'IOMMU_X: EBUSY: Something still uses it. Still used by hwpt 4, device 2 (/dev/vfio/devices/vfio0). ' +
      '(id=3, iova=0x1000, list=[1, 0x2], name=x)',
  );
  expect(String(error)).toBe(`IommufdError: ${error.message}`);
});

test('the meaning of an errno is that for the call, or the general one', () => {
  const meanings = { EBUSY: 'It is being reset.' };
  expect(new IommufdError(failed, { meanings }).meaning).toBe('It is being reset.');
  expect(new IommufdError({ ...failed, errno: 22 }, { meanings }).meaning).toBe(
    'A field holds what it must not hold.',
  );
  expect(new IommufdError(failed, { meanings, meaning: 'Really not.' }).meaning).toBe('Really not.');
  expect(new IommufdError({ ...failed, shown: 'id=three' }).message).toMatch(/\(id=three\)$/);
});

test.each([
  [41, 'E41'],
  [512, 'E512'],
  [4095, 'E4095'],
])('an errno without a name is its number: %d', (errno, code) => {
  const error = new IommufdError({ ...failed, errno, args: {} });
  expect(error).toMatchObject({ errno, code, meaning: 'An errno without a name.' });
  expect(error.message).toBe(`IOMMU_X: ${code}: An errno without a name. ()`);
});

test('the error of an invalidation has the failed index, if the kernel reports it', () => {
  const entries = [{ a: 1 }, { a: 2, b: 3n }];
  const error = new InvalidationError({ ...failed, errno: 5, args: {} }, { EIO: 'No.' }, entries, 1);
  expect(error).toBeInstanceOf(IommufdError);
  expect(error.message).toBe('IOMMU_X: EIO: No. Entry 1 of 2 failed: {a=2, b=0x3}. ()');
  const silent = new InvalidationError({ ...failed, errno: 5, args: {} }, {}, entries, 2);
  expect(silent).toMatchObject({ handled: 0, total: 2, failedIndex: undefined, failedEntry: undefined });
  expect(silent.message).toContain('The kernel did not report which of 2 entries failed.');
});

onEveryBackend((open) => {
  test('an error shows flags by name', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const { address } = mapped(testbed, ioas, 1);
    const again = errorOf(() => ioas.map({ address, length: 4096n, iova: IOVA, write: false }));
    expect(again.message).toBe(
      'IOMMU_IOAS_MAP: EEXIST: 0x1000000-0x1000fff is mapped already: unmap it first, or choose another iova. ' +
        `(flags=IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_READABLE, ioas_id=${ioas.id}, ` +
        `user_va=0x${address.toString(16)}, length=4096, iova=0x1000000)`,
    );
  });

  test('an error for a closed object has the arguments too', () => {
    const testbed = open();
    const { iommufd } = testbed;
    const ioas = iommufd.allocIoas();
    ioas.close();
    expect(errorOf(() => ioas.unmapAll()).message).toBe(
      'Ioas.unmapAll: EBADF: The object is closed. (object=ioas 1)',
    );
    iommufd.close();
    expect(errorOf(() => iommufd.allocIoas()).message).toBe(
      'Iommufd.allocIoas: EBADF: The object is closed. (object=/dev/iommu)',
    );
  });

  test('an error for a missing device has the arguments too', () => {
    const testbed = open();
    expect(errorOf(() => testbed.iommufd.openDevice('/dev/vfio/devices/vfio3')).message).toBe(
      'open: ENOENT: No such file, object or address. (path=/dev/vfio/devices/vfio3)',
    );
    expect(errorOf(() => testbed.iommufd.allocMemory(PAGE * 2 ** 40)).message).toBe(
      'mmap: ENOMEM: Out of memory, or past the limit of locked memory. ' +
        '(length=4503599627370496, flags=33, fd=-1, offset=0x0)',
    );
  });

  test('an EBUSY error names the users', () => {
    const testbed = open();
    const { ioas, device, parent, viommu } = testbed.nested();
    expect(errorOf(() => parent.close()).message).toBe(
      'IOMMU_DESTROY: EBUSY: Another object uses it, a device is attached to it, or its file descriptor ' +
        `is still open. Still used by viommu ${viommu.id}. (id=${parent.id})`,
    );
    // The device was moved to the nested page table, and no longer uses the IOAS.
    expect(device.attachment()?.to === ioas).toBe(false);
    expect(errorOf(() => ioas.close()).usedBy).toEqual([parent.describe()]);
  });

  test('an error for a late answer names its group', () => {
    const testbed = open();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const { device, ioas } = testbed.nested(faultQueue);
    testbed.sendFault(device, { addr: IOVA });
    const [group] = faultQueue.read();
    device.attach(ioas);
    expect(errorOf(() => group?.respond('success')).message).toBe(
      'write: EINVAL: The kernel has already responded invalid, because the device was detached or moved. ' +
        `(fd=${faultQueue.fd}, groups=[1])`,
    );
  });
});
