import type { CaseWorkload, Runner } from '../workload.js';
import { timed } from '../workload.js';
import { OPTION, option } from './k1-one-ioctl.js';
import { PciProgram } from './pci-program.js';

/** Interrupts that are timed together. */
const INTERRUPTS = 50_000;

const DELIVERED = 'MSI-X from a device to the eventfd, and its read()';
const TAKEN = 'the same, taken by the SDK';

/** Size of an eventfd's counter in bytes. */
const COUNTER = 8;

function delivered(): Runner {
  const program = new PciProgram();
  const { fd } = program.device.enableInterrupts('msix', { vectors: 1 }).eventfd();
  const { process, hardware, buffer } = program;
  return {
    run: () =>
      timed(INTERRUPTS, () => {
        for (let i = 0; i < INTERRUPTS; i++) {
          hardware.interrupt(0);
          if (process.read(fd, buffer, COUNTER) !== COUNTER) throw new Error('an interrupt has not come');
        }
      }),
  };
}

function taken(): Runner {
  const { device, hardware } = new PciProgram();
  const interrupts = device.enableInterrupts('msix', { vectors: 1 });
  return {
    run: () =>
      timed(INTERRUPTS, () => {
        for (let i = 0; i < INTERRUPTS; i++) {
          hardware.interrupt(0);
          if (interrupts.read().length !== 1) throw new Error('an interrupt has not come');
        }
      }),
  };
}

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K10',
  title: 'K10: interrupts',
  operation: 'interrupt',
  unit: 'ns',
  module: import.meta.url,
  goals: [{ kind: 'speed', of: DELIVERED, to: OPTION, atLeast: 1 }],
  text: `A PCI function of the fake kernel raises MSI-X, whose vector is tied to an eventfd; the program reads the counter by \`read()\`, or with
\`Interrupts.read()\` of the SDK, which polls first. The baseline is the ioctl of K1.`,
  cases: [
    { name: DELIVERED, kind: 'ours', start: delivered },
    { name: TAKEN, kind: 'ours', start: taken },
    { name: OPTION, kind: 'baseline', note: 'as in K1', start: option },
  ],
};
