/** The layout as it is kept for a user, and what of it fits into the room there is. */
import { z } from 'zod';

/** How small and large the resizable parts get, in pixels. */
export const SIDE_BAR_WIDTH = { min: 170, initial: 280, max: 800 } as const;
export const PANEL_HEIGHT = { min: 100, initial: 240, max: 1200 } as const;

const Size = ({ min, initial, max }: { min: number; initial: number; max: number }) =>
  z.number().min(min).max(max).catch(initial);

/** Kept per user, under `layout`. Every field that cannot be read is as on the first day; the rest is kept. */
export const SavedLayout = z.object({
  version: z.literal(1),
  savedAtMs: z.number().catch(0),
  sideBar: z
    .object({
      visible: z.boolean().catch(true),
      width: Size(SIDE_BAR_WIDTH),
      view: z.string().max(200).nullable().catch(null),
    })
    .catch({ visible: true, width: SIDE_BAR_WIDTH.initial, view: null }),
  panel: z
    .object({
      visible: z.boolean().catch(true),
      height: Size(PANEL_HEIGHT),
      maximized: z.boolean().catch(false),
      active: z.string().max(200).nullable().catch(null),
    })
    .catch({ visible: true, height: PANEL_HEIGHT.initial, maximized: false, active: null }),
  /** Ids of the sections of views that are folded up. */
  collapsed: z.array(z.string().max(200)).max(200).catch([]),
  /** The editors as their own reader knows them. */
  editors: z.unknown().optional(),
});
export type SavedLayout = z.infer<typeof SavedLayout>;

/** The layout of the first day. */
export const firstLayout: SavedLayout = {
  version: 1,
  savedAtMs: 0,
  sideBar: { visible: true, width: SIDE_BAR_WIDTH.initial, view: null },
  panel: { visible: true, height: PANEL_HEIGHT.initial, maximized: false, active: null },
  collapsed: [],
  editors: undefined,
};

/** Reads a stored layout. Anything else than a layout of this version, or one it grew from, is the first day's. */
export function readLayout(stored: unknown): SavedLayout {
  const read = SavedLayout.safeParse(stored);
  return read.success ? { ...read.data, editors: read.data.editors } : firstLayout;
}

/** Of two stored layouts, the one that was saved later. */
export function laterLayout(a: unknown, b: unknown): unknown {
  return readLayout(a).savedAtMs >= readLayout(b).savedAtMs ? a : b;
}

/** How much room the window has: everything; no panel at first; one editor group and a side bar that overlays; a phone. */
export type Room = 'full' | 'medium' | 'narrow' | 'phone';

/** The least widths of the rooms, in CSS pixels. A zoomed page is a narrower one. */
export const ROOM_WIDTHS = { full: 1280, medium: 1024, narrow: 768 } as const;

/** The room of a window's width. */
export function roomOf(width: number): Room {
  if (width >= ROOM_WIDTHS.full) return 'full';
  if (width >= ROOM_WIDTHS.medium) return 'medium';
  return width >= ROOM_WIDTHS.narrow ? 'narrow' : 'phone';
}

/** What the reader showed or hid since the room became this small; forgotten when it changes. */
export interface RoomChoice {
  readonly sideBar?: boolean;
  readonly panel?: boolean;
}

/** Which parts are on the screen. Where there is room for all, the user's layout decides; where not, parts start hidden. */
export function shownParts(layout: SavedLayout, room: Room, choice: RoomChoice): { sideBar: boolean; panel: boolean } {
  return {
    sideBar: room === 'full' || room === 'medium' ? layout.sideBar.visible : (choice.sideBar ?? false),
    panel: room === 'full' ? layout.panel.visible : (choice.panel ?? false),
  };
}

/** Whether the side bar lies over the editors instead of beside them. */
export function sideBarOverlays(room: Room): boolean {
  return room === 'narrow' || room === 'phone';
}

/** A size within its limits. */
export function within({ min, max }: { min: number; max: number }, size: number): number {
  return Math.round(Math.min(max, Math.max(min, size)));
}
