import type { ProgressBarProps } from './model.ts';
import { percentOf } from './scales.ts';

/** How far something is. Its words say the same; without a share it only says that it is not known how far. */
export function ProgressBar({ label, share, words, tone = 'ok', size = 'row' }: ProgressBarProps) {
  const percent = share === null ? undefined : percentOf(share);
  return (
    <span className={`progress ${size}`}>
      <span
        role="progressbar"
        // A name of nothing but spaces names nothing.
        aria-label={label.trim() === '' ? words : label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent === undefined ? undefined : Math.floor(percent)}
        aria-valuetext={words}
        className={`progress-track ${percent === undefined ? 'hatched' : ''}`}
      >
        {percent === undefined ? null : <span className={`fill ${tone}`} style={{ width: `${percent}%` }} />}
      </span>
      {words === undefined ? null : <span className="progress-words">{words}</span>}
    </span>
  );
}
