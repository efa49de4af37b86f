import type { CaseWorkload } from '../workload.js';
import { events } from './native.js';

const EVENTS = 'events from a device to the epoll of a program';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K9',
  title: 'K9: events to a native program',
  operation: 'record',
  unit: 'us',
  module: import.meta.url,
  goals: [],
  text: `A device of the fake kernel raises events, 64 in each turn of the event loop; the program waits in \`epoll_wait()\` and reads as many records as
there are.`,
  cases: [{ name: EVENTS, kind: 'ours', start: events }],
};
