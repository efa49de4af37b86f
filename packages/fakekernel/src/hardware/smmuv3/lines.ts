/** Wired interrupts, by edge: called when the line is pulsed and SMMU_IRQ_CTRL has it on (Arm IHI 0070, 3.18.2). */
export interface Lines {
  /** The event queue is not empty any more. */
  eventq(): void;
  /** The PRI queue is not empty any more; with SMMU_PRIQ_IRQ_CFG2.LO: the last request of a group has come. */
  priq(): void;
  /** A global error has become active. */
  gerror(): void;
  /** A CMD_SYNC with CS = SIG_IRQ is done. No register switches this one off. */
  cmdqSync(): void;
}
