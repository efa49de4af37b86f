/**
 * Files that the event loop watches. A watch that fires while Node takes itself down at its exit would call JavaScript that is
 * there no more, which aborts the process: those that are left are closed before.
 */

import koffi, { type node } from 'koffi';

/** What a file is watched for. */
interface Watched {
  readonly readable: boolean;
  readonly writable?: boolean;
  /** POLLHUP and POLLRDHUP. */
  readonly disconnect?: boolean;
}

const open = new Set<node.PollHandle>();

function closeAll(): void {
  for (const handle of open) handle.close();
  open.clear();
}

/** A file that is watched. */
export interface Watch {
  /** Keeps this process running, as it does from its beginning. */
  ref(): void;
  /** Does not keep this process running. */
  unref(): void;
  close(): void;
}

/**
 * Watches a file until the watch is closed, or this process exits.
 * @param ready called when there is something, with whether the other side has gone
 */
export function watch(fd: number, events: Watched, ready: (disconnect: boolean) => void): Watch {
  const handle = koffi.node.poll(fd, events, ({ disconnect }) => ready(disconnect));
  if (open.size === 0) process.once('exit', closeAll);
  open.add(handle);
  return {
    ref: () => handle.ref(),
    unref: () => handle.unref(),
    close: () => {
      if (!open.delete(handle)) return;
      handle.close();
      if (open.size === 0) process.off('exit', closeAll);
    },
  };
}
