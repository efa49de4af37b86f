/** What a process may do beyond what every process may. */
export interface Privileges {
  /** CAP_IPC_LOCK: pinned memory is not counted. */
  readonly ipcLock: boolean;
  /** CAP_SYS_RESOURCE: may change how pinned memory is counted. */
  readonly sysResource: boolean;
  /** CAP_SYS_RAWIO: may ask for physical addresses. */
  readonly rawIo: boolean;
  /** CAP_SYS_ADMIN: may freeze filesystems. */
  readonly sysAdmin: boolean;
  /**
   * Whose process it is: the number of its user, 0 for root. Processes of one user count their locked memory together, unless
   * IOMMU_OPTION_RLIMIT_MODE says otherwise. What it may do follows from the other privileges alone.
   */
  readonly uid: number;
  /** RLIMIT_MEMLOCK in bytes: each count is held against that of the process which maps. */
  readonly memlock: number;
}

/** What root may do. */
export const ROOT: Privileges = {
  ipcLock: true,
  sysResource: true,
  rawIo: true,
  sysAdmin: true,
  uid: 0,
  memlock: 8 << 20,
};
