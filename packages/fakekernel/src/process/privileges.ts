/** The capabilities and limits of a process. */
export interface Privileges {
  /** CAP_IPC_LOCK: pinned memory is not charged. */
  readonly ipcLock: boolean;
  /** CAP_SYS_RESOURCE: may set IOMMU_OPTION_RLIMIT_MODE. */
  readonly sysResource: boolean;
  /** CAP_SYS_RAWIO: may use IOMMU_IOAS_NOIOMMU_GET_PA. */
  readonly rawIo: boolean;
  /** CAP_SYS_ADMIN: may use FIFREEZE and FITHAW. */
  readonly sysAdmin: boolean;
  /**
   * The user of the process: 0 for root. Processes of one user count their locked memory together, unless
   * IOMMU_OPTION_RLIMIT_MODE selects the count of the address space. Permissions depend on the other privileges only.
   */
  readonly uid: number;
  /** RLIMIT_MEMLOCK in bytes. It limits each count that the process's mappings are charged to. */
  readonly memlock: number;
}

/** The privileges of root. */
export const ROOT: Privileges = {
  ipcLock: true,
  sysResource: true,
  rawIo: true,
  sysAdmin: true,
  uid: 0,
  memlock: 8 << 20,
};
