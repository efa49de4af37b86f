import { SingleBar } from 'cli-progress';

/** Shows the progress of a round: a bar on a terminal, otherwise one line for the whole round. */
export class Progress {
  private readonly bar: SingleBar | undefined;

  constructor(
    private readonly name: string,
    private readonly pages: number,
  ) {
    if (!process.stdout.isTTY) return;
    const format = `${name}  {bar}  {value} of {total} pages`;
    this.bar = new SingleBar({
      format,
      stream: process.stdout,
      barsize: 32,
      barCompleteChar: '█',
      barIncompleteChar: '░',
    });
    this.bar.start(pages, 0);
  }

  add(pages: number): void {
    this.bar?.increment(pages);
  }

  end(): void {
    if (this.bar === undefined) console.log(`${this.name}  ${String(this.pages).padStart(5)} pages`);
    else this.bar.stop();
  }
}
