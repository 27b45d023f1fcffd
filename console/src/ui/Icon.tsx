import type { Tone } from './tone.ts';

/** A codicon. Never alone: words stand next to it, or the control it is in has a name. */
export function Icon({ name, tone, spin = false }: { name: string; tone?: Tone | undefined; spin?: boolean }) {
  const classes = ['codicon', `codicon-${name}`, tone, spin ? 'codicon-modifier-spin' : undefined];
  return <i className={classes.filter((each) => each !== undefined).join(' ')} aria-hidden="true" />;
}
