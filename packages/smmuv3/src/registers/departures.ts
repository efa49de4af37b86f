/**
 * Departures of an emulator from the architecture, so that recordings of it replay exactly. All are off by default;
 * QEMU's SMMUv3 has all of them. The first ones are visible with nested translation, the others to a guest of QEMU's
 * own SMMU.
 */
export interface Departures {
  /**
   * A stage 2 fault of the address of a stage 1 table below the first one is reported with S2 = 0, although with CLASS
   * = TT and the IPA in word 3, and only if CD.R is 1. If the address is beyond OAS, it is F_ADDR_SIZE. Architecture:
   * F_TRANSLATION with S2 = 1, and STE.S2R applies (Arm IHI 0070, 7.3.13).
   */
  readonly stage2FaultOfWalkSaysStage1?: boolean | undefined;
  /**
   * A context descriptor beyond the input size of stage 2 aborts the transaction without an event. Architecture:
   * F_TRANSLATION with S2 = 1 and CLASS = CD (Arm IHI 0070, 3.4.3).
   */
  readonly silentLargeStage2Input?: boolean | undefined;
  /**
   * An input address beyond OAS where only stage 2 is enabled aborts the transaction without an event. Architecture:
   * F_ADDR_SIZE (Arm IHI 0070, 3.4).
   */
  readonly silentLargeBypass?: boolean | undefined;
  /**
   * Privileged-only pages, AP[1] = 0, allow unprivileged accesses. Architecture: F_PERMISSION (Arm DDI 0487, D8.4).
   */
  readonly ignoresPrivilegedOnly?: boolean | undefined;
  /**
   * An STE with S1CDMax other than 0 is illegal without substream support. Architecture: S1CDMax is then ignored
   * (Arm IHI 0070, 5.2).
   */
  readonly checksUnusedS1CDMax?: boolean | undefined;
  /**
   * The IPAs of the first stage 1 tables are translated when a context descriptor is fetched, and the result is cached
   * with the descriptor. Later changes of stage 2 take effect only when the descriptor is invalidated. Architecture:
   * every walk uses stage 2, and stage 2 invalidations apply to cached results (Arm IHI 0070, 4.4.3).
   */
  readonly keepsFirstTable?: boolean | undefined;
  /**
   * Global pages, nG = 0, are cached for one ASID like all others. Architecture: an invalidation by address applies to
   * them for any ASID, and an invalidation by ASID does not (Arm IHI 0070, 4.4.2).
   */
  readonly ignoresGlobalPages?: boolean | undefined;
  /**
   * RES0 bits of registers read as the value that was written; for SMMU_GERROR_IRQ_CFG0 to 2 also without MSIs. Other
   * registers of unsupported features remain RES0. Architecture: all of them read as zero (Arm IHI 0070, 6.3).
   */
  readonly keepsReservedBits?: boolean | undefined;
  /**
   * Registers of tables, queues and interrupts can be written while they are in use. Architecture: such writes are ignored
   * from SMMUv3.2 on (Arm IHI 0070, 6.3.11, 6.3.24, 6.3.26).
   */
  readonly ignoresGuards?: boolean | undefined;
  /**
   * The second-level table of an L1STD has 2^Span entries. Architecture: 2^(Span - 1) (Arm IHI 0070, 5.1).
   */
  readonly doublesSpan?: boolean | undefined;
  /**
   * Queues begin at the exact address of their base register. Architecture: the address is aligned to the size of the
   * queue (Arm IHI 0070, 6.3.26, 6.3.29).
   */
  readonly ignoresQueueAlignment?: boolean | undefined;
  /**
   * Commands of EL2, EL3, ATS, PRI and stalls have no effect if the SMMU does not support the feature, and their fields are
   * not checked. SSec of commands other than CFGI is ignored, and CS = 3 acts as 1. Architecture: CERROR_ILL (Arm IHI 0070,
   * 4.1.2, 4.4, 4.5, 4.7).
   */
  readonly acceptsForeignCommands?: boolean | undefined;
  /**
   * An event for a full queue raises GERROR.EVENTQ_ABT_ERR, and while that is active, events are still written.
   * Architecture: the event toggles OVFLG, and after an external abort nothing is written until it is acknowledged (Arm
   * IHI 0070, 7.2.1, 7.4).
   */
  readonly reportsOverflowAsAbort?: boolean | undefined;
  /**
   * Every event interrupts. Architecture: only the first event of an empty queue (Arm IHI 0070, 3.18.2).
   */
  readonly interruptsForEveryEvent?: boolean | undefined;
  /**
   * APTable of table descriptors restricts the access that walks the tables, before the next table is read, and is not
   * cached with the translation. Architecture: it restricts every access, and faults of the leaf come first (Arm DDI
   * 0487, D8.4.2).
   */
  readonly forgetsTablePermissions?: boolean | undefined;
  /**
   * Illegal STEs and CDs are not cached, so that a legal one takes effect without an invalidation. The architecture
   * permits caching them (Arm IHI 0070, 4.3), and hardware with a nested page table keeps the STE until CMD_CFGI_STE.
   */
  readonly cachesLegalStructuresOnly?: boolean | undefined;
  /**
   * TTL and TG of an invalidation by address are ignored, so that more entries are invalidated. Architecture: entries
   * of other levels and page sizes need not be invalidated (Arm IHI 0070, 4.4.1.1).
   */
  readonly ignoresInvalidationHints?: boolean | undefined;
  /**
   * A table descriptor with an address beyond the output size causes a read there, which is F_WALK_EABT. Architecture:
   * F_ADDR_SIZE (Arm DDI 0487, D8.2; Arm IHI 0070, 7.3.14).
   */
  readonly ignoresTableAddressSize?: boolean | undefined;
  /**
   * The output address of a stage 1 page is checked against the output size after the access flag and the permissions.
   * Architecture: before them (Arm DDI 0487, D8.15.4).
   */
  readonly checksOutputSizeLast?: boolean | undefined;
}
