/** `readlink()` of links in the fake kernel's trees, and of `/proc/PID/fd` where it leads to a file of the fake kernel. */

import { fail } from '@iommufd/fakekernel/task';
import type { Handler, SystemCall } from './call.js';
import { directoryOf, inTree, linkedFile, linkedPath, nodeAt } from './path-lookup.js';

/** A node is not a link: EINVAL. */
function readsLink(directoryAt: number | undefined, path: number): Handler {
  return (call) => {
    const address = call.word(path);
    const directory = directoryOf(call, directoryAt);
    if (nodeAt(call, directory, address) !== undefined) throw fail('EINVAL');
    const target = linkTarget(call, directory, address);
    if (target === undefined) return 'continue';
    const room = call.int(path + 2);
    if (room <= 0) throw fail('EINVAL');
    const bytes = Buffer.from(target).subarray(0, room);
    call.task.memorySpace.write(call.word(path + 1), bytes);
    return bytes.length;
  };
}

/** The target of a link of the fake kernel. @returns undefined for a path of the host @throws EINVAL if the file is not a link */
function linkTarget(call: SystemCall, directory: number, address: bigint): string | undefined {
  const { world, tree } = call.host;
  // An empty path names the descriptor itself: a link that was opened with O_PATH and O_NOFOLLOW.
  if (call.string(address) === '') {
    const named = call.task.files.named(directory);
    const found = named && tree.find(named.path, false);
    return found?.entry.kind === 'link' ? tree.target(found) : undefined;
  }
  const linked = linkedFile(call, directory, address);
  if (linked === undefined) {
    const named = linkedPath(call, directory, address);
    if (named !== undefined) return named;
    const found = inTree(call, directory, address, false);
    return found && tree.target(found);
  }
  const target = world.linkOf(linked);
  if (target === undefined) throw fail('EINVAL');
  return target;
}

export const readlink = readsLink(undefined, 0);

export const readlinkat = readsLink(0, 1);
