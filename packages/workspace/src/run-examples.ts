import type { Io, Paint } from '@iommufd/cli';

/** An example that `npm start` runs. */
interface ShownExample {
  /** The example's name. */
  readonly name: string;
  /** Its program, from the folder of examples. */
  readonly file: string;
  readonly title: string;
  /** What to look at. */
  readonly look: readonly string[];
}

const EXAMPLES: readonly ShownExample[] = [
  {
    name: 'hello-ioas',
    file: 'hello-ioas.ts',
    title: 'a device writes into the memory of a program',
    look: [
      'A program opens /dev/iommu on the fake kernel, maps memory for a device and attaches the device. The device',
      'writes by DMA, and the program finds the bytes in its own memory. Once the memory is unmapped, the same',
      'access is a fault, and the memory stays as it was.',
    ],
  },
  {
    name: 'event-loop',
    file: 'event-loop/index.ts',
    title: 'a loop over events that is too slow',
    look: [
      'A virtual IOMMU reports failed accesses of a device. While the reader is busy its queue overflows, and the',
      'kernel says so by a mark at the end. When an event comes before the mark was read, the mark goes and only the',
      'gap in the numbers is left. Compare the records of the kernel with the items of the loop: no loss goes unreported.',
    ],
  },
  {
    name: 'page-faults',
    file: 'page-faults.ts',
    title: 'memory that is mapped when a device asks for it',
    look: [
      'A write crosses four pages of which none is mapped. The device asks for all four in one group and waits; the',
      'program maps them and answers, and the write goes through. The second group asks for what the guest does not',
      'have, and its answer is an error for the device.',
    ],
  },
  {
    name: 'vsmmu-vmm',
    file: 'vsmmu-vmm/index.ts',
    title: 'a guest with an SMMUv3 of its own',
    look: [
      'A small driver in a guest writes tables into its memory, commands into its queue, and takes interrupts; the monitor',
      'has the real SMMU do what it asks for. See what the device gets at after an unmap without an invalidation, which of',
      'four commands are done when the second is broken, and that OVFLG toggles if the guest or the monitor loses events.',
    ],
  },
];

const NEXT: readonly (readonly [what: string, why: string])[] = [
  ['npm run example live-migration', '64 MiB move to another host while a device writes to them'],
  ['npm run user-project my-vmm', 'a project of your own to begin with: part of a monitor, and its tests'],
  ['npx --yes pnpm@12.21.0 -s iommufd explain IOMMU_IOAS_MAP', 'a struct, and what its errors mean'],
  ['npm test', 'all tests and checks'],
  [
    'npx iommufd view packages/conformance/tapes/scenarios.jsonl.gz',
    'what a real Linux answered, in a browser',
  ],
];

/** Where the examples are, from `src` as from `dist`. */
const FOLDER = new URL('../../../examples/', import.meta.url);

/** Runs examples in this process, and says of each what to look at. */
export async function runExamples(io: Io, paint: Paint): Promise<void> {
  for (const { name, file, title, look } of EXAMPLES) {
    io.write(`\n${paint.head(title)}  ${paint.dim(`npm run example ${name}`)}\n`);
    io.write(`${look.map((line) => paint.dim(line)).join('\n')}\n\n`);
    // Each is a program: to import it is to run it.
    await import(new URL(file, FOLDER).href);
  }
  io.write(`\n${paint.head('next')}\n`);
  const width = Math.max(...NEXT.map(([what]) => what.length));
  for (const [what, why] of NEXT) io.write(`${paint.name(what.padEnd(width))}  ${paint.dim(why)}\n`);
}
