/**
 * What a kernel holds, in words: {@link stateOf} gives a line for every object, mapping, pin and open file. A call that fails
 * must leave it as it was, but for what {@link mayChange} says of it.
 */

import {
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HW_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_UNMAP,
  IOMMU_TEST_CMD,
  iommu_test_cmd,
  iommu_test_op,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  IOMMU_VIOMMU_ALLOC,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_IOMMU_UNMAP_DMA,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { Ioas } from '../iommufd/ioas.js';
import type { IommufdContext } from '../iommufd/context.js';
import { IommufdDevice } from '../iommufd/device.js';
import { Hwpt } from '../iommufd/hwpt.js';
import type { IommufdObject } from '../iommufd/object.js';
import { Veventq } from '../iommufd/veventq.js';
import { Viommu } from '../iommufd/viommu.js';
import type { FakeKernel, Process } from '../index.js';
import type { Pages } from '../ioas/pages.js';
import type { Asked } from './asked.testing.js';
import type { Step } from './step.testing.js';
import { openFiles, type World } from './world.testing.js';

/** Numbers for things that have none. */
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

export function stateOf({ kernel, processes }: World): string[] {
  return [...kernelState(kernel), ...processes.flatMap((process, i) => [...processState(process, i)])];
}

function* kernelState(kernel: FakeKernel): Generator<string> {
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
  yield `${name} reserves ${[...table.reserved.holes(0n, (1n << 64n) - 1n)].map(({ start, last }) => `${start}-${last}`).join()} less`;
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

/** Runs of pages and how many uses they have. Where a run is cut does not matter. */
function pinsOf(pages: Pages): string {
  const runs: { readonly start: bigint; last: bigint; readonly uses: number }[] = [];
  for (const { start, last, value } of pages['pins']) {
    const before = runs.at(-1);
    if (before !== undefined && before.last + 1n === start && before.uses === value.uses) before.last = last;
    else runs.push({ start, last, uses: value.uses });
  }
  return runs.map(({ start, last, uses }) => `${start}-${last}*${uses}`).join();
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

/** Those of these requests that make something undo it if the caller does not get to know of it. */
const MAKERS = new Set(
  [
    IOMMU_IOAS_ALLOC,
    IOMMU_HWPT_ALLOC,
    IOMMU_FAULT_QUEUE_ALLOC,
    IOMMU_VIOMMU_ALLOC,
    IOMMU_VDEVICE_ALLOC,
    IOMMU_VEVENTQ_ALLOC,
    IOMMU_HW_QUEUE_ALLOC,
    VFIO_DEVICE_BIND_IOMMUFD,
  ].map(({ request }) => request),
);

/** Operations of IOMMU_TEST_CMD that do so as well. */
const MAKING_OPS = new Set<number>([
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN,
  iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
  iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS,
  iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES,
  iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH,
]);

/** Requests that unmap: what comes before that which is in the way is unmapped. */
const UNMAPS = new Set([IOMMU_IOAS_UNMAP, VFIO_IOMMU_UNMAP_DMA].map(({ request }) => request));

/**
 * May a call that fails change the state?
 * @param asked the argument of an ioctl
 * @param isWritable can the kernel write that back?
 */
export function mayChange({ call }: Step, asked: Asked | undefined, isWritable: boolean): boolean {
  // The mapping that was there has gone when the driver refuses.
  if (call.name === 'mmap') return true;
  if (call.name !== 'ioctl') return false;
  if (UNMAPS.has(call.request)) return true;
  if (isWritable || MAKERS.has(call.request)) return false;
  // Most structs are written back after everything has been done.
  return asked?.ioctl.name !== IOMMU_TEST_CMD.name || !MAKING_OPS.has(view(iommu_test_cmd, asked.bytes).op);
}
