import { File } from './file.js';
import { AnonymousMemory } from './memory-object.js';

/** Memory of a device as a file. Its exporter may take it away at any time, and give it back. */
export class DmaBuf extends File {
  readonly memory: AnonymousMemory;
  private revoked = false;
  private readonly importers = new Set<(revoked: boolean) => void>();

  constructor(pages: number) {
    super();
    // It is physically in one piece.
    this.memory = new AnonymousMemory(pages, pages);
  }

  get isRevoked(): boolean {
    return this.revoked;
  }

  /** Tells of every change until the function that it returns is called. */
  attach(changed: (revoked: boolean) => void): () => void {
    this.importers.add(changed);
    return () => this.importers.delete(changed);
  }

  revoke(revoked: boolean): void {
    this.revoked = revoked;
    for (const changed of [...this.importers]) changed(revoked);
  }

  protected override release(): void {
    // The memory goes with the last importer.
  }
}
