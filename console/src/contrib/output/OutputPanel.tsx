'use client';
/** Logs: of the server's parts, and of one PC at a time for as long as somebody looks. */
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { LogLevel, type LogLine } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { PanelView } from '../../ui/PanelView.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView, State } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { outputContext, serverChannels } from './keys.ts';
import { LogLines } from './LogLines.tsx';
import { copyText, filterLines } from './log-lines.ts';
import { droppedIn, type LogRing } from './log-ring.ts';
import { outputText } from './messages.ts';
import { outputPanelText } from './panel-messages.ts';
import { pickAgent } from './pick-agent.ts';
import { type FollowedLog, useLog } from './use-log.ts';
import './output.css';

const channelNames = { server: outputText.server, indexer: outputText.indexer, broker: outputText.broker } as const;
const levelNames = {
  debug: outputPanelText.debug,
  info: outputPanelText.info,
  warn: outputPanelText.warn,
  error: outputPanelText.error,
} as const;

export function OutputPanel() {
  const channel = String(useContextKey(outputContext.channel) ?? 'server');
  // A channel's lines, place and pause are its own.
  return <Channel key={channel} channel={channel} />;
}

function Channel({ channel }: { channel: string }) {
  const text = useText();
  const { context, notifications } = useWorkbench();
  const name = useChannelName(channel);
  const { first, followed } = useLog(channel);
  const level = LogLevel.safeParse(useContextKey(outputContext.level)).data ?? 'info';
  const filter = String(useContextKey(outputContext.filter) ?? '');
  const follow = useContextKey(outputContext.follow) !== false;
  const isPaused = useContextKey(outputContext.paused) === true;
  const clearedSeq = clearedOf(useContextKey(outputContext.cleared), channel);

  const [held, setHeld] = useState<LogRing>();
  if (isPaused && held === undefined) setHeld(followed.ring);
  if (!isPaused && held !== undefined) setHeld(undefined);
  const ring = held ?? followed.ring;
  const lines = useMemo(
    () => filterLines(ring.lines, { level, text: filter, clearedSeq }),
    [ring, level, filter, clearedSeq],
  );

  const copy = () => {
    navigator.clipboard.writeText(copyText(lines)).then(
      () =>
        notifications.show({
          severity: 'info',
          source: text(outputText.category),
          message: text(outputPanelText.copied, { count: lines.length }),
          key: 'harp.output.copied',
        }),
      () =>
        notifications.show({
          severity: 'warning',
          source: text(outputText.category),
          message: text(outputPanelText.copyFailed),
          key: 'harp.output.copied',
        }),
    );
  };
  const clear = () => context.set(outputContext.cleared, `${channel} ${ring.lastSeq}`);
  useAsked(outputContext.copyAsked, copy);
  useAsked(outputContext.clearAsked, clear);

  return (
    <PanelView
      tools={
        <>
          <ChannelChoice channel={channel} name={name} />
          <LevelChoice level={level} />
          <SearchField
            label={text(outputPanelText.filter)}
            placeholder={text(outputPanelText.filterHint)}
            keys={[]}
            value={filter}
            onChange={(next) => context.set(outputContext.filter, next)}
            result={text(outputPanelText.shown, { shown: lines.length, total: ring.lines.length })}
          />
          <Toolbar label={text(outputText.title)}>
            <IconButton
              icon="arrow-down"
              title={text(outputPanelText.followOn)}
              command="harp.output.toggleFollow"
              pressed={follow}
              run={() => context.set(outputContext.follow, !follow)}
            />
            <IconButton
              icon={isPaused ? 'debug-start' : 'debug-pause'}
              title={text(isPaused ? outputPanelText.pauseOff : outputPanelText.pauseOn)}
              command="harp.output.togglePause"
              pressed={isPaused}
              run={() => context.set(outputContext.paused, !isPaused)}
            />
            <IconButton icon="copy" title={text(outputPanelText.copyTip)} command="harp.output.copy" run={copy} />
            <IconButton
              icon="clear-all"
              title={text(outputPanelText.clearTip)}
              command="harp.output.clear"
              run={clear}
            />
          </Toolbar>
        </>
      }
    >
      <QueryView query={first} what={text(outputPanelText.what)}>
        {() => (
          <>
            <Notes followed={followed} ring={ring} name={name} />
            {isPaused ? (
              <div className="notice line" role="status">
                <Button kind="secondary" icon="debug-start" run={() => context.set(outputContext.paused, false)}>
                  {text(outputPanelText.waiting, { count: newLines(ring, followed.ring) })}
                </Button>
              </div>
            ) : null}
            {lines.length > 0 ? (
              <LogLines
                channel={name}
                lines={lines}
                follow={follow && !isPaused}
                onFollow={(next) => context.set(outputContext.follow, next)}
              />
            ) : (
              <NoLines ring={ring} clearedSeq={clearedSeq} name={name} />
            )}
          </>
        )}
      </QueryView>
    </PanelView>
  );
}

function NoLines({ ring, clearedSeq, name }: { ring: LogRing; clearedSeq: number; name: string }) {
  const text = useText();
  const { context } = useWorkbench();
  if (ring.lines.length === 0) return <Empty sentence={text(outputPanelText.empty, { channel: foreign(name) })} />;
  if (ring.lastSeq <= clearedSeq) return <Empty sentence={text(outputPanelText.emptyCleared)} />;
  return (
    <EmptyFiltered
      onClear={() =>
        context.update({ [outputContext.filter]: '', [outputContext.level]: 'debug', [outputContext.cleared]: '' })
      }
    />
  );
}

/** What is missing, and whether more will come. */
function Notes({ followed, ring, name }: { followed: FollowedLog; ring: LogRing; name: string }) {
  const text = useText();
  const channel = foreign(name);
  const dropped = useMemo(() => droppedIn(ring.lines), [ring.lines]);
  const notes: ReactNode[] = [];
  const note = (key: string, tone: 'info' | 'warning' | 'unknown', words: string) =>
    notes.push(
      <State key={key} tone={tone}>
        {words}
      </State>,
    );
  if (followed.state === 'asked') note('state', 'info', text(outputPanelText.asked, { channel }));
  if (followed.state === 'silent') note('state', 'warning', text(outputPanelText.silent, { channel }));
  if (followed.state === 'closed') note('state', 'unknown', text(outputPanelText.closed));
  if (dropped > 0) note('dropped', 'warning', text(outputPanelText.dropped, { count: dropped }));
  if (ring.gap) note('gap', 'warning', text(outputPanelText.gap));
  if (ring.cut) note('cut', 'info', text(outputPanelText.ring, { count: ring.lines.length }));
  return notes.length === 0 ? null : (
    <div className="notice line" role="status">
      {notes}
    </div>
  );
}

function ChannelChoice({ channel, name }: { channel: string; name: string }) {
  const text = useText();
  const services = useWorkbench();
  const isAgent = channel.startsWith('agent:');
  return (
    <label>
      <span className="visually-hidden">{text(outputPanelText.channel)}</span>
      <select
        value={channel}
        onChange={({ target: { value } }) => {
          if (value === 'other') void pickAgent(services);
          else services.context.update({ [outputContext.channel]: value, [outputContext.paused]: false });
        }}
      >
        {serverChannels.map((id) => (
          <option key={id} value={id}>
            {text(channelNames[id])}
          </option>
        ))}
        {isAgent ? <option value={channel}>{cutText(name, 60)}</option> : null}
        <option value="other">{text(outputText.otherPc)}</option>
      </select>
    </label>
  );
}

function LevelChoice({ level }: { level: LogLevel }) {
  const text = useText();
  const { context } = useWorkbench();
  return (
    <label>
      <span className="visually-hidden">{text(outputPanelText.level)}</span>
      <select value={level} onChange={({ target }) => context.set(outputContext.level, target.value)}>
        {LogLevel.options.map((each) => (
          <option key={each} value={each}>
            {text(levelNames[each])}
          </option>
        ))}
      </select>
    </label>
  );
}

function useChannelName(channel: string): string {
  const text = useText();
  const name = useContextKey(outputContext.name);
  const server = serverChannels.find((id) => id === channel);
  if (server !== undefined) return text(channelNames[server]);
  return typeof name === 'string' && name !== '' ? name : channel;
}

/** Runs `act` whenever a command raises the key while the panel is shown; not for what was asked before. */
function useAsked(key: string, act: () => void): void {
  const asked = useContextKey(key);
  const done = useRef(asked);
  useEffect(() => {
    if (asked === done.current) return;
    done.current = asked;
    act();
  });
}

function clearedOf(value: unknown, channel: string): number {
  const [id, seq] = String(value ?? '').split(' ');
  return id === channel ? Number(seq) : 0;
}

function newLines(before: LogRing, now: LogRing): number {
  const isNew = ({ seq }: LogLine) => seq > before.lastSeq;
  return now.lines.filter(isNew).length;
}
