import type { Workload } from '../workload.js';
import { workload as c1 } from './c1-start.js';
import { workload as k1 } from './k1-one-ioctl.js';
import { workload as k10 } from './k10-interrupts.js';
import { workload as k11 } from './k11-bars.js';
import { workload as k12 } from './k12-translate.js';
import { workload as k13 } from './k13-trace.js';
import { workload as k14 } from './k14-viewer.js';
import { workload as k2 } from './k2-map-and-unmap.js';
import { workload as k3 } from './k3-events.js';
import { workload as k4 } from './k4-tapes.js';
import { workload as k5 } from './k5-dirty-bitmap.js';
import { workload as k6 } from './k6-native-ioctl.js';
import { workload as k7 } from './k7-native-others.js';
import { workload as k8 } from './k8-native-map.js';
import { workload as k9 } from './k9-native-events.js';
import { workload as m1 } from './m1-memory.js';
import { workload as s10 } from './s10-imports.js';
import { workload as s2 } from './s2-two-fields.js';
import { workload as s4a } from './s4a-encode-into.js';
import { workload as s4b } from './s4b-encode.js';
import { workload as s4c } from './s4c-decode.js';
import { workload as s8 } from './s8-sdk-call.js';
import { workload as s9 } from './s9-dma.js';
import { workload as w1a } from './w1a-decode-events.js';
import { workload as w1b } from './w1b-visit-events.js';
import { workload as w2 } from './w2-encode-commands.js';
import { workload as w3 } from './w3-invalidate-struct.js';

/** All workloads, in the order of the report. */
export const workloads: readonly Workload[] = [
  w1a,
  w1b,
  w2,
  w3,
  s2,
  s4a,
  s4b,
  s4c,
  k1,
  k2,
  k3,
  k4,
  k5,
  k6,
  k7,
  k8,
  k9,
  k10,
  k11,
  k12,
  k13,
  k14,
  s8,
  s9,
  s10,
  m1,
  c1,
];
