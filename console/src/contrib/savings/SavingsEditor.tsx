'use client';
/** How much the offices' lines did not have to carry, of all offices or one, in any stretch of time. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { hitRatiosQuery, officesQuery, trafficRangeQuery } from '../../api/queries.ts';
import type { OfficeSummary } from '../../api/schemas.ts';
import { serverNow } from '../../api/server-clock.ts';
import { useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { QueryView, State, Together } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useSetting, useWorkbench } from '../../workbench/services.tsx';
import { CustomDays } from './CustomDays.tsx';
import { savingsEditorText } from './editor-messages.ts';
import { savingsSettings } from './keys.ts';
import { savingsText } from './messages.ts';
import { OfficeRanking } from './OfficeRanking.tsx';
import { SavedFigures } from './SavedFigures.tsx';
import { TrafficBars } from './TrafficBars.tsx';
import { type RangeId, type RangeParams, rangeOf, slotGrid, windowOf } from './time-window.ts';
import { knownZone } from './zoned-days.ts';
import './savings.css';

/** How often a range that ends now moves on; the steps of the shortest are five times that. */
const TICK_MS = 60_000;

export default function SavingsEditor({ params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { editors } = useWorkbench();
  const offices = useQuery(officesQuery);
  const first = useSetting<RangeId>(savingsSettings.firstRange);
  const nowMs = useNow();
  const title = text(savingsText.title);
  useEffect(() => setTitle(title), [setTitle, title]);

  const office = offices.data?.offices.find(({ id, name }) => id === params.office || name === params.office);
  const zone = knownZone(office?.timeZone);
  const range = rangeOf(params as RangeParams, first);
  const time = useMemo(() => windowOf(range, params as RangeParams, nowMs, zone), [range, params, nowMs, zone]);

  const choose = (next: { office?: string | undefined; range?: RangeId; from?: string; to?: string }) => {
    const officeId = 'office' in next ? next.office : params.office;
    const nextZone = knownZone(offices.data?.offices.find(({ id }) => id === officeId)?.timeZone);
    const nextRange = next.range ?? range;
    const given = next.from === undefined || next.to === undefined ? params : next;
    const { fromMs, toMs } = windowOf(nextRange, given as RangeParams, nowMs, nextZone);
    setParams({
      ...(officeId === undefined || officeId === '' ? {} : { office: officeId }),
      range: nextRange,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    });
  };

  // A range that ends now moves on, and with it what a copied address will show.
  const isChosen = params.range !== undefined && range !== 'custom';
  const [from, to] = [new Date(time.fromMs).toISOString(), new Date(time.toMs).toISOString()];
  useEffect(() => {
    if (isChosen && (params.from !== from || params.to !== to)) setParams({ ...params, from, to });
  }, [isChosen, params, setParams, from, to]);

  const asked = office === undefined ? {} : { office: office.id };
  const traffic = useQuery({ ...trafficRangeQuery({ ...asked, ...time }), enabled: offices.data !== undefined });
  const ratios = useQuery({ ...hitRatiosQuery(time), enabled: offices.data !== undefined });

  return (
    <div className="editor-body savings">
      <h1>{title}</h1>
      <QueryView query={offices} what={text(savingsEditorText.what)}>
        {({ offices: list }) => (
          <>
            <div className="savings-choice">
              <OfficeChoice offices={list} office={office} onChoose={(id) => choose({ office: id })} />
              {office === undefined ? null : (
                <LinkButton run={() => void editors.openAddress(`/o/${encodeURIComponent(office.name)}`)}>
                  {text(savingsEditorText.openOffice, { office: foreign(office.name, 60) })}
                </LinkButton>
              )}
              <span className="muted">{text(savingsEditorText.zone, { zone })}</span>
            </div>
            {params.office !== undefined && office === undefined ? (
              <div className="notice line" role="status">
                <State tone="warning">{text(savingsEditorText.officeGone)}</State>
              </div>
            ) : null}
            {range === 'custom' ? (
              <CustomDays time={time} zone={zone} onChoose={(days) => choose({ range: 'custom', ...days })} />
            ) : null}
            <Together queries={[traffic, ratios]} what={text(savingsEditorText.what)}>
              <QueryView query={traffic} what={text(savingsEditorText.what)}>
                {(series) => (
                  <>
                    <SavedFigures totals={series.totals} office={office} time={time} zone={zone} />
                    <TrafficBars
                      series={series}
                      grid={slotGrid(series)}
                      nowMs={nowMs}
                      zone={zone}
                      range={range}
                      onRange={(id) => choose({ range: id })}
                    />
                  </>
                )}
              </QueryView>
              <QueryView query={ratios} what={text(savingsEditorText.what)}>
                {(found) => (
                  <OfficeRanking
                    ratios={found.offices}
                    offices={list}
                    onOpen={(id) => choose({ office: id === office?.id ? undefined : id })}
                  />
                )}
              </QueryView>
            </Together>
          </>
        )}
      </QueryView>
    </div>
  );
}

interface OfficeChoiceProps {
  offices: readonly OfficeSummary[];
  office: OfficeSummary | undefined;
  onChoose(id: string | undefined): void;
}

function OfficeChoice({ offices, office, onChoose }: OfficeChoiceProps) {
  const text = useText();
  return (
    <label>
      {text(savingsEditorText.office)}
      <select
        value={office?.id ?? ''}
        onChange={({ target }) => onChoose(target.value === '' ? undefined : target.value)}
      >
        <option value="">{text(savingsEditorText.allOffices)}</option>
        {offices.map(({ id, name }) => (
          <option key={id} value={id}>
            {cutText(name, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

function useNow(): number {
  const [nowMs, setNowMs] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(serverNow()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
