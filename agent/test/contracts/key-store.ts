import { expect, test } from 'vitest';
import type { KeyStore } from '../../src/enrol/key-store.ts';

const first = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
const second = '-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n';

/** What every place for an agent's key promises. `open` opens the same, at first empty place again and again. */
export function keyStoreContract(name: string, makePlace: () => Promise<() => KeyStore>): void {
  test(`${name}: holds nothing at first`, async () => {
    const open = await makePlace();
    expect(await open().read()).toBeUndefined();
  });

  test(`${name}: gives back what was written, also to the next process`, async () => {
    const open = await makePlace();
    await open().write(first);
    expect(await open().read()).toBe(first);
  });

  test(`${name}: a key takes the place of the one before as a whole`, async () => {
    const open = await makePlace();
    const store = open();
    await store.write(first);
    await store.write(second);
    expect([await store.read(), await open().read()]).toEqual([second, second]);
  });
}
