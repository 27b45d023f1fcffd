'use client';
/** What the status bar says about keys: a pending chord, one that is none, a command that cannot run now. */
import { useEffect, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { useUiHost } from '../../ui/host.tsx';
import { useWorkbench } from '../services.tsx';
import { keyMessages } from './messages.ts';

export function ChordStatus() {
  const { keybindings, commands } = useWorkbench();
  const text = useText();
  const host = useUiHost();
  const { chord } = keybindings;
  const read = () => chord.state;
  const state = useSyncExternalStore(chord.onDidChange, read, read);
  let said = '';
  if (state.kind === 'disabled') {
    const command = commands.get(state.command)?.label ?? state.command;
    const reason = commands.whyDisabled(state.command);
    said = text(keyMessages.disabled, { key: keybindings.label(state.key), command, reason: reason ?? '' });
  } else if (state.kind !== 'idle') said = text(keyMessages[state.kind], { key: keybindings.label(state.key) });
  useEffect(() => {
    if (said !== '') host.announce(said);
  }, [said, host]);
  return said === '' ? null : <span className="chord-status">{said}</span>;
}
