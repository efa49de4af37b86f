import { expect, test } from '@jest/globals';
import {
  type Ioctl,
  IOMMU_DESTROY,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_data_type,
  iommu_hwpt_invalidate_data_type,
  iommu_hw_info_type,
  iommu_hw_queue_type,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_MAP,
  IOMMU_TEST_CMD,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_type,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MAP_SHARED,
  MOCK_APERTURE_START,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { allIoctls, allStructs } from '@iommufd/uapi/registry';
import { encode } from '@iommufd/uapi/struct';
import { FakeKernel, mockModule, type Process } from './index.js';

const IOCTLS = 1_000_000;
/** System calls of one process. */
const ROUND = 4000;
const PAGE = 4096;
/** Pages that a process has from the start; the argument lies in the first, which is never unmapped. */
const PAGES = 32;
/** Where the processes' memory is: the same in each. */
const ARENA = 0x7fff_f7ff_f000 - PAGES * PAGE;

// Looked up once: in jest's realm a global is far to fetch.
const { imul } = Math;

/** mulberry32 */
class Random {
  constructor(private state: number) {}

  /** A number of 32 bits. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return this.next() % count;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  long(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}

/** One system call, or something that the program writes into its memory. */
type Step =
  | { readonly call: 'ioctl'; fd: number; request: number; bytes: Uint8Array; arg: bigint }
  | { readonly call: 'data'; offset: number; bytes: Uint8Array }
  | { readonly call: 'read' | 'write'; fd: number; address: bigint; length: number }
  | { readonly call: 'mmap'; length: number; flags: number; fd: number; offset: bigint }
  | { readonly call: 'munmap'; address: bigint; length: number }
  | { readonly call: 'open' }
  | { readonly call: 'memfd'; size: number }
  | { readonly call: 'dup' | 'close' | 'poll'; fd: number };

/** Numbers that mean something to the mock driver. */
const TYPES = [
  iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST,
  iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
  iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
  iommu_hw_info_type.IOMMU_HW_INFO_TYPE_SELFTEST,
  iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_SELFTEST,
  iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST,
  iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST,
];

const LIMITS = [
  1n << 63n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
  (1n << 64n) - 4096n,
  (1n << 32n) - 1n,
  1n << 53n,
];

const iommufdRequests = [...allIoctls.values()].filter(
  ({ files, name }) => files.includes('iommufd') && name !== 'IOMMU_TEST_CMD' && name !== 'IOMMU_DESTROY',
);
const otherRequests = [...allIoctls.values()].filter(({ files }) => !files.includes('iommufd'));
/** Operations of IOMMU_TEST_CMD, and one beyond the last. */
const TEST_OPS = 25;

function id(random: Random): number {
  return random.oneIn(40) ? random.next() : random.below(13);
}

function word(random: Random): number {
  switch (random.below(10)) {
    case 0:
      return random.next();
    case 1:
    case 2:
      return 0;
    case 3:
      return 1 << random.below(6);
    case 4:
      return random.pick(TYPES);
    case 5:
      return random.below(4) * 4;
    case 6:
      return 3 + random.below(12);
    default:
      return id(random);
  }
}

function iova(random: Random): bigint {
  return BigInt(MOCK_APERTURE_START + random.below(8) * PAGE);
}

function memory(random: Random): bigint {
  const page = BigInt(ARENA + (1 + random.below(PAGES)) * PAGE);
  return random.oneIn(8) ? page + BigInt(random.below(PAGE)) : page;
}

function long(random: Random): bigint {
  switch (random.below(10)) {
    case 0:
      return random.long();
    case 1:
      return random.pick(LIMITS);
    case 2:
      return 0n;
    case 3:
    case 4:
      return memory(random);
    case 5:
    case 6:
      return iova(random);
    case 7:
      return BigInt(word(random) >>> 0);
    default:
      return BigInt(random.pick([1, 2, 3, 4, 8]) * random.pick([2048, 4096, 4096, 4096, 65536]));
  }
}

/** A value that fits the name of a field. */
function field(random: Random, name: string, size: number, isReserved: boolean): bigint {
  if (isReserved) return random.oneIn(100) ? random.long() : 0n;
  if (random.oneIn(12)) return size === 8 ? long(random) : BigInt(word(random) >>> 0);
  if (/uptr|user_va|vaddr|^data$|allowed_iovas/.test(name)) return memory(random);
  if (/iova|start|last/.test(name)) return iova(random);
  if (/fd$/.test(name)) return BigInt(3 + random.below(12));
  if (/_id$|^id$/.test(name)) return BigInt(id(random));
  if (/flags/.test(name)) return BigInt(random.oneIn(2) ? 0 : random.below(8));
  if (/type$/.test(name)) return BigInt(random.oneIn(4) ? 0 : random.pick(TYPES));
  if (/data_len|entry_len/.test(name)) return BigInt(random.below(7) * 4);
  if (/page_size/.test(name)) return random.pick([2048n, 4096n, 1n, 4096n]);
  if (/num|depth|index|op$/.test(name)) return BigInt(random.below(5));
  return size === 8 ? long(random) : BigInt(word(random) >>> 0);
}

/** The argument of an ioctl, field by field. */
function argument(random: Random, { struct }: Ioctl): Uint8Array {
  const bytes = new Uint8Array(Math.max(struct?.byteLength ?? 0, 8) + 8);
  const data = new DataView(bytes.buffer);
  const known = struct === undefined ? undefined : allStructs.get(struct.name);
  for (const { name, offset, size, reserved } of known?.members ?? []) {
    if (name === 'size' || name === 'argsz') data.setUint32(offset, known?.byteLength ?? 0, true);
    else if (size === 8) data.setBigUint64(offset, field(random, name, 8, reserved), true);
    else if (size === 4)
      data.setUint32(offset, Number(BigInt.asUintN(32, field(random, name, 4, reserved))), true);
  }
  return bytes;
}

function testArgument(random: Random): Uint8Array {
  const length = IOMMU_TEST_CMD.struct.byteLength;
  const bytes = new Uint8Array(length + 8);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, length, true);
  data.setUint32(4, random.oneIn(100) ? random.next() : random.below(TEST_OPS), true);
  data.setUint32(8, id(random), true);
  for (let at = 16; at < length; at += 8) {
    if (random.oneIn(2)) {
      data.setBigUint64(at, long(random), true);
    } else {
      data.setUint32(at, word(random), true);
      if (at + 4 < length) data.setUint32(at + 4, word(random), true);
    }
  }
  return bytes;
}

function randomIoctl(random: Random): Step {
  const arg = random.oneIn(200) ? random.pick([0n, memory(random), random.long()]) : BigInt(ARENA);
  const fd = random.oneIn(12) ? 3 + random.below(12) : 3;
  const kind = random.below(100);
  if (kind < 40) {
    return { call: 'ioctl', fd, request: IOMMU_TEST_CMD.request, bytes: testArgument(random), arg };
  }
  if (kind < 43) {
    return { call: 'ioctl', fd, request: IOMMU_DESTROY.request, bytes: argument(random, IOMMU_DESTROY), arg };
  }
  let ioctl = random.pick(iommufdRequests);
  let { request } = ioctl;
  if (kind < 50) {
    ioctl = random.pick(otherRequests);
    request = random.oneIn(2) ? random.next() : ioctl.request;
  }
  const bytes = argument(random, ioctl);
  if (random.oneIn(50))
    new DataView(bytes.buffer).setUint32(0, random.oneIn(2) ? random.next() : random.below(100), true);
  if (random.oneIn(60)) for (let i = 0; i < 4; i++) bytes[random.below(bytes.length)] = random.next();
  return { call: 'ioctl', fd, request, bytes, arg: random.oneIn(300) ? BigInt(random.below(12)) : arg };
}

/** Bytes for what fields point at: structs of the driver, ranges, answers to faults. */
function data(random: Random): Step {
  const bytes = new Uint8Array(64);
  const words = new Uint32Array(bytes.buffer);
  for (let i = 0; i < words.length; i++) words[i] = random.oneIn(2) ? random.below(4) : word(random);
  return { call: 'data', offset: random.below(PAGES) * PAGE + 256, bytes };
}

function randomStep(random: Random): Step {
  const fd = random.below(18) - 1;
  const lengths = [0, 1, 8, 12, 16, 24, 40, 80, 4096, 2 ** 31, 2 ** 47, random.next()];
  switch (random.below(150)) {
    case 0:
    case 1:
    case 2:
      return { call: 'read', fd, address: memory(random), length: random.pick(lengths) };
    case 3:
    case 4:
      return { call: 'write', fd, address: memory(random), length: random.pick(lengths) };
    case 5:
      return { call: 'poll', fd };
    case 6:
      return {
        call: 'mmap',
        length: random.pick([0, PAGE, 2 * PAGE, 2 * PAGE, 3 * PAGE, 100]),
        flags: random.pick([MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_PRIVATE | MAP_ANONYMOUS]),
        fd: random.oneIn(2) ? 3 : fd,
        offset: BigInt(random.below(6) * PAGE),
      };
    case 7: {
      const address = random.oneIn(4)
        ? ARENA + (16 + random.below(16)) * PAGE
        : ARENA - (2 + random.below(16)) * PAGE;
      return { call: 'munmap', address: BigInt(address), length: random.pick([PAGE, 2 * PAGE, PAGE, 0]) };
    }
    case 8:
      return { call: 'dup', fd };
    case 9:
      // The first /dev/iommu seldom: most of the state goes with it.
      return { call: 'close', fd: fd <= 3 && !random.oneIn(20) ? 4 + random.below(12) : fd };
    case 10:
      return random.oneIn(6) ? { call: 'open' } : { call: 'memfd', size: random.below(5) * PAGE };
    case 11:
    case 12:
    case 13:
      return data(random);
    default:
      return randomIoctl(random);
  }
}

function known(request: number, bytes: Uint8Array): Step {
  return { call: 'ioctl', fd: 3, request, bytes, arg: BigInt(ARENA) };
}

/** What a virtual machine monitor does first; not always, and random calls come between. */
function beginning(random: Random): Step[] {
  const { IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_DIRTY_TRACKING } = iommufd_hwpt_alloc_flags;
  const cmd = (op: number, object: number, pinning = 0, flags = 0): Step => {
    const bytes = new Uint8Array(IOMMU_TEST_CMD.struct.byteLength);
    new Uint32Array(bytes.buffer, 0, 8).set([bytes.length, op, object, 0, 0, pinning, 0, flags]);
    return known(IOMMU_TEST_CMD.request, bytes);
  };
  const steps: Step[] = [
    known(IOMMU_IOAS_ALLOC.request, encode(IOMMU_IOAS_ALLOC.struct, { size: 12, flags: 0, out_ioas_id: 0 })),
    // The device, what it is bound as, and a page table: 2, 3, 4.
    cmd(12, 1, 0, random.below(4)),
    known(
      IOMMU_HWPT_ALLOC.request,
      encode(IOMMU_HWPT_ALLOC.struct, {
        size: IOMMU_HWPT_ALLOC.struct.byteLength,
        flags: IOMMU_HWPT_ALLOC_NEST_PARENT | (random.oneIn(2) ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0),
        dev_id: 3,
        pt_id: 1,
        out_hwpt_id: 0,
        data_type: 0,
        data_len: 0,
        data_uptr: 0n,
        fault_id: 0,
      }),
    ),
    known(
      IOMMU_VIOMMU_ALLOC.request,
      encode(IOMMU_VIOMMU_ALLOC.struct, {
        size: IOMMU_VIOMMU_ALLOC.struct.byteLength,
        flags: 0,
        type: iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST,
        dev_id: 3,
        hwpt_id: 5,
        out_viommu_id: 0,
        data_len: random.oneIn(2) ? 24 : 0,
        data_uptr: BigInt(ARENA + PAGE),
      }),
    ),
    known(
      IOMMU_VDEVICE_ALLOC.request,
      encode(IOMMU_VDEVICE_ALLOC.struct, {
        size: 24,
        viommu_id: 6,
        dev_id: 3,
        out_vdevice_id: 0,
        virt_id: 1n,
      }),
    ),
    known(
      IOMMU_VEVENTQ_ALLOC.request,
      encode(IOMMU_VEVENTQ_ALLOC.struct, {
        size: IOMMU_VEVENTQ_ALLOC.struct.byteLength,
        flags: 0,
        viommu_id: 6,
        type: iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST,
        veventq_depth: 2,
        out_veventq_id: 0,
        out_veventq_fd: 0,
      }),
    ),
    known(
      IOMMU_FAULT_QUEUE_ALLOC.request,
      encode(IOMMU_FAULT_QUEUE_ALLOC.struct, { size: 16, flags: 0, out_fault_id: 0, out_fault_fd: 0 }),
    ),
    known(
      IOMMU_IOAS_MAP.request,
      encode(IOMMU_IOAS_MAP.struct, {
        size: IOMMU_IOAS_MAP.struct.byteLength,
        flags: 7,
        ioas_id: 1,
        user_va: BigInt(ARENA + 8 * PAGE),
        length: BigInt(4 * PAGE),
        iova: BigInt(MOCK_APERTURE_START),
      }),
    ),
    // An access, mostly one that pins.
    cmd(5, 1, random.oneIn(4) ? 0 : 1),
  ];
  return steps.filter(() => !random.oneIn(10));
}

function makeRound(seed: number): Step[] {
  const random = new Random(seed);
  const steps = random.oneIn(4) ? [] : beginning(random);
  for (let i = 0; i < 8; i++) steps.push(data(random));
  while (steps.length < ROUND) steps.push(randomStep(random));
  return steps;
}

function execute(process: Process, step: Step): number | bigint {
  switch (step.call) {
    case 'ioctl':
      process.memory(BigInt(ARENA), step.bytes.length).set(step.bytes);
      return process.ioctl(step.fd, step.request, step.arg);
    case 'data':
      return copyOut(process, step.offset, step.bytes);
    case 'read':
    case 'write':
      return process[step.call](step.fd, step.address, step.length);
    case 'mmap':
      return process.mmap(0n, step.length, PROT_READ | PROT_WRITE, step.flags, step.fd, step.offset);
    case 'munmap':
      return process.munmap(step.address, step.length);
    case 'open':
      return process.open('/dev/iommu');
    case 'memfd':
      return process.memfd(step.size);
    case 'poll':
      return process.poll([{ fd: step.fd, events: 5, revents: 0 }]);
    default:
      return process[step.call](step.fd);
  }
}

/** Writes where the program still has memory. */
function copyOut(process: Process, offset: number, bytes: Uint8Array): number {
  let at: Uint8Array;
  try {
    at = process.memory(BigInt(ARENA + offset), bytes.length);
  } catch (cause) {
    if (cause instanceof RangeError) return 0;
    throw cause;
  }
  at.set(bytes);
  return 0;
}

/** Makes the calls in a process of its own. @throws Error for what must never happen */
function run(steps: readonly Step[]): void {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn();
  if (process.open('/dev/iommu') !== 3) throw new Error('the first file is not 3');
  const prot = PROT_READ | PROT_WRITE;
  const arena = process.mmap(0n, PAGES * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  if (arena !== BigInt(ARENA)) throw new Error(`memory is at 0x${arena.toString(16)}`);
  for (const step of steps) {
    const result = execute(process, step);
    const most = step.call === 'mmap' ? 2n ** 47n : 2n ** 31n;
    if (typeof result === 'number' && !Number.isInteger(result))
      throw new Error(`${step.call} gives ${result}`);
    if (result < -4095 || result > most) throw new Error(`${step.call} gives ${result}`);
  }
  process.exit();
  // What maps its own file keeps itself, on Linux too.
  kernel.breakSelfHolds();
  const left = kernel.leftOver();
  if (left.length > 0) throw new Error(`left over: ${left.join(', ')}`);
}

function failureOf(steps: readonly Step[]): unknown {
  try {
    run(steps);
    return undefined;
  } catch (cause) {
    return cause;
  }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/\d+/g, '#') : String(cause);

/** Fewer steps that fail in the same way. */
function shorten(steps: readonly Step[], failure: unknown): Step[] {
  let kept = [...steps];
  const wanted = messageOf(failure);
  for (let size = kept.length >> 1; size > 0; size >>= 1) {
    for (let at = kept.length - size; at > -size; at -= size) {
      const fewer = kept.toSpliced(Math.max(at, 0), size);
      const cause = failureOf(fewer);
      if (cause !== undefined && messageOf(cause) === wanted) kept = fewer;
    }
  }
  return kept;
}

const names = new Map([...allIoctls].map(([name, { request }]) => [request, name]));

function show(step: Step): string {
  const rest = Object.entries(step).map(([key, value]: [string, unknown]) => {
    if (value instanceof Uint8Array)
      return `${key} ${Array.from(new Uint32Array(value.buffer), (w) => w.toString(16)).join(' ')}`;
    if (key === 'request' && typeof value === 'number') return names.get(value) ?? value.toString(16);
    return `${key} ${typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value)}`;
  });
  return rest.join(', ');
}

const environment = (globalThis as { process?: { env: Readonly<Record<string, string | undefined>> } })
  .process?.env;
/** Of the first process; the next ones count on from it. */
const first = Number(environment?.['FUZZ_SEED'] ?? Math.floor(Math.random() * 1e9));

test(`a million random ioctls from FUZZ_SEED=${first} on: each has a result, and nothing is left over`, () => {
  let ioctls = 0;
  for (let seed = first; ioctls < IOCTLS; seed++) {
    const steps = makeRound(seed);
    const failure = failureOf(steps);
    if (failure !== undefined) {
      const shorter = shorten(steps, failure);
      const stack = failure instanceof Error ? failure.stack : failure;
      throw new Error(`FUZZ_SEED=${seed} fails after\n${shorter.map(show).join('\n')}\n${String(stack)}`);
    }
    ioctls += steps.filter(({ call }) => call === 'ioctl').length;
  }
  expect(ioctls).toBeGreaterThanOrEqual(IOCTLS);
});
