import type { Io, Paint } from '@iommufd/cli';

/** An example that `npm start` runs. */
interface ShownExample {
  /** The example's name. */
  readonly name: string;
  /** Its program, relative to the folder of examples. */
  readonly file: string;
  readonly title: string;
  /** What to look at. */
  readonly look: readonly string[];
}

const EXAMPLES: readonly ShownExample[] = [
  {
    name: 'hello-ioas',
    file: 'hello-ioas.ts',
    title: 'a device writes to the memory of a program',
    look: [
      'A program opens /dev/iommu on the fake kernel, maps memory for a device and attaches the device. The device',
      'writes by DMA, and the program reads the bytes in its own memory. After the memory is unmapped, the same',
      'access faults, and the memory does not change.',
    ],
  },
  {
    name: 'event-loop',
    file: 'event-loop/index.ts',
    title: 'a loop over events that is too slow',
    look: [
      'A virtual IOMMU reports failed accesses of a device. While the reader is busy its queue overflows, and the',
      'kernel puts a mark at the end. If another event is queued before the mark was read, the mark is removed, and only',
      "the gap in the numbers shows the loss. Compare the kernel's records with the items of the loop: every loss is reported.",
    ],
  },
  {
    name: 'page-faults',
    file: 'page-faults.ts',
    title: 'memory that is mapped when a device requests it',
    look: [
      'A write crosses four pages, none of which is mapped. The device requests all four in one group and waits. The',
      'program maps them and responds, and the write completes. The second group requests a page that the guest does',
      'not have, and the response makes the access fail.',
    ],
  },
  {
    name: 'vsmmu-vmm',
    file: 'vsmmu-vmm/index.ts',
    title: 'a guest with a virtual SMMUv3',
    look: [
      'A small driver in a guest writes tables to its memory and commands to its queue, and receives interrupts. The VMM',
      'passes the work to the real SMMU. Note which memory the device can access after an unmap without an invalidation, which',
      'of four commands are executed if the second is invalid, and that OVFLG toggles if the guest or the VMM loses events.',
    ],
  },
];

const NEXT: readonly (readonly [what: string, why: string])[] = [
  ['npm run example live-migration', '64 MiB are copied to another host while a device writes to them'],
  ['npm run user-project my-vmm', 'a project to start from: part of a VMM, and its tests'],
  ['npx --yes pnpm@12.21.0 -s iommufd explain IOMMU_IOAS_MAP', 'a struct, and the meaning of its errors'],
  ['npm test', 'all tests and checks'],
  [
    'npx iommufd view packages/conformance/tapes/scenarios.jsonl.gz',
    'what a real Linux answered, in a browser',
  ],
];

/** The folder of examples; the relative path is the same from `src` and `dist`. */
const FOLDER = new URL('../../../examples/', import.meta.url);

/** Runs examples in this process, each after a hint on what to look at. */
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
