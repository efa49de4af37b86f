/**
 * A NIC that uses DMA and MSI-X, with a user-space driver. Frames are sent through one ring, and replies are received through another.
 * At the end the host requests the device back, and the driver closes it.
 *
 * Run it with `npm run example nic-driver`.
 */
import { FakeKernel, FakeVtd, nic } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';
import { NicDriver } from './driver.js';

// The machine: a NIC behind a port. The other end of its wire replies to each frame with the reversed letters.
const kernel = new FakeKernel();
const arrived: Uint8Array[] = [];
const fake = nic((frame) => {
  arrived.push(frame);
  fake.receive(frame.slice().reverse());
});
kernel.pci.addBridge('00:1c.0', { secondary: 1 });
const path = kernel.plug(fake.device, { at: '01:00.0', iommu: new FakeVtd() });

// The program. It gets only the path, and does not use the fake kernel.
const program = kernel.spawn();
{
  using iommufd = Iommufd.open(program);
  const ioas = iommufd.allocIoas();
  const device = iommufd.openDevice(path);
  const config = device.region('config');
  const id = (offset: number): string => config.read16(offset).toString(16).padStart(4, '0');
  console.log(`${path} is ${id(0)}:${id(2)}`);
  const request = device.enableInterrupts('request');

  const words = ['level', 'stressed', 'drawer', 'reward'];
  const answers: string[] = [];
  let taken = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const driver = new NicDriver(iommufd, device, ioas, {
    sent: (count) => (taken += count),
    received: (frame) => {
      answers.push(new TextDecoder().decode(frame));
      if (answers.length === words.length) finish();
    },
  });
  for (const word of words) driver.transmit(new TextEncoder().encode(word));
  await finished;
  console.log(`sent      ${words.join(' ')}`);
  console.log(`received  ${answers.join(' ')}`);
  console.log(`vector 0 completed ${taken} buffers, and ${arrived.length} frames were on the wire`);

  // The host requests the device back: vfio-pci signals the request interrupt, and waits.
  const unplug = kernel.startUnplug(fake.device);
  for await (const _request of request) break;
  console.log(`the host requests ${path} back: ${unplug.isDone ? 'unplugged' : 'still plugged in'}`);
  driver.close();
  device.close();
  console.log(`the device is closed: ${unplug.isDone ? 'unplugged' : 'still plugged in'}`);
}
program.exit();
console.log(`left over in the kernel: ${kernel.leftOver().join(', ') || 'nothing'}`);
