'use client';
/** A line chart by uPlot, as React sees it: made anew when its look changes, given new data when only that changed, sized by its place. */
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useThemeVersion } from '../../theme/colors.ts';

export interface LineCanvasProps {
  label: string;
  /** Times in seconds or another unit, then a column per series. */
  data: uPlot.AlignedData;
  /** Everything but the size. Called again when `lookKey` or the theme changes; may read the theme's colours. */
  optionsOf(): Omit<uPlot.Options, 'width' | 'height'>;
  /** Changes when the options do. */
  lookKey: string;
  onPick?(x: number): void;
}

/** What the line of values under the drawing takes; it scrolls sideways rather than grow. */
const LEGEND_PIXELS = 24;

export function LineCanvas({ label, data, optionsOf, lookKey, onPick }: LineCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef({ data, optionsOf, onPick });
  const theme = useThemeVersion();
  useEffect(() => {
    latest.current = { data, optionsOf, onPick };
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme and the key say when the chart looks different
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const size = () => ({
      width: Math.max(50, element.clientWidth),
      height: Math.max(50, element.clientHeight - LEGEND_PIXELS),
    });
    const options = latest.current.optionsOf();
    const setCursor = (shown: uPlot) => shown.root.classList.toggle('pointed', shown.cursor.idx != null);
    const hooks = { ...options.hooks, setCursor: [...(options.hooks?.setCursor ?? []), setCursor] };
    const made = new uPlot({ ...options, ...size(), hooks }, latest.current.data, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    const onClick = () => {
      const { left } = made.cursor;
      if (left !== undefined && left >= 0) latest.current.onPick?.(made.posToVal(left, 'x'));
    };
    made.over.addEventListener('click', onClick);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [theme, lookKey]);

  useEffect(() => {
    // Charts that nobody sees are not drawn; the newest data is there when they are seen again.
    if (chart.current !== undefined && chart.current.data !== data) chart.current.setData(data);
  }, [data]);

  // What it shows is in the table beside it; this is a picture with a name.
  return <div ref={place} className="line-chart" role="img" aria-label={label} />;
}
