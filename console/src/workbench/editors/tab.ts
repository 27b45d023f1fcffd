/**
 * What stands on a tab: icon, title, and a mark that is a dot while something is unsaved and closes the tab on a click. The tab itself, with its role and its
 * place in the tab order, is the docking library's; what is in here is for the eye and the mouse only.
 */

/** What a tab shows. */
export interface TabFace {
  title: string;
  icon: string;
  preview: boolean;
  dirty: boolean;
  /** Said when the pointer rests on the mark. */
  closeTitle: string;
}

/** The class of the mark that closes the tab; clicks are handled for the whole dock at once. */
export const CLOSE_CLASS = 'tab-close';

/** Makes the inside of a tab; `draw` brings it up to date. */
export function createTab(face: () => TabFace | undefined): { element: HTMLElement; draw: () => void } {
  const element = document.createElement('div');
  element.className = 'tab-face';
  const icon = document.createElement('i');
  icon.setAttribute('aria-hidden', 'true');
  const title = document.createElement('bdi');
  title.className = 'tab-title';
  const close = document.createElement('span');
  close.setAttribute('aria-hidden', 'true');
  element.append(icon, title, close);
  return {
    element,
    draw() {
      const shown = face();
      if (shown === undefined) return;
      icon.className = `codicon codicon-${shown.icon}`;
      title.textContent = shown.title;
      element.title = shown.title;
      element.classList.toggle('preview', shown.preview);
      close.className = `${CLOSE_CLASS} codicon ${shown.dirty ? 'codicon-circle-filled dirty' : 'codicon-close'}`;
      close.title = shown.closeTitle;
    },
  };
}
