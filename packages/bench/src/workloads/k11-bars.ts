import { MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import type { CaseWorkload, Runner } from '../workload.js';
import { timed } from '../workload.js';
import { OPTION, option } from './k1-one-ioctl.js';
import { PciProgram } from './pci-program.js';

/** Accesses that are timed together: half of them are writes. */
const ACCESSES = 50_000;

const BY_CALL = 'a register by pread() and pwrite()';
const MAPPED = 'a register by loads and stores of a mapping';
const MEMORY = 'memory by loads and stores of a mapping';
const BY_SDK = 'a register by Region of the SDK';
const MAPPED_BY_SDK = 'a register by RegionMapping of the SDK';

const SIZE = 4096;

function byCall(): Runner {
  const { process, device, buffer } = new PciProgram();
  const { fd } = device;
  return {
    run: () =>
      timed(ACCESSES, () => {
        for (let i = 0; i < ACCESSES; i += 2) {
          if (process.pwrite(fd, buffer, 4, 0n) !== 4) throw new Error('a write has failed');
          if (process.pread(fd, buffer, 4, 0n) !== 4) throw new Error('a read has failed');
        }
      }),
  };
}

const mapped = (bar: bigint) => (): Runner => {
  const { process, device } = new PciProgram();
  const at = process.mmap(0n, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, device.fd, bar << 40n);
  return {
    run: () =>
      timed(ACCESSES, () => {
        for (let i = 0; i < ACCESSES; i += 2) {
          process.store(at, 4, 7n);
          if (process.load(at, 4) !== 7n) throw new Error('a load has another value');
        }
      }),
  };
};

function bySdk(isMapped: boolean): () => Runner {
  return () => {
    const region = new PciProgram().device.region('bar0');
    const registers = isMapped ? region.map() : region;
    return {
      run: () =>
        timed(ACCESSES, () => {
          for (let i = 0; i < ACCESSES; i += 2) {
            registers.write32(0, 7);
            if (registers.read32(0) !== 7) throw new Error('a register has another value');
          }
        }),
    };
  };
}

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K11',
  title: 'K11: accesses to BARs',
  operation: 'transfer',
  unit: 'ns',
  module: import.meta.url,
  goals: [
    { kind: 'speed', of: BY_CALL, to: OPTION, atLeast: 1 },
    { kind: 'speed', of: MAPPED, to: OPTION, atLeast: 1 },
    { kind: 'speed', of: MEMORY, to: OPTION, atLeast: 1 },
  ],
  text: `Accesses of 4 bytes to a register of a PCI function of the fake kernel, and to its memory, reading and writing in turns. The baseline is the
ioctl of K1.`,
  cases: [
    { name: BY_CALL, kind: 'ours', start: byCall },
    { name: MAPPED, kind: 'ours', start: mapped(0n) },
    { name: MEMORY, kind: 'ours', start: mapped(1n) },
    { name: BY_SDK, kind: 'ours', start: bySdk(false) },
    { name: MAPPED_BY_SDK, kind: 'ours', start: bySdk(true) },
    { name: OPTION, kind: 'baseline', note: 'as in K1', start: option },
  ],
};
