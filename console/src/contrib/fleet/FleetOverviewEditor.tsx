'use client';
/** The fleet in three charts: which versions run, which offices share, when and where something moves. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { hitRatiosQuery, throughputQuery, versionsQuery } from '../../api/queries.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Together } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { HitRatioChart } from './HitRatioChart.tsx';
import { RangeLine, useRange } from './RangeTools.tsx';
import { ThroughputChart } from './ThroughputChart.tsx';
import { VersionsChart } from './VersionsChart.tsx';
import './fleet.css';

export default function FleetOverviewEditor({ params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const title = text(messages.fleetOverview);
  useEffect(() => setTitle(title), [setTitle, title]);
  const range = useRange(params, '24h');
  const { fromMs, toMs, stepMs } = range;
  const ratios = useQuery(hitRatiosQuery({ fromMs, toMs }));
  const throughput = useQuery(throughputQuery({ fromMs, toMs, stepMs }));
  const versions = useQuery(versionsQuery({ fromMs, toMs }));
  const props = { range, params, setParams };
  return (
    <div className="editor-body fleet-editor">
      <h1>{title}</h1>
      <RangeLine range={range} params={params} setParams={setParams} />
      <Together queries={[ratios, throughput, versions]} what={title}>
        <HitRatioChart query={ratios} {...props} />
        <ThroughputChart query={throughput} {...props} />
        <VersionsChart query={versions} {...props} />
      </Together>
    </div>
  );
}
