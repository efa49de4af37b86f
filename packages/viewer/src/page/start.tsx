/** The page without a document: where files are dropped or chosen, and a playground is started. */
interface Props {
  /** True while files are read. */
  readonly isBusy: boolean;
  readonly onChoose: () => void;
  readonly onPlay: () => void;
}

export function Start({ isBusy, onChoose, onPlay }: Props) {
  return (
    <main class="start">
      <div class="drop">
        <h2>{isBusy ? 'Reading…' : 'Drop a tape, a trace, a kernel log or hex here'}</h2>
        <p>
          Or{' '}
          <button type="button" class="link" onClick={onChoose}>
            choose files
          </button>
          , or{' '}
          <button type="button" class="link" onClick={onPlay}>
            play with a fake kernel
          </button>
          . Nothing leaves this page: it has no network.
        </p>
        <pre>iommufd run --record vmm.jsonl -- ./my-vmm{'\n'}iommufd view vmm.jsonl</pre>
      </div>
    </main>
  );
}
