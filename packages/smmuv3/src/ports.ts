/** The devices of an SMMU, by the streams that they are connected to. Commands and the PRI queue reach them here. */
import type { CommandHost } from './commands.js';
import type { AtcInvalidation, PriResponse, StreamPort } from './stream-transaction.js';

/** The ports of all streams. A stream without one answers every invalidation, and takes no response. */
export class Ports implements CommandHost {
  private readonly byStream = new Map<number, StreamPort>();

  connect(streamId: number, port: StreamPort): void {
    this.byStream.set(streamId, port);
  }

  disconnect(streamId: number): void {
    this.byStream.delete(streamId);
  }

  respond(response: PriResponse): void {
    this.byStream.get(response.streamId)?.priResponse(response);
  }

  invalidateAtc(invalidation: AtcInvalidation): boolean {
    return this.byStream.get(invalidation.streamId)?.atcInvalidate(invalidation) ?? true;
  }
}
