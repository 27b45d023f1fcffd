'use client';
/** A button that opens a small box below itself. Escape and a click elsewhere close it; the focus goes back to the button. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { IconButton } from './Button.tsx';

export function Popover({ icon, title, children }: { icon: string; title: string; children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears what happens to the button and the box inside
    <div
      ref={box}
      className="popover-anchor"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.preventDefault();
        event.stopPropagation();
        setIsOpen(false);
        box.current?.querySelector('button')?.focus();
      }}
      onBlur={(event) => {
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) setIsOpen(false);
      }}
    >
      <IconButton icon={icon} title={title} expanded={isOpen} run={() => setIsOpen(!isOpen)} />
      {isOpen ? (
        <div className="popover" role="dialog" aria-label={title}>
          {children}
        </div>
      ) : null}
    </div>
  );
}
