/** What a first visit downloads before the page can be used: it grows with every feature unless features load what they need when they are opened. */
import { measureFirstLoad } from '../bench/console-page.ts';
import { expect, test } from './desk.ts';

test('scripts of a first visit stay within their budget, without any chart', async ({ stage, browser, signedIn }) => {
  const figures = await measureFirstLoad(browser, stage.world.server.url, signedIn, 1);
  for (const name of ['initialJs', 'chartsInInitialJs']) {
    const { value, bar } = figures.find((figure) => figure.name === name)!;
    expect(value, name).toBeLessThanOrEqual(bar!);
  }
});
