/** The shapes of charts. A value that was not reported is `null`, and is drawn as a hatched gap: never as 0. */
import type { ReactNode } from 'react';
import type { Column } from '../table/model.ts';
import type { Tone } from '../tone.ts';

/** A stretch of time that a person can choose. */
export interface RangeChoice {
  id: string;
  label: string;
}

/** The frame of every chart: its question, its unit, its range, the same as a table and as CSV. */
export interface ChartFrameProps<Row> {
  /** The title: what the chart answers, as a question. */
  question: string;
  /** What is measured, and in what: `bytes per minute`. */
  unit: string;
  ranges?: readonly RangeChoice[];
  /** Id of the chosen range. */
  range?: string;
  onRange?(id: string): void;
  /** The chart as a table. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** The name of the CSV file, without `.csv`. */
  csvName: string;
  legend?: readonly LegendItem[];
  /** How many of those that should have reported did: said under the chart when it is not all. */
  coverage?: { reporting: number; total: number };
  /** The answer in one sentence, above the chart: said in words before it is drawn. */
  answer?: ReactNode;
  /** Shown instead of chart and table when there is nothing at all. */
  empty?: ReactNode;
  /** Of the drawing, in pixels; 240 when not given. */
  height?: number;
  children: ReactNode;
}

/** Colours of charts, by meaning or by order: `--harp-chart-*` of the theme. */
export type ChartColor = 'lan' | 'local' | 'wan' | 'a' | 'b' | 'c' | 'd' | 'e' | 'ok' | 'warning' | 'error' | 'unknown';

/** What tells lines apart without colour. */
export type Dash = 'solid' | 'dashed' | 'dotted' | 'dash-dot';

/** One kind of thing in a chart. At most five in one. */
export interface ChartSeries {
  key: string;
  label: string;
  color: ChartColor;
  dash?: Dash;
}

export interface LegendItem {
  label: string;
  color: ChartColor;
  dash?: Dash;
  /** Hatched: no data. */
  hatched?: boolean;
}

/** Values of one moment or slot by series key. */
export interface ChartPoint {
  atMs: number;
  values: Readonly<Record<string, number | null>>;
}

/** A moment worth a line: a change of version, a restart. */
export interface Marker {
  atMs: number;
  label: string;
}

interface TimeChartProps {
  /** The chart in words, for screen readers. */
  label: string;
  series: readonly ChartSeries[];
  /** In order of time. */
  points: readonly ChartPoint[];
  fromMs: number;
  toMs: number;
  /** The time from one point to the next; a longer way is a gap. */
  stepMs: number;
  /** A value in words, for axes and tips. */
  formatValue(value: number): string;
  onOpen?(atMs: number): void;
  /** The IANA zone whose clocks axis and tips show; the reader's without one. */
  timeZone?: string | undefined;
}

/** Bars by slot, stacked. At most 300 slots. */
export interface StackedBarsProps extends TimeChartProps {
  /** Stacked to 100 %. */
  asShares?: boolean;
}

/** Lines over time, for long or live series. Charts with the same `syncKey` share their crosshair. */
export interface TimeLinesProps extends TimeChartProps {
  markers?: readonly Marker[];
  syncKey?: string;
  /** The top of the axis, when it is known: 1 for shares. */
  max?: number;
}

/** One staircase: how much of the whole had arrived when. */
export interface StepLine extends ChartSeries {
  /** `share` from 0 to 1, never falling; `null` where it is not known. In order of time. */
  points: readonly { afterMs: number; share: number | null }[];
}

/** "How long until 50, 90, 100 % have it?" */
export interface StepCurveProps {
  label: string;
  lines: readonly StepLine[];
  /** The end of the axis. */
  toMs: number;
  /** How far it is known: lines go on flat until there, and what comes after is hatched. Not given: all is known. */
  knownUntilMs?: number;
  /** The promise to hold, as a vertical line. */
  sloMs?: number;
  formatDuration(ms: number): string;
}

/** "When and where?": one row per place, one column per slot. */
export interface HeatMapProps {
  label: string;
  rows: readonly { id: string; label: string }[];
  columns: readonly { id: string; label: string }[];
  /** `null`: nobody reported. */
  value(row: number, column: number): number | null;
  /** The value of the darkest cell; the greatest of all when not given. */
  max?: number;
  formatValue(value: number): string;
  onOpen?(rowId: string, columnId: string): void;
}

/** "Which one is worst?": a dot per thing, ranked, over bands. */
export interface RankedDotsProps {
  label: string;
  items: readonly { id: string; label: string; share: number | null; detail?: string }[];
  /** Under `warning` is a warning, under `error` an error. 0.6 and 0.1 when not given. */
  bands?: { warning: number; error: number };
  formatShare(share: number): string;
  onOpen?(id: string): void;
}

/** "How much of it is what?": one bar of 100 %, and its parts as a list. */
export interface ProportionBarProps {
  label: string;
  parts: readonly { key: string; label: string; count: number; tone: Tone; icon: string; detail?: ReactNode }[];
  onOpen?(key: string): void;
}

export interface ProgressBarProps {
  label: string;
  /** 0 to 1; `null` when it is not known how far. */
  share: number | null;
  /** The same in words, beside the bar. */
  words?: string;
  tone?: Tone;
  size?: 'row' | 'wide';
}
