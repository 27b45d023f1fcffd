'use client';
import { useId, useMemo, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, State } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import type { Scope } from './drafts.ts';
import { settingsText } from './messages.ts';
import { SettingRow } from './SettingRow.tsx';
import { findSettings } from './search.ts';
import type { ScopeView } from './use-scope.ts';

export interface SettingsFormProps {
  scope: Scope;
  view: ScopeView;
  query: string;
  onQuery(query: string): void;
  /** Shows the text at its error. */
  onShowError(): void;
}

/** The form: a search, the sections at the left, one row a setting. Read-only while the text beside it cannot be read. */
export function SettingsForm({ scope, view, query, onQuery, onShowError }: SettingsFormProps) {
  const text = useText();
  const { settings } = useWorkbench();
  const form = useRef<HTMLDivElement>(null);
  const idPrefix = useId();
  const isModified = (key: string) => Object.hasOwn(view.values, key);
  const modified = Object.keys(view.values).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `modified` says when `isModified` answers otherwise
  const sections = useMemo(
    () => findSettings(settings.sections, scope, query, { isModified, text }),
    [settings.sections, scope, query, text, modified],
  );
  const count = sections.reduce((sum, section) => sum + section.settings.length, 0);
  const isReadOnly = !view.read.ok;
  const hasAny = settings.sections.some((section) => section.scope === scope);
  return (
    <div className="settings-form">
      <div className="settings-search">
        <SearchField
          label={text(settingsText.search)}
          placeholder={text(settingsText.searchHint)}
          keys={[]}
          value={query}
          onChange={onQuery}
          result={text(settingsText.found, { count })}
        />
      </div>
      {isReadOnly ? (
        <div className="notice line" role="alert">
          <State tone="error">{text(settingsText.fixSyntax)}</State>
          <LinkButton run={onShowError}>{text(settingsText.showError)}</LinkButton>
        </div>
      ) : null}
      {!hasAny ? (
        <Empty sentence={text(settingsText.noneInScope)} />
      ) : count === 0 ? (
        <EmptyFiltered sentence={text(settingsText.none, { query: foreign(query, 80) })} onClear={() => onQuery('')} />
      ) : (
        <div className="settings-body">
          <nav className="settings-contents" aria-label={text(settingsText.contents)}>
            <ul>
              {sections.map(({ section, title, settings: found }) => (
                <li key={section}>
                  <button
                    type="button"
                    onClick={() => {
                      const heading = form.current?.querySelector<HTMLElement>(
                        `#${CSS.escape(`${idPrefix}${section}`)}`,
                      );
                      heading?.scrollIntoView({ block: 'start' });
                      heading?.focus();
                    }}
                  >
                    <span>{text(title)}</span>
                    <span className="muted">{found.length}</span>
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <div className="settings-list" ref={form}>
            {sections.map(({ section, title, settings: found }) => (
              <section key={section}>
                <h2 id={`${idPrefix}${section}`} tabIndex={-1}>
                  {text(title)}
                </h2>
                {found.map((definition) => (
                  <SettingRow
                    key={definition.key}
                    definition={definition}
                    value={
                      Object.hasOwn(view.values, definition.key) ? view.values[definition.key] : definition.default
                    }
                    isModified={isModified(definition.key)}
                    isReadOnly={isReadOnly}
                    onChange={(value) => view.change(definition.key, value)}
                  />
                ))}
              </section>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
