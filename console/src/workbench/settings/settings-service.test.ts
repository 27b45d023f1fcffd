import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineMessages } from '../../i18n/messages.ts';
import { createSettings } from './settings-service.ts';

const { title } = defineMessages('test', { title: 'T' }, { title: 'T' });
const setting = (key: string, schema: z.ZodType, initial: unknown) => ({
  key,
  title,
  description: title,
  schema,
  kind: 'text' as const,
  default: initial,
});

function settings(kept: unknown = undefined) {
  const save = vi.fn();
  const service = createSettings({
    sections: [
      {
        section: 'a',
        title,
        scope: 'user',
        settings: [setting('a.size', z.number().min(1), 10), setting('a.list', z.array(z.string()), [])],
      },
      { section: 'b', title, scope: 'server', settings: [setting('b.name', z.string(), 'x')] },
    ],
    stores: {
      user: { initial: kept, canWrite: true, save },
      server: { initial: undefined, canWrite: false, save: vi.fn() },
    },
  });
  return { service, save };
}

describe('settings', () => {
  test('are their defaults until they are set', () => {
    const { service, save } = settings();
    expect(service.get('a.size')).toBe(10);
    service.set('a.size', 20);
    expect([service.get('a.size'), service.isModified('a.size')]).toEqual([20, true]);
    expect(save).toHaveBeenLastCalledWith({ 'a.size': 20 });
  });

  test('set to the default are not modified', () => {
    const { service, save } = settings({ 'a.size': 20 });
    service.set('a.size', 10);
    expect(service.isModified('a.size')).toBe(false);
    expect(save).toHaveBeenLastCalledWith({});
  });

  test('refuse what does not fit, and keep what was', () => {
    const { service, save } = settings({ 'a.size': 20 });
    expect(() => service.set('a.size', 0)).toThrow(/a\.size/);
    expect(service.get('a.size')).toBe(20);
    expect(save).not.toHaveBeenCalled();
  });

  test.each([null, 'text', [], { 'a.size': 'many' }])('read from nonsense are the defaults (%#)', (kept) => {
    expect(settings(kept).service.get('a.size')).toBe(10);
  });

  test('of features that are gone are kept', () => {
    const { service, save } = settings({ 'old.key': 1 });
    service.set('a.size', 2);
    expect(save).toHaveBeenLastCalledWith({ 'old.key': 1, 'a.size': 2 });
  });

  test('stay the same object while nothing changes', () => {
    const { service } = settings({ 'a.list': ['x'] });
    expect(service.get('a.list')).toBe(service.get('a.list'));
  });

  test('tell of changes, also of those from elsewhere', () => {
    const { service, save } = settings();
    const listener = vi.fn();
    service.onDidChange(listener);
    service.adopt('server', { 'b.name': 'y' });
    expect(service.get('b.name')).toBe('y');
    expect(listener).toHaveBeenCalledOnce();
    expect(save).not.toHaveBeenCalled();
  });

  test('nobody knows of are mistakes', () => {
    expect(() => settings().service.get('no.such')).toThrow(/no\.such/);
  });
});
