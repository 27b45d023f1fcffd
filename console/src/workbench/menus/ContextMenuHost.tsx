'use client';
/** Draws the open menu. Once in the shell; it finds the services itself. */
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { useWorkbench } from '../services.tsx';
import { type MenuEntry, placeMenu, typeAhead } from './menu-entries.ts';
import type { OpenMenu } from './menus.ts';
import { menuMessages } from './messages.ts';

/** Letters typed within this time are one word. */
const TYPE_AHEAD_MS = 500;

export function ContextMenuHost() {
  const { menus } = useWorkbench();
  const read = () => menus.current;
  const open = useSyncExternalStore(menus.onDidChange, read, read);
  const text = useText();
  if (open === undefined) return null;
  return (
    // What is not in a landmark is not found by those who go from one to the next.
    <section aria-label={text(menuMessages.label)}>
      <ContextMenu key={open.id} open={open} />
    </section>
  );
}

function ContextMenu({ open }: { open: OpenMenu }) {
  const { menus, commands } = useWorkbench();
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', atMs: 0 });
  const [place, setPlace] = useState<{ left: number; top: number }>();
  const entries = open.groups.flat();

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const anchor =
      open.at instanceof HTMLElement
        ? open.at.getBoundingClientRect()
        : { left: open.at.x, right: open.at.x, top: open.at.y, bottom: open.at.y };
    const { width, height } = element.getBoundingClientRect();
    const isRightToLeft = getComputedStyle(element).direction === 'rtl';
    setPlace(
      placeMenu(anchor, { width, height }, { width: window.innerWidth, height: window.innerHeight }, isRightToLeft),
    );
    (itemsOf(element)[0] ?? element).focus({ preventScroll: true });
  }, [open]);

  useEffect(() => {
    // What the menu is about moves away below it: a menu that stays would lie.
    const onScroll = (event: Event) => {
      if (!(event.target instanceof Node && box.current?.contains(event.target))) menus.close();
    };
    const onPointerDown = (event: PointerEvent) => {
      const { target } = event;
      if (!(target instanceof Node) || box.current?.contains(target)) return;
      // The button of this menu closes it by its own click.
      if (!(open.at instanceof HTMLElement && open.at.contains(target))) menus.close();
    };
    const close = () => menus.close();
    window.addEventListener('scroll', onScroll, { capture: true });
    window.addEventListener('pointerdown', onPointerDown, { capture: true });
    window.addEventListener('resize', close);
    window.addEventListener('blur', close);
    return () => {
      window.removeEventListener('scroll', onScroll, { capture: true });
      window.removeEventListener('pointerdown', onPointerDown, { capture: true });
      window.removeEventListener('resize', close);
      window.removeEventListener('blur', close);
    };
  }, [menus, open.at]);

  const leave = () => {
    menus.close();
    if (open.opener?.isConnected) open.opener.focus();
  };
  const choose = ({ command }: MenuEntry) => {
    if (!command.enabled) return;
    leave();
    void commands.run(command.id, open.argument);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const items = itemsOf(event.currentTarget);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const focus = (to: number) => items[(to + items.length) % items.length]?.focus();
    if (event.key === 'Escape' || event.key === 'Tab') leave();
    else if (event.key === 'ArrowDown') focus(at + 1);
    else if (event.key === 'ArrowUp') focus(at < 0 ? -1 : at - 1);
    else if (event.key === 'Home' || event.key === 'PageUp') focus(0);
    else if (event.key === 'End' || event.key === 'PageDown') focus(-1);
    else if (event.key === 'Enter' || event.key === ' ') {
      const entry = entries[at];
      if (entry !== undefined) choose(entry);
    } else if ([...event.key].length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const isNewWord = event.timeStamp - typed.current.atMs > TYPE_AHEAD_MS;
      typed.current = { text: (isNewWord ? '' : typed.current.text) + event.key, atMs: event.timeStamp };
      const found = typeAhead(
        entries.map(({ command }) => command.title),
        at,
        typed.current.text,
      );
      if (found !== -1) focus(found);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="context-menu"
      role="menu"
      tabIndex={-1}
      aria-label={text(menuMessages.label)}
      ref={box}
      // Drawn once without a place to learn its size; not hidden, since what is hidden cannot take the focus.
      style={place === undefined ? { opacity: 0, left: 0, top: 0 } : place}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget === null || box.current?.contains(relatedTarget)) return;
        if (!(open.at instanceof HTMLElement && open.at.contains(relatedTarget))) menus.close();
      }}
    >
      {entries.length === 0 ? (
        <div className="context-menu-item" role="menuitem" tabIndex={-1} aria-disabled="true">
          {text(menuMessages.nothing)}
        </div>
      ) : null}
      {open.groups.map((group, index) => (
        <Group key={group[0]?.group} entries={group} isFirst={index === 0} onChoose={choose} />
      ))}
    </div>
  );
}

function Group({
  entries,
  isFirst,
  onChoose,
}: {
  entries: readonly MenuEntry[];
  isFirst: boolean;
  onChoose(entry: MenuEntry): void;
}) {
  return (
    <>
      {isFirst ? null : <hr className="context-menu-separator" />}
      {entries.map((entry) => {
        const { id, title, key, enabled, disabledReason } = entry.command;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the menu handles the keys of all its entries
          <div
            key={id}
            className="context-menu-item"
            role="menuitem"
            tabIndex={-1}
            aria-disabled={!enabled}
            aria-description={disabledReason}
            title={disabledReason}
            onClick={() => onChoose(entry)}
            onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
          >
            <span className="context-menu-title">{title}</span>
            {key === undefined ? null : <KeyHint keys={key} />}
          </div>
        );
      })}
    </>
  );
}

function itemsOf(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}
