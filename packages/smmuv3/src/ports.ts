/** The devices of an SMMU, by the streams that they are connected to. Commands and PRI responses are sent through it. */
import type { CommandHost } from './commands.js';
import type { AtcInvalidation, PriResponse, StreamPort } from './stream-transaction.js';

/** The ports of all streams. On a stream without a port, invalidations complete at once and responses are discarded. */
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
