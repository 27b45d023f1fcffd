import { expect, test } from 'vitest';
import { commands, notInPalette } from './command-names.ts';
import { contributions } from './index.ts';

const registered = [...contributions.commands.values()];

test('the list that the browser tests run has every registered command under its name', () => {
  expect(Object.fromEntries(registered.map(({ id, category, title }) => [id, `${category.en}: ${title.en}`]))).toEqual(
    commands,
  );
});

test('the palette offers every command but those that need something to be about', () => {
  const missing = registered.filter(({ palette }) => palette === false).map(({ id }) => id);
  expect(missing.toSorted()).toEqual(notInPalette.toSorted());
});
