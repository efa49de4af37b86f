/** Prints a report on a machine. */

import type { Missing } from './advice.js';
import type { DeviceReport, FileReport, Report } from './examine.js';

/** Whether `iommufd run` works on this machine. */
export interface FakeReport {
  /** The reason why it cannot run programs here; undefined if it can. */
  readonly refused?: string;
  /** The version of Linux that the fake kernel behaves as. */
  readonly version: string;
}

const fileText = ({ path, exists, permissions, refused }: FileReport): string => {
  if (!exists) return `${path}: missing`;
  const state = refused === undefined ? 'can be opened' : `cannot be opened: ${refused}`;
  return `${path} (${permissions ?? ''}): ${state}`;
};

function* deviceLines({
  name,
  driver,
  group,
  iommu,
  node,
  hardware,
  silent,
  nests,
}: DeviceReport): Generator<string> {
  const parts = [
    `driver ${driver ?? 'none'}`,
    group === undefined ? 'no group' : `group ${group}`,
    iommu ?? 'no IOMMU of its own in sysfs',
    ...(nests === undefined ? [] : [nests ? 'can nest' : 'cannot nest']),
  ];
  yield `  ${name}: ${parts.join(', ')}`;
  if (node !== undefined) yield `    ${fileText(node)}`;
  if (hardware !== undefined)
    for (const [field, text] of Object.entries(hardware)) yield `    ${field} = ${text}`;
  if (silent !== undefined) yield `    IOMMU_GET_HW_INFO could not be called: ${silent}`;
}

/** The lines of a report. @param wasAsked true if IOMMU_GET_HW_INFO was tried */
export function* reportLines(
  report: Report,
  missing: readonly Missing[],
  fake: FakeReport,
  wasAsked: boolean,
): Generator<string> {
  const { kernel, iommufd, ioctls, modules, iommus, groups, devices, memlock } = report;
  yield `Linux ${kernel.release}, ${kernel.arch}`;
  yield fileText(iommufd);
  if (ioctls.length > 0) {
    const known = ioctls.filter((each) => each.known);
    yield `the kernel knows ${known.length} of ${ioctls.length} ioctls`;
    for (const { name, since } of ioctls.filter((each) => !each.known))
      yield `  not ${name}${since === undefined ? '' : `, which Linux ${since} added`}`;
  }
  yield `modules: ${modules.length === 0 ? 'none of iommufd and VFIO' : modules.join(', ')}`;
  yield `IOMMUs: ${iommus.length === 0 ? 'none' : iommus.join(', ')}; groups: ${groups}`;
  yield devices.length === 0 ? 'devices of VFIO: none' : 'devices of VFIO:';
  for (const device of devices) yield* deviceLines(device);
  if (!wasAsked && devices.some(({ node }) => node !== undefined))
    yield '  --ask-devices calls IOMMU_GET_HW_INFO: it opens devices that no program uses, which resets them';
  const limit = memlock.privileged
    ? 'no limit, by CAP_IPC_LOCK'
    : `${memlock.soft} bytes, at most ${memlock.hard}`;
  yield `memory that can be pinned: ${limit}`;
  for (const [kind, title] of [
    ['iommufd', 'Missing:'],
    ['nesting', 'Missing for nested translation:'],
  ] as const) {
    const ofKind = missing.filter((each) => each.for === kind);
    if (ofKind.length === 0) continue;
    yield '';
    yield title;
    for (const { what, how } of ofKind) yield `  ${what}\n    ${how}`;
  }
  yield '';
  if (fake.refused !== undefined) yield `iommufd run cannot be used here: ${fake.refused}`;
  else {
    yield `None of this is needed for iommufd run -- PROGRAM: it gives a program a fake /dev/iommu that behaves as Linux ${fake.version},`;
    yield 'with nested translation: iommufd run --smmuv3 --device pci@01:00.0 -- PROGRAM, or --mock for the mock driver.';
  }
}
