import { expect, jest, test } from '@jest/globals';
import { interruptedSyscalls, pattern } from '@iommufd/testkit';
import { MockDevice as Hardware } from '@iommufd/fakekernel';
import { errno, vfio_device_info_flags } from '@iommufd/uapi';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, HUGE, IOVA, mapped, NESTED, plugged, unlike } from '../testing/devices.testing.js';
import { Iommufd } from '../index.js';

onEveryBackend((open) => {
  test('a device is opened by its node, and returns its information', () => {
    const testbed = open();
    const { device, path } = plugged(testbed);
    expect(path).toBe('/dev/vfio/devices/vfio0');
    expect(device).toMatchObject({ kind: 'device', path, isClosed: false });
    expect(device.describe()).toBe(`device ${device.id} (/dev/vfio/devices/vfio0)`);
    expect(`${device}`).toBe(device.describe());
    const { VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_RESET } = vfio_device_info_flags;
    expect(device.info()).toEqual({
      flags: VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
      bus: 'pci',
      canReset: true,
      regions: 9,
      irqs: 5,
    });
    device.reset();
  });

  test('regionInfo() returns the size and offset of regions', () => {
    const { device } = plugged(open());
    expect(device.regionInfo(0)).toEqual({ size: 0n, offset: 0n, read: false, write: false, mmap: false });
    expect(device.regionInfo(7)).toEqual({
      size: 4096n,
      offset: 7n << 40n,
      read: true,
      write: true,
      mmap: false,
    });
    const error = errorOf(() => device.regionInfo(9));
    expect(error).toMatchObject({ call: 'VFIO_DEVICE_GET_REGION_INFO', code: 'EINVAL' });
    expect(error.args).toMatchObject({ index: 9 });
  });

  test('irqInfo() returns the number and flags of interrupts', () => {
    const { device } = plugged(open());
    expect(device.irqInfo(0)).toEqual({
      count: 0,
      eventfd: true,
      maskable: true,
      automasked: true,
      noResize: false,
    });
    expect(device.irqInfo(4)).toEqual({
      count: 1,
      eventfd: true,
      maskable: false,
      automasked: false,
      noResize: true,
    });
    expect(errorOf(() => device.irqInfo(5))).toMatchObject({
      call: 'VFIO_DEVICE_GET_IRQ_INFO',
      code: 'EINVAL',
    });
  });

  test('hwInfo() returns the type and capabilities of the IOMMU', () => {
    const testbed = open();
    const selftest = { type: 'selftest', data: { flags: 0, test_reg: 0xdead_beef } };
    const { device } = plugged(testbed, { pasids: true });
    const info = device.hwInfo();
    expect(info).toMatchObject({ ...selftest, pasidBits: 20, dirtyTracking: true });
    expect(device.hwInfo({ type: 'selftest' })).toEqual(info);
    expect(errorOf(() => device.hwInfo({ type: 'vtd' }))).toMatchObject({
      call: 'IOMMU_GET_HW_INFO',
      code: 'EOPNOTSUPP',
    });
    expect(plugged(testbed, { dirtyTracking: false }).device.hwInfo()).toMatchObject({
      pasidBits: 0,
      dirtyTracking: false,
    });
  });

  test('DMA is blocked before a device is attached and after it is detached', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const memory = mapped(testbed, ioas, 1);
    await expect(hardware.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    const attachment = device.attach(ioas);
    expect(unlike(attachment, { device, to: ioas, pasid: undefined, isCurrent: true })).toEqual([]);
    expect(device.attachment() === attachment).toBe(true);
    await hardware.dma.write(IOVA, pattern(8));
    expect(memory.bytes(0, 8)).toEqual(pattern(8));
    device.detach();
    expect(device.attachment()).toBeUndefined();
    expect(attachment.isCurrent).toBe(false);
    await expect(hardware.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    // Detaching again does nothing.
    device.detach();
    attachment.detach();
  });

  test('devices share the page table that the kernel allocates for an IOAS', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const [one, two] = [plugged(testbed).device.attach(ioas), plugged(testbed).device.attach(ioas)];
    expect(one.pageTableId).toBe(two.pageTableId);
    expect(one.pageTableId).not.toBe(ioas.id);
  });

  test('DMA is translated by the attached page table, paging or nested', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const memory = mapped(testbed, ioas, 1);
    const hwpt = device.allocHwpt({ ioas, nestParent: true });
    const nested = device.allocNestedHwpt({ on: hwpt, data: NESTED });
    for (const [seed, to] of [hwpt, nested].entries()) {
      const { pageTableId } = device.attach(to);
      expect(pageTableId).toBe(to.id);
      await hardware.dma.write(IOVA, pattern(8, seed));
      expect(memory.bytes(0, 8)).toEqual(pattern(8, seed));
    }
  });

  test('a device is moved to another address space, and only the last attachment is current', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const [first, second] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    const [one, two] = [mapped(testbed, first, 1), mapped(testbed, second, 1)];
    const before = device.attach(first);
    const after = device.attach(second);
    await hardware.dma.write(IOVA, pattern(4));
    expect([one.bytes(0, 4), two.bytes(0, 4)]).toEqual([new Uint8Array(4), pattern(4)]);
    expect([before.isCurrent, after.isCurrent]).toEqual([false, true]);
    const calls = counted(testbed.process);
    before.detach();
    before[Symbol.dispose]();
    expect(calls()).toBe(0);
    expect(device.attachment() === after).toBe(true);
    // The first one is no longer in use.
    first.close();
    after[Symbol.dispose]();
    expect(device.attachment()).toBeUndefined();
    second.close();
  });

  test('a device is moved without a gap: it is never detached in between', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const hwpt = device.allocHwpt({ ioas });
    device.attach(hwpt);
    mapped(testbed, ioas, 1);
    const blocked = jest.spyOn(hardware, 'attachDomain');
    device.attach(ioas);
    device.attach(hwpt);
    expect(blocked.mock.calls.map(([domain]) => domain !== undefined)).toEqual([true, true]);
    expect(await hardware.dma.read(IOVA, 1)).toEqual(new Uint8Array(1));
  });

  test('attaching to the same page table again replaces the attachment', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const first = device.attach(ioas);
    const second = device.attach(ioas);
    expect(second.pageTableId).toBe(first.pageTableId);
    first.detach();
    expect(device.attachment() === second).toBe(true);
    expect(errorOf(() => ioas.close()).usedBy).toEqual([device.describe()]);
    second.detach();
    ioas.close();
  });

  test('a failed attach() leaves the device attached as before', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const [good, bad] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    mapped(testbed, good, 1);
    mapped(testbed, bad, 1, 0x8000_0000n);
    const attachment = device.attach(good);
    const error = errorOf(() => device.attach(bad));
    expect(error).toMatchObject({ call: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT', code: 'EADDRINUSE' });
    expect(error.args).toMatchObject({ pt_id: bad.id, flags: 0 });
    expect(device.attachment() === attachment).toBe(true);
    expect(await hardware.dma.read(IOVA, 1)).toEqual(new Uint8Array(1));
    bad.close();
  });

  test('the end of a block detaches a device', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    mapped(testbed, ioas, 1);
    {
      using attachment = device.attach(ioas);
      expect(await hardware.dma.read(IOVA, 1)).toEqual(new Uint8Array(1));
      expect(attachment.isCurrent).toBe(true);
    }
    await expect(hardware.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
  });

  test('PASIDs of a device are attached and moved independently', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed, { pasids: true });
    const spaces = [1, 2, 3].map(() => {
      const ioas = testbed.iommufd.allocIoas();
      return { ioas, memory: mapped(testbed, ioas, 1), hwpt: device.allocHwpt({ ioas, pasid: true }) };
    });
    const [whole, five, six] = spaces;
    if (whole === undefined || five === undefined || six === undefined) throw new Error('there are three');
    device.attach(whole.hwpt);
    const first = device.attach(five.hwpt, { pasid: 5 });
    device.attach(six.hwpt, { pasid: 6 });
    expect(unlike(first, { pasid: 5, to: five.hwpt, pageTableId: five.hwpt.id })).toEqual([]);
    expect(device.attachment({ pasid: 5 }) === first).toBe(true);
    const write = async (seed: number): Promise<unknown> => {
      await hardware.dma.write(IOVA, pattern(4, seed));
      await hardware.dma.write(IOVA, pattern(4, seed + 1), { pasid: 5 });
      await hardware.dma.write(IOVA, pattern(4, seed + 2), { pasid: 6 });
      return spaces.map(({ memory }) => memory.bytes(0, 4).slice());
    };
    expect(await write(1)).toEqual([pattern(4, 1), pattern(4, 2), pattern(4, 3)]);
    // PASID 5 joins 6.
    const second = device.attach(six.hwpt, { pasid: 5 });
    expect(await write(11)).toEqual([pattern(4, 11), pattern(4, 2), pattern(4, 13)]);
    first.detach();
    expect(device.attachment({ pasid: 5 }) === second).toBe(true);
    five.hwpt.close();
    device.detach({ pasid: 6 });
    // PASID 5 is still attached.
    expect(errorOf(() => six.hwpt.close())).toMatchObject({ code: 'EBUSY', usedBy: [device.describe()] });
    await expect(hardware.dma.read(IOVA, 1, { pasid: 6 })).rejects.toMatchObject({ reason: 'blocked' });
    second[Symbol.dispose]();
    six.hwpt.close();
    expect(device.attachment()?.isCurrent).toBe(true);
  });

  test('a PASID can be attached only to a page table for PASIDs, and only if it is in range', () => {
    const testbed = open();
    const { device } = plugged(testbed, { pasids: true });
    const ioas = testbed.iommufd.allocIoas();
    const plain = device.allocHwpt({ ioas });
    const hwpt = device.allocHwpt({ ioas, pasid: true });
    const codeOf = (pasid: number, to = hwpt): string => errorOf(() => device.attach(to, { pasid })).code;
    expect(codeOf(5, plain)).toBe('EINVAL');
    for (const pasid of [0, -1, 1.5, NaN, 1 << 20])
      expect(() => device.attach(hwpt, { pasid })).toThrow('pasid: expected an integer from 1 to 1048575');
    const error = errorOf(() => device.attach(plain, { pasid: 5 }));
    expect(error).toMatchObject({ call: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT' });
    expect(error.args).toMatchObject({ flags: 1, pasid: 5, pt_id: plain.id });
    expect(device.attachment({ pasid: 5 })).toBeUndefined();
    expect(device.attach(hwpt, { pasid: (1 << 20) - 1 }).isCurrent).toBe(true);
    // The plain one cannot be attached to the device itself beside a PASID.
    expect(errorOf(() => device.attach(plain)).code).toBe('EINVAL');
  });

  test('PASID 0 is refused and does not attach the device', () => {
    const testbed = open();
    const { device } = plugged(testbed, { pasids: true });
    const hwpt = device.allocHwpt({ ioas: testbed.iommufd.allocIoas(), pasid: true });
    expect(() => device.attach(hwpt, { pasid: 0 })).toThrow();
  });

  test('a device without PASIDs cannot attach one', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const hwpt = device.allocHwpt({ ioas: testbed.iommufd.allocIoas(), pasid: true });
    expect(errorOf(() => device.attach(hwpt, { pasid: 5 })).code).toBe('EINVAL');
    device.detach({ pasid: 5 });
    expect(device.attachment({ pasid: 5 })).toBeUndefined();
  });

  test('openDevice() fails for a missing path, and leaves no file open', () => {
    const testbed = open();
    const { openCount } = testbed.process.files;
    const error = errorOf(() => testbed.iommufd.openDevice('/dev/vfio/devices/vfio7'));
    expect(error).toMatchObject({
      call: 'open',
      code: 'ENOENT',
      errno: 2,
      args: { path: '/dev/vfio/devices/vfio7' },
    });
    expect(testbed.process.files.openCount).toBe(openCount);
  });

  test('a second bind of a device fails, and leaves no file open', async () => {
    const testbed = open();
    const { device, path, hardware } = plugged(testbed);
    const { openCount } = testbed.process.files;
    for (let i = 0; i < 3; i++) {
      const error = errorOf(() => testbed.iommufd.openDevice(path));
      expect(error).toMatchObject({ call: 'VFIO_DEVICE_BIND_IOMMUFD', code: 'EINVAL' });
      expect(error.args).toMatchObject({ iommufd: testbed.iommufd.fd });
    }
    expect(testbed.process.files.openCount).toBe(openCount);
    device.close();
    expect(testbed.process.files.openCount).toBe(openCount - 1);
    const again = testbed.iommufd.openDevice(path);
    const ioas = testbed.iommufd.allocIoas();
    mapped(testbed, ioas, 1);
    again.attach(ioas);
    expect(await hardware.dma.read(IOVA, 1)).toEqual(new Uint8Array(1));
  });

  test('binding a file that is not a device fails, and leaves no file open', () => {
    const testbed = open();
    const { openCount } = testbed.process.files;
    expect(errorOf(() => testbed.iommufd.openDevice('/dev/iommu'))).toMatchObject({
      call: 'VFIO_DEVICE_BIND_IOMMUFD',
    });
    expect(testbed.process.files.openCount).toBe(openCount);
    expect(testbed.kernel.contexts.size).toBe(1);
  });

  test('binding a device that another program has bound fails', () => {
    const testbed = open();
    const { path } = plugged(testbed);
    const other = testbed.kernel.spawn();
    const iommufd = Iommufd.open(interruptedSyscalls(other, 7));
    const before = other.files.openCount;
    expect(errorOf(() => iommufd.openDevice(path)).code).toBe('EINVAL');
    expect(other.files.openCount).toBe(before);
    iommufd.close();
    other.exit();
  });

  test('a page table of another /dev/iommu is refused, though its id exists here', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const mine = testbed.iommufd.allocIoas();
    const other = Iommufd.open(testbed.process);
    // Each /dev/iommu has its own ids.
    const theirs = [other.allocIoas(), other.allocIoas()].find(({ id }) => id === mine.id);
    if (theirs === undefined) throw new Error('the ids are not the same');
    try {
      expect(() => device.attach(theirs)).toThrow();
    } finally {
      other.close();
    }
  });

  test('closing a device detaches it and its PASIDs, and leaves nothing over', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed, { pasids: true });
    const ioas = testbed.iommufd.allocIoas();
    mapped(testbed, ioas, 1);
    const hwpt = device.allocHwpt({ ioas, pasid: true });
    const attachments = [device.attach(hwpt), device.attach(hwpt, { pasid: 9 })];
    expect(await hardware.dma.read(IOVA, 1, { pasid: 9 })).toEqual(new Uint8Array(1));
    device.close();
    expect(device.isClosed).toBe(true);
    await expect(hardware.dma.read(IOVA, 1, { pasid: 9 })).rejects.toMatchObject({ reason: 'blocked' });
    await expect(hardware.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    const calls = counted(testbed.process);
    for (const attachment of attachments) {
      expect(attachment.isCurrent).toBe(false);
      attachment.detach();
    }
    device.close();
    expect(calls()).toBe(0);
    // Page tables outlive the device that they were made for.
    hwpt.close();
    ioas.close();
    testbed.kernel.unplug(hardware);
  });

  test('closing everything while a device is attached leaves nothing over', () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed, { pasids: true });
    const ioas = testbed.iommufd.allocIoas();
    const hwpt = device.allocHwpt({ ioas, pasid: true, data: HUGE });
    device.attach(hwpt);
    device.attach(hwpt, { pasid: 3 });
    testbed.iommufd.close();
    expect(testbed.process.files.openCount).toBe(0);
    expect(testbed.kernel.leftOver()).toEqual([]);
    testbed.kernel.unplug(hardware);
  });

  test('an attachment ends when everything is closed, and detach() then does nothing', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const attachment = device.attach(testbed.iommufd.allocIoas());
    testbed.iommufd.close();
    expect(() => attachment[Symbol.dispose]()).not.toThrow();
    expect(attachment.isCurrent).toBe(false);
  });

  test('methods of a closed device fail without a system call', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const { device: other } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const parent = other.allocHwpt({ ioas, nestParent: true });
    const viommu = other.allocViommu({ type: 'selftest', parent });
    device.close();
    const calls = counted(testbed.process);
    for (const use of [
      () => device.attach(ioas),
      () => device.detach(),
      () => device.info(),
      () => device.regionInfo(0),
      () => device.irqInfo(0),
      () => device.reset(),
      () => device.hwInfo(),
      () => device.allocHwpt({ ioas }),
      () => device.allocNestedHwpt({ on: parent, data: NESTED }),
      () => device.allocViommu({ type: 'selftest', parent }),
      () => viommu.allocVdevice({ device, virtualId: 1n }),
    ]) {
      expect(errorOf(use)).toMatchObject({
        code: 'EBADF',
        errno: errno.EBADF,
        args: { object: device.describe() },
      });
    }
    expect(calls()).toBe(0);
  });

  test('closing a device closes its vDEVICE', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const { device: other } = plugged(testbed);
    const parent = device.allocHwpt({ ioas: testbed.iommufd.allocIoas(), nestParent: true });
    const viommu = device.allocViommu({ type: 'selftest', parent });
    const vdevice = viommu.allocVdevice({ device, virtualId: 0x99n });
    expect(errorOf(() => viommu.close()).usedBy).toEqual([vdevice.describe()]);
    device.close();
    expect(vdevice.isClosed).toBe(true);
    const calls = counted(testbed.process);
    vdevice.close();
    expect(calls()).toBe(0);
    // Its number is never used again: the next object gets a higher one.
    expect(viommu.allocVdevice({ device: other, virtualId: 0x99n }).id).not.toBe(vdevice.id);
    expect(testbed.iommufd.allocIoas().id).not.toBe(vdevice.id);
    other.close();
    viommu.close();
  });

  test('a device that is plugged in again is a new device', () => {
    const testbed = open();
    const { device, hardware, path } = plugged(testbed);
    device.close();
    testbed.kernel.unplug(hardware);
    expect(errorOf(() => testbed.iommufd.openDevice(path)).code).toBe('ENOENT');
    expect(testbed.kernel.plug(new Hardware())).toBe(path);
    expect(testbed.iommufd.openDevice(path).info().bus).toBe('pci');
  });
});
