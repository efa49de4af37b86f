/** Device nodes of the fake kernel as a program sees them in `/dev`, and its other files: what `stat()` says. */

import { type File, filesOf, type FileTreeStatus } from '@iommufd/fakekernel/task';
import type { World } from '../world.js';
import { anonymousStatus, type FileStatus, nodeStatus, sysfsStatus } from './status.js';
import type { Found, Tree } from './tree.js';

/** What `stat()` says of a node. @returns undefined if the fake kernel has none of this path */
export function statusOfPath(world: World, path: string): FileStatus | undefined {
  return world.hasNode(path) ? statusOf(filesOf(world.kernel).status(path)) : undefined;
}

/** What `fstat()` says of a file of the fake kernel. */
export function statusOfFile(world: World, file: File): FileStatus {
  return world.statusOf(file) ?? anonymousStatus;
}

function statusOf({ mode, major, minor }: FileTreeStatus): FileStatus {
  return nodeStatus(mode, { major, minor });
}

/** What `stat()` says of something in sysfs, or of a directory of nodes. */
export function statusInTree(tree: Tree, found: Found): FileStatus {
  const status = tree.status(found);
  if (found.entry.kind === 'node') return statusOf(status);
  const size = found.entry.kind === 'link' ? tree.target(found).length : status.size;
  return sysfsStatus(status.mode, tree.inode(found), size);
}
