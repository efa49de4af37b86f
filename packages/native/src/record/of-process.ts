import type { Step } from '@iommufd/tape';

/**
 * Sets the process of a step that was just created. It changes the step in place: a spread takes two microseconds, at each call of
 * a recorded program.
 * @param pid its number in the tape. Steps of the first process have none
 */
export const ofProcess = (step: Step, pid: number): Step => (pid === 1 ? step : Object.assign(step, { pid }));
