import { encodeArray, smmuv3_command } from '@iommufd/uapi';
import { checkBytes } from '../check.js';
import { COMMAND_BYTES, commandObjects, COMMANDS } from '../data/commands.js';
import { comparison, timed, WrongResult } from '../workload.js';

/** Number of commands per run during warm-up. */
const FEW = 64;

export const workload = comparison({
  name: 'W2',
  title: 'W2: encode commands',
  operation: 'command',
  unit: 'ns',
  module: import.meta.url,
  comparedTo: ['DataView, two u32', 'DataView, two u32, same checks'],
  goals: [
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32', atLeast: 0.8 },
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32, same checks', atLeast: 0.8 },
    { kind: 'libraries', of: '@iommufd/uapi', atLeast: 1 },
  ],
  text: `65,536 SMMUv3 commands of 128 bits are encoded from objects into one new buffer of a MiB: CMD_TLBI_NH_VA,
CMD_TLBI_NH_ASID, CMD_CFGI_CD, CMD_ATC_INV and CMD_TLBI_NSNH_ALL in any order, with all their fields. Ours is
\`encodeArray\`, which checks the name, kind and range of each field. Code written by hand has two forms: one checks nothing,
the other makes the same checks.`,
  // Created by the process that is not measured. The results of the others are compared with it.
  input: () => encodeArray(smmuv3_command, commandObjects()),
  start(encode, expected) {
    const commands = commandObjects();
    if (expected === undefined) throw new TypeError('there is nothing to compare with');
    // Warm-up: a few at a time, many times, as in W1.
    for (let i = 0; i < COMMANDS; i += FEW) encode(commands.slice(i, i + FEW));
    checkBytes('the buffer', encode(commands), expected);
    let kept: Uint8Array = new Uint8Array();
    return {
      run: () => {
        const pass = timed(COMMANDS, () => {
          kept = encode(commands);
        });
        if (kept.length !== COMMANDS * COMMAND_BYTES) throw new WrongResult(`${kept.length} bytes`);
        kept = new Uint8Array();
        return pass;
      },
    };
  },
});
