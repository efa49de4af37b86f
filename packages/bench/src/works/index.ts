import type { Work } from '../work.js';
import { work as k1 } from './k1-one-ioctl.js';
import { work as k2 } from './k2-map-and-unmap.js';
import { work as k3 } from './k3-events.js';
import { work as k4 } from './k4-tapes.js';
import { work as k5 } from './k5-dirty-bitmap.js';
import { work as w1a } from './w1a-decode-events.js';
import { work as w1b } from './w1b-visit-events.js';
import { work as w2 } from './w2-encode-commands.js';
import { work as w3 } from './w3-invalidate-struct.js';

/** All works, in the order of the report. */
export const works: readonly Work[] = [w1a, w1b, w2, w3, k1, k2, k3, k4, k5];
