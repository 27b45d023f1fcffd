/** What features contribute to the workbench, and what it lets them do. The shell knows these shapes and no feature. */
import type { ComponentType } from 'react';

/** What is open in the editor area: which editor, on which object. */
export interface EditorInput {
  /** Id of a registered editor. */
  editor: string;
  /** The object, in the editor's own terms; with `editor` it identifies the tab. */
  subject: string;
  title: string;
  icon: string;
}

/** What contributions may ask of the workbench. */
export interface WorkbenchActions {
  open(input: EditorInput): void;
}

export interface ViewProps {
  workbench: WorkbenchActions;
}

export interface EditorProps extends ViewProps {
  subject: string;
}

/** A container of the side bar, with its icon in the activity bar. */
export interface ViewContribution {
  id: string;
  title: string;
  icon: string;
  order: number;
  component: ComponentType<ViewProps>;
}

/** A tab of the panel below the editors. */
export interface PanelContribution {
  id: string;
  title: string;
  order: number;
  component: ComponentType<ViewProps>;
}

export interface EditorContribution {
  id: string;
  component: ComponentType<EditorProps>;
}

/** An item of the status bar, left or right. */
export interface StatusContribution {
  id: string;
  side: 'left' | 'right';
  order: number;
  component: ComponentType;
}

export interface Contribution {
  views?: readonly ViewContribution[];
  panels?: readonly PanelContribution[];
  editors?: readonly EditorContribution[];
  status?: readonly StatusContribution[];
  /** Opened when nothing else is. */
  welcome?: EditorInput;
}

/** All contributions, joined and in order. @throws {Error} when two share an id */
export function joinContributions(contributions: readonly Contribution[]) {
  const byOrder = <T extends { id: string; order: number }>(items: readonly T[]) =>
    unique(items).toSorted((a, b) => a.order - b.order);
  return {
    views: byOrder(contributions.flatMap(({ views = [] }) => views)),
    panels: byOrder(contributions.flatMap(({ panels = [] }) => panels)),
    status: byOrder(contributions.flatMap(({ status = [] }) => status)),
    editors: new Map(unique(contributions.flatMap(({ editors = [] }) => editors)).map((editor) => [editor.id, editor])),
    welcome: contributions.find(({ welcome }) => welcome !== undefined)?.welcome,
  };
}

export type Contributions = ReturnType<typeof joinContributions>;

function unique<T extends { id: string }>(items: readonly T[]): T[] {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new Error(`two contributions have the id ${id}`);
    seen.add(id);
  }
  return [...items];
}
