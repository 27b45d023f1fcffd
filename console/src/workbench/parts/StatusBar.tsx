'use client';
/** The bar at the bottom: what holds for everything at the left, what holds for what is in front at the right. */
import { memo } from 'react';
import { FailureBoundary } from '../Failure.tsx';
import { useShell } from '../shell-context.tsx';

export const StatusBar = memo(function StatusBar() {
  const { contributions } = useShell();
  const side = (which: 'left' | 'right') =>
    contributions.status
      .filter(({ side }) => side === which)
      .map(({ id, component: Item }) => (
        // An item that fails is not worth a notice in a bar of 24 pixels; the others stay.
        <FailureBoundary key={id} instead={() => null}>
          <Item />
        </FailureBoundary>
      ));
  return (
    <footer className="status-bar" data-part="status" tabIndex={-1}>
      <div className="status-items left">{side('left')}</div>
      <div className="status-items right">{side('right')}</div>
    </footer>
  );
});
