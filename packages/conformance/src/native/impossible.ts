/** The tapes that a native program on this machine cannot replay, and the reasons. Every other difference is an error. */

import { readFileSync } from 'node:fs';
import type { Finding, Step, Tape } from '@iommufd/tape';
import {
  errno,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_HUGETLB,
  MAP_PRIVATE,
  POLLERR,
  VFIO_DEVICE_GET_REGION_INFO,
} from '@iommufd/uapi';
import { toHex } from '@iommufd/uapi/struct';

/** POLLRDNORM and POLLWRNORM of `asm-generic/poll.h`. */
const NORMAL = 0x140;

const hugePages = (): number => Number(readFileSync('/proc/sys/vm/nr_hugepages', 'latin1'));

const PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS;

/** The step at which a replay differs. */
interface Difference {
  readonly tape: Tape;
  /** The step that differs. */
  readonly step: Step;
  /** The steps up to and including it. */
  readonly steps: readonly Step[];
  readonly finding: Finding;
}

function isHugeMapping({ steps }: Difference): boolean {
  return (
    hugePages() === 0 &&
    steps.some((step) => step.op === 'mmap' && (step.flags & MAP_HUGETLB) !== 0 && BigInt(step.ret) > 0n)
  );
}

const isRefusedMapping = (step: Step): boolean =>
  step.op === 'mmap' && Number(step.ret) < 0 && step.fd >= 0 && (step.flags & MAP_FIXED) !== 0;

/** True if the program maps a part of a device. Only memory of a BAR can be mapped here, not registers. */
const isDeviceMapping = ({ step, finding: { problem } }: Difference): boolean =>
  step.op === 'mmap' &&
  step.fd >= 0 &&
  Number(step.ret) > 0 &&
  problem.kind === 'answer' &&
  problem.ours.ret === -errno.EINVAL;

/** True after VFIO_DEVICE_GET_REGION_INFO if only the flags and the capabilities of the region differ, not its size and offset. */
function isRegionInfo({ steps, finding: { problem } }: Difference): boolean {
  const call = steps.findLast((step) => step.op === 'ioctl');
  if (call === undefined || Number(call.cmd) !== VFIO_DEVICE_GET_REGION_INFO.request) return false;
  if (problem.kind !== 'memory' || problem.linux === undefined || problem.ours === undefined) return false;
  const [linux, ours] = [problem.linux, problem.ours].map((bytes) => bytes.subarray(16, 32));
  return linux !== undefined && ours !== undefined && toHex(linux) === toHex(ours);
}

/** True with private memory of 2 MiB or more, which the recorded machine had in huge pages. */
function hasTransparentHugePages({ tape, steps }: Difference): boolean {
  const HUGE = 2 << 20;
  return (
    tape.arch === 'x86_64' &&
    steps.some(
      (step) =>
        step.op === 'mmap' && step.len >= HUGE && BigInt(step.ret) > 0n && (step.flags & PRIVATE) === PRIVATE,
    )
  );
}

/** The reasons, and the condition of each. */
const REASONS: readonly (readonly [reason: string, applies: (difference: Difference) => boolean])[] = [
  ['it maps huge pages, and this machine has reserved none (vm.nr_hugepages)', isHugeMapping],
  [
    'it counts on transparent huge pages, of which no other process can tell where they are',
    hasTransparentHugePages,
  ],
  [
    'Linux unmaps what was there before the file refuses to be mapped (mmap_region()), and what answers a program cannot unmap for it',
    (difference) => {
      // Seen where it was, or by what is still in use.
      const { problem } = difference.finding;
      const isSeen =
        problem.kind === 'memory' || (problem.kind === 'answer' && problem.ours.ret === -errno.EBUSY);
      return isSeen && difference.steps.some(isRefusedMapping);
    },
  ],
  [
    'its program maps registers of a device, whose loads and stores cannot be observed, so that mmap() fails with EINVAL',
    isDeviceMapping,
  ],
  [
    'VFIO_DEVICE_GET_REGION_INFO does not offer to map registers (VFIO_REGION_INFO_FLAG_MMAP and its capability)',
    isRegionInfo,
  ],
  [
    'a mapping of a BAR remains while the device refuses accesses, where Linux removes it (vfio_pci_zap_bars()) and sends SIGBUS',
    ({ step }) => (step.op === 'load' || step.op === 'store') && 'signal' in step && step.signal === 'SIGBUS',
  ],
  [
    'only the kernel itself can add one to an eventfd at 2^64-2, which is POLLERR then: write() would block',
    ({ step }) => step.op === 'poll' && (step.revents & POLLERR) !== 0,
  ],
  [
    'what stands for a dma-buf is ready for POLLRDNORM and POLLWRNORM as well, and a dma-buf is not',
    ({ step }) => step.op === 'poll' && (step.events & NORMAL) !== 0,
  ],
];

/** Why a tape cannot be replayed beyond a finding; undefined if there is no reason. */
export function whyImpossible(tape: Tape, finding: Finding): string | undefined {
  const step = tape.steps[finding.step];
  if (step === undefined) return undefined;
  const difference: Difference = { tape, step, steps: tape.steps.slice(0, finding.step + 1), finding };
  return REASONS.find(([, applies]) => applies(difference))?.[0];
}
