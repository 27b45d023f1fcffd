'use client';
import { useMemo } from 'react';
import type { HitRatios, OfficeSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { RankedDots } from '../../ui/charts/RankedDots.tsx';
import { Empty } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useSetting } from '../../workbench/services.tsx';
import { savingsEditorText } from './editor-messages.ts';
import { type RankedOffice, rankOffices, savedOf } from './figures.ts';
import { savingsSettings } from './keys.ts';
import { savingsText } from './messages.ts';

/** Height of one office in the ranking, and of its legend, in pixels. */
const ROW_PIXELS = 28;
const LEGEND_PIXELS = 40;
/** Longer rankings scroll. */
const MOST_PIXELS = 640;

export interface OfficeRankingProps {
  ratios: HitRatios['offices'];
  offices: readonly OfficeSummary[];
  onOpen(officeId: string): void;
}

/** Offices by LAN hit ratio, worst first. */
export function OfficeRanking({ ratios, offices, onOpen }: OfficeRankingProps) {
  const text = useText();
  const format = useFormat();
  const warning = useSetting<number>(savingsSettings.warnBelow) / 100;
  const error = useSetting<number>(savingsSettings.errorBelow) / 100;
  const rows = useMemo(() => rankOffices(ratios, offices), [ratios, offices]);
  const columns = useMemo((): Column<RankedOffice>[] => {
    const amount = (key: 'saved' | 'fromPeers' | 'fromLocal' | 'fromOrigin', title: string): Column<RankedOffice> => ({
      id: key,
      title,
      value: (row) => (row.share === null ? null : row[key]),
      render: (row) => format.bytes(row.share === null ? null : row[key]),
      align: 'end',
      width: 130,
    });
    return [
      { id: 'office', title: text(savingsEditorText.office), value: ({ name }) => name, width: 200 },
      {
        id: 'ratio',
        title: text(savingsEditorText.ratio),
        value: ({ share }) => share,
        render: (row) => format.share(row.saved, savedOf(row).delivered),
        align: 'end',
        width: 120,
      },
      amount('saved', text(savingsEditorText.saved)),
      amount('fromPeers', text(savingsEditorText.fromPeers)),
      amount('fromLocal', text(savingsEditorText.fromLocal)),
      amount('fromOrigin', text(savingsEditorText.crossed)),
      {
        id: 'pcs',
        title: text(savingsEditorText.pcs),
        value: ({ agentsOnline }) => agentsOnline,
        render: ({ agentsOnline, agentsTotal }) =>
          text(savingsText.agents, { online: agentsOnline, total: agentsTotal }),
        align: 'end',
        width: 170,
      },
    ];
  }, [text, format]);
  return (
    <ChartFrame
      question={text(savingsEditorText.ranking)}
      unit={text(savingsEditorText.rankingUnit)}
      columns={columns}
      rows={rows}
      rowKey={rankedKey}
      csvName="lan-hit-ratio"
      empty={<Empty sentence={text(savingsEditorText.rankingEmpty)} />}
      height={Math.min(MOST_PIXELS, LEGEND_PIXELS + ROW_PIXELS * rows.length)}
    >
      <RankedDots
        label={text(savingsEditorText.rankingLabel)}
        items={rows.map(({ id, name, share, saved }) => ({
          id,
          label: name,
          share,
          ...(share === null ? {} : { detail: text(savingsEditorText.rankingDetail, { saved: format.bytes(saved) }) }),
        }))}
        bands={{ warning, error: Math.min(error, warning) }}
        formatShare={(share) => format.share(share, 1)}
        onOpen={onOpen}
      />
    </ChartFrame>
  );
}

const rankedKey = ({ id }: RankedOffice) => id;
