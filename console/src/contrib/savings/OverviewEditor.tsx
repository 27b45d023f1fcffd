'use client';
import { TrafficChart } from '../../ui/TrafficChart.tsx';
import type { EditorProps } from '../../workbench/model.ts';

/** What sharing on the LAN has gained, over all offices. */
export function OverviewEditor(_: EditorProps) {
  return (
    <div className="editor-body">
      <h1>How much did the WAN lines not have to carry?</h1>
      <p className="subtitle">
        Verified bytes delivered to PCs, by source. Without Harp every PC would have pulled all of them over its
        office’s line.
      </p>
      <TrafficChart />
    </div>
  );
}
