/** The results of `stat()` for device nodes and other files of the fake kernel. */

import { type File, filesOf, type FileTreeStatus } from '@iommufd/fakekernel/task';
import type { World } from '../world.js';
import { anonymousStatus, type FileStatus, nodeStatus, sysfsStatus } from './status.js';
import type { Found, Tree } from './tree.js';

/** The result of `stat()` for a node; undefined if the path is not a node of the fake kernel. */
export function statusOfPath(world: World, path: string): FileStatus | undefined {
  return world.hasNode(path) ? statusOf(filesOf(world.kernel).status(path)) : undefined;
}

/** The result of `fstat()` for a file of the fake kernel. */
export function statusOfFile(world: World, file: File): FileStatus {
  return world.statusOf(file) ?? anonymousStatus;
}

function statusOf({ mode, major, minor }: FileTreeStatus): FileStatus {
  return nodeStatus(mode, { major, minor });
}

/** The result of `lstat()` for an entry of the tree: a file, link or directory of sysfs, a node or its directory. */
export function statusInTree(tree: Tree, found: Found): FileStatus {
  const status = tree.status(found);
  if (found.entry.kind === 'node') return statusOf(status);
  const size = found.entry.kind === 'link' ? tree.target(found).length : status.size;
  return sysfsStatus(status.mode, tree.inode(found), size);
}
