'use client';
import { useState } from 'react';
import { Button, IconButton, LinkButton } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { Sash } from '../../ui/Sash.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Unknown } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { hostileNames } from './samples.ts';

const nothing = () => {};

export function ControlsItem() {
  const [tab, setTab] = useState('overview');
  const [query, setQuery] = useState('lyon office:"New York" -tag:old state:offline');
  const [width, setWidth] = useState(200);
  return (
    <div className="workshop-cards">
      <section className="workshop-card" aria-label="Buttons">
        <Button run={nothing}>Primary</Button>
        <Button run={nothing} kind="secondary" icon="refresh">
          Secondary
        </Button>
        <Button run={nothing} disabledReason="Not while the server is down">
          Disabled
        </Button>
        <LinkButton run={nothing}>Link</LinkButton>
        <LinkButton run={nothing} pressed>
          Pressed link
        </LinkButton>
      </section>
      <section className="workshop-card" aria-label="Toolbar">
        <Toolbar label="Sample tools">
          <IconButton icon="refresh" title="Refresh" command="harp.refresh" run={nothing} />
          <IconButton icon="pin" title="Follow" pressed run={nothing} />
          <IconButton icon="clear-all" title="Clear" disabledReason="Nothing to clear" run={nothing} />
        </Toolbar>
        <KeyHint command="harp.theme" />
        <KeyHint keys="Ctrl+Shift+P" />
      </section>
      <section className="workshop-card" aria-label="Search">
        <SearchField
          label="Search PCs"
          value={query}
          onChange={setQuery}
          keys={['office', 'state', 'version', 'tag']}
          result="3 of 45"
        />
        <SearchField label="Search nothing" value="" onChange={nothing} keys={['office', 'state']} />
      </section>
      <section className="workshop-card" aria-label="Tabs">
        <TabStrip
          label="Office"
          tabs={[
            { id: 'overview', label: 'Overview' },
            { id: 'agents', label: 'PCs', badge: 45 },
            { id: 'transfers', label: 'Transfers' },
          ]}
          active={tab}
          onSelect={setTab}
        >
          <p>{tab}</p>
        </TabStrip>
      </section>
      <section className="workshop-card" aria-label="Facts">
        <Facts
          facts={[
            { name: 'PCs', value: '45' },
            { name: 'Last report', value: <Unknown /> },
            { name: 'Name', value: <bdi>{hostileNames[2]}</bdi> },
          ]}
        />
        <Facts
          layout="list"
          facts={[
            { name: 'Address', value: '10.4.0.17' },
            { name: 'Free disk', value: <Unknown reason="not reported" /> },
          ]}
        />
      </section>
      <section className="workshop-card workshop-sash" aria-label="Sash">
        <div style={{ width }}>{width}</div>
        <Sash
          label="Width of the left part"
          orientation="vertical"
          value={width}
          min={100}
          max={300}
          onChange={setWidth}
          onReset={() => setWidth(200)}
        />
        <div>rest</div>
      </section>
    </div>
  );
}
