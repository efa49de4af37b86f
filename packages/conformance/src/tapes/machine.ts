import { boot as bootTape, type Boot, Clock, type Machine, machineOf } from '@iommufd/tape';
import { vfioMachine } from './vfio-machine.js';

function bootVfio(name: string, version: string): Machine {
  const clock = new Clock();
  return machineOf(vfioMachine(name, version, clock), {}, clock);
}

/** The machine that a checked-in tape was recorded on: those of the VFIO tapes have a name. */
export const boot: Boot = (tape) => {
  const { machine, kernel } = tape;
  return typeof machine === 'string' ? bootVfio(machine, kernel) : bootTape(tape);
};
