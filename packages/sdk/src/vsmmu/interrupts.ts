import type { InterruptLines } from '@iommufd/smmuv3';

/** The interrupts of a virtual SMMU: {@link InterruptLines}, with MSIs required. */
export interface VsmmuInterrupts extends InterruptLines {
  /**
   * An MSI to an address that is not RAM: a doorbell. (An MSI to RAM writes the word there.)
   * @param address guest-physical, aligned to 4 bytes
   * @param data the word to write
   * @returns false for an external abort, which is reported to the guest as a global error
   */
  msi(address: bigint, data: number): void | false;
}
