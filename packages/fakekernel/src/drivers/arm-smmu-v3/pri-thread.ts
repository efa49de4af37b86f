import { smmuv3_pri } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { denyPageRequest } from './command.js';
import type { CommandQueue } from './command-queue.js';
import type { OutputQueue } from './output-queue.js';
import { hex } from '../../lib/hex.js';

/** `arm_smmu_priq_thread()`: drains the PRI queue. */
export function priThread(
  requests: OutputQueue,
  commands: CommandQueue,
  log: (message: string) => void,
): void {
  requests.drain(
    () => handlePageRequest(requests.entry, commands, log),
    () => log('PRIQ overflow detected -- requests lost'),
  );
}

/**
 * `arm_smmu_handle_ppr()`: Linux never enables page requests, so the last request of a group gets the response ResponseFailure.
 */
function handlePageRequest(bytes: Uint8Array, commands: CommandQueue, log: (message: string) => void): void {
  const { StreamID, SSV, SubstreamID, PRGIndex, Last, Priv, R, W, X, PageAddress } = view(smmuv3_pri, bytes);
  const pasid = SSV === 1 ? SubstreamID : 0;
  const wanted = `${R === 1 ? 'R' : ''}${W === 1 ? 'W' : ''}${X === 1 ? 'X' : ''}`;
  log('unexpected PRI request received:');
  log(
    `\tsid 0x${hex(StreamID, 8)}.0x${hex(pasid, 5)}: [${PRGIndex}${Last === 1 ? 'L' : ''}] ` +
      `${Priv === 1 ? '' : 'un'}privileged ${wanted} access at iova 0x${hex(PageAddress, 16)}`,
  );
  if (Last !== 1) return;
  commands.issue([denyPageRequest({ StreamID, SSV, SubstreamID: pasid, PRGIndex })], false);
}
