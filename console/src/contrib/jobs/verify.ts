/** Verification of a folder as a command. */
import { ask } from '../../api/client.ts';
import { startJob } from '../../api/queries.ts';
import { FolderList } from '../../api/schemas.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import { JOBS_PANEL, jobContext } from './keys.ts';
import { jobsText } from './messages.ts';

/** Asks for a folder, has the server verify its chain, and shows how far it is. */
export async function verify({ quickInput, notifications, layout, context, text }: WorkbenchServices): Promise<void> {
  const { folders } = await ask(FolderList, '/folders');
  if (folders.length === 0) {
    notifications.show({
      severity: 'info',
      source: text(jobsText.category),
      message: text(jobsText.noFolders),
      key: 'harp.jobs.noFolders',
    });
    return;
  }
  const picked = await quickInput.pick({
    title: text(jobsText.verify),
    placeholder: text(jobsText.verifyPlaceholder),
    items: folders.map(({ id, name, nextcloud }) => ({
      id,
      label: name,
      description: nextcloud.name,
      icon: 'folder',
      accept() {},
    })),
  });
  if (picked === undefined) return;
  const job = await startJob({ kind: 'verify-folder', folderId: picked.id });
  context.set(jobContext.log, job.id);
  layout.showPanel(JOBS_PANEL);
}
