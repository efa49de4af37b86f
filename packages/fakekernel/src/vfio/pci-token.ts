/**
 * The token that users of virtual functions share with the user of the physical one: `vfio_pci_validate_vf_token()` of Linux's
 * `vfio_pci_core.c`. It is random and unknown until a program sets it.
 */
import { fail } from '../errno.js';

/** Size of a UUID in bytes. */
export const UUID_SIZE = 16;

/** `struct vfio_pci_vf_token`. */
export class VfToken {
  /** Number of open virtual functions. */
  users = 0;
  /** Undefined for the initial random token, which no program can know. */
  private uuid: Uint8Array | undefined;

  set(uuid: Uint8Array): void {
    this.uuid = uuid.slice();
  }

  private isRight(uuid: Uint8Array): boolean {
    return this.uuid?.every((byte, i) => byte === uuid[i]) === true;
  }

  /** Called when a virtual function is opened. @throws EACCES */
  checkVirtual(uuid: Uint8Array | undefined): void {
    if (uuid === undefined || !this.isRight(uuid)) throw fail('EACCES');
  }

  /** Called when the physical function is opened. Its first user sets the token, and later users must pass it. @throws EACCES */
  checkPhysical(uuid: Uint8Array | undefined): void {
    if (this.users === 0) {
      if (uuid !== undefined) this.set(uuid);
    } else if (uuid === undefined || !this.isRight(uuid)) throw fail('EACCES');
  }
}
