import { type Features, isSteLegal, mask32, type Registers } from '@iommufd/smmuv3';
import { SMMU_CR0, SMMU_GBPA } from '@iommufd/uapi';
import type { VsmmuBackend } from './backend.js';
import { HostError } from './host-error.js';
import type { GuestMemory } from './guest-memory.js';
import type { StreamConfig } from './stream-config.js';
import { lookUpSte, lookUpStream } from './stream-table.js';

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const ABORT = mask32(SMMU_GBPA, 'ABORT');

/**
 * Keeps the host's configuration of each stream in step with the guest's stream table. The host has what the SMMU would
 * have cached: an STE takes effect when the guest invalidates it, or SMMUEN changes.
 */
export class Streams {
  /** The last configuration of each stream: the cached STE. */
  private readonly cached = new Map<number, StreamConfig>();

  constructor(
    private readonly registers: Registers,
    private readonly memory: GuestMemory,
    private readonly backend: VsmmuBackend,
    private readonly features: Features,
  ) {}

  /**
   * Configures every stream, even if some of them fail.
   * @throws HostError that names the streams that could not be configured
   */
  configureAll(): void {
    this.configure([...this.backend.streams]);
  }

  /** The current configuration of each stream. */
  save(): [streamId: number, config: StreamConfig][] {
    return [...this.cached].filter(([streamId]) => this.backend.streams.has(streamId));
  }

  /**
   * Restores configurations, even if the guest has changed its table since without an invalidation. A new stream is
   * configured from the table.
   * @throws HostError as {@link configureAll}
   */
  load(configs: ReadonlyMap<number, StreamConfig>): void {
    this.configure([...this.backend.streams], configs);
  }

  /** Configures one stream, if it has a device. */
  configureOne(streamId: number): void {
    if (this.backend.streams.has(streamId)) this.configure([streamId]);
  }

  /** Number of streams that have a device. */
  get count(): number {
    return this.backend.streams.size;
  }

  /**
   * The streams that a CMD_CFGI_STE or CMD_CFGI_STE_RANGE affects. Source: Arm IHI 0070, sections 4.3.1 and 4.3.2.
   * @param streamId any stream of the range
   * @param count the number of streams in the range, a power of two; the range is aligned to its size
   */
  inRange(streamId: number, count: number): number[] {
    const { streams } = this.backend;
    if (count === 1) return streams.has(streamId) ? [streamId] : [];
    const index = Math.floor(streamId / count);
    return [...streams].filter((id) => Math.floor(id / count) === index);
  }

  /**
   * Invalidates STEs: the streams are configured from the table. Has no effect while SMMUEN is 0, because STEs are not used then.
   * @throws HostError as {@link configureAll}
   */
  invalidate(streamIds: Iterable<number>): void {
    if (this.isOn) this.configure([...streamIds]);
  }

  /** STE.PPAR of a stream; undefined if it has no valid STE. */
  ppar(streamId: number): boolean | undefined {
    if (!this.isOn) return undefined;
    const found = lookUpSte(this.memory, this.registers, this.features, streamId);
    return found !== undefined && isSteLegal(found.ste, this.features) ? found.ste.PPAR === 1 : undefined;
  }

  private get isOn(): boolean {
    return (this.registers.SMMU_CR0 & SMMUEN) !== 0;
  }

  private configure(streamIds: readonly number[], known?: ReadonlyMap<number, StreamConfig>): void {
    const errors = new Map<number, unknown>();
    for (const streamId of streamIds) {
      try {
        const config = known?.get(streamId) ?? this.configOf(streamId);
        this.backend.setStream(streamId, config);
        this.cached.set(streamId, config);
      } catch (error) {
        errors.set(streamId, error);
      }
    }
    if (errors.size === 0) return;
    const [first, ...others] = errors.values();
    const cause =
      others.length === 0
        ? first
        : new AggregateError(errors.values(), `${errors.size} streams could not be configured`);
    throw new HostError('configure', [...errors.keys()], cause);
  }

  private configOf(streamId: number): StreamConfig {
    if (this.isOn) return lookUpStream(this.memory, this.registers, this.features, streamId);
    return { kind: (this.registers.SMMU_GBPA & ABORT) !== 0 ? 'abort' : 'bypass' };
  }
}
