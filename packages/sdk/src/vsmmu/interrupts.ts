import type { InterruptLines } from '@iommufd/smmuv3';

/** Where a virtual SMMU's interrupts go: {@link InterruptLines}, and MSIs with them. */
export interface VsmmuInterrupts extends InterruptLines {
  /**
   * An MSI to what is no RAM: a doorbell. (One to RAM writes the word there.)
   * @param address guest-physical, aligned to 4
   * @param data the word that is written
   * @returns false if there is nothing that can be written: the guest sees an error
   */
  msi(address: bigint, data: number): void | false;
}
