/** Values of the contributed settings: what was set, checked against its schema, or else the default. */
import type { SettingContribution, SettingDefinition } from '../model.ts';
import type { SettingsService } from '../services.tsx';

/** Where one scope's values are kept. */
export interface SettingsStore {
  /** What was kept when the page began. Not trusted. */
  readonly initial: unknown;
  readonly canWrite: boolean;
  save(values: Readonly<Record<string, unknown>>): void;
}

export type SettingsScope = SettingContribution['scope'];

export interface SettingsOptions {
  sections: readonly SettingContribution[];
  stores: Readonly<Record<SettingsScope, SettingsStore>>;
}

/** The settings with what only the shell may do. */
export interface SettingsHost extends SettingsService {
  /** Takes values over that were read later than the page began, such as the server's; saves nothing. */
  adopt(scope: SettingsScope, values: unknown): void;
}

/** Makes the settings. Kept values of settings that nobody contributes stay where they are: their feature may come back. */
export function createSettings({ sections, stores }: SettingsOptions): SettingsHost {
  const definitions = new Map<string, SettingDefinition & { scope: SettingsScope }>();
  for (const { scope, settings } of sections) {
    for (const definition of settings) definitions.set(definition.key, { ...definition, scope });
  }
  const kept: Record<SettingsScope, Readonly<Record<string, unknown>>> = {
    user: recordOf(stores.user.initial),
    server: recordOf(stores.server.initial),
  };
  const listeners = new Set<() => void>();
  // Objects must stay the same while nothing changes, or components would render for ever.
  let values = new Map<string, unknown>();

  const definitionOf = (key: string) => {
    const definition = definitions.get(key);
    if (definition === undefined) throw new Error(`there is no setting ${key}`);
    return definition;
  };
  const settingOf = (key: string): unknown => {
    const { scope, schema, default: initial } = definitionOf(key);
    if (!Object.hasOwn(kept[scope], key)) return initial;
    const read = schema.safeParse(kept[scope][key]);
    return read.success ? read.data : initial;
  };
  const publish = () => {
    values = new Map();
    for (const listener of [...listeners]) listener();
  };
  const keep = (scope: SettingsScope, next: Readonly<Record<string, unknown>>) => {
    kept[scope] = next;
    publish();
    stores[scope].save(next);
  };
  const reset = (key: string) => {
    const { scope } = definitionOf(key);
    const { [key]: _, ...rest } = kept[scope];
    keep(scope, rest);
  };

  return {
    sections,
    get<T>(key: string): T {
      if (!values.has(key)) values.set(key, settingOf(key));
      // The schema vouches for the form; whoever names the key names its type.
      return values.get(key) as T;
    },
    set(key, value) {
      const { scope, schema, default: initial } = definitionOf(key);
      const read = schema.safeParse(value);
      if (!read.success) {
        throw new Error(`${key}: ${read.error.issues.map(({ message }) => message).join('; ')}`, { cause: read.error });
      }
      if (JSON.stringify(read.data) === JSON.stringify(initial)) reset(key);
      else keep(scope, { ...kept[scope], [key]: read.data });
    },
    reset,
    isModified: (key) => Object.hasOwn(kept[definitionOf(key).scope], key),
    modified: (scope) => kept[scope],
    canWrite: (scope) => stores[scope].canWrite,
    adopt(scope, next) {
      kept[scope] = recordOf(next);
      publish();
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
