/**
 * How an emulator departs from the architecture. Each is off unless it is set; QEMU's SMMUv3 has them all. What they do here
 * is to let recordings of such an emulator replay.
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
   * Pages for privileged accesses only, AP[1] = 0, are open to unprivileged ones. Architecture: F_PERMISSION (Arm DDI
   * 0487, D8.4).
   */
  readonly ignoresPrivilegedOnly?: boolean | undefined;
  /**
   * An STE with S1CDMax other than 0 is not legal where there are no substreams. Architecture: S1CDMax is ignored there
   * (Arm IHI 0070, 5.2).
   */
  readonly checksUnusedS1CDMax?: boolean | undefined;
  /**
   * Where stage 2 has the first tables of stage 1 is looked up when a context descriptor is fetched, and kept with it:
   * what stage 2 says of them later does not count until the descriptor is dropped. Architecture: every walk goes through
   * stage 2, and what is cached of that goes with the invalidation of stage 2 (Arm IHI 0070, 4.4.3).
   */
  readonly keepsFirstTable?: boolean | undefined;
  /**
   * Translations of global pages, nG = 0, are cached for one ASID like all others. Architecture: an invalidation by
   * address drops them whatever ASID it names, and one by ASID leaves them (Arm IHI 0070, 4.4.2).
   */
  readonly ignoresGlobalPages?: boolean | undefined;
}
