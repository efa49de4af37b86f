/**
 * Departures of an emulator from the architecture, so that recordings made on it replay exactly. All are off by default;
 * QEMU's SMMUv3 has them all.
 */
export interface Departures {
  /**
   * A stage 2 fault on the way to a stage 1 table below the first one is reported with S2 = 0, though with CLASS = TT
   * and the IPA in word 3. Architecture: S2 = 1 (Arm IHI 0070, 7.3.13).
   */
  readonly stage2FaultOfWalkSaysStage1?: boolean | undefined;
  /**
   * A context descriptor beyond the input size of stage 2 aborts the transaction without an event. Architecture:
   * F_TRANSLATION with S2 = 1 and CLASS = CD (Arm IHI 0070, 3.4.3).
   */
  readonly silentContextPointerFault?: boolean | undefined;
  /**
   * Privileged-only pages, AP[1] = 0, allow unprivileged accesses. Architecture: F_PERMISSION (Arm DDI 0487, D8.4).
   */
  readonly ignoresPrivilegedOnly?: boolean | undefined;
  /**
   * An STE with S1CDMax other than 0 is illegal without substream support. Architecture: S1CDMax is ignored then
   * (Arm IHI 0070, 5.2).
   */
  readonly checksUnusedS1CDMax?: boolean | undefined;
  /**
   * The IPAs of the first stage 1 tables are translated when a context descriptor is fetched, and the result is cached with
   * it: later changes of stage 2 take effect when the descriptor is invalidated. Architecture: every walk goes through
   * stage 2, and stage 2 invalidations drop what is cached of it (Arm IHI 0070, 4.4.3).
   */
  readonly keepsFirstTable?: boolean | undefined;
  /**
   * Global pages, nG = 0, are cached for one ASID like all others. Architecture: an invalidation by address drops them for
   * any ASID, and one by ASID keeps them (Arm IHI 0070, 4.4.2).
   */
  readonly ignoresGlobalPages?: boolean | undefined;
}
