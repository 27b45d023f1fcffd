'use client';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { transfersText } from './messages.ts';
import { type Mix, totalOf } from './transfer-groups.ts';

/** Where bytes came from: a bar, the share that stayed on the LAN, and everything in words on hover and for screen readers. */
export function SourceMix({ mix }: { mix: Mix }) {
  const text = useText();
  const format = useFormat();
  const total = totalOf(mix);
  if (total === 0) return <span className="muted">{text(transfersText.noBytes)}</span>;
  const parts = [
    ['lan', mix.fromPeers],
    ['wan', mix.fromOrigin],
    ['local', mix.fromLocal],
  ] as const;
  const words = text(transfersText.mix, {
    lan: format.share(mix.fromPeers, total),
    wan: format.share(mix.fromOrigin, total),
    local: format.share(mix.fromLocal, total),
  });
  return (
    <span className="source-mix" title={words}>
      <span className="meter" aria-hidden="true">
        {parts.map(([name, bytes]) => (
          <span key={name} className={name} style={{ width: `${(100 * bytes) / total}%` }} />
        ))}
      </span>
      <span aria-hidden="true">{text(transfersText.mixShort, { lan: format.share(mix.fromPeers, total) })}</span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
