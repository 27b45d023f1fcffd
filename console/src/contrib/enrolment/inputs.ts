/** The editors of enrolment as inputs and addresses: the list, a batch, the rules, the blocked ones. */
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { EditorContribution, EditorInput } from '../../workbench/model.ts';
import { enrolmentText } from './messages.ts';

export const ENROLMENT_VIEW = 'harp.view.enrolment';
export const editorIds = {
  list: 'harp.editor.enrolment',
  batch: 'harp.editor.enrolment-batch',
  rules: 'harp.editor.enrolment-rules',
  blocked: 'harp.editor.enrolment-blocked',
} as const;

/** The subject of the batch that is not made yet. */
export const NEW_BATCH = 'new';
const BASE = 'enrolment';

/** PCs that asked; `state` and `search` are its params. */
export function listInput(title: string, params: Readonly<Record<string, string>> = {}): EditorInput {
  return { editor: editorIds.list, subject: 'list', title, icon: 'vm-connect', params };
}

/** A batch by the id of its token, or the form for a new one. */
export function batchInput(id: string, title: string): EditorInput {
  return { editor: editorIds.batch, subject: id, title, icon: 'key' };
}

export function rulesInput(title: string, params: Readonly<Record<string, string>> = {}): EditorInput {
  return { editor: editorIds.rules, subject: 'rules', title, icon: 'checklist', params };
}

export function blockedInput(title: string): EditorInput {
  return { editor: editorIds.blocked, subject: 'blocked', title, icon: 'circle-slash' };
}

type Path = EditorContribution['path'];

/** An address below `enrolment` whose last part is fixed. */
const fixedPath = (parts: readonly string[], inputOf: (params: Record<string, string>) => EditorInput): Path => ({
  build: ({ params = {} }) => pathOf([BASE, ...parts], params),
  parse: (path, query) =>
    segmentsOf(path)?.join('/') === [BASE, ...parts].join('/') ? inputOf(paramsOf(query)) : undefined,
});

export const listPath = fixedPath([], (params) => listInput(enrolmentText.waitingTitle.en, params));
export const rulesPath = fixedPath(['rules'], (params) => rulesInput(enrolmentText.rules.en, params));
export const blockedPath = fixedPath(['blocked'], () => blockedInput(enrolmentText.blocked.en));
export const batchPath: Path = {
  build: ({ subject }) => pathOf([BASE, 'batch', subject]),
  parse(path) {
    const [base, kind, id, ...rest] = segmentsOf(path) ?? [];
    if (base !== BASE || kind !== 'batch' || id === undefined || rest.length > 0) return undefined;
    return batchInput(id, id === NEW_BATCH ? enrolmentText.newBatchTitle.en : id);
  },
};
