/**
 * Argument checks of the SDK's calls, declared as tables. The error for an invalid argument includes advice. A class declares its
 * calls once and begins each method with the check:
 *
 *     const calls = { attach: new Call('Device.attach', { to: pageTable, options: optional(record({ pasid })) }) };
 *     attach(to, options) { calls.attach.check(this, to, options); ... }
 */
import type { Context } from '../context.js';
import type { Check, Kind } from './kinds.js';
import type { Where } from './where.js';

/** An object with checked methods. */
export interface Owner {
  /** Its `/dev/iommu`. @throws IommufdError EBADF if it is closed; the error names the call @internal */
  openFor(where: Where): Context;
}

/** A call and its parameters. */
export class Call {
  private readonly where: Where;
  private readonly checks: readonly Check[];

  /**
   * @param name class and method, as in the API: `Device.attach`
   * @param parameters the parameters in order, by name
   */
  constructor(name: string, parameters: Readonly<Record<string, Kind<unknown>>> = {}) {
    this.where = { call: name, path: '' };
    this.checks = Object.entries(parameters).map(([path, kind]) => kind.at({ call: name, path }));
  }

  /**
   * Checks the object and the arguments of a call, before anything is done.
   * @returns the `/dev/iommu` of the object
   * @throws IommufdError EBADF if one of the objects is closed
   * @throws TypeError if an argument has the wrong type or is missing, or an option is unknown
   * @throws RangeError if a value is out of range, or an object belongs to another `/dev/iommu`
   */
  check(on: Owner, ...args: readonly unknown[]): Context {
    const context = on.openFor(this.where);
    this.checkArguments(args, context);
    return context;
  }

  /** Checks the arguments of a call without an object of a `/dev/iommu`. @throws as {@link check} */
  checkArguments(args: readonly unknown[], context?: Context): void {
    for (let i = 0; i < this.checks.length; i++) this.checks[i]?.(args[i], context);
  }
}
