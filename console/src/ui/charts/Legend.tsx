import type { LegendItem } from './model.ts';
import { cssColor, dashes } from './paint.ts';

/** What the colours and dashes of a chart stand for. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="legend">
      {items.map(({ label, color, dash, hatched = false }) => (
        <li key={label}>
          {dash === undefined ? (
            <i className={hatched ? 'hatched' : ''} style={hatched ? undefined : { background: cssColor(color) }} />
          ) : (
            <svg width="24" height="8" aria-hidden="true">
              <line
                x1="0"
                y1="4"
                x2="24"
                y2="4"
                stroke={cssColor(color)}
                strokeWidth="2"
                strokeDasharray={dashes[dash].join(' ')}
              />
            </svg>
          )}
          {label}
        </li>
      ))}
    </ul>
  );
}
