/**
 * A device writes to a program's memory, at the addresses that the program has mapped, and cannot access other memory.
 *
 * Run it with `npm run example hello-ioas`. It needs neither Linux nor root: the kernel is in this process.
 */
import { DmaFault, FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { Iommufd } from '@iommufd/sdk';

// A machine with one device, such as a network card, and a program that runs on it.
const kernel = new FakeKernel([mockModule]);
const nic = new MockDevice();
const path = kernel.plug(nic);
const program = kernel.spawn();

// At the end of the block, the objects declared with `using` are closed, the last one first.
{
  using iommufd = Iommufd.open(program);
  using ioas = iommufd.allocIoas();
  using memory = iommufd.allocMemory(64 * 1024);
  // Declared after the IOAS, so that it is closed, and detached, before the IOAS is closed.
  using device = iommufd.openDevice(path);
  console.log(`opened ${device}`);

  // Until a device is attached, all of its DMA is blocked.
  device.attach(ioas);
  const mapping = ioas.mapMemory(memory);
  console.log(`mapped ${mapping.length} bytes for the device at IOVA 0x${mapping.iova.toString(16)}`);

  // The hardware: the card writes a received frame to its buffer.
  await nic.dma.write(mapping.iova + 0x1000n, new TextEncoder().encode('hello from the wire'));
  // The program: the bytes are in its memory, without a copy.
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
console.log(`left over in the kernel: ${left.join(', ') || 'nothing'}`);
