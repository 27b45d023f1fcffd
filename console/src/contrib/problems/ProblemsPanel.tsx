'use client';
/** What is not right now, by object. Enter or a click opens the object. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { problemsQuery } from '../../api/queries.ts';
import type { Problem, ProblemList } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { PanelView } from '../../ui/PanelView.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView, State } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { addressOf, describeProblem, severities } from './describe.ts';
import { problemContext } from './keys.ts';
import { problemsText } from './messages.ts';
import { filterKeys, filterProblems, groupProblems, type ProblemFilter, type WordsOf } from './problem-list.ts';

const subjectIcons: Readonly<Record<Problem['subject']['kind'], string>> = {
  server: 'server',
  nextcloud: 'cloud',
  office: 'organization',
  agent: 'vm',
  folder: 'folder',
  enrolment: 'person-add',
  rule: 'checklist',
  batch: 'key',
  person: 'account',
};
const toggles = [
  ['error', problemsText.errors],
  ['warning', problemsText.warnings],
  ['info', problemsText.infos],
] as const;

export function ProblemsPanel() {
  const text = useText();
  const { context } = useWorkbench();
  const query = useQuery(problemsQuery);
  const filterText = String(useContextKey(problemContext.filter) ?? '');
  const hiddenText = String(useContextKey(problemContext.hidden) ?? '');
  const filter = useMemo((): ProblemFilter => {
    const hidden = toggles.map(([severity]) => severity).filter((severity) => hiddenText.split(' ').includes(severity));
    return { text: filterText, hidden: new Set(hidden) };
  }, [filterText, hiddenText]);
  const setFilter = (next: string) => context.set(problemContext.filter, next);
  const toggle = (severity: Problem['severity']) => {
    const hidden = new Set(filter.hidden);
    if (!hidden.delete(severity)) hidden.add(severity);
    context.set(problemContext.hidden, [...hidden].join(' '));
  };
  return (
    <PanelView
      tools={
        <>
          <SearchField
            label={text(problemsText.filter)}
            placeholder={text(problemsText.filterHint)}
            keys={filterKeys}
            value={filterText}
            onChange={setFilter}
          />
          <Toolbar label={text(problemsText.title)}>
            {toggles.map(([severity, title]) => (
              <IconButton
                key={severity}
                icon={severities[severity].icon}
                title={text(title)}
                pressed={!filter.hidden.has(severity)}
                run={() => toggle(severity)}
              />
            ))}
            <IconButton icon="refresh" title={text(problemsText.refresh)} run={() => void query.refetch()} />
          </Toolbar>
        </>
      }
    >
      <QueryView query={query} what={text(problemsText.what)}>
        {(list) =>
          list.problems.length === 0 ? (
            <Empty sentence={text(problemsText.none)} />
          ) : (
            <ProblemTree
              list={list}
              filter={filter}
              clear={() => {
                setFilter('');
                context.set(problemContext.hidden, '');
              }}
            />
          )
        }
      </QueryView>
    </PanelView>
  );
}

interface ProblemTreeProps {
  list: ProblemList;
  filter: ProblemFilter;
  clear(): void;
}

function ProblemTree({ list, filter, clear }: ProblemTreeProps) {
  const text = useText();
  const format = useFormat();
  const { context, editors } = useWorkbench();
  const current = useContextKey(problemContext.current);
  const wordsOf = useCallback<WordsOf>((problem) => describeProblem(problem, text, format), [text, format]);
  const shown = useMemo(() => filterProblems(list.problems, filter, wordsOf), [list.problems, filter, wordsOf]);
  const nodes = useMemo((): readonly TreeNode<Problem>[] => {
    const sinceOf = ({ sinceMs }: Problem) =>
      sinceMs === null ? text(problemsText.sinceUnknown) : text(problemsText.since, { time: format.dateTime(sinceMs) });
    return groupProblems(shown).map(({ key, subject, severity, problems }) => ({
      id: key,
      // The one subject that nobody has given a name.
      name: subject.kind === 'enrolment' ? text(problemsText.enrolment) : cutText(subject.name, 80),
      icon: subjectIcons[subject.kind],
      description: text(problemsText.group, { count: problems.length }),
      badge: problems.length,
      tone: severities[severity].tone,
      ...(problems[0] === undefined ? {} : { data: problems[0] }),
      children: problems.map((problem) => {
        const { what, why } = wordsOf(problem);
        const { tone, icon, name } = severities[problem.severity];
        const since = sinceOf(problem);
        return {
          id: problem.id,
          name: what,
          icon,
          tone,
          description: [why, problem.code, since].filter((part) => part !== '').join(' · '),
          title: text(problemsText.rowTitle, { severity: text(name), what, why, code: problem.code, since }),
          data: problem,
        };
      }),
    }));
  }, [shown, text, format, wordsOf]);
  if (shown.length === 0) {
    return (
      <EmptyFiltered sentence={text(problemsText.noneFiltered, { count: list.problems.length })} onClear={clear} />
    );
  }
  const total = list.errors + list.warnings + list.infos;
  return (
    <>
      {total > list.problems.length ? (
        <div className="notice line">
          <State tone="info">{text(problemsText.cut, { shown: list.problems.length, total })}</State>
        </div>
      ) : null}
      <Tree
        label={text(problemsText.list)}
        nodes={nodes}
        revealId={typeof current === 'string' ? current : undefined}
        onOpen={({ id, data }, { preview }) => {
          if (data === undefined) return;
          if (id === data.id) context.set(problemContext.current, id);
          const address = addressOf(data.subject);
          if (address !== undefined) editors.openAddress(address, { preview, focus: !preview });
        }}
      />
    </>
  );
}
