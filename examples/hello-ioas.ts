/**
 * The shortest program that does something: a device writes into a program's memory, through addresses that the
 * program gave it, and no further.
 *
 * Run it with `npm run example hello-ioas`. It needs no Linux and no root: the kernel is in this process.
 */
import { DmaFault, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';

// A machine with one device, a network card say, and a program that runs on it.
const kernel = new FakeKernel([mockModule]);
const nic = new MockDevice();
const path = kernel.plug(nic);
const program = kernel.spawn();

// A block, so that what `using` declares is given back at its end, the last first.
{
  using iommufd = Iommufd.open(program);
  using ioas = iommufd.allocIoas();
  using memory = iommufd.allocMemory(64 * 1024);
  // After what it will be attached to, so that it is closed before that, and with it detached.
  using device = iommufd.openDevice(path);
  console.log(`opened ${device}`);

  // Until a device is attached, all of its DMA is blocked.
  device.attach(ioas);
  const mapping = ioas.mapMemory(memory);
  console.log(`mapped ${mapping.length} bytes; the device sees them at 0x${mapping.iova.toString(16)}`);

  // This is the device's side: the card puts a frame where the driver told it to.
  await nic.dma.write(mapping.iova + 0x1000n, new TextEncoder().encode('hello from the wire'));
  // The program's side: the bytes are in its memory, without a copy.
  const frame = memory.bytes(0x1000, 19);
  console.log(`the program reads "${new TextDecoder().decode(frame)}"`);

  // Unmapped memory is no longer accessible to the device.
  mapping.unmap();
  try {
    await nic.dma.write(mapping.iova + 0x1000n, new TextEncoder().encode('HELLO'));
  } catch (cause) {
    if (!(cause instanceof DmaFault)) throw cause;
    console.log(`after unmap() ${cause.message}`);
  }
  console.log(`the program still reads "${new TextDecoder().decode(frame)}"`);
}

program.exit();
const left = kernel.leftOver();
console.log(`the kernel holds ${left.length === 0 ? 'nothing any more' : left.join(', ')}`);
