/** Numbers as people read and write them. */
import { InvalidArgumentError } from 'commander';

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.5 GB`: powers of 1000, three digits at most. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** `2026-11-22 14:05`, UTC. */
export function instantInWords(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** `3 min ago`, from `nowMs`; `never` for null. */
export function ageInWords(atMs: number | null, nowMs: number): string {
  if (atMs === null) return 'never';
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const secondsPerUnit: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `30m`, `12h` or `7d` as seconds. @throws {InvalidArgumentError} commander's own */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('write it like 90s, 30m, 12h or 7d.');
  return Number(match[1]) * secondsPerUnit[match[2]!]!;
}

/** A whole number of at least 1. @throws {InvalidArgumentError} commander's own */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('it must be a whole number, 1 or more.');
  return Number(text);
}
