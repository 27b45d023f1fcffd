/** What canvas charts share: the theme's colours, and the hatching that stands for "no data". */
import { colorOf } from '../../theme/colors.ts';
import type { TokenName } from '../../theme/names.ts';
import type { ChartColor, Dash } from './model.ts';

/** The token of a chart's colour. */
export function tokenOf(color: ChartColor): TokenName {
  return `harp.chart.${color}`;
}

/** A chart's colour for CSS and SVG. */
export function cssColor(color: ChartColor): string {
  return `var(--harp-chart-${color})`;
}

/** The strokes and spaces of a dash, in pixels. */
export const dashes: Readonly<Record<Dash, readonly number[]>> = {
  solid: [],
  dashed: [6, 4],
  dotted: [2, 3],
  'dash-dot': [8, 3, 2, 3],
};

let ruler: CanvasRenderingContext2D | null | undefined;

/** How wide a text is in a font. */
export function textPixels(text: string, font: string): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (ruler === null) return 0;
  ruler.font = font;
  return ruler.measureText(text).width;
}

/** Fills a rectangle with slanted lines. Sizes are in the context's own pixels. */
export function hatch(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  spacing = 8,
): void {
  if (width <= 0 || height <= 0) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colorOf('harp.chart.hatch');
  context.lineWidth = Math.max(1, spacing / 8);
  context.beginPath();
  // All lines of a page lie on one grid: neighbouring gaps look like one.
  const first = Math.floor((x - height) / spacing) * spacing;
  for (let start = first; start < x + width; start += spacing) {
    context.moveTo(start, y + height);
    context.lineTo(start + height, y);
  }
  context.stroke();
  context.restore();
}
