/**
 * A device that works by DMA and MSI-X, with a driver in the monitor's place: frames go out by one ring, and what comes back arrives by
 * another. At the end the host asks for the device, and the driver gives it back.
 *
 * Run it with `npm run example nic-driver`.
 */
import { FakeKernel, FakeVtd, nic } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';
import { NicDriver } from './driver.js';

// The machine: a NIC behind a port, whose wire leads to something that answers each frame with its letters turned round.
const kernel = new FakeKernel();
const arrived: Uint8Array[] = [];
const fake = nic((frame) => {
  arrived.push(frame);
  fake.receive(frame.slice().reverse());
});
kernel.pci.addBridge('00:1c.0', { secondary: 1 });
const path = kernel.plug(fake.device, { at: '01:00.0', iommu: new FakeVtd() });

// The program. It knows the path, and nothing of the fake kernel.
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
  console.log(`${taken} buffers came back by vector 0, ${arrived.length} frames were on the wire`);

  // The host wants the device back: vfio-pci asks by an interrupt, and waits.
  const unplug = kernel.startUnplug(fake.device);
  for await (const _request of request) break;
  console.log(`the host asks for ${path}; it is ${unplug.isDone ? 'gone' : 'still there'}`);
  driver.close();
  device.close();
  console.log(`given back; it is ${unplug.isDone ? 'gone' : 'still there'}`);
}
program.exit();
console.log(kernel.leftOver().length === 0 ? 'the kernel holds nothing any more' : kernel.leftOver());
