import type { GoalResult } from './goals.js';

const CHECKS = `The difference is the checks of the strict codec: written by hand they cost about the same, as the row
"same checks" shows.`;

const CLOSE = `It is close to the goal, above it in one run and below it in the next, depending on what the engine inlines.`;

/** Why a goal is not reached, where that is known: by the workload, what the goal is about, and to whom it compares. */
const REASONS: Readonly<Record<string, string>> = {
  'W1a speed DataView, two u32': CHECKS,
  'W1b speed DataView, two u32': `${CHECKS} Code that checks nothing reads eight words of a record. To know that no reserved bit is set, all
eight words of the event are read and the eight masks of its type; that is three times as many loads.`,
  'W1b speed DataView, two u32, same checks': CLOSE,
  'W2 speed DataView, two u32, same checks': `${CLOSE} Ours also finds properties that are inherited or hidden, which code by hand ignores.`,
  'W1b libraries': `The fastest library, binary-parser, makes JavaScript of its parser with \`new Function\`, which nothing here may do, and
was given the form that suits it best: fields added up in place, a thousand records a call; as its documentation shows it, it
takes several times as long. It checks nothing. Without the check of reserved bits (the option \`lenient\`) ours is about twice
as far ahead of it; the rest is the check.`,
  'S2 speed @iommufd/uapi, in place': `An object with all fields of an event takes up to 300 bytes, and nearly all of its time is for them: 65 ns to
make one, some 20 to read it. With 65,536 of them alive the garbage collector copies all, which is several times that (W1a,
\`decodeVevents\`). Tried: objects that decode a field when it is read, behind a Proxy, as own keys, JSON, spread and equality need it.
They are made in 28 ns, and each field takes 40: with two fields 117 ns against 86 in reads of 1,024, 125 against 410 with 65,536
alive, and with seven fields they lose everywhere. \`structuredClone()\` refuses them. Getters on each object take a microsecond to
define. So objects are whole; who wants two fields of an event has \`veventCursor\`.`,
  'S4a speed DataView, one for all': `The buffer's view is kept, and nothing is made on the way. Of 36 ns the store takes 14, as by hand; 14 are for the names of
the value's fields, to find unknown ones, 4 for the range of the bigint, 4 for that of the numbers. Tried for the names: \`Object.keys\`
and \`Object.getOwnPropertyNames\` take 21 ns and make a list, a Set 50. Tried for the bigint: comparisons with 0 and 2^64 - 1, which make no bigint, take a fifth less on
their own and 3 ns more here, where V8 makes none either.`,
  'S4b speed DataView, one for all': `As in S4a; the buffer itself is made as by hand.`,
  'S4c libraries': `The fastest library checks neither the length of the bytes nor what is reserved, and is given a view by the program. Ours
finds the view that it keeps for the bytes, which takes the difference.`,
  'W1a libraries': CLOSE,
  'K3 rate': `A fault of the SMMU is a walk through both stages, an event record in the queue of the hardware, an interrupt, the driver's
thread, and only then the vEVENTQ. The profile is flat: no function has more than a tenth. It took several times as long when the
driver made views and copies of each record, walks a view of each descriptor and a copy of each mapping of stage 2, without one of its
fields, which V8 does not do quickly, and the TLB was looked up by texts.`,
  'K3 bytes': `\`for await\` and the event that the loop is given take 480 bytes. The walk takes some 650: its own objects, and of each of its
reads an address, a mapping and a place. The transaction and its outcome take 250, the record that the hardware encodes 240, and what is
left are bigints of the driver. It was 200 more until what follows from a context descriptor (formats of its tables, what a fault does)
was worked out when the descriptor is cached, and not for each transaction.`,
  'K4 rate': `There are 383,000 steps besides that write or compare memory, which take a fifth of the time, and 1,088 machines to make,
which with their end take an eighth, as does IOMMU_TEST_CMD; IOMMU_IOAS_MAP and IOMMU_HWPT_ALLOC take a tenth together, and dirty
bitmaps a fortieth; the profile is flat, and no function has more than 6 in a hundred. Garbage is an eighth, of 4.2 KB a call, of which no place
makes more than 250 bytes. 102,000 of the 237,000 calls fail: an errno is thrown once, which takes 0.3 us; to throw it on through a
\`finally\` took 0.8 more. A first pass takes three times as long as the sixth, while V8 compiles what it runs; after the second
pass hardly any function loses its code again.`,
  'S8 growth': `What is left of the SDK's part is half for checking arguments and half for the account that it keeps of mappings.`,
  'K6 growth': `4 us are statx() of \`/proc/TID/fd/N\`, which says what file the number is now. It is asked each time, as other threads and
processes that share the table can change it by calls that are not seen. kcmp() would say it sooner, but compares with an opening that
the supervisor has itself, and one that it kept would never be closed. The rest is receiving, checking and answering, which are calls
through koffi, and the copies of the struct.`,
  'K8 growth': `It is two ioctls, of which each has what K6 has; pages are pinned and unpinned besides.`,
  'S10 growth': `What is left is what V8 takes to compile and run 1.3 MB of modules, which make the declarations; those of uapi alone
are a function of 240 KB, of which nothing can wait. The profile of the compiler is flat. Tried: the same bundles without white space
and comments, a third shorter, take as long. Restructure was 18 files of 31, and a sixth of the time, until the part that is used of
it was put into the bundle.`,
  'K14 rate': `Of the time until all are played a fourth is for comparing what the kernel holds after each call with what it held
before, of some sixty mappings here, and a fourth is garbage; the rest is decoding arguments and playing.`,
  'W2 speed DataView, two u32': `${CHECKS} No single check stands out. With any one of the three left out (names that a command does not have,
bigints of more than 64 bits, numbers out of range) it takes a tenth less at most.`,
};

/** Why a goal is not reached. */
export function reasonFor({ workload, goal }: GoalResult): string {
  const to = goal.kind === 'speed' ? ` ${goal.to}` : '';
  return REASONS[`${workload} ${goal.kind}${to}`] ?? 'No reason is known yet.';
}
