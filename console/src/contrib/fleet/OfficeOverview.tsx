'use client';
/** An office at a glance: what sharing gained today first, then who is there, then how far each folder is. */
import { useQuery } from '@tanstack/react-query';
import { officeQuery, trafficRangeQuery } from '../../api/queries.ts';
import type { BytesBySource, OfficeDetail } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Empty, QueryView, type ShownQuery, Stale, State, Together } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { editorMessages as messages } from './editor-messages.ts';
import { Name } from './Name.tsx';
import type { OfficeTabProps } from './OfficeEditor.tsx';
import { DAY_MS, startOfDay } from './time-ranges.ts';
import { useNow } from './use-now.ts';

const HOUR_MS = 3_600_000;

export default function OfficeOverview({ office }: OfficeTabProps) {
  const text = useText();
  const detail = useQuery(officeQuery(office.id));
  const today = useToday(office.timeZone ?? undefined);
  const { fromMs, toMs } = today;
  const traffic = useQuery(trafficRangeQuery({ office: office.id, fromMs, toMs, stepMs: HOUR_MS }));
  return (
    <Together queries={[detail, traffic]} what={text(messages.theOffice)}>
      <SavedToday name={office.name} today={today} traffic={traffic} />
      <QueryView query={detail} what={text(messages.theOffice)}>
        {(data) => (
          <>
            <Presence detail={data} />
            <Folders detail={data} />
          </>
        )}
      </QueryView>
    </Together>
  );
}

interface Today {
  fromMs: number;
  toMs: number;
  zone: string | undefined;
}

/** The whole day at the office: the question stays the same until midnight. */
function useToday(zone: string | undefined): Today {
  const fromMs = startOfDay(useNow(60_000), zone);
  return { fromMs, toMs: startOfDay(fromMs + 1.5 * DAY_MS, zone), zone };
}

interface SavedTodayProps {
  name: string;
  today: Today;
  traffic: ShownQuery<{ totals: BytesBySource }>;
}

/** The first figure: what did not cross the WAN since the office's midnight. */
function SavedToday({ name, today: { fromMs, zone }, traffic }: SavedTodayProps) {
  const text = useText();
  const format = useFormat();
  return (
    <section>
      <h2>{text(messages.savedTodayQuestion, { name })}</h2>
      <QueryView query={traffic} what={text(messages.savedToday)}>
        {({ totals }) => <Saved totals={totals} />}
      </QueryView>
      <p className="muted">
        {text(zone === undefined ? messages.todaySince : messages.todaySinceThere, {
          time: format.minute(fromMs, zone),
          zone: zone ?? '',
        })}
      </p>
    </section>
  );
}

function Saved({ totals: { fromPeers, fromLocal, fromOrigin } }: { totals: BytesBySource }) {
  const text = useText();
  const format = useFormat();
  const all = fromPeers + fromLocal + fromOrigin;
  if (all === 0) return <p className="fleet-kpi">{text(messages.nothingToday)}</p>;
  const parts = [
    { key: 'lan', bytes: fromPeers },
    { key: 'local', bytes: fromLocal },
    { key: 'wan', bytes: fromOrigin },
  ];
  return (
    <>
      <p className="fleet-kpi">
        {format.bytes(fromPeers + fromLocal)} <span>{format.share(fromPeers + fromLocal, all)}</span>
      </p>
      <div className="fleet-meter" aria-hidden="true">
        {parts.map(({ key, bytes }) => (
          <span key={key} className={key} style={{ width: `${(100 * bytes) / all}%` }} />
        ))}
      </div>
      <Facts
        facts={[
          {
            name: text(messages.fromNeighbours),
            value: withShare(format.bytes(fromPeers), format.share(fromPeers, all)),
          },
          { name: text(messages.reused), value: withShare(format.bytes(fromLocal), format.share(fromLocal, all)) },
          { name: text(messages.overWan), value: withShare(format.bytes(fromOrigin), format.share(fromOrigin, all)) },
          { name: text(messages.delivered), value: format.bytes(all), title: text(messages.counterfactual) },
        ]}
      />
    </>
  );
}

function withShare(amount: string, share: string): string {
  return `${amount} · ${share}`;
}

function Presence({ detail: { office, newestReportAtMs } }: { detail: OfficeDetail }) {
  const text = useText();
  const format = useFormat();
  const now = useNow(30_000);
  const ageMs = newestReportAtMs === null ? undefined : now - newestReportAtMs;
  return (
    <section>
      <h2>{text(messages.whoIsThere)}</h2>
      <Facts
        facts={[
          {
            name: text(messages.pcsOnline),
            value:
              office.agentsTotal === 0
                ? format.UNKNOWN
                : text(messages.partOfWhole, {
                    part: format.count(office.agentsOnline),
                    whole: format.count(office.agentsTotal),
                  }),
          },
          {
            name: text(messages.newestReport),
            value: format.ago(newestReportAtMs),
            title: format.dateTime(newestReportAtMs),
          },
          { name: text(messages.folders), value: format.count(office.folderIds.length) },
        ]}
      />
      {office.agentsTotal === 0 ? null : (
        <Stale
          reporting={office.agentsOnline}
          total={office.agentsTotal}
          // Agents report when something changes: only what nobody keeps up to date is old.
          {...(ageMs !== undefined && office.agentsOnline === 0 ? { ageMs } : {})}
        />
      )}
    </section>
  );
}

function Folders({ detail: { folders } }: { detail: OfficeDetail }) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  return (
    <section>
      <h2>{text(messages.folders)}</h2>
      {folders.length === 0 ? <Empty sentence={text(messages.noFolders)} /> : null}
      <ul className="fleet-folders">
        {folders.map((folder) => {
          const isUnknown = folder.agentsReporting === 0;
          const words = isUnknown
            ? text(messages.nobodyReported)
            : text(messages.pcsComplete, {
                complete: format.count(folder.agentsComplete),
                total: format.count(folder.agentsTotal),
              });
          return (
            <li key={folder.folderId}>
              <LinkButton
                run={() =>
                  editors.open({
                    editor: 'harp.editor.folder',
                    subject: folder.folderId,
                    title: folder.name,
                    icon: 'folder',
                  })
                }
              >
                <Name>{folder.name}</Name>
              </LinkButton>
              <ProgressBar
                label={folder.name}
                share={isUnknown || folder.bytesTotal === 0 ? null : folder.bytesDone / folder.bytesTotal}
                words={words}
                tone={folder.agentsBlocked > 0 ? 'error' : 'ok'}
              />
              {folder.agentsBlocked === 0 ? null : (
                <State tone="error">{text(messages.pcsBlocked, { count: folder.agentsBlocked })}</State>
              )}
              {folder.shareError !== null ? (
                <State tone="error">
                  {text(messages.shareError)} <bdi dir="auto">{folder.shareError.slice(0, 300)}</bdi>
                </State>
              ) : folder.shareReady ? null : (
                <State tone="unknown">{text(messages.shareMissing)}</State>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
