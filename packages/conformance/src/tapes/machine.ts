import { boot as bootTape, type Boot, machineOf } from '@iommufd/tape';
import { isVfioMachine, vfioMachine } from './vfio-machine.js';

/** The machine that a checked-in tape was recorded on: those of the VFIO tapes have a name. */
export const boot: Boot = (tape) => {
  const { machine, kernel } = tape;
  return typeof machine === 'string' && isVfioMachine(machine)
    ? machineOf(vfioMachine(machine, kernel))
    : bootTape(tape);
};
