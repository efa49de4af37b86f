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
  /** RLIMIT_MEMLOCK in bytes. */
  readonly memlock: number;
}

/** What root may do. */
export const ROOT: Privileges = {
  ipcLock: true,
  sysResource: true,
  rawIo: true,
  sysAdmin: true,
  memlock: 8 << 20,
};
