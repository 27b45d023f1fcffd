'use client';
/** A PC's latest report as it came, for whoever has to know exactly. Read only. */
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Empty } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import type { AgentTabProps } from './AgentEditor.tsx';
import { copyText } from './copy-commands.ts';
import { editorMessages as messages } from './editor-messages.ts';

/** A report of this length holds thousands of peers; the whole of it is copied all the same. */
const MAX_SHOWN_CHARS = 200_000;

export default function AgentReported({ detail: { reported, reportedAtMs } }: AgentTabProps) {
  const text = useText();
  const format = useFormat();
  const services = useWorkbench();
  if (reported === null) return <Empty sentence={text(messages.neverReported)} />;
  const json = JSON.stringify(reported, null, 2);
  return (
    <section>
      <div className="fleet-line">
        <span className="muted">{text(messages.reportedAt, { time: format.dateTime(reportedAtMs) })}</span>
        <Button kind="secondary" icon="copy" run={() => void copyText(services, json)}>
          {text(messages.copyJson)}
        </Button>
      </div>
      {json.length > MAX_SHOWN_CHARS ? <p className="muted">{text(messages.onlyBeginning)}</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="fleet-json" tabIndex={0} aria-label={text(messages.reported)}>
        <pre className="code" dir="ltr">
          {json.slice(0, MAX_SHOWN_CHARS)}
        </pre>
      </section>
    </section>
  );
}
