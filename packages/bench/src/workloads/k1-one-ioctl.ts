import { closeSync, constants, openSync } from 'node:fs';
import { errno, IOMMU_DESTROY, IOMMU_OPTION, iommufd_option, iommufd_option_ops } from '@iommufd/uapi';
import { type Cannot, isCannot } from '../implementation.js';
import { loadKoffi } from '../load-koffi.js';
import { versionOf } from '../version-of.js';
import { type CaseWorkload, type Runner, timed } from '../workload.js';
import { Program } from './program.js';

/** Calls that are timed together. */
const CALLS = 50_000;

const DESTROY = 'IOMMU_DESTROY of an unknown id';
export const OPTION = 'IOMMU_OPTION get';
const REAL = 'a real ioctl through koffi';

/** TCGETS of `asm-generic/ioctls.h`: it fails, because /dev/null is not a terminal. */
const TCGETS = 0x5401;
/** Size of the argument in bytes, enough for a struct termios. */
const TERMIOS = 256;

function destroy(): Runner {
  const program = new Program();
  const call = program.prepare(IOMMU_DESTROY, { size: 8, id: 77 });
  return {
    run: () =>
      timed(CALLS, () => {
        for (let i = 0; i < CALLS; i++) program.call(call, -errno.ENOENT);
      }),
  };
}

export function option(): Runner {
  const program = new Program();
  const call = program.prepare(IOMMU_OPTION, {
    size: 24,
    option_id: iommufd_option.IOMMU_OPTION_RLIMIT_MODE,
    op: iommufd_option_ops.IOMMU_OPTION_OP_GET,
    object_id: 0,
    val64: 0n,
  });
  return {
    run: () =>
      timed(CALLS, () => {
        for (let i = 0; i < CALLS; i++) program.call(call);
      }),
  };
}

async function real(): Promise<Runner | Cannot> {
  const koffi = await loadKoffi();
  if (isCannot(koffi)) return koffi;
  let file: number;
  let ioctl: (fd: number, request: number, argument: Uint8Array) => number;
  try {
    file = openSync('/dev/null', constants.O_RDWR);
    ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');
  } catch (error) {
    return { cannot: error instanceof Error ? error.message : String(error) };
  }
  process.once('exit', () => closeSync(file));
  const argument = new Uint8Array(TERMIOS);
  if (ioctl(file, TCGETS, argument) !== -1 || koffi.errno() !== errno.ENOTTY)
    return { cannot: 'TCGETS on /dev/null is not ENOTTY here' };
  return {
    run: () =>
      timed(CALLS, () => {
        for (let i = 0; i < CALLS; i++)
          if (ioctl(file, TCGETS, argument) !== -1) throw new Error('TCGETS on /dev/null did not fail');
      }),
  };
}

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K1',
  title: 'K1: one ioctl',
  operation: 'ioctl',
  unit: 'ns',
  module: import.meta.url,
  goals: [
    { kind: 'speed', of: DESTROY, to: REAL, atLeast: 1 },
    { kind: 'speed', of: OPTION, to: REAL, atLeast: 1 },
  ],
  text: `\`Process.ioctl\` of the fake kernel on an open \`/dev/iommu\`, with the struct in the process's memory: IOMMU_DESTROY of an unknown
id, and IOMMU_OPTION, which writes its answer back. The baseline is a real ioctl that does nothing: TCGETS
on \`/dev/null\`, called from Node through koffi.`,
  cases: [
    { name: DESTROY, kind: 'ours', start: destroy },
    { name: OPTION, kind: 'ours', start: option },
    { name: REAL, kind: 'baseline', version: versionOf('koffi'), note: 'TCGETS on /dev/null', start: real },
  ],
};
