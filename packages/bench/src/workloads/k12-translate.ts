import { smmuv3Config } from '@iommufd/fakekernel';
import { guestIdRegisters, VirtualSmmuv3 } from '@iommufd/sdk';
import { GuestRam, Stage1, streamTableEntry, translatesBy } from '@iommufd/testkit/guest';
import { smmuv3_register } from '@iommufd/uapi';
import { type Case, type CaseWorkload, type Runner, timed } from '../workload.js';
import { PAGE } from './program.js';

/** Address of the guest's memory. */
const BASE = 0x8000_0000n;
const STREAM = 9;
const IOVA = 0x1000_0000n;
/** Number of pages that are accessed in turn, and number of rounds. */
const PAGES = 1024;
const ROUNDS = 64;
const OFFSET = 0xfffn;
/** The substream of an access without one. */
const NONE = -1;

const addresses = Array.from({ length: PAGES }, (_, page) => IOVA + BigInt(page * PAGE + 8));

/** A virtual SMMU with an emulated device, whose stage 1 maps its pages. */
function guest(): VirtualSmmuv3 {
  const memory = new GuestRam(new Uint8Array(64 * PAGE), BASE);
  const hardware = smmuv3Config();
  const nothing = (): undefined => undefined;
  const smmu = new VirtualSmmuv3({
    memory,
    backend: { streams: new Set(), invalidate: nothing, setStream: nothing },
    interrupts: { eventq: nothing, priq: nothing, gerror: nothing, cmdqSync: nothing, msi: nothing },
    idRegisters: guestIdRegisters(hardware),
  });
  const streams = memory.alloc();
  const stage1 = new Stage1(memory);
  stage1.setUp();
  for (const [page, address] of addresses.entries())
    stage1.show(address & ~OFFSET, BASE + BigInt(page * PAGE));
  memory.write(streams + BigInt(64 * STREAM), streamTableEntry(translatesBy(stage1.context)));
  smmu.write(smmuv3_register.SMMU_STRTAB_BASE, 8, streams);
  smmu.write(smmuv3_register.SMMU_STRTAB_BASE_CFG, 4, 6);
  smmu.write(smmuv3_register.SMMU_CR0, 4, 1);
  smmu.addDevice(STREAM);
  return smmu;
}

/** Calls a function for each address, in many rounds. @param each returns true if the address was translated */
function through(each: (address: bigint) => boolean): Runner {
  return {
    run: () =>
      timed(PAGES * ROUNDS, () => {
        for (let round = 0; round < ROUNDS; round++)
          for (const address of addresses)
            if (!each(address)) throw new Error(`0x${address.toString(16)} is not translated`);
      }),
  };
}

function startOurs(): Runner {
  const smmu = guest();
  return through((address) => smmu.translate(STREAM, undefined, address).kind === 'address');
}

/** The least work of a TLB hit: one look-up by stream, substream and page. */
function maps(): Map<number, Map<number, Map<number, bigint>>> {
  const pages = addresses.map(
    (address, page) => [Number(address >> 12n), BASE + BigInt(page * PAGE)] as const,
  );
  return new Map([[STREAM, new Map([[NONE, new Map(pages)]])]]);
}

function startByHand(): Runner {
  const streams = maps();
  return through((address) => {
    const page = streams
      .get(STREAM)
      ?.get(NONE)
      ?.get(Number(address >> 12n));
    return page !== undefined && (page | (address & OFFSET)) !== 0n;
  });
}

const hit: Case = { name: 'VirtualSmmuv3.translate(), a hit', kind: 'ours', start: startOurs };
const byHand: Case = { name: 'three look-ups in a Map', kind: 'baseline', start: startByHand };

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K12',
  title: 'K12: translations for emulated devices',
  operation: 'translation',
  unit: 'ns',
  module: import.meta.url,
  goals: [{ kind: 'speed', of: hit.name, to: byHand.name, atLeast: 1 }],
  text: `A device that the VMM emulates behind a virtual SMMU translates an access to a page that was translated before: ${PAGES} pages take turns.
The baseline has three nested \`Map\`s, by stream, substream and page, and computes the address from the entry.`,
  cases: [hit, byHand],
};
