'use client';
/** One editor with what surrounds it: breadcrumbs above, a notice in its place when it fails. Behind another tab it neither runs nor paints. */
import { Activity, memo, Suspense, useCallback, useEffect, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { FailureBoundary, messageOf } from '../Failure.tsx';
import { shellText } from '../messages.ts';
import type { EditorInput } from '../model.ts';
import { useShell } from '../shell-context.tsx';
import type { EditorsStore, OpenTab } from './editor-service.ts';

interface EditorPaneProps {
  tab: OpenTab;
  isVisible: boolean;
  isActive: boolean;
  editors: EditorsStore;
}

const NO_PARAMS: Readonly<Record<string, string>> = {};

/** The inside of a tab. An editor that was never in front was never begun. */
export const EditorPane = memo(function EditorPane({ tab, isVisible, isActive, editors }: EditorPaneProps) {
  const [wasShown, setWasShown] = useState(isVisible);
  if (isVisible && !wasShown) setWasShown(true);
  const { contributions } = useShell();
  const contribution = contributions.editors.get(tab.input.editor);
  if (contribution === undefined || !wasShown) return null;
  return (
    <Activity mode={isVisible ? 'visible' : 'hidden'}>
      {contribution.breadcrumbs === undefined ? (
        <Breadcrumbs names={[tab.input.title]} />
      ) : (
        <ContributedBreadcrumbs input={tab.input} useNames={contribution.breadcrumbs} />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className="editor" tabIndex={0} data-editor-focus="">
        <FailureBoundary
          key={tab.input.subject}
          instead={(error, retry) => <EditorFailed title={tab.input.title} error={error} retry={retry} />}
        >
          <Suspense fallback={<EditorLoading />}>
            <EditorBody tab={tab} isActive={isActive} editors={editors} />
          </Suspense>
        </FailureBoundary>
      </div>
    </Activity>
  );
});

function EditorBody({ tab, isActive, editors }: Omit<EditorPaneProps, 'isVisible'>) {
  const { contributions } = useShell();
  const { id, input } = tab;
  const setParams = useCallback((params: Record<string, string>) => editors.update(id, { params }), [editors, id]);
  const setTitle = useCallback((title: string) => editors.update(id, { title }), [editors, id]);
  const setDirty = useCallback((dirty: boolean) => editors.update(id, { dirty }), [editors, id]);
  const Editor = contributions.editors.get(input.editor)?.component;
  if (Editor === undefined) return null;
  return (
    <Editor
      input={input}
      params={input.params ?? NO_PARAMS}
      setParams={setParams}
      setTitle={setTitle}
      setDirty={setDirty}
      isActive={isActive}
    />
  );
}

interface ContributedBreadcrumbsProps {
  input: EditorInput;
  useNames(input: EditorInput): readonly string[];
}

function ContributedBreadcrumbs({ input, useNames }: ContributedBreadcrumbsProps) {
  return <Breadcrumbs names={useNames(input)} />;
}

function Breadcrumbs({ names }: { names: readonly string[] }) {
  const text = useText();
  return (
    <ol className="breadcrumbs" aria-label={text(shellText.breadcrumbs)}>
      {names.map((name, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a path has its order, and the same name may come twice
        <li key={index} aria-current={index === names.length - 1 ? 'location' : undefined}>
          <bdi>{name}</bdi>
        </li>
      ))}
    </ol>
  );
}

function EditorFailed({ title, error, retry }: { title: string; error: unknown; retry: () => void }) {
  const text = useText();
  return (
    <div className="notice" role="alert">
      <span className="state error">
        <i className="codicon codicon-error" aria-hidden="true" />
        {text(shellText.editorFailed, { title })}
      </span>
      <span>{text(shellText.editorFailedWhy, { message: messageOf(error) })}</span>
      <button type="button" className="button" onClick={retry}>
        {text(shellText.reloadEditor)}
      </button>
    </div>
  );
}

/** Nothing at first: what loads fast must not flicker. */
const PATIENCE_MS = 200;

function EditorLoading() {
  const text = useText();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className="loading" aria-label={text(shellText.loadingEditor)}>
      {isLate ? <div className="progress-line" /> : null}
    </div>
  );
}
