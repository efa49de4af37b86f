/**
 * The state of a kernel as text: {@link kernelState} returns a line for every object, mapping, pin, open file and mapping of a
 * process. If two lists are equal, nothing has changed: tests compare them around a call that fails.
 */
import { IommufdDevice } from './iommufd/device.js';
import type { IommufdContext } from './iommufd/context.js';
import { Hwpt } from './iommufd/hwpt.js';
import { Ioas } from './iommufd/ioas.js';
import type { IommufdObject } from './iommufd/object.js';
import { Veventq } from './iommufd/veventq.js';
import { Viommu } from './iommufd/viommu.js';
import type { Pages } from './ioas/pages.js';
import type { FakeKernel } from './kernel.js';
import type { File } from './process/file.js';
import { Process } from './process/process.js';

/** Numbers for objects without an id. */
class Names {
  private readonly known = new WeakMap<object, number>();
  private count = 0;

  of(thing: object | undefined): number {
    if (thing === undefined) return 0;
    let name = this.known.get(thing);
    if (name === undefined) this.known.set(thing, (name = ++this.count));
    return name;
  }
}

const names = new Names();

/**
 * Compares two states.
 * @param losesReservations true for a call that attaches a device. The reservations of a device are removed if the replacement of its
 * page table fails, also if both page tables belong to one IOAS (`iommufd_device_do_replace()`): those are not listed
 */
export function stateChanges(
  before: readonly string[],
  after: readonly string[],
  losesReservations: boolean,
): { readonly gone: readonly string[]; readonly made: readonly string[] } {
  const [old, now] = [new Set(before), new Set(after)];
  const mayGo = (line: string): boolean => losesReservations && / ioas \d+ reserves /.test(line);
  return {
    gone: before.filter((line) => !now.has(line) && !mayGo(line)),
    made: after.filter((line) => !old.has(line)),
  };
}

/** The state of a kernel and its processes, one line for each fact. */
export function kernelState(kernel: FakeKernel): string[] {
  const processes = [...kernel['processes']].filter((task) => task instanceof Process);
  return [...objectsOf(kernel), ...processes.flatMap((process, i) => [...processState(process, i)])];
}

function* objectsOf(kernel: FakeKernel): Generator<string> {
  for (const context of kernel.contexts) {
    const name = `context ${names.of(context)}`;
    yield `${name} counts by ${context.accountMode}, for VFIO it has ${names.of(context.vfioIoas)}`;
    yield `${name} has mappable ${mappable(context)}`;
    for (const object of context.objects) yield* objectState(name, object);
  }
  for (const pages of kernel.pages) yield pagesState(pages);
}

function mappable({ mmaps }: IommufdContext): string {
  return [...mmaps['regions']].map(({ start, value }) => `${start} of ${value.owner.id}`).join();
}

function* objectState(context: string, object: IommufdObject): Generator<string> {
  const name = `${context} ${object.kind} ${object.id}`;
  yield `${name} is ${names.of(object)} with ${object.userCount} users`;
  if (object instanceof Ioas) yield* ioasState(name, object);
  else if (object instanceof Hwpt) yield `${name} sends faults to ${names.of(object.faults)}`;
  else if (object instanceof Viommu) {
    yield `${name} has devices ${[...object.vdevices].map(([id, { id: vdevice }]) => `${id}:${vdevice}`).join()}`;
    yield `${name} has queues ${[...object.veventqs].map(([type, { id }]) => `${type}:${id}`).join()}`;
  } else if (object instanceof Veventq) yield `${name} can be read: ${object.isReadable}`;
  else if (object instanceof IommufdDevice) yield* deviceState(name, object);
}

function* ioasState(name: string, { table, hwpts }: Ioas): Generator<string> {
  yield `${name} aligns to ${table.iovaAlignment}, large pages ${table.largePages}`;
  yield `${name} is shown by ${hwpts.map(({ id }) => id).join()} and ${table.attachedDomains.map((each) => names.of(each)).join()}`;
  for (const { start, last, owner } of table.reserved['ranges'])
    yield `${name} reserves ${start}-${last} for ${owner instanceof Object ? names.of(owner) : String(owner)}`;
  yield `${name} allows ${[...table['allowed']].map(({ start, last }) => `${start}-${last}`).join()}`;
  for (const area of table.allAreas()) {
    const { start, last, pages, startByte, protection, filled, accesses, locks, closing } = area;
    yield `${name} maps ${start}-${last} pages ${names.of(pages)} from ${startByte} write ${protection.write} ${protection.read} ${filled} ${accesses} ${locks} ${closing}`;
  }
}

function* deviceState(name: string, { device, group, vdevice }: IommufdDevice): Generator<string> {
  yield `${name} is on ${names.of(device.domain)}, has vDEVICE ${names.of(vdevice)}`;
  for (const [pasid, { hwpt, devices }] of group.attachments) {
    const bound = [...devices].map(({ id }) => id).join();
    yield `${name} attaches PASID ${pasid} of ${bound} to ${hwpt.id}, handle ${names.of(group.group.handle(pasid)?.domain)}`;
  }
}

function pagesState(pages: Pages): string {
  const { count, isRevoked, account } = pages;
  return `pages ${names.of(pages)}: ${count}, ${pages['references']} references, revoked ${isRevoked}, charged ${account.charged} by ${account.mode} to ${names.of(account.process)} and ${names.of(account.space)}, pinned ${pinsOf(pages)}`;
}

/** Runs of pages with their number of uses. Equal neighbours are joined, because the place of a cut does not matter. */
function pinsOf(pages: Pages): string {
  const runs: { readonly start: bigint; last: bigint; readonly uses: number }[] = [];
  for (const { start, last, value } of pages['pins']) {
    const before = runs.at(-1);
    if (before !== undefined && before.last + 1n === start && before.uses === value.uses) before.last = last;
    else runs.push({ start, last, uses: value.uses });
  }
  return runs.map(({ start, last, uses }) => `${start}-${last}*${uses}`).join();
}

/** The open files of a process, by descriptor. */
export function openFiles({ files }: Process): { readonly fd: number; readonly file: File }[] {
  const open: { readonly fd: number; readonly file: File }[] = [];
  for (let fd = 0; fd < files['slots'].length; fd++) {
    const file = files.find(fd);
    if (file !== undefined) open.push({ fd, file });
  }
  return open;
}

function* processState(process: Process, index: number): Generator<string> {
  const { lockedPages, pinnedPages } = process.memorySpace;
  yield `process ${index} has locked ${lockedPages.count}, its user ${process.user.count}, and pinned ${pinnedPages}`;
  for (const { fd, file } of openFiles(process))
    yield `process ${index} fd ${fd} is ${names.of(file)} with ${file['references']} references`;
  for (const { start, last, value } of process.memorySpace['vmas']) {
    yield `process ${index} maps ${start}-${last} to ${names.of(value.object)} from ${value.index} as ${value.prot}`;
  }
}
