'use client';
/** A count beside a title, asked for with a hook of the contribution. */
import { useFormat } from '../../i18n/I18n.tsx';

export interface BadgeProps {
  /** The contribution's hook; the same for the component's lifetime. */
  useValue: () => number | string | undefined;
}

/** The count, for the eye; what it counts is in the name of what carries it. Nothing for 0. */
export function Badge({ useValue }: BadgeProps) {
  const value = useValue();
  const format = useFormat();
  if (value === undefined || value === 0 || value === '') return null;
  return (
    <span className="badge">{typeof value === 'number' ? (value > 999 ? '999+' : format.count(value)) : value}</span>
  );
}
