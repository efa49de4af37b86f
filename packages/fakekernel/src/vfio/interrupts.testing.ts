import {
  EFD_NONBLOCK,
  encode,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_SET_IRQS,
  vfio_irq_set,
  vfio_irq_set_flags,
  vfio_pci_irq_index,
} from '@iommufd/uapi';
import { createDevice, type FakeKernel, type FakePciDevice, type PciDeviceOptions } from '../index.js';
import { TestProgram } from '../program.testing.js';

const {
  VFIO_IRQ_SET_ACTION_MASK,
  VFIO_IRQ_SET_ACTION_TRIGGER,
  VFIO_IRQ_SET_ACTION_UNMASK,
  VFIO_IRQ_SET_DATA_BOOL,
  VFIO_IRQ_SET_DATA_EVENTFD,
  VFIO_IRQ_SET_DATA_NONE,
} = vfio_irq_set_flags;

/** Kinds of interrupts, and their actions, by short names. */
export const INDEX = {
  intx: vfio_pci_irq_index.VFIO_PCI_INTX_IRQ_INDEX,
  msi: vfio_pci_irq_index.VFIO_PCI_MSI_IRQ_INDEX,
  msix: vfio_pci_irq_index.VFIO_PCI_MSIX_IRQ_INDEX,
  err: vfio_pci_irq_index.VFIO_PCI_ERR_IRQ_INDEX,
  req: vfio_pci_irq_index.VFIO_PCI_REQ_IRQ_INDEX,
} as const;
const ACTION = {
  mask: VFIO_IRQ_SET_ACTION_MASK,
  unmask: VFIO_IRQ_SET_ACTION_UNMASK,
  trigger: VFIO_IRQ_SET_ACTION_TRIGGER,
} as const;

/** Data of a request: file descriptors, booleans, or only a number of interrupts. */
export type Data = { readonly fds: readonly number[] } | { readonly bools: readonly boolean[] } | number;

/** A program that has opened and bound a PCI function. */
export class InterruptProgram extends TestProgram {
  readonly device: FakePciDevice;
  readonly cdev: number;

  constructor(options: Partial<PciDeviceOptions>, kernel?: FakeKernel) {
    super(2, kernel);
    this.device = createDevice({ vendor: 0x1234, device: 0x11e8, ...options });
    this.cdev = this.process.open(this.kernel.plug(this.device));
    this.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = this.fd), this.cdev);
  }

  /** @param from the first interrupt */
  set(index: keyof typeof INDEX, action: keyof typeof ACTION, data: Data, from = 0): number {
    const { kind, count, bytes } = encoded(data);
    this.memory.set(
      encode(vfio_irq_set, {
        argsz: vfio_irq_set.byteLength + bytes.length,
        flags: kind | ACTION[action],
        index: INDEX[index],
        start: from,
        count,
        data: bytes,
      }),
    );
    return this.process.ioctl(this.cdev, VFIO_DEVICE_SET_IRQS.request, this.at);
  }

  /** VFIO_DEVICE_GET_IRQ_INFO */
  info(index: keyof typeof INDEX): number {
    return this.call(VFIO_DEVICE_GET_IRQ_INFO, (cmd) => (cmd.index = INDEX[index]), this.cdev);
  }

  eventfd(): number {
    return this.process.eventfd(0, EFD_NONBLOCK);
  }

  /** How often an eventfd was signalled since the last call. */
  count(fd: number): number {
    const at = this.at + 4096n;
    if (this.process.read(fd, at, 8) < 0) return 0;
    return Number(new DataView(this.memory.buffer).getBigUint64(4096, true));
  }

  signal(fd: number): void {
    new DataView(this.memory.buffer).setBigUint64(4096, 1n, true);
    this.process.write(fd, this.at + 4096n, 8);
  }

  /** Reads or writes the virtual command register. */
  command(value?: number): number {
    const at = this.at + 4096n;
    const command = (7n << 40n) + 4n;
    const view = new DataView(this.memory.buffer);
    if (value !== undefined) {
      view.setUint16(4096, value, true);
      this.process.pwrite(this.cdev, at, 2, command);
    }
    this.process.pread(this.cdev, at, 2, command);
    return view.getUint16(4096, true);
  }
}

function encoded(data: Data): { readonly kind: number; readonly count: number; readonly bytes: Uint8Array } {
  if (typeof data === 'number') return { kind: VFIO_IRQ_SET_DATA_NONE, count: data, bytes: new Uint8Array() };
  if ('bools' in data)
    return {
      kind: VFIO_IRQ_SET_DATA_BOOL,
      count: data.bools.length,
      bytes: Uint8Array.from(data.bools, Number),
    };
  const bytes = new Uint8Array(Int32Array.from(data.fds).buffer);
  return { kind: VFIO_IRQ_SET_DATA_EVENTFD, count: data.fds.length, bytes };
}
