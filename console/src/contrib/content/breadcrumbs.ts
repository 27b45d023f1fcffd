/** Where folders and files are, by the names of what they are in: addresses have ids. */
import { useQuery } from '@tanstack/react-query';
import { foldersQuery } from '../../api/queries.ts';
import type { EditorInput } from '../../workbench/model.ts';
import { fileOfSubject } from './content-item.ts';

/** Nextcloud › folder. */
export function useFolderBreadcrumbs({ subject, title }: EditorInput): readonly string[] {
  const folder = useFolder(subject);
  return folder === undefined ? [title] : [folder.nextcloud.name, folder.name];
}

/** Nextcloud › folder › directories › file. */
export function useFileBreadcrumbs({ subject }: EditorInput): readonly string[] {
  const { folder: wanted, path } = fileOfSubject(subject);
  const folder = useFolder(wanted);
  const above = folder === undefined ? [] : [folder.nextcloud.name, folder.name];
  return [...above, ...path.split('/')];
}

/** The folder of this id or name, once it is known. */
function useFolder(wanted: string) {
  const folders = useQuery(foldersQuery).data?.folders;
  return folders?.find(({ id }) => id === wanted) ?? folders?.find(({ name }) => name === wanted);
}
