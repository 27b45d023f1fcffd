import type { ReactNode } from 'react';
import './panel-view.css';

export interface PanelViewProps {
  /** The line of tools above; fields and toolbars. */
  tools?: ReactNode;
  children: ReactNode;
}

/** A view that fills its place: a line of tools that stays, and below it what scrolls by itself. */
export function PanelView({ tools, children }: PanelViewProps) {
  return (
    <div className="panel-view">
      {tools === undefined ? null : <div className="panel-tools">{tools}</div>}
      {children}
    </div>
  );
}
