import type { Clock } from '../cloud/clock.ts';
import { FairRate } from './fair-rate.ts';

/** One WAN line per office, an office being the label of a share. Shares without a label are not paced. */
export class OfficeLines {
  private readonly lines = new Map<string, FairRate>();
  private readonly rates = new Map<string, number | undefined>();

  constructor(
    private readonly clock: Clock,
    private bytesPerSecond: number | undefined,
  ) {}

  /** The line of an office; undefined when nothing limits it. */
  lineOf(label: string): FairRate | undefined {
    if (label === '') return undefined;
    const known = this.lines.get(label);
    if (known !== undefined) return known;
    const rate = this.rates.has(label) ? this.rates.get(label) : this.bytesPerSecond;
    if (rate === undefined) return undefined;
    const line = new FairRate(rate, this.clock);
    this.lines.set(label, line);
    return line;
  }

  /** Sets the rate of one office, or of all that have none of their own; undefined lifts the limit. Answers under way keep the old line. */
  setRate(bytesPerSecond: number | undefined, label?: string): void {
    if (label === undefined) {
      this.bytesPerSecond = bytesPerSecond;
      this.lines.clear();
    } else {
      this.rates.set(label, bytesPerSecond);
      this.lines.delete(label);
    }
  }
}
