'use client';
/** A token that a thief could use from anywhere. */
import type { TokenSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { State } from '../../ui/states.tsx';
import { enrolmentEditorText } from './editor-messages.ts';

/** Whether whoever has the token gets in from anywhere, again and again. */
export function isOpenToAll({ approval, cidrs, uses }: Pick<TokenSummary, 'approval' | 'cidrs' | 'uses'>): boolean {
  return approval === 'automatic' && cidrs.length === 0 && uses > 1;
}

export function OpenWarning() {
  const text = useText();
  return (
    <p className="enrolment-warning" role="status">
      <State tone="warning">{text(enrolmentEditorText.warnOpen)}</State>
    </p>
  );
}
