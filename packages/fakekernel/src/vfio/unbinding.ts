import { Completion } from '../lib/completion.js';

/** A device that is being unbound from VFIO. */
export class Unbinding extends Completion {
  /** @param isRemoved true if the device itself is removed too. A later caller can only set it */
  constructor(public isRemoved: boolean) {
    super();
  }
}
