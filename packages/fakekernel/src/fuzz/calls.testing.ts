/** The calls of a random program, with their weights. {@link Repertoire.nextStep} chooses the next one. */

import type { Random } from '@iommufd/testkit';
import {
  type Ioctl,
  IOMMU_DESTROY,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_TEST_CMD,
  iommu_test_op,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  IOMMU_VFIO_IOAS,
  IOMMU_VIOMMU_ALLOC,
  iommufd_vfio_ioas_op,
  vfio_extension,
} from '@iommufd/uapi';
import { allIoctls } from '@iommufd/uapi/registry';
import type { ObjectKind } from '@iommufd/uapi/struct';
import { MockHardware } from '../drivers/mock/mock-hardware.js';
import { IommufdDevice } from '../iommufd/device.js';
import { Hwpt, HwptNested } from '../iommufd/hwpt.js';
import type { IommufdObject } from '../iommufd/object.js';
import { argumentOf } from './argument.testing.js';
import * as files from './file-calls.testing.js';
import * as memory from './memory-calls.testing.js';
import { isNestParent } from './ranges.testing.js';
import type { Call, Step } from './step.testing.js';
import { TEST_OPS } from './test-ops.testing.js';
import { VfioDeviceFile } from '../vfio/cdev.js';
import { Surroundings } from './values.testing.js';
import type { Poke, World } from './world.testing.js';

/** The profile of a program: it makes more calls of one group than of the others. */
export const PROFILES = [
  'mix',
  'objects',
  'map',
  'dirty',
  'nest',
  'queues',
  'access',
  'dmabuf',
  'vfio',
  'files',
  'sharing',
] as const;
export type Profile = (typeof PROFILES)[number];
type Group = Exclude<Profile, 'mix'>;

/** A call, and the bytes that the program writes before it. */
export interface Prepared {
  readonly call: Call;
  readonly pokes: readonly Poke[];
}

interface Kind {
  /** Name of the ioctl, if the call is always the same ioctl. */
  readonly name?: string;
  readonly group: Group;
  readonly weight: number;
  readonly prepare: (around: Surroundings) => Prepared;
}

/** Factor for the calls of a profile's own group. */
const EMPHASIS = 4;

const bare = (group: Group, weight: number, make: (around: Surroundings) => Call): Kind => ({
  group,
  weight,
  prepare: (around) => ({ call: make(around), pokes: [] }),
});

function struct(ioctl: Ioctl, preset?: Readonly<Record<string, number>>): Kind['prepare'] {
  return (around) => {
    const { arg, pokes } = argumentOf(around, ioctl, preset);
    return { call: { name: 'ioctl', fd: around.contextFd, request: ioctl.request, arg }, pokes };
  };
}

/** The group and the weight of each ioctl. */
const IOCTLS: Readonly<Record<string, readonly [Group, number]>> = {
  IOMMU_IOAS_ALLOC: ['objects', 8],
  IOMMU_DESTROY: ['objects', 16],
  IOMMU_HWPT_ALLOC: ['objects', 20],
  IOMMU_VIOMMU_ALLOC: ['nest', 10],
  IOMMU_VDEVICE_ALLOC: ['nest', 10],
  IOMMU_HWPT_INVALIDATE: ['nest', 10],
  IOMMU_GET_HW_INFO: ['nest', 4],
  IOMMU_HW_QUEUE_ALLOC: ['nest', 12],
  IOMMU_FAULT_QUEUE_ALLOC: ['queues', 5],
  IOMMU_VEVENTQ_ALLOC: ['queues', 8],
  IOMMU_IOAS_MAP: ['map', 26],
  IOMMU_IOAS_MAP_FILE: ['map', 12],
  IOMMU_IOAS_COPY: ['map', 10],
  IOMMU_IOAS_UNMAP: ['map', 14],
  IOMMU_IOAS_ALLOW_IOVAS: ['map', 4],
  IOMMU_IOAS_IOVA_RANGES: ['map', 5],
  IOMMU_IOAS_CHANGE_PROCESS: ['sharing', 4],
  IOMMU_IOAS_NOIOMMU_GET_PA: ['map', 3],
  IOMMU_OPTION: ['map', 6],
  IOMMU_VFIO_IOAS: ['vfio', 8],
  IOMMU_HWPT_SET_DIRTY_TRACKING: ['dirty', 6],
  IOMMU_HWPT_GET_DIRTY_BITMAP: ['dirty', 10],
};

const OPS: Readonly<Record<number, readonly [Group, number]>> = {
  [iommu_test_op.IOMMU_TEST_OP_ADD_RESERVED]: ['map', 3],
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN]: ['objects', 6],
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS]: ['objects', 10],
  [iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE]: ['objects', 14],
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP]: ['map', 4],
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_REFS]: ['map', 4],
  [iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS]: ['access', 6],
  [iommu_test_op.IOMMU_TEST_OP_DESTROY_ACCESS_PAGES]: ['access', 6],
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_PAGES]: ['access', 12],
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_RW]: ['access', 10],
  [iommu_test_op.IOMMU_TEST_OP_ACCESS_REPLACE_IOAS]: ['access', 6],
  [iommu_test_op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT]: ['map', 1],
  [iommu_test_op.IOMMU_TEST_OP_DIRTY]: ['dirty', 10],
  [iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB]: ['nest', 4],
  [iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF]: ['queues', 12],
  [iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE]: ['nest', 4],
  [iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT]: ['queues', 12],
  [iommu_test_op.IOMMU_TEST_OP_PASID_ATTACH]: ['nest', 8],
  [iommu_test_op.IOMMU_TEST_OP_PASID_REPLACE]: ['nest', 6],
  [iommu_test_op.IOMMU_TEST_OP_PASID_DETACH]: ['nest', 4],
  [iommu_test_op.IOMMU_TEST_OP_PASID_CHECK_HWPT]: ['nest', 4],
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_GET]: ['dmabuf', 6],
  [iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE]: ['dmabuf', 6],
};

const kinds: readonly Kind[] = [
  ...[...allIoctls.values()].flatMap((ioctl): Kind[] => {
    const [group, weight] = IOCTLS[ioctl.name] ?? [];
    if (group === undefined || weight === undefined) return [];
    return [{ name: ioctl.name, group, weight, prepare: struct(ioctl) }];
  }),
  ...TEST_OPS.map((op): Kind => {
    const [group, weight] = OPS[op] ?? ['files', 1];
    return { group, weight, prepare: struct(IOMMU_TEST_CMD, { op }) };
  }),
  { group: 'vfio', weight: 14, prepare: files.container },
  { group: 'vfio', weight: 8, prepare: files.device },
  { group: 'vfio', weight: 6, prepare: (around) => ({ call: files.dma(around), pokes: [] }) },
  { group: 'files', weight: 6, prepare: files.wrongFile },
  { group: 'files', weight: 2, prepare: files.unknownRequest },
  { group: 'files', weight: 3, prepare: files.genericRequest },
  { group: 'queues', weight: 8, prepare: files.write },
  bare('queues', 10, files.read),
  bare('queues', 3, files.poll),
  bare('files', 2, files.positioned),
  bare('files', 3, files.open),
  bare('files', 2, files.memfd),
  bare('files', 2, files.ftruncate),
  bare('files', 2, files.fallocate),
  bare('files', 3, files.dup),
  bare('sharing', 3, files.send),
  bare('files', 6, files.close),
  bare('map', 5, memory.mmap),
  bare('map', 5, memory.mapOver),
  bare('map', 3, memory.munmap),
  bare('map', 2, memory.mremap),
  bare('map', 1, memory.mapHost),
  { group: 'map', weight: 6, prepare: memory.write },
];

const { IOMMU_VFIO_IOAS_SET: VFIO_IOAS_SET } = iommufd_vfio_ioas_op;
const { VFIO_TYPE1_IOMMU } = vfio_extension;

/** Creates an object that most other calls need, if it is missing. */
function missingIn(around: Surroundings, profile: Profile): Prepared | undefined {
  if (around.fdsOf('iommufd').length === 0) return undefined;
  const has = (kind: ObjectKind): boolean => around.idsOf([kind]).length > 0;
  const make = (ioctl: Ioctl, preset?: Readonly<Record<string, number>>): Prepared =>
    struct(ioctl, preset)(around);
  if (!has('ioas')) return make(IOMMU_IOAS_ALLOC, { flags: 0 });
  if (profile === 'vfio') {
    const [id = 0] = around.idsOf(['ioas']);
    if (around.vfioIoas === 0) return make(IOMMU_VFIO_IOAS, { op: VFIO_IOAS_SET, ioas_id: id });
    if (around.areaCount === 0 && around.random.oneIn(2)) return files.setIommu(around, VFIO_TYPE1_IOMMU);
  }
  if (!has('mock_device')) return make(IOMMU_TEST_CMD, { op: iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS });
  if (around.areaCount === 0) return make(profile === 'sharing' ? IOMMU_IOAS_MAP_FILE : IOMMU_IOAS_MAP);
  if (around.idsOf(['hwpt'], isNestParent).length === 0) {
    const [id = 0] = around.idsOf(['ioas']);
    return make(IOMMU_HWPT_ALLOC, { pt_id: id });
  }
  if (!has('viommu')) return make(IOMMU_VIOMMU_ALLOC);
  if (!has('vdevice')) return make(IOMMU_VDEVICE_ALLOC);
  if (around.idsOf(['hwpt'], (hwpt) => hwpt instanceof HwptNested).length === 0)
    return make(IOMMU_HWPT_ALLOC);
  if (!has('veventq')) return make(IOMMU_VEVENTQ_ALLOC);
  if (!has('fault')) return make(IOMMU_FAULT_QUEUE_ALLOC, { flags: 0 });
  if (!has('access')) return make(IOMMU_TEST_CMD, { op: iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS });
  if (around.fdsOf('vfio').length === 0) {
    return { call: { name: 'open', path: around.random.pick(around.world.paths) }, pokes: [] };
  }
  const [unbound] = around.fdsOf(
    'vfio',
    (file) => file instanceof VfioDeviceFile && file['context'] === undefined,
  );
  if (unbound !== undefined) return files.bind(around, unbound);
  const [idle] = around.fdsOf(
    'vfio',
    (file) => file instanceof VfioDeviceFile && file['device'].device.domain === undefined,
  );
  if (idle !== undefined) return files.attach(around, idle);
  return missingAttachment(around, make);
}

/** Attaches a mock device so that it can report page requests, or events of a virtual IOMMU. */
function missingAttachment(
  around: Surroundings,
  make: (ioctl: Ioctl, preset?: Readonly<Record<string, number>>) => Prepared,
): Prepared | undefined {
  const { random } = around;
  const isFaults = random.oneIn(2);
  const reports = ({ device }: IommufdDevice): boolean =>
    isFaults
      ? device.domain?.faultHandler !== undefined
      : device instanceof MockHardware && device.viommu !== undefined;
  const suits = (hwpt: IommufdObject): boolean =>
    isFaults
      ? hwpt instanceof Hwpt && hwpt.faults !== undefined
      : hwpt instanceof HwptNested && hwpt.viommu !== undefined;
  const isThere = around.idsOf(['device'], (object) => object instanceof IommufdDevice && reports(object));
  if (isThere.length > 0) return undefined;
  const table = random.maybe(around.idsOf(['hwpt'], suits));
  if (table === undefined) return make(IOMMU_HWPT_ALLOC);
  return make(IOMMU_TEST_CMD, { op: iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, pt_id: table });
}

/** Inverse frequency of calls that end most objects of a program. */
const DRASTIC = 1500;
/** From these numbers on, the program cleans up. */
const MANY_OBJECTS = 40;
const MANY_AREAS = 30;
const MANY_FDS = 40;

/** Ioctls that map memory of the process. */
const OF_A_PROCESS = new Set([IOMMU_IOAS_MAP.name]);

/** Chooses calls with the weights of a profile. */
export class Repertoire {
  private readonly total: number;
  private readonly weights: readonly number[];

  constructor(private readonly profile: Profile) {
    this.weights = kinds.map(({ group, weight, name }) => {
      // Shared memory must come from a file: a single other mapping prevents moving it to another process.
      if (profile === 'sharing' && name !== undefined && OF_A_PROCESS.has(name)) return 0;
      return group === profile ? weight * EMPHASIS : weight;
    });
    this.total = this.weights.reduce((sum, weight) => sum + weight, 0);
  }

  private choose(random: Random): Kind {
    let at = random.below(this.total);
    const found = kinds.find((_kind, i) => {
      at -= this.weights[i] ?? 0;
      return at < 0;
    });
    if (found === undefined) throw new RangeError('the weights are inconsistent');
    return found;
  }

  /** The next step of a program. */
  nextStep(world: World, random: Random): Step {
    const process = random.oneIn(this.profile === 'sharing' ? 2 : 5)
      ? random.below(world.processes.length)
      : 0;
    const around = new Surroundings(world, random, process);
    const { call, pokes } = this.prepare(around);
    return { process, call, pokes, watched: random.oneIn(6) };
  }

  private prepare(around: Surroundings): Prepared {
    const { random } = around;
    if (random.oneIn(DRASTIC)) {
      return { call: { name: random.oneIn(2) ? 'exec' : 'restart' }, pokes: [] };
    }
    if (around.fdsOf('iommufd').length === 0 && random.oneIn(3)) {
      return { call: { name: 'open', path: '/dev/iommu' }, pokes: [] };
    }
    if (random.oneIn(5)) {
      const missing = missingIn(around, this.profile);
      if (missing !== undefined) return missing;
    }
    if (around.objectCount > MANY_OBJECTS && random.oneIn(3)) return struct(IOMMU_DESTROY)(around);
    if (around.areaCount > MANY_AREAS && random.oneIn(3)) return files.unmap(around);
    if (around.fdCount > MANY_FDS && random.oneIn(2)) return { call: files.close(around), pokes: [] };
    return this.choose(random).prepare(around);
  }
}
