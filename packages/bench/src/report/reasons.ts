import type { GoalResult } from './goals.js';

const CHECKS = `The difference is the cost of the strict codec's checks. The same checks written by hand cost about as much, as the row
"same checks" shows.`;

const CLOSE = `The speed is close to the goal: above it in one run and below it in the next, depending on what the engine inlines.`;

/**
 * The known reasons for missed goals. Keys: the workload, the goal's kind and, for speeds, the name of the subject that is compared to.
 * `pnpm bench --docs` prints them in docs/performance-details.md.
 */
const REASONS: Readonly<Record<string, string>> = {
  'W1a speed DataView, two u32': CHECKS,
  'W1b speed DataView, two u32': `${CHECKS} Code without checks reads eight words of a record. The check of reserved bits reads all
eight words of the event and the eight masks of its type, which makes three times as many loads.`,
  'W1b speed DataView, two u32, same checks': CLOSE,
  'W2 speed DataView, two u32, same checks': `${CLOSE} The codec also reads fields that are inherited or not enumerable; code written by
hand counts own enumerable properties only.`,
  'W1b libraries': `The fastest library, binary-parser, generates JavaScript for its parser with \`new Function\`, which the packages here may not use.
It is measured in its fastest form: fields are added up in place, and one call parses a thousand records. The form of its documentation
takes several times as long. It checks nothing. Without the check of reserved bits (the option \`lenient\`) the codec is about twice
as far ahead of it; the rest is the cost of that check.`,
  'S2 speed @iommufd/uapi, in place': `An object with all fields of an event takes up to 300 bytes, and nearly all of the time is spent on these objects: 65 ns to
create one and about 20 ns to read it. With 65,536 of them alive the garbage collector copies all of them, which takes several times as long
(W1a, \`decodeVevents\`). One alternative was measured: objects that decode a field when it is read. They need a Proxy, so that own keys,
JSON, spread and equality work. Creating one takes 28 ns, and each field takes 40 ns. With two fields that is 117 ns instead of 86 ns
in reads of 1,024, and 125 ns instead of 410 ns with 65,536 alive; with seven fields they are slower in both cases. \`structuredClone()\`
refuses them. Getters on each object take a microsecond to define. So objects are complete; a program that needs two fields of an event
uses \`veventCursor\`.`,
  'S4a speed DataView, one for all': `The buffer's view is kept, and no object is created. Of 36 ns the store takes 14, as in code by hand. The check of the names of
the value's fields, which finds unknown ones, takes 14, the range of the bigint 4, and the ranges of the numbers 4. Alternatives were
measured for the names: \`Object.keys\` and \`Object.getOwnPropertyNames\` take 21 ns and create an array, and a Set takes 50 ns. For the
bigint, comparisons with 0 and 2^64 - 1 create no bigint. They take a fifth less on their own, but 3 ns more here, where V8 creates none either.`,
  'S4b speed DataView, one for all': `As in S4a. The buffer itself is created as in code by hand.`,
  'S4c libraries': `The fastest library checks neither the length of the bytes nor reserved fields, and the program passes a view to it. The codec
looks up the view that it keeps for the bytes; the look-up is the difference.`,
  'W1a libraries': CLOSE,
  'K3 rate': `A fault of the SMMU is a walk through both stages, an event record in the queue of the hardware, an interrupt, the driver's
thread, and only then the vEVENTQ. The profile is flat: no function takes more than a tenth of the time. It took
several times as long when the driver created views and copies of each record, when a walk created a view of each descriptor and copied each
mapping of stage 2 without one of its fields, which is slow in V8, and when the keys of the TLB were strings.`,
  'K3 bytes': `\`for await\` and the event that the loop receives take 480 bytes. The walk takes about 650: its own objects, and an address, a
mapping and a location for each of its reads. The transaction and its outcome take 250, the record that the hardware encodes takes 240, and
the rest are bigints of the driver. It took 200 more when the values derived from a context descriptor (the formats of its tables, the
handling of faults) were computed for each transaction; they are computed when the descriptor is cached.`,
  'K4 rate': `The tapes have 383,000 other steps, which write or compare memory and take a fifth of the time. Creating and ending 1,088 machines
takes an eighth, and IOMMU_TEST_CMD as much. IOMMU_IOAS_MAP and IOMMU_HWPT_ALLOC take a tenth together, and dirty bitmaps a fortieth. The
profile is flat: no function takes more than 6 %. Garbage collection takes an eighth. A call allocates 4.2 KB, of which no one place in the
code allocates more than 250 bytes. 102,000 of the 237,000 calls fail. An errno is thrown once, which takes 0.3 us; rethrowing it through a
\`finally\` took 0.8 us more. The first pass takes three times as long as the sixth, because V8 compiles the code meanwhile; after the second
pass hardly any function is deoptimized.`,
  'S4a libraries': CLOSE,
  'S9 growth': `The copy of 1 MiB takes 73 us in one run and 437 us in the next, because the measured machine shares its memory and caches with
others. The ratio is between 0.9 and 3.7. A copy of 4 KiB, which stays in the caches, varies less.`,
  'S8 growth': `Half of the remaining time of the SDK is for checking arguments, and half for its own record of mappings.`,
  'K6 growth': `4 us are statx() of \`/proc/TID/fd/N\`, which identifies the file of the descriptor. It is called each time, because other threads
and processes that share the descriptor table can change it by calls that the supervisor does not see. kcmp() would be faster, but it
compares with an open file of the supervisor itself, and a file that the supervisor kept open would never be closed. A notification that is
answered at once takes two system calls of the supervisor, this one seven: besides receiving, answering and statx() they read the struct and
write it back (process_vm_readv() and process_vm_writev()), look for files that were closed before the call (a read() of inotify), and look
for the next call (poll()). One call in three waits in Node's event loop as well. Without the read() of inotify it would be a twentieth less,
but a file could be found open after the program has closed it.`,
  'K7 growth': `Linux has a table of the calls that a filter always allows, such as poll(), and does not run the filter for them.
read() must be stopped for files of the fake kernel, so that the filter runs for its descriptor. A filter of six statements that compares
nothing else adds about three quarters of what this one adds: 13 of its statements run.`,
  'K8 growth': `One operation is two ioctls, each with the costs of K6, which are seven times the baseline together. The mapping also finds the mapping of
the program (PROCMAP_QUERY) and checks whether its memory is limited (capget()): 16 system calls for the pair. The rest is pinning and
unpinning 256 pages in the fake kernel.`,
  'S10 growth': `The remaining time is what V8 takes to compile and run 1.3 MB of modules, which create the declarations. Those of uapi alone
are a function of 240 KB, no part of which can be deferred. The profile of the compiler is flat. The same bundles without white space
and comments are a third shorter and take as long. Restructure was 18 of 31 files, and a sixth of the time, until the part of it that is
used was put into the bundle.`,
  'K12 speed three look-ups in a Map': `${CLOSE} A hit also checks that the kind of the access is allowed, and returns an object with
the outcome.`,
  'K13 growth': `The tracer stops the program as often as strace does, twice in each call, and makes fewer system calls of its own: for each
stop one \`waitpid()\` and two \`ptrace()\`, where strace makes two and two. A loop in Node that does only this uses the CPU time of strace,
25 us for each call on the measured machine. \`strace -e raw=all\` prints numbers only and never reads the program's memory; reading the
struct before and after the call takes 5 us. The rest is JavaScript: 2 us in a loop, but 8 us (\`trace\`) and 10 us (\`record\`) between
two stops, because each switch to the program leaves cold caches. On a busy machine, where all threads compete for the CPU, \`record\`
took 1.2 to 1.6 times as long as strace. \`trace\` took 1.4 to 2.0 times as long, although its tracing thread does less: its printing
thread takes 8 us more for each call, and the CPU from the program while it prints.`,
  'K14 rate': `A quarter of the time until all calls are played is for comparing the objects of the kernel after each call with those before it,
about sixty mappings here, and a quarter is garbage collection. The rest is decoding arguments and playing.`,
  'W2 speed DataView, two u32': `${CHECKS} No single check stands out. With any one of the three left out (unknown names, bigints of more
than 64 bits, numbers out of range) the encoder takes at most a tenth less.`,
};

/** The reason for a missed goal, for docs/performance-details.md. */
export function reasonFor({ workload, goal }: GoalResult): string {
  const to = goal.kind === 'speed' ? ` ${goal.to}` : '';
  return REASONS[`${workload} ${goal.kind}${to}`] ?? 'No reason is known yet.';
}
