/**
 * A file of debugfs or procfs with one value, for example `/sys/kernel/debug/failslab/probability`. The value is one of
 * {@link Settings}.
 */
import { ascii } from '../lib/ascii.js';
import type { Task } from './task.js';
import { TextFile } from './text-file.js';

/** Named values in text form, which a {@link SettingFile} reads and writes. */
export interface Settings {
  /** @returns the value with its newline */
  show(name: string): string;
  /** The most bytes that a write reads. The others are ignored. */
  room(name: string): number;
  /** @throws EINVAL | ERANGE if the text is not a valid value */
  store(name: string, text: string): void;
}

/** A file with one value. */
export class SettingFile extends TextFile {
  override readonly canRead = true;
  override readonly canWrite = true;

  constructor(
    private readonly settings: Settings,
    private readonly name: string,
  ) {
    super();
  }

  protected override contents(): Uint8Array {
    return ascii(this.settings.show(this.name));
  }

  /** Writes the value, at any position, and leaves the position unchanged. */
  override write({ memorySpace }: Task, address: bigint, length: number): number {
    const bytes = memorySpace.read(address, Math.min(length, this.settings.room(this.name)));
    this.settings.store(this.name, String.fromCharCode(...bytes));
    return length;
  }

  override pwrite(process: Task, address: bigint, length: number): number {
    return this.write(process, address, length);
  }
}
