import { describe, expect, test } from 'vitest';
import { contentDigest } from './cloud/content.ts';
import { type SampleFile, sampleTree } from './sample-tree.ts';

const facts = (files: Iterable<SampleFile>) =>
  [...files].map(({ path, sizeBytes, mtimeMs }) => ({ path, sizeBytes, mtimeMs }));

describe('a sample tree', () => {
  test('is the same for the same seed, and another for another', async () => {
    expect(facts(sampleTree({ megabytes: 10 }))).toEqual(facts(sampleTree({ megabytes: 10 })));
    expect(facts(sampleTree({ megabytes: 10 }))).not.toEqual(facts(sampleTree({ megabytes: 10, seed: 'other' })));
    const [mine, other] = ['a', 'b'].map((seed) =>
      [...sampleTree({ megabytes: 10, seed })].find(({ path }) => path.endsWith('.pdf')),
    );
    expect(mine && (await contentDigest('sha256', mine.content))).not.toBe(
      other && (await contentDigest('sha256', other.content)),
    );
  });

  test.each([8, 60, 500])('of %d MB has that many', (megabytes) => {
    const total = facts(sampleTree({ megabytes })).reduce((sum, file) => sum + file.sizeBytes, 0);
    expect(Math.abs(total / (megabytes * 1024 * 1024) - 1)).toBeLessThan(0.01);
  });

  test('has what trips careless code', () => {
    const files = facts(sampleTree());
    const paths = files.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.every((path) => path === path.normalize('NFC') && !path.startsWith('/'))).toBe(true);
    expect(files.filter(({ sizeBytes }) => sizeBytes === 0).length).toBeGreaterThan(2);
    expect(files.filter(({ sizeBytes }) => sizeBytes > 0 && sizeBytes < 20_000).length).toBeGreaterThan(500);
    expect(Math.max(...paths.map((path) => path.split('/').length))).toBeGreaterThan(20);
    for (const script of [/\p{Emoji_Presentation}/u, /\p{Script=Arabic}/u, /\p{Script=Han}/u, /[äöüé]/]) {
      expect(paths.some((path) => script.test(path))).toBe(true);
    }
  });

  test('too small for its small files is refused', () => {
    expect(() => [...sampleTree({ megabytes: 1 })]).toThrow(RangeError);
  });
});
