/** The line below the panels: how many rows are shown, and how much of a tape is replayed. */
import { countText } from '../model/count-text.js';
import type { DocumentSummary, Progress } from '../model/session.js';

interface Props {
  readonly shown: DocumentSummary;
  readonly progress: Progress;
  /** Number of rows that the filter shows. */
  readonly count: number;
}

export function Status({ shown, progress, count }: Props) {
  return (
    <>
      <span role="status">{countText(progress, count)}</span>
      {shown.kind === 'tape' && progress.refusal === '' && (
        <span>
          {progress.played < progress.rows
            ? `${progress.played.toLocaleString('en')} played`
            : progress.different === 0
              ? 'all replayed on the fake kernel, with the same results'
              : `all replayed on the fake kernel, ${progress.different} results differ`}
        </span>
      )}
      {(shown.kind === 'tape' || shown.kind === 'playground') && progress.refusal !== '' && (
        <span>not played: {progress.refusal}</span>
      )}
      <span class="dim">{shown.about}</span>
    </>
  );
}
