/** Whether the help is open, and about what. The command says so, the dialog shows it. */
import type { HelpPlace } from './place.ts';

const listeners = new Set<() => void>();
let place: HelpPlace | undefined;

export const help = {
  get place(): HelpPlace | undefined {
    return place;
  },
  show(next: HelpPlace | undefined): void {
    place = next;
    for (const listener of [...listeners]) listener();
  },
  onDidChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
