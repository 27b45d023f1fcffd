import { expect, test, vi } from 'vitest';
import type { SettingsService } from '../../workbench/services.tsx';
import { createDrafts } from './drafts.ts';
import { changeSetting, saveDraft } from './save.ts';
import { section } from './settings-fixture.ts';

function fakeSettings(initial: Record<string, unknown>) {
  const values = { ...initial };
  const settings = {
    sections: [section],
    set: vi.fn((key: string, value: unknown) => {
      values[key] = value;
    }),
    reset: vi.fn((key: string) => void delete values[key]),
    modified: () => values,
  } satisfies Partial<SettingsService>;
  return { settings: settings as unknown as SettingsService, values };
}

test('what a draft changed is set, what it took away falls back', () => {
  const { settings, values } = fakeSettings({ 'a.on': true, 'a.percent': 5 });
  const drafts = createDrafts();
  drafts.edit('user', '{"a.percent": 7, "a.name": "y"}', { ...values });
  expect(saveDraft(settings, drafts, 'user')).toEqual({ ok: true });
  expect(values).toEqual({ 'a.percent': 7, 'a.name': 'y' });
  expect(drafts.get('user')).toBeUndefined();
});

test('nothing is saved while anything is wrong, and nothing is lost', () => {
  const { settings, values } = fakeSettings({});
  const drafts = createDrafts();
  const text = '{"a.percent": 700, "a.on": true}';
  drafts.edit('user', text, {});
  expect(saveDraft(settings, drafts, 'user')).toEqual({ ok: false, problems: 1 });
  expect(values).toEqual({});
  expect(drafts.get('user')?.text).toBe(text);
  drafts.edit('user', '{"a.on": true', {});
  expect(saveDraft(settings, drafts, 'user')).toEqual({ ok: false, problems: 1 });
});

test('what changed elsewhere meanwhile is not undone', () => {
  const { settings, values } = fakeSettings({ 'a.percent': 5 });
  const drafts = createDrafts();
  drafts.edit('user', '{"a.percent": 5, "a.on": true}', { 'a.percent': 5 });
  values['a.percent'] = 9;
  saveDraft(settings, drafts, 'user');
  expect(values).toEqual({ 'a.percent': 9, 'a.on': true });
});

test('what was kept for a feature that is gone survives being taken out', () => {
  const { settings, values } = fakeSettings({ 'gone.x': 1 });
  const drafts = createDrafts();
  drafts.edit('user', '{"a.on": true}', { 'gone.x': 1 });
  expect(saveDraft(settings, drafts, 'user')).toEqual({ ok: true });
  expect(values).toEqual({ 'gone.x': 1, 'a.on': true });
});

test('one value is changed at once, or in the draft if there is one', () => {
  const { settings, values } = fakeSettings({ 'a.on': true });
  const drafts = createDrafts();
  changeSetting(settings, drafts, 'user', 'a.percent', 7);
  expect(values).toEqual({ 'a.on': true, 'a.percent': 7 });
  drafts.edit('user', '{"a.on": true}', { ...values });
  changeSetting(settings, drafts, 'user', 'a.on', undefined);
  expect(values).toEqual({ 'a.on': true, 'a.percent': 7 });
  expect(drafts.get('user')?.text).toBe('{\n}\n');
});

test('a text that cannot be read is not touched by changing one value', () => {
  const { settings, values } = fakeSettings({});
  const drafts = createDrafts();
  drafts.edit('user', '{"a.on"', {});
  changeSetting(settings, drafts, 'user', 'a.on', true);
  expect(values).toEqual({});
  expect(drafts.get('user')?.text).toBe('{"a.on"');
});
