'use client';
/** Whether what is on the screen is live, in the status bar. */
import { useEffect, useState } from 'react';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { shellText } from '../messages.ts';
import { useContextKey } from '../services.tsx';

/** From here on the loss is worth a colour; shorter ones heal by themselves. */
const PROMINENT_AFTER_MS = 60_000;
const TICK_MS = 1000;

export function LiveStatus() {
  const state = useContextKey('liveState');
  const since = useContextKey('liveSinceMs');
  const text = useText();
  if (state === 'lost' && typeof since === 'number') return <Lost sinceMs={since} />;
  if (state !== 'live') return <span className="muted">{text(shellText.connecting)}</span>;
  return (
    <span title={text(shellText.liveTitle)}>
      <i className="codicon codicon-pulse" aria-hidden="true" />
      {text(shellText.live)}
    </span>
  );
}

function Lost({ sinceMs }: { sinceMs: number }) {
  const text = useText();
  const format = useFormat();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const lostMs = Math.max(0, now - sinceMs);
  const isLong = lostMs >= PROMINENT_AFTER_MS;
  return (
    <span className={isLong ? 'prominent' : undefined} title={text(shellText.staleTitle)}>
      <i className="codicon codicon-debug-disconnect" aria-hidden="true" />
      {/* Said once, not every second. */}
      <span role="status" className="visually-hidden">
        {text(shellText.staleSince, { time: format.clock(sinceMs) })}
      </span>
      <span aria-hidden="true">
        {isLong
          ? text(shellText.staleSince, { time: format.clock(sinceMs) })
          : text(shellText.reconnecting, { seconds: Math.floor(lostMs / 1000) })}
      </span>
    </span>
  );
}
