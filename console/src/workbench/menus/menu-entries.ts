/** Which entries a menu has at this moment, in groups. Pure: the facts and the commands are given. */
import type { MenuContribution, ShownCommand } from '../commands/model.ts';

/** One entry, ready to be drawn. */
export interface MenuEntry {
  readonly command: ShownCommand;
  readonly group: string;
}

/** Where an entry without a group goes: after the named ones, as in VS Code. */
const NO_GROUP = 'z_other';
/** What toolbars show as buttons comes first in a list. */
const FIRST_GROUP = 'navigation';

export interface Facts {
  holds(when: string | undefined): boolean;
  command(id: string): ShownCommand | undefined;
}

/**
 * The groups of a menu, each with its entries in order; groups without a shown entry are left out. `navigation` comes first, the others by name.
 * An entry whose command cannot run stays and is dimmed, so that menus keep their shape. A command is in a menu once.
 */
export function menuGroups(
  menu: string,
  contributions: readonly MenuContribution[],
  facts: Facts,
): readonly (readonly MenuEntry[])[] {
  const byGroup = new Map<string, { order: number; entry: MenuEntry }[]>();
  const seen = new Set<string>();
  for (const contribution of contributions) {
    if (contribution.menu !== menu || seen.has(contribution.command) || !facts.holds(contribution.when)) continue;
    const command = facts.command(contribution.command);
    if (command === undefined) continue;
    seen.add(contribution.command);
    const group = contribution.group ?? NO_GROUP;
    const entries = byGroup.get(group) ?? [];
    entries.push({ order: contribution.order ?? Number.MAX_SAFE_INTEGER, entry: { command, group } });
    byGroup.set(group, entries);
  }
  const names = [...byGroup.keys()].toSorted(
    (a, b) => Number(b === FIRST_GROUP) - Number(a === FIRST_GROUP) || (a < b ? -1 : a > b ? 1 : 0),
  );
  return names.map((name) =>
    byGroup
      .get(name)!
      .toSorted((a, b) => a.order - b.order)
      .map(({ entry }) => entry),
  );
}

/**
 * The place of the next entry whose title begins with what was typed, starting after the current one and going round; the current one itself if
 * more of it was typed. −1 if there is none.
 */
export function typeAhead(titles: readonly string[], current: number, typed: string): number {
  const wanted = typed.toLocaleLowerCase();
  // The same letter again and again walks through the entries that begin with it.
  const isRepeated = wanted.length > 1 && [...wanted].every((letter) => letter === wanted[0]);
  const sought = isRepeated ? wanted.slice(0, 1) : wanted;
  const from = sought.length > 1 ? current : current + 1;
  for (let step = 0; step < titles.length; step += 1) {
    const place = (Math.max(from, 0) + step) % titles.length;
    if (titles[place]!.toLocaleLowerCase().startsWith(sought)) return place;
  }
  return -1;
}

/** Where a box fits: at the wanted place, moved back into the view, turned to the other side of an anchor if there is more room. */
export function placeMenu(
  anchor: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
  box: { readonly width: number; readonly height: number },
  view: { readonly width: number; readonly height: number },
  isRightToLeft = false,
): { readonly left: number; readonly top: number } {
  const MARGIN = 4;
  const wantedLeft = isRightToLeft ? anchor.right - box.width : anchor.left;
  const left = Math.max(MARGIN, Math.min(wantedLeft, view.width - box.width - MARGIN));
  const fitsBelow = anchor.bottom + box.height + MARGIN <= view.height;
  const fitsAbove = anchor.top - box.height >= MARGIN;
  const wantedTop = fitsBelow || !fitsAbove ? anchor.bottom : anchor.top - box.height;
  return { left, top: Math.max(MARGIN, Math.min(wantedTop, view.height - box.height - MARGIN)) };
}
