'use client';
import { useMemo, useState } from 'react';
import { useFormat } from '../../i18n/I18n.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyFiltered, State, Unknown } from '../../ui/states.tsx';
import { type SamplePc, samplePcs } from './samples.ts';

const keyOf = ({ id }: SamplePc) => id;

function useColumns(): Column<SamplePc>[] {
  const format = useFormat();
  return useMemo(
    () => [
      { id: 'name', title: 'PC', value: ({ name }) => name, width: 220 },
      {
        id: 'state',
        title: 'State',
        value: ({ words }) => words,
        render: ({ tone, icon, words }) => (
          <State tone={tone} icon={icon}>
            {words}
          </State>
        ),
        width: 180,
      },
      { id: 'office', title: 'Office', value: ({ office }) => office },
      {
        id: 'bytes',
        title: 'Received',
        value: ({ bytes }) => bytes,
        render: ({ bytes }) => (bytes === null ? <Unknown /> : format.bytes(bytes)),
        align: 'end',
      },
      {
        id: 'lan',
        title: 'From neighbours',
        value: ({ lanShare }) => lanShare,
        render: ({ lanShare, name }) => (
          <ProgressBar
            label={name}
            share={lanShare}
            words={format.share(lanShare, 1)}
            tone={(lanShare ?? 1) < 0.6 ? 'warning' : 'ok'}
          />
        ),
        width: 190,
      },
      { id: 'id', title: 'Id', value: ({ id }) => id, hidden: true },
    ],
    [format],
  );
}

export function TableItem() {
  const rows = useMemo(() => samplePcs(24), []);
  return <Shown rows={rows} />;
}

export function LargeTableItem() {
  const rows = useMemo(() => samplePcs(10_000, false), []);
  return <Shown rows={rows} />;
}

export function EmptyTableItem() {
  const columns = useColumns();
  return (
    <>
      <DataTable label="Nothing" columns={columns} rows={[]} rowKey={keyOf} />
      <DataTable
        label="Nothing matches"
        columns={columns}
        rows={[]}
        rowKey={keyOf}
        empty={<EmptyFiltered filter="state:offline" onClear={() => {}} />}
      />
    </>
  );
}

function Shown({ rows }: { rows: readonly SamplePc[] }) {
  const columns = useColumns();
  const [opened, setOpened] = useState('');
  return (
    <div className="workshop-fill">
      <DataTable
        label="PCs"
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        initialSort={{ column: 'name', descending: false }}
        onOpen={({ name }) => setOpened(name)}
        onContextMenu={(targets) => setOpened(`menu of ${targets.length}`)}
      />
      <output>{opened}</output>
    </div>
  );
}
