/**
 * Watches files in the event loop. A watch that fires while Node shuts down would call JavaScript that no longer exists, which
 * aborts the process. So the remaining watches are closed when the process exits.
 */

import koffi, { type node } from 'koffi';

/** The events that a file is watched for. */
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

/** A watch of a file. It keeps this process running until `unref()` is called. */
export interface Watch {
  /** Keeps this process running. */
  ref(): void;
  /** Lets this process exit. */
  unref(): void;
  close(): void;
}

/**
 * Watches a file until the watch is closed, or this process exits.
 * @param ready called at each event; `disconnect` is true if the other side has closed
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
