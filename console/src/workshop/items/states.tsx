'use client';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { messages } from '../../ui/messages.ts';
import {
  Conflict,
  Empty,
  EmptyFiltered,
  Forbidden,
  QueryView,
  type ShownQuery,
  Stale,
  State,
  toneIcons,
  Unknown,
} from '../../ui/states.tsx';
import type { Tone } from '../../ui/tone.ts';
import { hostileNames } from './samples.ts';

const nothing = () => {};
const refetch = (() => Promise.resolve()) as unknown as ShownQuery<string>['refetch'];
const refused = new ApiError('The database is being moved.', {
  code: 'database.busy',
  status: 503,
  requestId: 'req-7f3a91c2',
});
const unreachable = new ApiError('', { code: 'network', status: 0 });
const forbidden = new ApiError('No.', { code: 'api.forbidden', status: 403 });
const query = (part: Partial<ShownQuery<string>>): ShownQuery<string> => ({
  data: undefined,
  isError: false,
  error: null,
  refetch,
  ...part,
});

export function StatesItem() {
  const text = useText();
  const tones = Object.keys(toneIcons) as Tone[];
  return (
    <div className="workshop-cards">
      <Card title="Loading">
        <QueryView query={query({})} what="PCs">
          {String}
        </QueryView>
      </Card>
      <Card title="Empty">
        <Empty
          sentence="No offices yet."
          action={{ label: 'Create an Office', run: nothing }}
          links={[
            { label: 'Read the guide', run: nothing },
            { label: 'Import a fleet file', run: nothing },
          ]}
        />
      </Card>
      <Card title="Empty, with a command">
        <Empty sentence="Declare offices in fleet.yaml, then:" command="npx harp apply -f fleet.yaml" />
      </Card>
      <Card title="Filtered">
        <EmptyFiltered filter={`state:offline ${hostileNames[0]}`} onClear={nothing} />
      </Card>
      <Card title="Stale">
        <Stale reporting={38} total={45} ageMs={360_000} />
        <Stale reporting={38} total={45} />
        <Stale reporting={45} total={45} ageMs={86_400_000} />
      </Card>
      <Card title="Refresh failed">
        <QueryView query={query({ data: 'what was known', isError: true, error: refused })} what="PCs">
          {(data) => <p>{data}</p>}
        </QueryView>
      </Card>
      <Card title="Unknown">
        <Unknown />
        <Unknown reason="no report since Tuesday" />
      </Card>
      <Card title="Error">
        <QueryView query={query({ isError: true, error: refused })} what="PCs">
          {String}
        </QueryView>
      </Card>
      <Card title="Server unreachable">
        <QueryView query={query({ isError: true, error: unreachable })} what="PCs">
          {String}
        </QueryView>
      </Card>
      <Card title="Forbidden">
        <QueryView query={query({ isError: true, error: forbidden })} what="PCs">
          {String}
        </QueryView>
        <Forbidden what="Tokens" neededRole="admin" request={nothing} />
      </Card>
      <Card title="Conflict">
        <Conflict who={hostileNames[3]} version="v13" compare={nothing} rebase={nothing} discard={nothing} />
      </Card>
      <Card title="Disconnected">
        <Button run={nothing} disabledReason={text(messages.disconnected)}>
          Verify Folder
        </Button>
      </Card>
      <Card title="Tones">
        {tones.map((tone) => (
          <State key={tone} tone={tone}>
            {tone}
          </State>
        ))}
      </Card>
      <Card title="Hostile names">
        {hostileNames.map((name) => (
          <State key={name} tone="ok">
            <bdi>{name}</bdi>
          </State>
        ))}
      </Card>
    </div>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="workshop-card" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
