'use client';
/** Whether a PC is well, by facts: what last worked, not whether a process runs. Then who it is. */
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { type Fact, Facts } from '../../ui/Facts.tsx';
import { Stale, State, Unknown } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import type { AgentTabProps } from './AgentEditor.tsx';
import { certificateTone, diskTone, freeBytesOf, isFollowing } from './agent-facts.ts';
import { copyText } from './copy-commands.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { Name } from './Name.tsx';
import { useNow } from './use-now.ts';

export default function AgentOverview({ detail }: AgentTabProps) {
  const text = useText();
  const format = useFormat();
  const now = useNow(30_000);
  const { agent, deliveries24h: day, reportedAtMs, certificateEndsAtMs } = detail;
  const free = freeBytesOf(detail);
  const following = isFollowing(detail);
  const unknown = <Unknown reason={text(messages.notReported)} />;
  const moment = (atMs: number | null, otherwise = unknown) =>
    atMs === null ? otherwise : <span title={format.dateTime(atMs)}>{format.ago(atMs)}</span>;
  const health: Fact[] = [
    {
      name: text(messages.lastTransfer),
      value: moment(detail.lastDeliveryAtMs, <Unknown reason={text(messages.noTransferKnown)} />),
      title: text(messages.lastTransferTitle),
    },
    { name: text(messages.lastSeen), value: moment(agent.lastSeenAtMs) },
    {
      name: text(messages.diskFree),
      value: free === null ? unknown : <State tone={diskTone(free)}>{format.bytes(free)}</State>,
    },
    {
      name: text(messages.certificateEnds),
      value: (
        <State tone={certificateTone(certificateEndsAtMs, now)} title={format.dateTime(certificateEndsAtMs)}>
          {format.ago(certificateEndsAtMs)}
        </State>
      ),
    },
    { name: text(messages.version), value: <Name>{agent.version}</Name> },
    {
      name: text(messages.instructions),
      value:
        following === null ? (
          unknown
        ) : (
          <State tone={following ? 'ok' : 'warning'}>
            {text(following ? messages.followsNewest : messages.followsOlder)}
          </State>
        ),
    },
    { name: text(messages.peers), value: agent.peers === null ? unknown : format.count(agent.peers) },
  ];
  const ageMs = reportedAtMs === null ? undefined : now - reportedAtMs;
  return (
    <>
      <section>
        <h2>{text(messages.isItWell)}</h2>
        {/* Agents report when something changes: only what nobody keeps up to date is old. */}
        {ageMs === undefined || agent.state === 'online' ? null : <Stale reporting={0} total={1} ageMs={ageMs} />}
        <Facts facts={health} />
      </section>
      <section>
        <h2>{text(messages.deliveredLastDay)}</h2>
        {day.files === 0 ? (
          <p className="muted">{text(messages.nothingDelivered)}</p>
        ) : (
          <Facts
            facts={[
              { name: text(messages.files), value: format.count(day.files) },
              { name: text(messages.fromNeighbours), value: format.bytes(day.fromPeers) },
              { name: text(messages.reused), value: format.bytes(day.fromLocal) },
              { name: text(messages.overWan), value: format.bytes(day.fromOrigin) },
              {
                name: text(messages.notOverWan),
                value: format.share(day.fromPeers + day.fromLocal, day.fromPeers + day.fromLocal + day.fromOrigin),
              },
            ]}
          />
        )}
      </section>
      <Identity detail={detail} />
    </>
  );
}

function Identity({ detail: { agent, officeName } }: AgentTabProps) {
  const text = useText();
  const format = useFormat();
  const services = useWorkbench();
  return (
    <section>
      <h2>{text(messages.identity)}</h2>
      <Facts
        layout="list"
        facts={[
          { name: text(messages.hostname), value: <Name>{agent.hostname}</Name> },
          { name: text(messages.office), value: <Name>{officeName}</Name> },
          { name: text(messages.system), value: <Name>{agent.platform}</Name> },
          { name: text(messages.enrolled), value: format.dateTime(agent.enrolledAtMs) },
          {
            name: text(messages.addresses),
            value:
              agent.addresses.length === 0 ? (
                format.UNKNOWN
              ) : (
                <bdi className="code">{agent.addresses.join(', ').slice(0, 500)}</bdi>
              ),
          },
          {
            name: text(messages.agentId),
            value: (
              <span className="fleet-line">
                <span className="code">{agent.id}</span>
                <IconButton icon="copy" title={text(messages.copyId)} run={() => void copyText(services, agent.id)} />
              </span>
            ),
          },
        ]}
      />
    </section>
  );
}
