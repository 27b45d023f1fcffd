/** Copying what names an object to others: its id, its address. */
import type { WorkbenchServices } from '../../workbench/model.ts';
import { inputOf, pathOfTarget } from './inputs.ts';
import { messages } from './messages.ts';
import { targetsOf } from './view-state.ts';

/** Copies a text and says so. Where the browser has no clipboard (a page without TLS) the text is shown for copying by hand. */
export async function copyText({ notifications, text }: WorkbenchServices, copied: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(copied);
    notifications.show({
      severity: 'info',
      source: text(messages.fleet),
      message: text(messages.copied),
      key: 'fleet.copied',
    });
  } catch {
    notifications.show({
      severity: 'warning',
      source: text(messages.fleet),
      message: text(messages.copyFailed, { text: copied }),
      key: 'fleet.copied',
    });
  }
}

/** Copies the ids of all targets, one a line. */
export async function copyIds(services: WorkbenchServices, argument: unknown): Promise<void> {
  await copyLines(
    services,
    targetsOf(services, argument).map(({ id }) => id),
  );
}

/** Copies the addresses of all targets, one a line; they are independent of what is open. */
export async function copyPermalink(services: WorkbenchServices, argument: unknown): Promise<void> {
  await copyLines(
    services,
    targetsOf(services, argument).map((target) => `${window.location.origin}${pathOfTarget(target, inputOf(target))}`),
  );
}

async function copyLines(services: WorkbenchServices, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) return copyText(services, lines.join('\n'));
  const { notifications, text } = services;
  notifications.show({
    severity: 'info',
    source: text(messages.fleet),
    message: text(messages.selectFirst),
    key: 'fleet.selectFirst',
  });
}
