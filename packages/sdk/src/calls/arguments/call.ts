/**
 * What a call of the SDK takes, as a table, so that plain mistakes get an error that says what to do. A class declares its
 * calls once and begins each of its methods with the check:
 *
 *     const calls = { attach: new Call('Device.attach', { to: pageTable, options: optional(record({ pasid })) }) };
 *     attach(to, options) { calls.attach.check(this, to, options); ... }
 */
import type { Context } from '../context.js';
import type { Check, Kind } from './kinds.js';
import type { Where } from './where.js';

/** Something that calls are made on. */
export interface Owner {
  /** The `/dev/iommu` that it is on. @throws IommufdError EBADF if it is closed; the error names the call @internal */
  openFor(where: Where): Context;
}

/** A call, and what it takes. */
export class Call {
  private readonly where: Where;
  private readonly checks: readonly Check[];

  /**
   * @param name class and method, as the caller knows them: `Device.attach`
   * @param parameters the arguments in order, by name
   */
  constructor(name: string, parameters: Readonly<Record<string, Kind<unknown>>> = {}) {
    this.where = { call: name, path: '' };
    this.checks = Object.entries(parameters).map(([path, kind]) => kind.at({ call: name, path }));
  }

  /**
   * Looks at what a call is made on, and with. Nothing has been done when it throws.
   * @returns the `/dev/iommu` that the call is about
   * @throws IommufdError EBADF if one of the objects is closed
   * @throws TypeError for what has the wrong type, is missing or misspelt
   * @throws RangeError for a value that is out of range, or an object of another `/dev/iommu`
   */
  check(on: Owner, ...args: readonly unknown[]): Context {
    const context = on.openFor(this.where);
    this.checkArguments(args, context);
    return context;
  }

  /** Looks at the arguments of a call that is made on no object of a `/dev/iommu`. @throws as {@link check} */
  checkArguments(args: readonly unknown[], context?: Context): void {
    for (let i = 0; i < this.checks.length; i++) this.checks[i]?.(args[i], context);
  }
}
