/** The editors of a stored layout: what is read back is checked piece by piece, since it may be older than this program, or made by hand. */
import type { SerializedDockview } from 'dockview-core';
import { z } from 'zod';
import { type EditorInput, editorKey } from '../model.ts';

/** More tabs than anybody opens; a stored layout cannot make the page hang. */
const TABS_MAX = 60;

const Text = z.string().max(2000);

/** What a tab keeps of its editor. */
export const SavedEditor = z.object({
  editor: Text,
  subject: Text,
  title: Text,
  icon: z.string().regex(/^[a-z0-9-]{1,40}$/),
  params: z.record(z.string().max(100), Text).optional(),
  preview: z.boolean().default(false),
});
export type SavedEditor = z.infer<typeof SavedEditor>;

const Leaf = z.object({
  type: z.literal('leaf'),
  size: z.number().optional(),
  visible: z.boolean().optional(),
  data: z.looseObject({ id: z.string(), views: z.array(z.string()), activeView: z.string().optional() }),
});
type Leaf = z.infer<typeof Leaf>;
interface Branch {
  type: 'branch';
  size?: number | undefined;
  data: (Branch | Leaf)[];
}
const Branch: z.ZodType<Branch> = z.object({
  type: z.literal('branch'),
  size: z.number().optional(),
  data: z.array(z.lazy(() => z.union([Leaf, Branch]))).max(TABS_MAX),
});

const Saved = z.object({
  grid: z.object({
    root: Branch,
    width: z.number(),
    height: z.number(),
    orientation: z.enum(['HORIZONTAL', 'VERTICAL']),
  }),
  panels: z.record(z.string(), z.looseObject({ id: z.string(), params: z.unknown() })),
  activeGroup: z.string().optional(),
});

/** The input of a saved tab. */
export function inputOf({ preview: _, params, ...input }: SavedEditor): EditorInput {
  return params === undefined ? input : { ...input, params };
}

/** A tab as it is kept. Only what opens it again: nothing else of the page gets stored. */
export function savedOf(input: EditorInput, preview: boolean): SavedEditor {
  const { editor, subject, title, icon, params } = input;
  return { editor, subject, title, icon, ...(params === undefined ? {} : { params }), preview };
}

/**
 * What of a stored layout can be shown: tabs whose editor `knows`, each once per group, and groups that still have tabs.
 * `undefined` when nothing is left of it or it was never one.
 */
export function readSavedEditors(stored: unknown, knows: (editor: string) => boolean): SerializedDockview | undefined {
  const saved = Saved.safeParse(stored);
  if (!saved.success) return undefined;
  const { grid, panels, activeGroup } = saved.data;
  const kept: Record<string, object> = {};
  const groups: string[] = [];
  const leaf = (node: Leaf): Leaf | undefined => {
    const seen = new Set<string>();
    const views = node.data.views.filter((id) => {
      const editor = SavedEditor.safeParse(panels[id]?.params);
      if (!editor.success || !knows(editor.data.editor) || id in kept) return false;
      if (Object.keys(kept).length >= TABS_MAX || seen.has(editorKey(editor.data))) return false;
      seen.add(editorKey(editor.data));
      kept[id] = {
        id,
        contentComponent: 'editor',
        tabComponent: 'editor',
        title: editor.data.title,
        params: editor.data,
      };
      return true;
    });
    if (views.length === 0) return undefined;
    groups.push(node.data.id);
    const activeView = views.includes(node.data.activeView ?? '') ? node.data.activeView : views[0];
    return { type: 'leaf', ...sized(node), data: { id: node.data.id, views, activeView } };
  };
  const branch = (node: Branch): Branch | undefined => {
    const data = node.data
      .map((child) => (child.type === 'leaf' ? leaf(child) : branch(child)))
      .filter((child) => child !== undefined);
    return data.length === 0 ? undefined : { type: 'branch', ...sized(node), data };
  };
  const root = branch(grid.root);
  if (root === undefined) return undefined;
  const result = {
    grid: { ...grid, root },
    panels: kept,
    activeGroup: groups.includes(activeGroup ?? '') ? activeGroup : groups[0],
  };
  // The same shape in the library's words; its types name enums and optional fields that JSON cannot tell apart.
  return result as unknown as SerializedDockview;
}

function sized(node: { size?: number | undefined }): { size?: number } {
  return node.size === undefined ? {} : { size: node.size };
}
