import type { AnyType } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { copyStructFromUser, copyStructToUser } from '../process/copy-struct.js';
import type { Task } from '../process/task.js';

/** A driver-specific struct in the caller's memory: `struct iommu_user_data`. */
export class UserData {
  constructor(
    private readonly process: Task,
    /** The type of the struct, as the caller declares it. */
    readonly type: number,
    private readonly address: bigint,
    readonly length: number,
  ) {}

  /**
   * Copies the struct in.
   * @param min size of the struct's first version, in bytes
   * @throws EINVAL for another type, fewer bytes, or more than the driver knows; EFAULT
   */
  read(type: number, struct: AnyType, min: number): Uint8Array {
    if (this.type !== type || this.length < min || this.length > struct.byteLength) throw fail('EINVAL');
    return copyStructFromUser(this.process.memorySpace, this.address, this.length, struct.byteLength);
  }

  /** Copies the struct back. @throws as {@link read}, but any larger size is valid */
  write(type: number, bytes: Uint8Array, min: number): void {
    if (this.type !== type || this.length < min) throw fail('EINVAL');
    copyStructToUser(this.process.memorySpace, this.address, this.length, bytes);
  }
}

/** An array of driver-specific structs: `struct iommu_user_data_array`. */
export class UserArray {
  /** Number of entries handled so far. It is returned to the caller, also on failure. */
  done = 0;

  constructor(
    private readonly process: Task,
    readonly type: number,
    private readonly address: bigint,
    readonly entryLength: number,
    readonly count: number,
  ) {}

  /**
   * Copies an entry in.
   * @param min size of the struct's first version, in bytes
   * @throws EINVAL for fewer bytes, or more than the driver knows; EFAULT
   */
  read(index: number, struct: AnyType, min: number): Uint8Array {
    if (this.entryLength < min || this.entryLength > struct.byteLength) throw fail('EINVAL');
    return this.copy(index, struct);
  }

  /** Copies all entries in, of any length. @throws E2BIG | EFAULT */
  readAll(struct: AnyType): Uint8Array[] {
    const entries: Uint8Array[] = [];
    for (let index = 0; index < this.count; index++) entries.push(this.copy(index, struct));
    return entries;
  }

  private copy(index: number, struct: AnyType): Uint8Array {
    const address = this.address + BigInt(this.entryLength) * BigInt(index);
    return copyStructFromUser(this.process.memorySpace, address, this.entryLength, struct.byteLength);
  }
}
