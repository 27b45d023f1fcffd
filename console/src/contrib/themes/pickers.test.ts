import { expect, test, vi } from 'vitest';
import type { Look } from '../../theme/look.ts';
import type { QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { chooseLanguage, chooseTheme } from './pickers.ts';

/** A workbench that picks the item `choice` after looking at those of `looks`. */
function workbench(choice: string | undefined, looks: readonly string[] = []) {
  const set = vi.fn();
  const values: Record<string, string> = {
    'workbench.theme': 'light',
    'workbench.density': 'compact',
    'workbench.language': 'de',
  };
  const pick = async ({ items, onActive }: { items: QuickItem[]; onActive?: (item: QuickItem) => void }) => {
    for (const id of looks) for (const item of items.filter((each) => each.id === id)) onActive?.(item);
    return items.find(({ id }) => id === choice);
  };
  const services = {
    settings: { get: (key: string) => values[key], set },
    quickInput: { pick },
    text: ({ en }: { en: string }) => en,
  } as unknown as WorkbenchServices;
  return { services, set };
}

const themesOf = (looks: Look[]) => looks.map(({ theme, density }) => `${theme} ${density}`);

test('every theme that is looked at is shown, and the chosen one is kept', async () => {
  const shown: Look[] = [];
  const { services, set } = workbench('hc-dark', ['dark', 'hc-dark']);
  await chooseTheme(services, (look) => shown.push(look));
  expect(themesOf(shown)).toEqual(['dark compact', 'hc-dark compact', 'hc-dark compact']);
  expect(set).toHaveBeenCalledExactlyOnceWith('workbench.theme', 'hc-dark');
});

test('without a choice the theme is what it was, and nothing is kept', async () => {
  const shown: Look[] = [];
  const { services, set } = workbench(undefined, ['hc-light']);
  await chooseTheme(services, (look) => shown.push(look));
  expect(themesOf(shown)).toEqual(['hc-light compact', 'light compact']);
  expect(set).not.toHaveBeenCalled();
});

test('a language is kept when it is chosen', async () => {
  const { services, set } = workbench('en');
  await chooseLanguage(services);
  expect(set).toHaveBeenCalledExactlyOnceWith('workbench.language', 'en');
});
