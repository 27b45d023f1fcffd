/** The fleet's editors as inputs and addresses: what the tree, menus, commands and links open. */

import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { EditorContribution, EditorInput } from '../../workbench/model.ts';
import { cutName } from './display-name.ts';
import type { FleetTarget } from './targets.ts';

export const editorIds = {
  office: 'harp.editor.office',
  agent: 'harp.editor.agent',
  table: 'harp.editor.fleet-table',
  compare: 'harp.editor.fleet-compare',
  overview: 'harp.editor.fleet-overview',
} as const;

export const officeTabs = ['overview', 'agents', 'transfers', 'throughput'] as const;
export type OfficeTab = (typeof officeTabs)[number];

export const agentTabs = ['overview', 'folders', 'peers', 'events', 'reported'] as const;
export type AgentTab = (typeof agentTabs)[number];

/** The tab that params ask for; the first one if they ask for none that exists. */
export function tabOf<T extends string>(tabs: readonly [T, ...T[]], params: Readonly<Record<string, string>>): T {
  return tabs.find((tab) => tab === params.tab) ?? tabs[0];
}

/** An office. Its subject is its name, which is unique and readable in an address. */
export function officeInput(office: { id: string; name: string }, params?: Record<string, string>): EditorInput {
  // `.` and `..` are names to people, but steps in a path to browsers.
  const subject = /^\.{1,2}$/.test(office.name) ? office.id : office.name;
  return { editor: editorIds.office, subject, title: office.name, icon: 'organization', ...(params && { params }) };
}

/** An agent. Its subject is its id: host names are neither unique nor for good. */
export function agentInput(agent: { id: string; name: string }, params?: Record<string, string>): EditorInput {
  return {
    editor: editorIds.agent,
    subject: agent.id,
    title: cutName(agent.name),
    icon: 'vm',
    ...(params && { params }),
  };
}

/** What a target opens. */
export function inputOf(target: FleetTarget, params?: Record<string, string>): EditorInput {
  return target.kind === 'office' ? officeInput(target, params) : agentInput(target, params);
}

/** The table of all agents, or of those that a query finds. */
export function tableInput(title: string, query = ''): EditorInput {
  return { editor: editorIds.table, subject: 'fleet', title, icon: 'table', params: query === '' ? {} : { query } };
}

/** Two agents side by side. */
export function compareInput(a: FleetTarget, b: FleetTarget): EditorInput {
  return {
    editor: editorIds.compare,
    subject: `${a.id}/${b.id}`,
    title: `${cutName(a.name)} ↔ ${cutName(b.name)}`,
    icon: 'compare-changes',
  };
}

/** The fleet's charts. */
export function overviewInput(title: string, params: Record<string, string> = {}): EditorInput {
  return { editor: editorIds.overview, subject: 'fleet', title, icon: 'dashboard', params };
}

type Codec = EditorContribution['path'];

/** The codec of an editor about one object with tabs: `/o/north/agents?from=…`. The first tab has no segment of its own. */
function tabbedPath(
  prefix: string,
  tabs: readonly [string, ...string[]],
  input: (subject: string) => EditorInput,
): Codec {
  return {
    build({ subject, params = {} }) {
      const { tab = tabs[0], ...rest } = params;
      return pathOf(tab === tabs[0] ? [prefix, subject] : [prefix, subject, tab], rest);
    },
    parse(path, query) {
      const [first, subject, tab = tabs[0], ...more] = segmentsOf(path) ?? [];
      if (first !== prefix || subject === undefined || more.length > 0 || !tabs.includes(tab)) return undefined;
      return { ...input(subject), params: { ...paramsOf(query), ...(tab === tabs[0] ? {} : { tab }) } };
    },
  };
}

/** Addresses of offices. `nameOf` says the name of an office by its id, so that both addresses of an office are one editor. */
export function officePath(nameOf: (id: string) => string | undefined): Codec {
  return tabbedPath('o', officeTabs, (subject) => officeInput({ id: subject, name: nameOf(subject) ?? subject }));
}

/** Addresses of agents. `nameOf` says the host name of an agent if it is known already. */
export function agentPath(nameOf: (id: string) => string | undefined): Codec {
  return tabbedPath('a', agentTabs, (subject) =>
    agentInput({ id: subject, name: nameOf(subject) ?? subject.slice(0, 8) }),
  );
}

/** `/compare/A/B` */
export function comparePath(nameOf: (id: string) => string | undefined): Codec {
  return {
    build: ({ subject }) => pathOf(['compare', ...subject.split('/')]),
    parse(path) {
      const [first, a, b, ...more] = segmentsOf(path) ?? [];
      if (first !== 'compare' || a === undefined || b === undefined || more.length > 0) return undefined;
      const target = (id: string): FleetTarget => ({ kind: 'agent', id, name: nameOf(id) ?? id.slice(0, 8) });
      return compareInput(target(a), target(b));
    },
  };
}

/** An editor there is one of: `/fleet?query=…`. */
function singlePath(segments: readonly string[], input: () => EditorInput): Codec {
  return {
    build: ({ params }) => pathOf(segments, params),
    parse: (path, query) =>
      segmentsOf(path)?.join('/') === segments.join('/') ? { ...input(), params: paramsOf(query) } : undefined,
  };
}

/** `/fleet?query=state:offline` */
export const tablePath: Codec = singlePath(['fleet'], () => tableInput('Fleet'));

/** `/fleet/overview?from=…&to=…` */
export const overviewPath: Codec = singlePath(['fleet', 'overview'], () => overviewInput('Fleet overview'));

/** The address of a target. */
export function pathOfTarget(target: FleetTarget, input: EditorInput): string {
  return (target.kind === 'office' ? officePath : agentPath)(() => undefined).build(input);
}
