import { type Features, isSteLegal, mask32, type Registers } from '@iommufd/smmuv3';
import { SMMU_CR0, SMMU_GBPA } from '@iommufd/uapi';
import type { VsmmuBackend } from './backend.js';
import type { GuestMemory } from './guest-memory.js';
import type { StreamConfig } from './stream-config.js';
import { lookUpSte, lookUpStream } from './stream-table.js';

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const ABORT = mask32(SMMU_GBPA, 'ABORT');

/** Keeps the streams of the host what the guest has made of them. */
export class Streams {
  /** What each stream was given last: the entry as the SMMU has cached it. */
  private readonly cached = new Map<number, StreamConfig>();

  constructor(
    private readonly registers: Registers,
    private readonly memory: GuestMemory,
    private readonly backend: VsmmuBackend,
    private readonly features: Features,
  ) {}

  /**
   * Takes the configuration of every stream anew. One that fails does not keep the others from theirs.
   * @throws Error what the host failed with; an AggregateError if it failed more than once
   */
  configureAll(): void {
    this.configure([...this.backend.streams]);
  }

  /** What each stream is given now. */
  save(): [streamId: number, config: StreamConfig][] {
    return [...this.cached].filter(([streamId]) => this.backend.streams.has(streamId));
  }

  /**
   * Gives streams what they had, though the guest may have written to its table since and not said so yet. A stream
   * that is new is configured.
   * @throws Error as {@link configureAll}
   */
  load(configs: ReadonlyMap<number, StreamConfig>): void {
    this.configure([...this.backend.streams], configs);
  }

  /** Takes the configuration of one stream anew, if it has a device. */
  configureOne(streamId: number): void {
    if (this.backend.streams.has(streamId)) this.configure([streamId]);
  }

  /** CMD_CFGI_STE. While the SMMU is off, stream table entries do not count. */
  invalidateOne(streamId: number): void {
    if (this.isOn) this.configureOne(streamId);
  }

  /**
   * CMD_CFGI_STE_RANGE. Source: Arm IHI 0070, section 4.3.2.
   * @param streamId any stream of the range
   * @param range the range has 2^(range + 1) streams and is aligned to that; 31 for all
   */
  invalidateRange(streamId: number, range: number): void {
    if (!this.isOn) return;
    const size = 2 ** (range + 1);
    const index = Math.floor(streamId / size);
    this.configure([...this.backend.streams].filter((id) => Math.floor(id / size) === index));
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
    const errors: unknown[] = [];
    for (const streamId of streamIds) {
      try {
        const config = known?.get(streamId) ?? this.configOf(streamId);
        this.backend.setStream(streamId, config);
        this.cached.set(streamId, config);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} streams could not be configured`);
  }

  private configOf(streamId: number): StreamConfig {
    if (this.isOn) return lookUpStream(this.memory, this.registers, this.features, streamId);
    return { kind: (this.registers.SMMU_GBPA & ABORT) !== 0 ? 'abort' : 'bypass' };
  }
}
